import axios from 'axios';
import { onTestFinished } from 'vitest';
import type { CrewTask } from '../../../src/sandbox/crewai/crew-task.ts';
import { type Platform, type PlatformOptions, startPlatform } from '../../../src/sandbox/crewai/platform.ts';
import { startReceiver } from './receiver.ts';

export const token = 'crew-token';

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

/** A platform and a receiver of its webhooks, which both end with the test. */
export async function startPress(options: Partial<PlatformOptions> = {}, receiverStatus = 202) {
  const platform = await startPlatform({ token, tasks: [research, draft], ...options });
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

/** Waits until the run waits for a person, and returns the pending task. */
export function pending(platform: Platform, id: string) {
  return platform.changed(() => platform.execution(id).pendingTask, { what: `a pause of ${id}` });
}

export function finished(platform: Platform, id: string) {
  return platform.changed(() => platform.execution(id).finishedAt, { what: `the end of ${id}` });
}

/** Waits until every webhook that was sent has been answered or has failed. */
export function delivered(platform: Platform, count: number) {
  const settled = () =>
    platform.webhooks.filter(({ status, error }) => status !== undefined || error !== undefined);
  return platform.changed(() => settled().length >= count, { what: `${count} webhooks` });
}

export function approval(id: string, taskId: string) {
  return { execution_id: id, task_id: taskId, human_feedback: 'Approved.', is_approve: true };
}
