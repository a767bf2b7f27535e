import type { Approval } from '../../src/approval/model/approval.ts';
import { hashOutput, readOutput } from '../../src/approval/model/output.ts';
import type { Receipt, RunMeta, WebhookFacts } from '../../src/approval/model/run/webhook.ts';
import { createWorld } from './worker/worker-world.ts';

/** Builds the id of a test's n-th pause on the live platform. */
export const pauseId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

interface Said {
  /** The run's original id. */
  run?: string;
  meta?: Partial<RunMeta>;
}

const buildRunFields = ({ run = 'e1', meta = {} }: Said) => ({
  executionId: run,
  meta: { urls: {}, ...meta },
  warnings: [],
});

/**
 * Builds a human-input webhook. A number gives the id of the live platform's n-th pause; a text is both id and task
 * name.
 */
export function aPause(id: number | string, output: unknown, said: Said = {}): WebhookFacts {
  const [taskId, task] = typeof id === 'number' ? [pauseId(id), undefined] : [id, id];
  const value = readOutput(output);
  const round = { taskId, humanInput: true, hashes: [hashOutput(value)] };
  return { ...buildRunFields(said), kind: 'human_input', taskKey: taskId, task, output: value, round };
}

/** Builds a task webhook: the task has reported its output. */
export function aTask(name: string, output: string, said: Said = {}): WebhookFacts {
  const value = readOutput(output);
  const round = { taskId: name, humanInput: false, hashes: [hashOutput(value)] };
  return { ...buildRunFields(said), kind: 'task', taskKey: name, task: name, output: value, round };
}

export const aStep = (said: Said = {}): WebhookFacts => ({ ...buildRunFields(said), kind: 'step' });

export const theEnd = (result = 'The result', said: Said = {}): WebhookFacts => ({
  ...buildRunFields(said),
  kind: 'crew',
  hash: 'text:result',
  result: readOutput(result),
});

/** Creates a bot without its edges, and the webhooks of a run. */
export function createRun(options: Parameters<typeof createWorld>[0] = {}) {
  const world = createWorld({ dialect: 'live', ...options });
  const { receiver, clock, store, crew } = world;

  /** Receives webhooks one after the other and returns the receipt of the last. */
  async function receives(...webhooks: WebhookFacts[]): Promise<Receipt> {
    let receipt: Receipt = { status: 'noted' };
    for (const webhook of webhooks) {
      receipt = await receiver.receive(crew, webhook);
      await clock.advance(10);
    }
    return receipt;
  }

  /** Receives a webhook that creates a card and returns the id of the approval. Throws if nothing was created. */
  async function opens(webhook: WebhookFacts): Promise<string> {
    const receipt = await receives(webhook);
    if (receipt.status !== 'created') throw new Error(`nothing was opened: ${JSON.stringify(receipt)}`);
    return receipt.approval as string;
  }

  /** Approves the newest round. A worker has to send the decision. */
  async function approves(id: string, by = 'UANA') {
    const answer = await world.approve(id, by, (await world.round(id)).number);
    await clock.advance(10);
    return answer;
  }

  const approvals = async (): Promise<Approval[]> => {
    const ids = (await store.run('press', 'e1'))?.record.approvals ?? [];
    return Promise.all(ids.map((one) => world.approval(one)));
  };
  const statuses = async (id: string) => (await world.approval(id)).rounds.map(({ status }) => status);

  return { ...world, receives, opens, approves, approvals, statuses };
}

export type Run = ReturnType<typeof createRun>;
