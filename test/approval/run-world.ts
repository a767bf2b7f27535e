import type { Approval } from '../../src/approval/model/approval.ts';
import type { Crew } from '../../src/approval/model/crew/crew.ts';
import type { Dialect } from '../../src/approval/model/crew/dialect.ts';
import { hashOutput, readOutput } from '../../src/approval/model/output.ts';
import type { Execution } from '../../src/approval/model/run/execution.ts';
import type { RunEvent } from '../../src/approval/model/run/run-events.ts';
import type { Receipt, RunMeta, WebhookFacts } from '../../src/approval/model/run/webhook.ts';
import type { PeopleDirectory } from '../../src/approval/ports.ts';
import { createWorld } from './worker/worker-world.ts';

/** The id of a pause on the live platform: the n-th of a test. */
export const pauseId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

interface Said {
  /** The run's original id. */
  run?: string;
  /** Another id that the webhook names beside it. */
  alias?: string;
  meta?: Partial<RunMeta>;
}

const about = ({ run = 'e1', alias, meta = {} }: Said) => ({
  executionId: run,
  ...(alias === undefined ? {} : { aliasId: alias }),
  meta: { urls: {}, ...meta },
  warnings: [],
});

/** A human-input webhook; without `task` it tells the pause by its id alone, as the live platform's does. */
export function aPause(
  id: number | string,
  output: unknown = `Output ${id}`,
  { task, form, ...said }: Said & { task?: string; form?: 'object' | 'string' } = {},
): WebhookFacts {
  const taskId = typeof id === 'number' ? pauseId(id) : id;
  const value = readOutput(output);
  return {
    ...about(said),
    kind: 'human_input',
    taskKey: task ?? taskId,
    // As crewai/webhooks.ts reads it: an id that is no UUID is the task's name.
    task: task ?? (typeof id === 'number' ? undefined : id),
    output: value,
    round: { taskId, humanInput: true, hashes: [hashOutput(value)] },
    ...(form ? { form } : {}),
  };
}

/** A task webhook: a task has reported its output. */
export function aTask(
  name: string,
  output: unknown = `Output of ${name}`,
  { agent, taskId = name, ...said }: Said & { agent?: string; taskId?: string } = {},
): WebhookFacts {
  const value = readOutput(output);
  return {
    ...about(said),
    kind: 'task',
    taskKey: name,
    task: name,
    output: value,
    round: { taskId, humanInput: false, hashes: [hashOutput(value)], ...(agent ? { agent } : {}) },
  };
}

export const aStep = (said: Said = {}): WebhookFacts => ({ ...about(said), kind: 'step' });

export const theEnd = (result = 'The result', said: Said = {}): WebhookFacts => ({
  ...about(said),
  kind: 'crew',
  result: readOutput(result),
});

/** A bot without its edges and what a run tells it. */
export function createRun({
  dialect = 'live',
  rules = {},
  people = {},
  sole = false,
}: {
  dialect?: Dialect;
  rules?: Partial<Crew>;
  people?: Partial<PeopleDirectory>;
  sole?: boolean;
} = {}) {
  const world = createWorld({ dialect, rules, people, sole });
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

  async function happens(...batch: RunEvent[]): Promise<Receipt> {
    const receipt = await receiver.receiveEvents(crew, batch);
    await clock.advance(10);
    return receipt;
  }

  /** A person decides on the newest round; a worker has to carry it out. */
  async function decides(id: string, action: 'approve' | 'request_revision', by = 'UANA') {
    const round = (await world.round(id)).number;
    const feedback = action === 'approve' ? '' : 'Shorter';
    const answer = await world.service.decide({ approvalId: id, round, via: 'card' }, by, {
      action,
      feedback,
    });
    await clock.advance(10);
    return answer;
  }

  const run = async (id = 'e1') => (await store.execution('press', id))?.record as Execution;
  const approvals = async (id = 'e1'): Promise<Approval[]> => {
    const ids = (await run(id))?.approvals ?? [];
    return Promise.all(ids.map((one) => world.approval(one)));
  };
  const statuses = async (id: string) => (await world.approval(id)).rounds.map(({ status }) => status);

  return {
    ...world,
    receives,
    opens,
    happens,
    approves: (id: string, by?: string) => decides(id, 'approve', by),
    revises: (id: string, by?: string) => decides(id, 'request_revision', by),
    run,
    approvals,
    statuses,
  };
}

export type Run = ReturnType<typeof createRun>;
type RunOptions = Parameters<typeof createRun>[0];

/** A run whose first pause waits on a card. */
export async function paused(options: RunOptions = {}) {
  const run = createRun(options);
  run.startWorker('w1');
  const id = await run.opens(aPause(1, 'A release'));
  return { run, id };
}

/** What CrewAI does with a decision. */
export const answers = {
  live: (alias: string) => async () => ({ kind: 'accepted', dialect: 'live', aliasId: alias }) as const,
  documented:
    (says = 'resumed') =>
    async () =>
      ({ kind: 'accepted', dialect: 'documented', says }) as const,
  lost: async () => ({ kind: 'unknown', failure: { kind: 'unknown', detail: 'ETIMEDOUT' } }) as const,
  refused: async () => ({ kind: 'refused', failure: { kind: 'refused', status: 401 } }) as const,
  away: async () => ({ kind: 'not_reached', failure: { kind: 'not_reached', status: 503 } }) as const,
};
