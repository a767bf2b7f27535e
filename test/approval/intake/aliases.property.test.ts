import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/approval/model/run/run-events.ts';
import type { WebhookFacts } from '../../../src/approval/model/run/webhook.ts';
import { anEvent, answers, aPause, aStep, aTask, createRun, type Run, theEnd } from '../run-world.ts';

/** One thing that CrewAI tells of a run, and whether its order changes what people see by itself. */
type Told = { webhook: WebhookFacts } | { event: RunEvent };

const LATER = 1_800_000_000_000;
const webhook = (facts: WebhookFacts): Told => ({ webhook: facts });
const event = (...args: Parameters<typeof anEvent>): Told => ({ event: anEvent(...args) });

/** A run whose first pause waits, or was decided with this answer of CrewAI; what comes then is told in any order. */
const beginnings = {
  waiting: async () => createRun(),
  approved: (run: Run) => begin(run, 'approves', answers.live('e2')),
  'approved without an answer': (run: Run) => begin(run, 'approves', answers.lost),
  'revised without an answer': (run: Run) => begin(run, 'revises', answers.lost),
};
type Beginning = keyof typeof beginnings;

async function begin(run: Run, action: 'approves' | 'revises', answer: Parameters<Run['crewAlways']>[0]) {
  const { kill } = run.startWorker('w1');
  run.crewDoes.push(answer);
  await run[action](await run.opens(aPause(1, 'A release')));
  // What it would send again is not what this is about.
  kill();
  return run;
}

const told: readonly Told[] = [
  webhook(aPause(1, 'A release')),
  webhook(aPause(2, 'A budget', { alias: 'e2' })),
  webhook(aTask('layout', 'Two columns', { run: 'e2' })),
  webhook(aStep({ run: 'e2' })),
  webhook(aStep()),
];
const ends: Record<string, readonly Told[]> = {
  nothing: [],
  'the end under the alias': [webhook(theEnd('The campaign', { run: 'e2' }))],
  'the end under the original id': [webhook(theEnd('The campaign'))],
  'the end and its event': [
    webhook(theEnd('The campaign', { run: 'e2' })),
    event('crew_kickoff_completed', { executionId: 'e2', at: LATER }),
  ],
  'a failure under the alias': [
    event('crew_kickoff_failed', { executionId: 'e2', at: LATER, error: 'boom' }),
  ],
  'a failure under the original id': [event('crew_kickoff_failed', { at: LATER, error: 'boom' })],
};

/** An end proves nothing of an unsure decision and settles it: the pause that proves the decision has to come before. */
function provenFirst(order: readonly Told[]): Told[] {
  const isEnd = (one: Told) => 'event' in one || one.webhook.kind === 'crew';
  const isProof = (one: Told) => 'webhook' in one && one.webhook.aliasId !== undefined;
  const [end, proof] = [order.findIndex(isEnd), order.findIndex(isProof)];
  if (end === -1 || proof < end) return [...order];
  return [...order.slice(0, end), order[proof] as Told, ...order.slice(end)];
}

/** What people see of the run in the end, without what only the moment of a report decides. */
async function seen(run: Run) {
  const all = await run.approvals();
  return all
    .map(({ id, task, rounds, runEndedAt, runFailure, notes }) => ({
      id,
      task,
      rounds: rounds.map(({ status, taskId, hashes, unchanged, continuedAt }) => ({
        status,
        taskId,
        hashes,
        unchanged,
        wentOn: continuedAt !== undefined,
      })),
      ended: runEndedAt !== undefined,
      failed: runFailure?.reason,
      notes: notes.map(({ kind }) => kind).sort(),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function after(beginning: Beginning, order: readonly Told[]) {
  const run = createRun();
  await beginnings[beginning](run);
  for (const one of order) {
    if ('webhook' in one) await run.receiver.receive(run.crew, one.webhook);
    else await run.receiver.receiveEvents(run.crew, [one.event]);
    await run.clock.advance(1);
  }
  expect(await run.run('e2')).toBeUndefined();
  return seen(run);
}

test.each(
  (Object.keys(beginnings) as Beginning[]).flatMap((beginning) =>
    Object.keys(ends).map((end) => [beginning, end] as const),
  ),
)(
  'the webhooks of a run end in the same approvals in any order, some of them twice: %s, with %s',
  async (beginning, end) => {
    const all = [...told, ...(ends[end] as readonly Told[])];
    const expected = await after(beginning, all);
    expect(expected.flatMap(({ rounds }) => rounds).map(({ taskId }) => taskId)).toHaveLength(2);
    const twice = fc.subarray(all);
    const orders = twice.chain((again) => {
      const every = [...all, ...again];
      return fc.shuffledSubarray(every, { minLength: every.length });
    });
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        const possible = beginning.endsWith('without an answer') ? provenFirst(order) : order;
        expect(await after(beginning, possible)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  },
);
