import { expect, test } from 'vitest';
import { anEvent, answers, aPause, aTask, createRun, pauseId } from '../run-world.ts';

const DUPLICATE = { status: 'duplicate' };

/** A run of a crew whose task webhooks open approvals, after these webhooks opened one each. */
async function began(...webhooks: Parameters<ReturnType<typeof createRun>['opens']>[0][]) {
  const run = createRun({ dialect: 'documented', rules: { approveTasks: ['draft', 'plan'] } });
  run.startWorker('w1');
  const ids: string[] = [];
  for (const webhook of webhooks) ids.push(await run.opens(webhook));
  return { run, ids: ids as [string, ...string[]] };
}

test('a pause with the output of a task that was approved waits for a decision of its own', async () => {
  const { run, ids } = await began(aTask('draft', 'Done.'));
  run.crewDoes.push(answers.documented('resumed'));
  await run.approves(ids[0]);
  expect(await run.receives(aPause(1, 'Done.'))).toMatchObject({ status: 'created' });
  const waiting = (await run.approvals()).flatMap(({ rounds }) =>
    rounds.filter(({ status }) => status === 'waiting'),
  );
  expect(waiting).toMatchObject([{ taskId: pauseId(1) }]);
});

test('a pause with the output of one of two waiting tasks belongs to that task', async () => {
  const { run, ids } = await began(aTask('plan', 'A plan'), aTask('draft', 'A draft'));
  expect(await run.receives(aPause(1, 'A draft'))).toMatchObject({ ...DUPLICATE, approval: ids[1] });
  expect(await run.round(ids[1] as string)).toMatchObject({ taskId: pauseId(1), status: 'waiting' });
  expect((await run.round(ids[0])).taskId).toBe('plan');
});

test('two pauses with the output of two waiting tasks belong to one task each, the older first', async () => {
  const { run, ids } = await began(aTask('plan', 'Done.'), aTask('draft', 'Done.'));
  for (const [index, id] of ids.entries())
    expect(await run.receives(aPause(index + 1, 'Done.'))).toMatchObject({ ...DUPLICATE, approval: id });
});

test('a pause with the output of two approved tasks is the next round of the newer one', async () => {
  const { run, ids } = await began(aTask('plan', 'Done.'), aTask('draft', 'Done.'));
  run.crewAlways(answers.documented('resumed'));
  for (const id of ids) await run.approves(id);
  expect(await run.receives(aPause(1, 'Done.'))).toMatchObject({ approval: ids[1], round: 2 });
});

test('a pause with the output of an approved task is not a round of it where events name another task', async () => {
  const run = createRun();
  run.startWorker('w1');
  await run.happens(anEvent('task_started', { task: 'draft' }));
  const id = await run.opens(aPause(1, 'Done.'));
  run.crewDoes.push(answers.live('e2'));
  await run.approves(id);
  await run.happens(anEvent('task_started', { task: 'layout', executionId: 'e2' }));
  const receipt = await run.receives(aPause(2, 'Done.', { alias: 'e2' }));
  expect(receipt).toMatchObject({ status: 'created', round: 1 });
  expect((await run.approval(receipt.approval as string)).task).toBe('layout');
});

test('a pause with the output of a waiting task belongs to that task, not to the revision of another', async () => {
  const { run, ids } = await began(aTask('plan', 'A plan'), aTask('draft', 'A draft'));
  run.crewDoes.push(answers.documented('retrying'));
  await run.revises(ids[0]);
  expect(await run.receives(aPause(2, 'A draft'))).toMatchObject({ ...DUPLICATE, approval: ids[1] });
  expect(await run.statuses(ids[0])).toEqual(['revision_requested']);
});

test.each([
  ['the output of the waiting pause of another task', aPause(1, 'Done.', { task: 'plan' })],
  ['another output than the waiting pause, whose task is not known', aPause(1, 'A plan')],
])('a task with %s does not belong to that pause', async (_, pause) => {
  const { run, ids } = await began(pause);
  const before = await run.approval(ids[0]);
  expect(await run.receives(aTask('draft', 'Done.'))).toEqual({ status: 'noted' });
  const { task, titleOnly } = await run.approval(ids[0]);
  expect({ task, titleOnly }).toEqual({ task: before.task, titleOnly: before.titleOnly });
  // The report of another task is the sign that the run may have continued.
  expect(await run.round(ids[0])).toMatchObject({ status: 'waiting', mayHaveContinued: true });
});

test('a task with an output that its pause showed belongs to the pause, of whatever round', async () => {
  for (const output of ['A draft', 'A shorter draft']) {
    const { run, ids } = await began(aPause(1, 'A draft'));
    run.crewDoes.push(answers.documented('retrying'));
    await run.revises(ids[0]);
    await run.receives(aPause(2, 'A shorter draft'));
    run.crewDoes.push(answers.documented('resumed'));
    await run.approves(ids[0]);
    expect(await run.receives(aTask('draft', output))).toMatchObject({ ...DUPLICATE, approval: ids[0] });
    expect(await run.approvals()).toHaveLength(1);
  }
});
