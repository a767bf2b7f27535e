import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import { onTestFinished } from 'vitest';
import type { CrewTask } from '../../../src/sandbox/crewai/crew-task.ts';
import type { KickoffBody } from '../../../src/sandbox/crewai/kickoff-request.ts';
import { serve } from '../../crewai/serve.ts';
import { type PlatformOptions, startPlatform } from './platform.ts';

export const token = 'crew-token';

/** Reads a body as the documentation or a capture has it. */
export const readFixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', `${name}.json`), 'utf8'));

export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const research: CrewTask = {
  name: 'research',
  agent: 'Researcher',
  description: 'Find the stock figures',
  expectedOutput: 'Figures',
  humanInput: false,
  writeOutput: () => 'S 120, M 340',
};

export const draft: CrewTask = {
  name: 'draft_press_release',
  agent: 'Copywriter',
  description: 'Write the press release',
  expectedOutput: 'A press release in Markdown',
  humanInput: true,
  writeOutput: ({ revisions }) => ['# Spring', ...revisions].join('\n'),
};

export const budget: CrewTask = {
  name: 'approve_budget',
  agent: 'Accountant',
  description: 'Make the budget',
  expectedOutput: 'A budget',
  humanInput: true,
  writeOutput: () => ({ total_eur: 18500 }),
};

/** A task that fails as an exception of the crew's Python code does. */
export const broken: CrewTask = {
  ...research,
  name: 'broken',
  writeOutput: () => {
    throw new Error('ValueError: boom');
  },
};

/** Starts a receiver that answers each webhook with `status` until the test ends. With 0 it never answers. */
export async function startReceiver(status = 202) {
  const { seen, url } = await serve(
    (_, response) => status > 0 && response.writeHead(status, { location: '/elsewhere' }).end(),
  );
  const received = () =>
    seen.map(({ url: path, headers, body: text }) => {
      return { path, headers, text, body: JSON.parse(text) as Record<string, unknown> };
    });
  return { url, received, paths: () => seen.map((request) => request.url) };
}

type PressOptions = Partial<PlatformOptions> & { receiverStatus?: number };

/** Starts a platform, a receiver of its webhooks and a client of the platform. They end with the test. */
export async function startPress({ receiverStatus, ...options }: PressOptions = {}) {
  const platform = await startPlatform({
    token,
    tasks: [research, draft],
    dialect: 'documented',
    ...options,
  });
  onTestFinished(platform.close);
  const { url, ...receiver } = await startReceiver(receiverStatus);
  const api = axios.create({
    baseURL: platform.baseUrl,
    headers: { authorization: `Bearer ${token}` },
    transformRequest: (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body)),
    validateStatus: () => true,
  });
  const { changed, execution, webhooks } = platform;
  const isSettled = ({ status, error }: (typeof webhooks)[number]) => (status ?? error) !== undefined;

  async function get(path: string, headers: Record<string, string> = {}) {
    const { status, data } = await api.get(path, { headers });
    return [status, data];
  }
  /** Posts text unchanged and everything else as JSON. */
  async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
    const all = { 'content-type': 'application/json', ...headers };
    const { status, data } = await api.post(path, body, { headers: all });
    return [status, data];
  }
  /** Sends a decision in the live platform's form and returns the id in the answer. */
  async function decide(decision: { executionId: string; taskId: string; [field: string]: unknown }) {
    const [status, data] = await post('/resume', { humanFeedback: 'Approved.', ...decision });
    if (status !== 200) throw new Error(`/resume answered ${status}: ${JSON.stringify(data)}`);
    return data.kickoff_id as string;
  }
  /** Waits for a pause of the run and returns the pending task. */
  const pause = (id: string) => changed(() => execution(id).pendingTask, { what: `a pause of ${id}` });
  return {
    ...{ platform, api, get, post, decide, pause, ...receiver },
    urls: {
      taskWebhookUrl: `${url}/task?token=abc`,
      stepWebhookUrl: `${url}/step`,
      crewWebhookUrl: `${url}/crew`,
    },
    humanInputWebhookUrl: `${url}/human`,
    eventsUrl: `${url}/events`,
    /** Waits for the pause with this number, from 1. */
    round: (id: string, number: number) =>
      changed(() => execution(id).rounds[number - 1], { what: `pause ${number}` }),
    ended: (id: string) => changed(() => execution(id).finishedAt, { what: `the end of ${id}` }),
    /** Waits until this many webhooks were answered or have failed. */
    delivered: (count: number) =>
      changed(() => webhooks.filter(isSettled).length >= count, { what: `${count} webhooks` }),
    /** Starts a run and waits for its first pause. */
    async startPaused(kickoff: KickoffBody = {}) {
      const id = platform.kickoff(kickoff);
      const { taskId } = await pause(id);
      return { id, taskId, ids: { executionId: id, taskId } };
    },
  };
}

export function startLivePress(options: PressOptions = {}) {
  return startPress({ dialect: 'live', ...options });
}

export function buildApproval(id: string, taskId: string) {
  return { execution_id: id, task_id: taskId, human_feedback: 'Approved.', is_approve: true };
}
