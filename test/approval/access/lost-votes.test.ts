import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { aStep, aTask, createRun } from '../run-world.ts';

const byTwo = { policy: { ...DEFAULT_POLICY, approvalsRequired: 2 }, approvers: ['UANA', 'UBEN', 'UCAT'] };

test('a vote stops counting when its voter becomes known as the person who started the run', async () => {
  const run = createRun({ dialect: 'documented', rules: { ...byTwo, excludeRequester: true } });
  const id = await run.opens(aTask('draft', 'A release'));
  await run.approves(id, 'UANA');
  await run.receives(aStep({ meta: { requestedBy: 'UANA' } }));
  await run.approves(id, 'UBEN');
  expect(await run.statuses(id)).toEqual(['waiting']);
  await run.approves(id, 'UCAT');
  expect(await run.statuses(id)).toEqual(['sending']);
});

test.each(['outsider', 'isGone'] as const)(
  'a vote stops counting when its voter becomes %s',
  async (what) => {
    let turned = false;
    const run = createRun({
      dialect: 'documented',
      rules: { ...byTwo, approvers: [], allowGuests: false },
      people: { outsider: () => false, isGone: () => false, [what]: (by: string) => turned && by === 'UANA' },
    });
    const id = await run.opens(aTask('draft', 'A release'));
    await run.approves(id, 'UANA');
    turned = true;
    await run.approves(id, 'UBEN');
    expect(await run.statuses(id)).toEqual(['waiting']);
    await run.approves(id, 'UCAT');
    expect(await run.statuses(id)).toEqual(['sending']);
  },
);
