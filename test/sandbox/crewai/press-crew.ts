import axios, { type AxiosInstance } from 'axios';
import { onTestFinished } from 'vitest';
import type { CrewTask } from '../../../src/sandbox/crewai/crew-task.ts';
import { type Platform, type PlatformOptions, startPlatform } from '../../../src/sandbox/crewai/platform.ts';
import { startReceiver } from './receiver.ts';

export const token = 'crew-token';

export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const research: CrewTask = {
  name: 'research',
  agent: 'Researcher',
  description: 'Find the stock figures',
  expectedOutput: 'Figures',
  humanInput: false,
  output: () => 'S 120, M 340',
};

export const draft: CrewTask = {
  name: 'draft_press_release',
  agent: 'Copywriter',
  description: 'Write the press release',
  expectedOutput: 'A press release in Markdown',
  summary: 'The press release',
  humanInput: true,
  output: ({ feedback }) => ['# Spring', ...feedback].join('\n'),
};

export const budget: CrewTask = {
  name: 'approve_budget',
  agent: 'Accountant',
  description: 'Make the budget',
  expectedOutput: 'A budget',
  humanInput: true,
  output: () => ({ total_eur: 18500 }),
};

/** Fails as an exception of the crew's Python code does. */
export const broken: CrewTask = {
  ...research,
  name: 'broken',
  output: () => {
    throw new Error('ValueError: boom');
  },
};

/** Starts a platform and a receiver of its webhooks, which both end with the test. */
export async function startPress(options: Partial<PlatformOptions> = {}, receiverStatus = 202) {
  const platform = await startPlatform({
    token,
    tasks: [research, draft],
    dialect: 'documented',
    ...options,
  });
  const receiver = await startReceiver({ status: receiverStatus });
  onTestFinished(async () => {
    await platform.close();
    await receiver.close();
  });
  const api = axios.create({
    baseURL: platform.baseUrl,
    headers: { authorization: `Bearer ${token}` },
    validateStatus: () => true,
  });
  return { platform, receiver, api };
}

export function startLivePress(options: Partial<PlatformOptions> = {}) {
  return startPress({ dialect: 'live', ...options });
}

/** Waits until the run waits for a person, and returns the pending task. */
export function waitForPause(platform: Platform, id: string) {
  return platform.changed(() => platform.execution(id).pendingTask, { what: `a pause of ${id}` });
}

/** Waits for the pause with this number, from 1 on. */
export function waitForRound(platform: Platform, id: string, number: number) {
  return platform.changed(() => platform.execution(id).rounds[number - 1], { what: `pause ${number}` });
}

export function waitForEnd(platform: Platform, id: string) {
  return platform.changed(() => platform.execution(id).finishedAt, { what: `the end of ${id}` });
}

/** Waits until this many webhooks were answered or have failed. */
export function waitForDeliveries(platform: Platform, count: number) {
  const settled = () =>
    platform.webhooks.filter(({ status, error }) => status !== undefined || error !== undefined);
  return platform.changed(() => settled().length >= count, { what: `${count} webhooks` });
}

export function buildApproval(id: string, taskId: string) {
  return { execution_id: id, task_id: taskId, human_feedback: 'Approved.', is_approve: true };
}

/** Sends a decision as the live platform takes it, and returns the id of the answer. */
export async function decideLive(
  api: AxiosInstance,
  decision: { executionId: string; taskId: string; humanFeedback?: string; [field: string]: unknown },
): Promise<string> {
  const { status, data } = await api.post('/resume', { humanFeedback: 'Approved.', ...decision });
  if (status !== 200) throw new Error(`/resume answered ${status}: ${JSON.stringify(data)}`);
  return data.kickoff_id as string;
}

/** Posts a text as it is, under a content type. */
export function postText(api: AxiosInstance, path: string, text: string, contentType = 'application/json') {
  const headers = { 'content-type': contentType };
  return api.post(path, text, { headers, transformRequest: (body: string) => body });
}
