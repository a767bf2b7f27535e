import { expect, test, vi } from 'vitest';
import { aTask, createRun, theEnd } from '../run-world.ts';

const COUNT = 130;

/** A run whose tasks were all approved, one after the other, except one that still waits. */
async function createLongRun(waiting?: number) {
  const run = createRun({ dialect: 'documented' });
  run.startWorker('w1');
  const ids: string[] = [];
  for (let n = 0; n < COUNT; n += 1) {
    const id = await run.opens(aTask(`task ${n}`, `Output ${n}`));
    ids.push(id);
    if (n !== waiting) await run.approves(id);
  }
  // Slack takes 38 updates of cards a minute.
  await run.clock.advance(5 * 60_000);
  const loads = vi.spyOn(run.store, 'approvals');
  const over = async () => (await run.store.execution('press', 'e1'))?.record.over;
  const readLast = () => loads.mock.calls.at(-1)?.[0].length;
  return { ...run, ids, over, readLast };
}

test('of a run with many approvals those that are over are not read with each webhook', async () => {
  const { ids, over, readLast, receives, approval } = await createLongRun();
  await receives(aTask('one more', 'Output'));
  expect(await over()).toBe(COUNT - 100);
  await receives(aTask('another one', 'Output'));
  expect(readLast()).toBe(102);
  const redelivered = await receives(aTask('task 0', 'Output 0'));
  expect(redelivered).toMatchObject({ status: 'duplicate', approval: ids[0] });
  await receives(theEnd());
  expect((await approval(ids[0] as string)).runEndedAt).toBeUndefined();
  expect((await approval(ids.at(-1) as string)).runEndedAt).toBeDefined();
});

test('one that waits is read for as long as it does, however many come after it', async () => {
  const { ids, over, receives, approval } = await createLongRun(3);
  await receives(aTask('one more', 'Output'));
  expect(await over()).toBe(3);
  await receives(theEnd());
  expect((await approval(ids[3] as string)).rounds[0]?.status).toBe('run_ended');
});
