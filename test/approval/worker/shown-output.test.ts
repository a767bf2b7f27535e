import { expect, test } from 'vitest';
import { readFingerprint } from '../../../src/approval/model/round.ts';
import { deleteRecord } from '../../support/records.ts';
import { startWorld } from './worker-world.ts';

test('a button does not decide another output that took its place after the record was lost', async () => {
  const world = await startWorld();
  const { id } = world;
  const output = readFingerprint(await world.round(id));
  await deleteRecord(world.memory.records, `approval/${id}`);
  expect(await world.output('Another release')).toBe(id);
  const card = { channel: 'CAPPROVALS', ts: '9.9', own: true };
  const old = { approvalId: id, round: 1, output, card, via: 'card' as const };
  for (const what of [
    () => world.service.decide(old, 'UANA', { action: 'approve' }),
    () => world.service.decide(old, 'UANA', { action: 'request_revision', feedback: 'Shorter' }),
    () => world.service.giveUp(old, 'UANA'),
    () => world.service.claim(old, 'UANA'),
    () => world.service.check(old, 'UANA'),
  ]) {
    expect(await what()).toMatchObject({ done: false, refusal: { code: 'other_output' } });
  }
  await world.service.adopt(old, 'UANA');
  await world.clock.advance(5_000);
  expect(world.resumes).toEqual([]);
  // The old card is none of the new round's.
  expect((await world.round(id)).duplicateCards).toEqual([]);
  const fresh = readFingerprint(await world.round(id));
  const current = { approvalId: id, round: 1, output: fresh, via: 'card' as const };
  expect(await world.service.decide(current, 'UANA', { action: 'approve' })).toMatchObject({ done: true });
});
