import { expect, test } from 'vitest';
import { scaleLimit } from '../../support/limits.ts';
import { aPause, createRun, theEnd } from '../run-world.ts';

const MANY = 500;

test(`a run of ${MANY} approvals that wait: no webhook is refused, those beyond 100 are logged, each can be decided, and its end closes all`, {
  timeout: scaleLimit(120_000),
}, async () => {
  const run = createRun({ dialect: 'live' });
  const ids: string[] = [];
  for (let n = 1; n <= MANY; n += 1) ids.push(await run.opens(aPause(n, `Output ${n}`)));
  expect(new Set(ids).size).toBe(MANY);
  const logged = run.logged.filter((fact) => fact === 'many approvals of one run are waiting');
  expect(logged).toHaveLength(MANY - 100);
  expect(await run.receives(aPause(1, 'Output 1'))).toEqual({
    status: 'duplicate',
    approval: ids[0],
    round: 1,
  });
  run.startWorker('w1');
  for (const id of [ids[0], ids.at(-1)] as [string, string])
    expect(await run.approves(id)).toMatchObject({ done: true });
  await run.receives(theEnd());
  const statuses = (await run.approvals()).map(({ rounds }) => rounds.at(-1)?.status);
  expect(statuses).toEqual(['approved', ...Array(MANY - 2).fill('run_ended'), 'approved']);
});

test('more events of a run than are applied at once are all recorded, and none of them twice', async () => {
  const run = createRun({ dialect: 'live' });
  const id = await run.opens(aPause(1, 'Output'));
  const events = Array.from({ length: 5_000 }, (_, n) => ({
    id: `event-${n}`,
    executionId: 'e1',
    at: run.clock.now(),
    type: n % 2 === 0 ? ('task_started' as const) : ('task_completed' as const),
    sequence: n,
    task: `task ${Math.floor(n / 1_000)}`,
  }));
  const end = { ...(events.at(-1) as (typeof events)[number]), type: 'crew_kickoff_completed' as const };
  const all = [...events, { ...end, task: undefined }];
  expect(await run.receiver.receiveEvents(run.crew, all)).toEqual({ status: 'noted' });
  expect((await run.store.run('press', 'e1'))?.record.tasks).toEqual(
    [998, 1_998, 2_998, 3_998, 4_998].map((started, n) => ({
      name: `task ${n}`,
      under: 'e1',
      started,
      ended: started + 1,
    })),
  );
  expect((await run.approval(id)).rounds.at(-1)?.status).toBe('run_ended');
  expect(await run.receiver.receiveEvents(run.crew, all)).toEqual({ status: 'duplicate' });
});
