import { describe, expect, test } from 'vitest';
import { currentRound } from '../../../src/approval/model/approval.ts';
import type { WebhookFacts } from '../../../src/approval/model/run/webhook.ts';
import { deleteRecord } from '../../support/records.ts';
import {
  anApproval,
  anOutput,
  approve,
  aRound,
  attemptEnded,
  became,
  decided,
  deliveries,
  outcomes,
  revision,
} from '../builders.ts';
import { aPause, aTask, createRun } from '../run-world.ts';
import { crew, startWorld } from '../worker/worker-world.ts';

const pause = (taskId: string, hash = 'S') => anOutput(hash, { taskId, humanInput: true });
const paused = { taskId: 'pause-1', humanInput: true };

describe('a human-input webhook with another task id is another pause, even of the same output', () => {
  test('before the answer to a revision: the revision is proved, and what came waits as a round of its own', () => {
    for (const delivery of [deliveries.underway, deliveries.unsure]) {
      const sent = anApproval([decided('sending', revision, delivery, paused)]);
      const after = became(sent, pause('pause-2'));
      expect(after.rounds.map(({ status }) => status)).toEqual(['revision_requested', 'waiting']);
      expect(currentRound(after)).toMatchObject({ taskId: 'pause-2', unchanged: true });
      // The answer comes late: history.
      const late = became(after, attemptEnded(outcomes.accepted, 1));
      expect(late.rounds.map(({ status }) => status)).toEqual(['revision_requested', 'waiting']);
    }
  });

  // biome-ignore format: a table
  test.each([
    ['while nobody has decided: the older one is superseded', aRound(paused), 'superseded'],
    ['after an approval: it waits for a decision of its own',
      decided('approved', approve, deliveries.accepted, paused), 'approved'],
  ])('%s', (_, round, status) => {
    const after = became(anApproval([round]), pause('pause-2'));
    expect(after.rounds.map((one) => one.status)).toEqual([status, 'waiting']);
  });

  test('the same pause again, or one that is over, is a redelivery', () => {
    const waiting = anApproval([aRound(paused)]);
    expect(became(waiting, pause('pause-1'))).toBe(waiting);
    const sent = anApproval([decided('sending', revision, deliveries.unsure, paused)]);
    const second = became(sent, pause('pause-2', 'N'));
    expect(became(second, pause('pause-1'))).toBe(second);
  });

  test('by the other route, which names no pause, it is still the same', () => {
    const waiting = anApproval([aRound(paused)]);
    expect(became(waiting, anOutput('S', { taskId: 'draft' }))).toBe(waiting);
    const byTask = anApproval([aRound({ taskId: 'draft' })]);
    expect(became(byTask, pause('pause-1')).rounds).toHaveLength(1);
    expect(currentRound(became(byTask, pause('pause-1'))).taskId).toBe('pause-1');
  });
});

test.each([
  ['the task first', [aTask('draft', 'A release'), aPause('p-1', 'A release')]],
  ['the pause first', [aPause('p-1', 'A release'), aTask('draft', 'A release')]],
])('a pause whose task only one of its two webhooks names is one approval, %s', async (_, webhooks) => {
  const run = createRun({ dialect: 'documented' });
  const [first, second] = webhooks as [WebhookFacts, WebhookFacts];
  const id = await run.opens(first);
  expect(await run.receives(second)).toMatchObject({ status: 'duplicate', approval: id });
  const round = { status: 'waiting', mayHaveContinued: false, taskId: 'p-1', humanInput: true };
  expect(await run.round(id)).toMatchObject(round);
});

test('a decision is sent although the record of its run was lost', async () => {
  const world = await startWorld();
  world.crewDoes.push(async () => outcomes.not_reached);
  await world.approve(world.id);
  await world.clock.advance(10);
  await deleteRecord(world.memory.records, `execution/e1/${crew.name}`);
  await world.clock.advance(10_000);
  expect(world.resumes).toHaveLength(2);
  expect((await world.round(world.id)).status).toBe('approved');
});

type World = Awaited<ReturnType<typeof startWorld>>;

describe('a run is not called silent', () => {
  test.each([
    ['a redelivery by the other route', (world: World) => world.output('A release')],
    ['an output of another task', (world: World) => world.output('A plan', { task: 'plan' })],
  ])('when %s came after the decision was sent', async (_, comes) => {
    const world = await startWorld();
    // CrewAI's webhook overtakes its answer.
    world.crewDoes.push(async () => {
      await new Promise<void>((resolve) => world.clock.after(50, resolve));
      await comes(world);
      return { kind: 'accepted' };
    });
    await world.approve(world.id);
    await world.clock.advance(60 * 60_000);
    expect(world.asked).toEqual([]);
    expect(world.notes().filter(({ kind }) => kind === 'run_silent')).toEqual([]);
  });
});
