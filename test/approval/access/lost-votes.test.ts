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

test.each([
  ['turns out to be a guest', { outsider: (person: string) => person === 'UANA' }],
  ['was deactivated', { isGone: (person: string) => person === 'UANA' }],
])('a vote stops counting when its voter %s', async (_, known) => {
  const people: { outsider?: (person: string) => boolean; isGone?: (person: string) => boolean } = {};
  const run = createRun({
    dialect: 'documented',
    rules: { ...byTwo, approvers: [], allowGuests: false },
    people: proxyOf(people),
  });
  const id = await run.opens(aTask('draft', 'A release'));
  await run.approves(id, 'UANA');
  Object.assign(people, known);
  await run.approves(id, 'UBEN');
  expect(await run.statuses(id)).toEqual(['waiting']);
  await run.approves(id, 'UCAT');
  expect(await run.statuses(id)).toEqual(['sending']);
});

/** What is known of people, as it is when it is asked. */
function proxyOf(people: { outsider?: (person: string) => boolean; isGone?: (person: string) => boolean }) {
  return {
    outsider: (person: string) => people.outsider?.(person) ?? false,
    isGone: (person: string) => people.isGone?.(person) ?? false,
  };
}
