import type { Approval } from '../../src/approval/model/approval.ts';
import { hashOutput, readOutput } from '../../src/approval/model/output.ts';
import type { Receipt, RunMeta, WebhookFacts } from '../../src/approval/model/run/webhook.ts';
import { createWorld } from './worker/worker-world.ts';

/** The id of a pause on the live platform: the n-th of a test. */
export const pauseId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

interface Said {
  /** The run's original id. */
  run?: string;
  meta?: Partial<RunMeta>;
}

const about = ({ run = 'e1', meta = {} }: Said) => ({
  executionId: run,
  meta: { urls: {}, ...meta },
  warnings: [],
});

/** A human-input webhook, which tells the pause by its id alone: the n-th of the live platform, or a name. */
export function aPause(id: number | string, output: unknown, said: Said = {}): WebhookFacts {
  const [taskId, task] = typeof id === 'number' ? [pauseId(id), undefined] : [id, id];
  const value = readOutput(output);
  const round = { taskId, humanInput: true, hashes: [hashOutput(value)] };
  return { ...about(said), kind: 'human_input', taskKey: taskId, task, output: value, round };
}

/** A task webhook: a task has reported its output. */
export function aTask(name: string, output: string, said: Said = {}): WebhookFacts {
  const value = readOutput(output);
  const round = { taskId: name, humanInput: false, hashes: [hashOutput(value)] };
  return { ...about(said), kind: 'task', taskKey: name, task: name, output: value, round };
}

export const aStep = (said: Said = {}): WebhookFacts => ({ ...about(said), kind: 'step' });

export const theEnd = (result = 'The result', said: Said = {}): WebhookFacts => ({
  ...about(said),
  kind: 'crew',
  hash: 'text:result',
  result: readOutput(result),
});

/** A bot without its edges and what a run tells it. */
export function createRun(options: Parameters<typeof createWorld>[0] = {}) {
  const world = createWorld({ dialect: 'live', ...options });
  const { receiver, clock, store, crew } = world;

  /** Webhooks that come one after the other; gives the receipt of the last. */
  async function receives(...webhooks: WebhookFacts[]): Promise<Receipt> {
    let receipt: Receipt = { status: 'noted' };
    for (const webhook of webhooks) {
      receipt = await receiver.receive(crew, webhook);
      await clock.advance(10);
    }
    return receipt;
  }

  /** A webhook that opens something; gives the id of the approval. */
  async function opens(webhook: WebhookFacts): Promise<string> {
    const receipt = await receives(webhook);
    if (receipt.status !== 'created') throw new Error(`nothing was opened: ${JSON.stringify(receipt)}`);
    return receipt.approval as string;
  }

  /** A person approves the newest round; a worker has to carry it out. */
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
