import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFailures, type Failures } from '../failures.ts';
import { type Answer, refusal } from './answers.ts';
import { type Changes, createChanges } from './changes.ts';
import type { CrewTask } from './crew-task.ts';
import { createHttp, type RequestRecord } from './http.ts';
import { type KickoffBody, readKickoff } from './kickoff-request.ts';
import { createPace } from './pace.ts';
import { type ResumeFormat, readResume } from './resume-request.ts';
import { createRun, type Execution, type Run } from './run.ts';
import { createWebhooks, type WebhookRecord } from './webhooks.ts';

export interface PlatformOptions {
  /** The crew's bearer token. */
  token: string;
  /** `press` by default. */
  crewName?: string;
  /** The inputs that a kickoff must bring; none by default. */
  inputs?: readonly string[];
  tasks: readonly CrewTask[];
  /** `documented` by default. */
  resumeFormat?: ResumeFormat;
  /** Only with camelcase, as observed: /resume answers 200 to made-up ids and to runs that wait for nothing. */
  acceptsEverything?: boolean;
  /** How long a task takes; no time by default. */
  stepMs?: number;
  /** 10,000 by default. */
  webhookTimeoutMs?: number;
  /** A free one by default. */
  port?: number;
  now?: () => number;
  /** Called after every change. */
  onChange?: () => void;
}

export interface Platform {
  baseUrl: string;
  /** Does what POST /kickoff does; throws where that refuses. Returns the execution id. */
  kickoff(body?: KickoffBody): string;
  /** A copy of what is known of the run; throws if there is none. */
  execution(id: string): Execution;
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

/**
 * A CrewAI AMP platform with one deployed crew, on 127.0.0.1. Rejects if the port is taken.
 * Source: CrewAI's API reference 1.15; `camelcase` is what was observed of the running platform.
 */
export async function startPlatform({
  token,
  crewName = 'press',
  inputs = [],
  tasks,
  resumeFormat = 'documented',
  acceptsEverything = false,
  stepMs = 0,
  webhookTimeoutMs = 10_000,
  port = 0,
  now = Date.now,
  onChange: tell = () => {},
}: PlatformOptions): Promise<Platform> {
  if (new Set(tasks.map(({ name }) => name)).size < tasks.length)
    throw new TypeError('Two tasks share a name');
  if (acceptsEverything && resumeFormat !== 'camelcase') {
    throw new TypeError('acceptsEverything was observed with the camelcase form only');
  }
  const runs = new Map<string, Run>();
  const requests: RequestRecord[] = [];
  const resumes: RequestRecord[] = [];
  const failures = createFailures();
  const changes = createChanges();
  const pace = createPace(stepMs);
  const onChange = () => {
    changes.notify();
    tell();
  };
  const webhooks = createWebhooks({ failures, timeoutMs: webhookTimeoutMs, now, onChange });

  function kickoff(body: unknown): { id: string } | { refused: Answer } {
    const read = readKickoff(body, inputs);
    if ('refused' in read) return read;
    const id = randomUUID();
    const run = { id, crewName, tasks, kickoff: read.kickoff };
    runs.set(id, createRun({ ...run, now, next: pace.next, send: webhooks.line(), onChange }));
    return { id };
  }

  function resume(body: unknown): Answer {
    const read = readResume(body, resumeFormat);
    if ('refused' in read) return read.refused;
    const outcome = runs.get(read.resume.executionId)?.resume(read.resume) ?? 'unknown execution';
    // Observed: each answer carries a new id, though the run keeps the one that it was kicked off with.
    const observed = { status: 200, body: { kickoff_id: randomUUID() } };
    if (typeof outcome === 'string') {
      if (acceptsEverything) return observed;
      if (outcome === 'not pending') return refusal(400, 'Execution is not in pending human input state');
      return refusal(404, outcome === 'unknown task' ? 'Task not found' : 'Execution not found');
    }
    if (resumeFormat === 'camelcase') return { ...observed, afterwards: outcome.goOn };
    const answer = read.resume.approves
      ? { status: 'resumed', message: 'Execution resumed successfully' }
      : { status: 'retrying', message: 'Task will be retried with the feedback' };
    return { status: 200, body: answer, afterwards: outcome.goOn };
  }

  const app = createHttp({
    token,
    failures,
    now,
    onRequest(record) {
      requests.push(record);
      if (record.method === 'POST' && record.path === '/resume') resumes.push(record);
    },
    onChange,
    endpoints: {
      inputs: () => ({ status: 200, body: { inputs } }),
      kickoff(body) {
        const started = kickoff(body);
        return 'refused' in started ? started.refused : { status: 200, body: { kickoff_id: started.id } };
      },
      resume,
      status(id) {
        const run = runs.get(id);
        return run ? { status: 200, body: run.status() } : refusal(404, 'Execution not found');
      },
    },
  });
  const server = createServer(app);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kickoff(body = {}) {
      const started = kickoff(body);
      if ('id' in started) return started.id;
      const { status, body: answer } = started.refused;
      throw new Error(`POST /kickoff is refused with ${status}: ${JSON.stringify(answer)}`);
    },
    execution(id) {
      const run = runs.get(id);
      if (!run) throw new Error(`There is no execution ${id}`);
      return run.execution();
    },
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
      const serverClosed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([serverClosed, webhooks.close()]);
      changes.close();
    },
  };
}
