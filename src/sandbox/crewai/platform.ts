import { randomUUID } from 'node:crypto';
import { createFailures, type Failures } from '../failures.ts';
import type { Answer } from './answers.ts';
import { type Changes, createChanges } from './changes.ts';
import type { CrewTask } from './crew-task.ts';
import { CONTRACTS, DEFAULT_DIALECT, type Dialect } from './dialect.ts';
import type { Execution } from './execution.ts';
import { createHttp } from './http.ts';
import type { KickoffBody } from './kickoff-request.ts';
import { createPace } from './pace.ts';
import { failRun, type Run, startRun } from './run.ts';
import { type Serve, startLocalServer } from './server/local-server.ts';
import type { RequestRecord } from './server/recorded-app.ts';
import type { FindTargets } from './webhook-targets.ts';
import { createWebhooks, type WebhookRecord } from './webhooks.ts';

export interface PlatformOptions {
  /** The crew's bearer token. */
  token: string;
  /** `press` by default. */
  crewName?: string;
  /** The inputs that it names, which a kickoff requires; none by default. */
  inputs?: readonly string[];
  /** Of these inputs those that a kickoff requires: named too, as since November 2026. By default all, and not named. */
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
  /** Delivers events in reverse order; false by default. */
  shuffleEvents?: boolean;
  /** How long a task takes; no time by default. */
  stepMs?: number;
  /** 10,000 by default. */
  webhookTimeoutMs?: number;
  /** Those of its own by default. */
  failures?: Failures;
  /** A free one by default. */
  port?: number;
  serve?: Serve;
  now?: () => number;
  /** Called after every change. */
  onChange?: () => void;
}

export interface Platform {
  baseUrl: string;
  /** Does what POST /kickoff does, and throws where that refuses. Returns the execution id. */
  kickoff(body?: KickoffBody): string;
  /** A copy of the run's state, by its original execution id; throws if there is no such run. */
  execution(id: string): Execution;
  /** Lets a run fail that has not ended, with the text of an exception such as "ValueError: boom". */
  fail(executionId: string, error: string): void;
  /** Every POST /resume, in order. */
  resumes: readonly RequestRecord[];
  /** Every webhook that was sent. */
  webhooks: readonly WebhookRecord[];
  /** Every request that came in. */
  requests: readonly RequestRecord[];
  /** `on`: resume, status, kickoff, inputs; webhook, whose `when` is asked about `{kind, url, body}`. */
  failures: Failures;
  /** Sends the webhook at `index` of `webhooks` again. */
  redeliver(index: number): Promise<WebhookRecord>;
  changed: Changes['changed'];
  /** Keeps runs from moving on, so that "accepted" can be looked at before "went on". */
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

/** A CrewAI AMP platform with one deployed crew, on 127.0.0.1. Rejects if the port is taken. */
export async function startPlatform({
  token,
  crewName = 'press',
  inputs = [],
  requiredInputs,
  appsNotConnected = [],
  tasks,
  dialect = DEFAULT_DIALECT,
  metaSurvivesResume = true,
  failedTaskWebhook = false,
  findTargets = (named, after) => named[after] ?? {},
  shuffleEvents = false,
  stepMs = 0,
  webhookTimeoutMs = 10_000,
  failures = createFailures(),
  port = 0,
  serve = startLocalServer,
  now = Date.now,
  onChange: onPlatformChange = () => {},
}: PlatformOptions): Promise<Platform> {
  if (new Set(tasks.map(({ name }) => name)).size < tasks.length)
    throw new TypeError('Two tasks share a name');
  const contract = CONTRACTS[dialect];
  const runs = new Map<string, Run>();
  const requests: RequestRecord[] = [];
  const resumes: RequestRecord[] = [];
  const changes = createChanges();
  const pace = createPace(stepMs);
  const onChange = () => {
    changes.notify();
    onPlatformChange();
  };
  const webhooks = createWebhooks({ failures, timeoutMs: webhookTimeoutMs, now, onChange });

  function kickoff(body: unknown): { id: string } | { refused: Answer } {
    const read = contract.readKickoff(body, { inputs: requiredInputs ?? inputs, appsNotConnected });
    if ('refused' in read) return read;
    const id = randomUUID();
    const run = startRun(id, read.kickoff, {
      crewName,
      tasks,
      buildHumanInputBody: contract.buildHumanInputBody,
      metaSurvivesResume,
      failedTaskWebhook,
      findTargets,
      shuffleEvents,
      now,
      schedule: pace.next,
      openLine: () => webhooks.line(id),
      onChange,
    });
    runs.set(id, run);
    return { id };
  }

  function getRun(id: string): Run {
    const run = runs.get(id);
    if (!run) throw new Error(`There is no execution ${id}`);
    return run;
  }

  const app = createHttp({
    token,
    failures,
    contract,
    now,
    onRequest(record) {
      requests.push(record);
      if (record.method === 'POST' && record.path === '/resume') resumes.push(record);
    },
    onChange,
    endpoints: {
      inputs: () => ({
        status: 200,
        body: { inputs, ...(requiredInputs && { required_inputs: requiredInputs }) },
      }),
      kickoff(body) {
        const started = kickoff(body);
        return 'refused' in started ? started.refused : { status: 200, body: { kickoff_id: started.id } };
      },
      resume: (body) => contract.answerResume(body, runs),
      status: (id) => contract.answerStatus(id, runs),
    },
  });
  const server = await serve(app, port);

  return {
    baseUrl: server.baseUrl,
    kickoff(body = {}) {
      const started = kickoff(body);
      if ('id' in started) return started.id;
      const { status, body: answer } = started.refused;
      throw new Error(`POST /kickoff is refused with ${status}: ${JSON.stringify(answer)}`);
    },
    execution: (id) => structuredClone(getRun(id).execution),
    fail: (executionId, error) => failRun(getRun(executionId), error),
    resumes,
    webhooks: webhooks.sent,
    requests,
    failures,
    redeliver: webhooks.redeliver,
    changed: changes.changed,
    hold: pace.hold,
    release: pace.release,
    async close() {
      pace.stop();
      await Promise.all([server.close(), webhooks.close()]);
      changes.close();
    },
  };
}
