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
  /** The inputs that it names, which a kickoff requires; none by default. */
  inputs?: readonly string[];
  /** Of these inputs those that a kickoff requires: named too. By default all, and not named. */
  requiredInputs?: readonly string[];
  /** Apps that nobody has connected: kickoffs are refused; none by default. */
  appsNotConnected?: readonly string[];
  tasks: readonly CrewTask[];
  /** DEFAULT_DIALECT by default. */
  dialect?: Dialect;
  /** Whether webhooks still carry the kickoff's `meta` after a /resume, which no source settles; true by default. */
  metaSurvivesResume?: boolean;
  /** Whether a task that fails sends a task webhook with `status: "error"`; false by default. */
  failedTaskWebhook?: boolean;
  /** Which webhook URLs it calls after a /resume, which no source settles; those of this /resume by default. */
  findTargets?: FindTargets;
  /** How long a task takes; no time by default. */
  stepMs?: number;
  webhookTimeoutMs?: number;
  serve?: Serve;
  now?: () => number;
}

interface SeenExecution extends Execution {
  /** Where the webhooks are sent of what follows the last /resume. */
  urls: WebhookTargets;
  /** Everything that people said, approvals included, in the order of the pauses. */
  feedback: string[];
}

export interface Platform extends Omit<played.Platform, 'kickoff'> {
  /** Does what POST /kickoff does, and throws where that refuses. Returns the execution id. */
  kickoff(body?: KickoffBody): string;
  /** A copy of the run's state, by its original execution id; throws if there is no such run. */
  execution(id: string): SeenExecution;
  /** Lets a run fail that has not ended, with the text of an exception such as "ValueError: boom". */
  fail(executionId: string, error: string): void;
  /** Every POST /resume, in order. */
  readonly resumes: readonly RequestRecord[];
  changed: Changes['changed'];
}

/** The sandbox's platform as tests use it: it can do what no source settles, and what changes can be waited for. */
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
