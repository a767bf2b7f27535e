import { describe, expect, test } from 'vitest';
import { currentRound } from '../../../src/approval/model/approval.ts';
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
import { aPause, aTask } from '../run-world.ts';
import { createWorld, crew } from '../worker/worker-world.ts';

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

  test.each([
    ['while nobody has decided: the older one is superseded', aRound(paused), 'superseded'],
    [
      'after an approval: it waits for a decision of its own',
      decided('approved', approve, deliveries.accepted, paused),
      'approved',
    ],
  ])('%s', (_, round, status) => {
    const after = became(anApproval([round]), pause('pause-2'));
    expect(after.rounds.map((one) => one.status)).toEqual([status, 'waiting']);
  });

  test('the same pause again, or one that is over, is a redelivery', () => {
    const waiting = anApproval([aRound(paused)]);
    expect(became(waiting, pause('pause-1'))).toBe(waiting);
    const second = became(
      anApproval([decided('sending', revision, deliveries.unsure, paused)]),
      pause('pause-2', 'N'),
    );
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

describe('one pause from both routes, of which one names the task and the other only the pause', () => {
  const byTask = aTask('draft', 'A release');
  const byPause = aPause('p-1', 'A release');

  test.each([
    ['the task first', [byTask, byPause]],
    ['the pause first', [byPause, byTask]],
  ])('is one card, %s', async (_, webhooks) => {
    const world = createWorld();
    world.startWorker('w1');
    const receipts = [];
    for (const webhook of webhooks) {
      receipts.push(await world.receiver.receive(crew, webhook));
      await world.clock.advance(10);
    }
    expect(receipts.map(({ status }) => status)).toEqual(['created', 'duplicate']);
    expect(receipts[1]?.approval).toBe(receipts[0]?.approval);
    const round = await world.round(receipts[0]?.approval as string);
    expect(round).toMatchObject({
      status: 'waiting',
      mayHaveContinued: false,
      taskId: 'p-1',
      humanInput: true,
    });
    expect(world.slack.filter((call) => call.do === 'post')).toHaveLength(1);
  });
});

describe('when the record of an execution was lost', () => {
  test('a decision that was made before is sent', async () => {
    const world = createWorld();
    world.startWorker('w1');
    const id = await world.shown();
    world.crewDoes.push(async () => outcomes.not_reached);
    await world.approve(id);
    await world.clock.advance(10);
    await deleteRecord(world.memory.records, `execution/e1/${crew.name}`);
    await world.clock.advance(10_000);
    expect(world.resumes).toHaveLength(2);
    expect((await world.round(id)).status).toBe('approved');
  });
});

type World = ReturnType<typeof createWorld>;

describe('a run is not called silent', () => {
  test.each([
    ['a redelivery by the other route', (world: World) => world.output('A release')],
    ['an output of another task', (world: World) => world.output('A plan', { task: 'plan' })],
  ])('when %s came after the decision was sent', async (_, comes) => {
    const world = createWorld();
    world.startWorker('w1');
    const id = await world.shown();
    // CrewAI's webhook overtakes its answer.
    world.crewDoes.push(
      () =>
        new Promise((resolve) => {
          world.clock.after(50, () => void comes(world).then(() => resolve({ kind: 'accepted' })));
        }),
    );
    await world.approve(id);
    await world.clock.advance(60 * 60_000);
    expect(world.asked).toEqual([]);
    expect(world.notes().filter(({ kind }) => kind === 'run_silent')).toEqual([]);
  });
});
