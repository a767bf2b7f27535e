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
