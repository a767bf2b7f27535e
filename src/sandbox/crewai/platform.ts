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
  /** The inputs that it names, which a kickoff requires. */
  inputs: readonly string[];
  tasks: readonly CrewTask[];
  contract: Contract;
  /** How long a task takes. */
  stepMs: number;
  /** Those of its own by default. */
  failures?: Failures | undefined;
  serve: Serve;
  now: () => number;
  /** Called after every change. */
  onChange: () => void;
}

export interface Platform {
  baseUrl: string;
  /** Does what POST /kickoff does. */
  kickoff(body: unknown): Answer;
  /** In the order in which they were started. */
  runs: Runs;
  /** Every webhook that was sent. */
  webhooks: readonly WebhookRecord[];
  /** Every request that came in. */
  requests: readonly RequestRecord[];
  /** `on`: resume, status, kickoff, inputs; webhook, whose `when` is asked about `{kind, url, body}`. */
  failures: Failures;
  /** Sends the webhook at `index` of `webhooks` again. */
  redeliver(index: number): Promise<WebhookRecord>;
  /** Keeps runs from moving on, so that "accepted" can be looked at before "went on". */
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

/** A CrewAI AMP platform with one deployed crew. */
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
    const read = contract.readKickoff(body, inputs);
    if ('refused' in read) return read.refused;
    const id = randomUUID();
    const run = startRun(id, read.kickoff, {
      crewName,
      tasks,
      buildHumanInputBody: contract.buildHumanInputBody,
      findTargets: contract.findTargets,
      now,
      schedule: pace.next,
      openLine: () => webhooks.line(id),
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
