import express from 'express';
import type { CrewTask } from '../../../src/sandbox/crewai/crew-task.ts';
import { CONTRACTS, type Dialect } from '../../../src/sandbox/crewai/dialect.ts';
import type { Execution } from '../../../src/sandbox/crewai/execution.ts';
import type { KickoffBody } from '../../../src/sandbox/crewai/kickoff-request.ts';
import * as played from '../../../src/sandbox/crewai/platform.ts';
import { failRun, type Run } from '../../../src/sandbox/crewai/run.ts';
import { type Serve, startLocalServer } from '../../../src/sandbox/crewai/server/local-server.ts';
import type { RequestRecord } from '../../../src/sandbox/crewai/server/recorded-app.ts';
import {
  type FindTargets,
  WEBHOOK_TIMEOUT_MS,
  type WebhookTargets,
} from '../../../src/sandbox/crewai/webhook-targets.ts';
import { type Changes, createChanges } from '../changes.ts';
import {
  createFailedTaskWebhooks,
  forgetMeta,
  nameRequired,
  refuseApps,
  requireOnly,
  urlsOf,
} from './modes.ts';

export const DEFAULT_DIALECT: Dialect = 'live';

export interface PlatformOptions {
  /** The crew's bearer token. */
  token: string;
  /** Inputs that the platform names and a kickoff requires; none by default. */
  inputs?: readonly string[];
  /**
   * The inputs among these that a kickoff requires; the platform names them too. Absent: all are required, and the
   * requirement is not named.
   */
  requiredInputs?: readonly string[];
  /** Apps that no one has connected, so kickoffs are refused; none by default. */
  appsNotConnected?: readonly string[];
  tasks: readonly CrewTask[];
  /** DEFAULT_DIALECT by default. */
  dialect?: Dialect;
  /** True if webhooks after a /resume still carry the kickoff's `meta`, which no source settles; true by default. */
  metaSurvivesResume?: boolean;
  /** True if a task that fails sends a task webhook with `status: "error"`; false by default. */
  failedTaskWebhook?: boolean;
  /**
   * Chooses the webhook URLs that are called after a /resume, which no source settles. By default those of this
   * /resume.
   */
  findTargets?: FindTargets;
  /** Duration of a task in milliseconds; 0 by default. */
  stepMs?: number;
  webhookTimeoutMs?: number;
  serve?: Serve;
  now?: () => number;
}

interface SeenExecution extends Execution {
  /** The webhook URLs for what follows the last /resume. */
  urls: WebhookTargets;
  /** Feedback of people in the order of the pauses, approvals included. */
  feedback: string[];
}

export interface Platform extends Omit<played.Platform, 'kickoff'> {
  /** Does what POST /kickoff does and returns the execution id. Throws if that refuses the kickoff. */
  kickoff(body?: KickoffBody): string;
  /** Copies the run's state, by its original execution id. Throws if there is no such run. */
  execution(id: string): SeenExecution;
  /** Makes a running run fail, with the text of an exception such as "ValueError: boom". */
  fail(executionId: string, error: string): void;
  /** Every POST /resume, in order. */
  readonly resumes: readonly RequestRecord[];
  changed: Changes['changed'];
}

/**
 * Starts the sandbox's platform for tests. It has variants for what no source settles, and tests can wait for its
 * changes.
 */
export async function startPlatform({
  inputs = [],
  requiredInputs,
  appsNotConnected = [],
  dialect = DEFAULT_DIALECT,
  metaSurvivesResume = true,
  failedTaskWebhook = false,
  findTargets = CONTRACTS[dialect].findTargets,
  stepMs = 0,
  webhookTimeoutMs = WEBHOOK_TIMEOUT_MS,
  serve = startLocalServer,
  now = Date.now,
  ...options
}: PlatformOptions): Promise<Platform> {
  let contract = { ...CONTRACTS[dialect], findTargets, webhookTimeoutMs };
  if (requiredInputs) contract = { ...contract, ...requireOnly(contract, requiredInputs) };
  if (appsNotConnected.length > 0)
    contract = { ...contract, ...refuseApps(contract, dialect, appsNotConnected) };
  if (!metaSurvivesResume) contract = { ...contract, ...forgetMeta(contract) };
  const changes = createChanges('CrewAI platform');
  const tellFailedTasks = failedTaskWebhook ? createFailedTaskWebhooks(() => platform.runs) : () => {};
  const platform = await played.startPlatform({
    ...{ ...options, crewName: 'press', inputs, contract, stepMs, now },
    serve: (app) => serve(requiredInputs ? express().use(nameRequired(requiredInputs), app) : app),
    onChange() {
      tellFailedTasks();
      changes.notify();
    },
  });

  function getRun(id: string): Run {
    const run = platform.runs.get(id);
    if (!run) throw new Error(`There is no execution ${id}`);
    return run;
  }

  return {
    ...platform,
    kickoff(body = {}) {
      const { status, body: answer } = platform.kickoff(body);
      if (status === 200) return (answer as { kickoff_id: string }).kickoff_id;
      throw new Error(`POST /kickoff is refused with ${status}: ${JSON.stringify(answer)}`);
    },
    execution(id) {
      const run = getRun(id);
      const feedback = run.execution.rounds.flatMap((round) => round.feedback ?? []);
      return structuredClone({ ...run.execution, urls: urlsOf(run), feedback });
    },
    fail: (executionId, error) => failRun(getRun(executionId), error),
    get resumes() {
      return platform.requests.filter(({ method, path }) => method === 'POST' && path === '/resume');
    },
    changed: changes.changed,
    async close() {
      await platform.close();
      changes.close();
    },
  };
}
