import { describe, expect, test } from 'vitest';
import { closeNotWaiting } from '../../../src/approval/intake/close-not-waiting.ts';
import { answers, aPause, approved, aTask, createRun, type Run } from '../run-world.ts';

const learnsLive = async (run: Run) => {
  run.dialects.become('live');
  await closeNotWaiting({ store: run.store, wake: () => {}, clock: run.clock }, 'press');
  await run.clock.advance(6_000);
};

/** A run of a crew whose dialect is unknown: a task webhook has opened its card. */
async function taskCard() {
  const run = createRun({ dialect: 'unknown' });
  run.startWorker('w1');
  return { run, id: await run.opens(aTask('draft', 'A release')) };
}

describe('while the dialect is unknown', () => {
  test('a task webhook opens its card, as on a documented crew', async () => {
    const { run, id } = await taskCard();
    expect(await run.statuses(id)).toEqual(['waiting']);
    expect(run.slack).toMatchObject([{ do: 'post', status: 'waiting' }]);
  });

  test('a task webhook of a run that has shown a pause opens none', async () => {
    const run = createRun({ dialect: 'unknown' });
    await run.opens(aPause(1, 'A release'));
    expect(await run.receives(aTask('layout', 'Two columns'))).toEqual({ status: 'noted' });
    expect(await run.approvals()).toHaveLength(1);
  });
});

describe('learning that a crew is live closes the cards of its tasks', () => {
  test('which do not wait: the card says so, once, and nobody can decide it', async () => {
    const { run, id } = await taskCard();
    await learnsLive(run);
    expect(await run.round(id)).toMatchObject({ status: 'resolved_elsewhere', notWaiting: true });
    expect(run.slack.at(-1)).toMatchObject({ do: 'update', status: 'resolved_elsewhere' });
    expect(run.notes()).toEqual([]);
    expect(await run.approves(id)).toMatchObject({ done: false, refusal: { code: 'closed' } });
    const closed = await run.approval(id);
    await learnsLive(run);
    expect(await run.approval(id)).toEqual(closed);
  });

  test('but not those of pauses', async () => {
    const run = createRun({ dialect: 'unknown' });
    run.startWorker('w1');
    const task = await run.opens(aTask('draft', 'A release', { run: 'e2' }));
    const pause = await run.opens(aPause(1, 'A budget'));
    await learnsLive(run);
    expect(await run.statuses(task)).toEqual(['resolved_elsewhere']);
    expect(await run.statuses(pause)).toEqual(['waiting']);
  });

  test('but not one whose pause came by the other route', async () => {
    const { run, id } = await taskCard();
    expect(await run.receives(aPause(1, 'A release'))).toMatchObject({ status: 'duplicate', approval: id });
    await learnsLive(run);
    expect(await run.statuses(id)).toEqual(['waiting']);
  });

  test('also hundreds of them, and of no other crew', async () => {
    const run = createRun({ dialect: 'unknown' });
    const ids: string[] = [];
    for (let n = 0; n < 230; n += 1)
      ids.push(await run.opens(aTask('draft', `Release ${n}`, { run: `run-${n}` })));
    await closeNotWaiting({ store: run.store, wake: () => {}, clock: run.clock }, 'another');
    expect(await run.statuses(ids[0] as string)).toEqual(['waiting']);
    const woken = new Set<string>();
    await closeNotWaiting({ ...run, wake: ({ id }) => void woken.add(id) }, 'press');
    expect(woken.size).toBe(230);
    for (const id of ids) expect(await run.statuses(id)).toEqual(['resolved_elsewhere']);
  });

  test.each([
    ['refused', answers.refused],
    ['undelivered', answers.lost],
  ] as const)('and notifies the decider of one that was %s', async (status, outcome) => {
    const { run, id } = await taskCard();
    run.crewAlways(outcome);
    await run.approves(id, 'UBEN');
    await run.clock.advance(3 * 60_000);
    expect(await run.statuses(id)).toEqual([status]);
    await learnsLive(run);
    expect(await run.round(id)).toMatchObject({ status: 'resolved_elsewhere', notWaiting: true });
    expect(run.notes().at(-1)).toMatchObject({
      kind: 'task_does_not_wait',
      decision: { by: 'UBEN', action: 'approve' },
    });
  });

  test.each(['approve', 'request_revision'] as const)(
    'and notifies the decider of the one whose answer teaches it: %s',
    async (action) => {
      const { run, id } = await taskCard();
      // The live platform answers 200 to the name of a task, and nothing happens.
      run.crewDoes.push(answers.live('e2'));
      await (action === 'approve' ? run.approves(id, 'UBEN') : run.revises(id, 'UBEN'));
      await run.clock.advance(2_000);
      expect(await run.round(id)).toMatchObject({ status: 'resolved_elsewhere', notWaiting: true });
      expect(run.notes()).toMatchObject([{ kind: 'task_does_not_wait', decision: { by: 'UBEN', action } }]);
    },
  );

  test('but a decision on a pause that teaches it is accepted', async () => {
    const { run, id } = await approved(answers.live('e2'), { dialect: 'unknown' });
    await run.clock.advance(2_000);
    expect(await run.statuses(id)).toEqual(['approved']);
    expect(run.notes()).toEqual([]);
  });
});
