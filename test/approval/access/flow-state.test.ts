import { expect, test } from 'vitest';
import { createRunRecord } from '../../../src/approval/model/run/run-record.ts';
import { anApproval, aRound } from '../builders.ts';
import { createWorld, nobodyKnown } from '../worker/worker-world.ts';

test('only people named by the routing of a round read the state of that round', async () => {
  const emails: Record<string, string> = { 'ana@example.com': 'UANA', 'ben@example.com': 'UBEN' };
  const people = { ...nobodyKnown, idOf: (email: string) => emails[email] ?? null, inChannel: () => true };
  const world = createWorld({ people, rules: { approvers: ['UANA', 'UBEN'] } });
  const review = (name: string) => ({
    options: ['yes'],
    responders: [`${name}@example.com`],
    stateHash: `state of ${name}`,
  });
  const approval = anApproval([
    aRound({ review: review('ana'), status: 'answered' }),
    aRound({ number: 2, review: review('ben') }),
  ]);
  await world.store.save({
    run: { previous: undefined, next: createRunRecord(world.crew, approval.executionId) },
  });
  expect(await world.store.save({ approvals: [{ previous: undefined, next: approval }] })).toBe(true);
  const read = (round: number, by: string) =>
    world.service.readState({ approvalId: approval.id, round, via: 'card' }, by);
  expect(await read(1, 'UBEN')).toMatchObject({ done: false, refusal: { code: 'not_approver' } });
  expect(await read(2, 'UBEN')).toMatchObject({ done: true });
  expect(await read(2, 'UANA')).toMatchObject({ done: false });
});
