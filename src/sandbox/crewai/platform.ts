import { randomUUID } from 'node:crypto';
import { createFailures, type Failures } from '../failures.ts';
import type { Answer } from './answers.ts';
import type { Contract, Runs } from './contract.ts';
import type { CrewTask } from './crew-task.ts';
import { createHttp } from './http.ts';
import { createPace } from './pace.ts';
import { type Run, startRun } from './run.ts';
import type { Serve } from './server/local-server.ts';
import type { RequestRecord } from './server/recorded-app.ts';
import { createWebhooks, type WebhookRecord } from './webhooks.ts';

export interface PlatformOptions {
  /** The crew's bearer token. */
  token: string;
  crewName: string;
  /** Names of the crew's inputs; a kickoff requires all of them. */
  inputs: readonly string[];
  tasks: readonly CrewTask[];
  contract: Contract;
  /** Delay before each step of a run: the start, the next task, the continuation after a decision. */
  stepMs: number;
  /** Own failures by default; the demo's crews share theirs. */
  failures?: Failures | undefined;
  serve: Serve;
  now: () => number;
  /** Called after every change. */
  onChange: () => void;
}

export interface Platform {
  baseUrl: string;
  /** Starts a run like POST /kickoff, without the token and the HTTP request. */
  kickoff(body: unknown): Answer;
  /** Oldest first. */
  runs: Runs;
  /** All webhooks, oldest first, including queued and failed ones. */
  webhooks: readonly WebhookRecord[];
  /** All received requests, oldest first. */
  requests: readonly RequestRecord[];
  /** Values of `on`: `resume`, `status`, `kickoff`, `inputs`; `webhook`, whose `when` gets `{kind, url, body}`. */
  failures: Failures;
  /** Sends the webhook at `index` of `webhooks` again. */
  redeliver(index: number): Promise<WebhookRecord>;
  /** Stops runs between steps: to see "accepted" before "continued", or while the demo's bot is down. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

/** Starts a CrewAI AMP platform with one deployed crew. */
export async function startPlatform({
  token,
  crewName,
  inputs,
  tasks,
  contract,
  stepMs,
  failures = createFailures(),
  serve,
  now,
  onChange,
}: PlatformOptions): Promise<Platform> {
  if (new Set(tasks.map(({ name }) => name)).size < tasks.length)
    throw new TypeError('Two tasks share a name');
  const runs = new Map<string, Run>();
  const requests: RequestRecord[] = [];
  const pace = createPace(stepMs);
  const webhooks = createWebhooks({ failures, timeoutMs: contract.webhookTimeoutMs, now, onChange });

  function kickoff(body: unknown): Answer {
    const request = contract.readKickoff(body, inputs);
    if ('refused' in request) return request.refused;
    const id = randomUUID();
    const run = startRun(id, request.kickoff, {
      crewName,
      tasks,
      buildHumanInputBody: contract.buildHumanInputBody,
      findTargets: contract.findTargets,
      now,
      schedule: pace.next,
      openWebhookQueue: () => webhooks.line(id),
      onChange,
    });
    runs.set(id, run);
    return { status: 200, body: { kickoff_id: id } };
  }

  const app = createHttp({
    token,
    failures,
    contract,
    now,
    onRequest: (record) => requests.push(record),
    onChange,
    endpoints: {
      inputs: () => ({ status: 200, body: { inputs } }),
      kickoff,
      resume: (body) => contract.answerResume(body, runs),
      status: (id) => contract.answerStatus(id, runs),
    },
  });
  const server = await serve(app);

  return {
    baseUrl: server.baseUrl,
    kickoff,
    runs,
    webhooks: webhooks.sent,
    requests,
    failures,
    redeliver: webhooks.redeliver,
    hold: pace.hold,
    release: pace.release,
    async close() {
      pace.stop();
      await Promise.all([server.close(), webhooks.close()]);
    },
  };
}
