import { describe, expect, test } from 'vitest';
import { outputFingerprint } from '../../../src/approval/model/round.ts';
import { deleteRecord } from '../../support/records.ts';
import { createWorld } from './worker-world.ts';

describe('a button decides only the output that it was made for', () => {
  test('not one that took its place under the same id and round, when the record was damaged', async () => {
    const world = createWorld();
    world.startWorker('w1');
    const id = await world.shown('A release');
    const output = outputFingerprint(await world.round(id));
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
    const fresh = outputFingerprint(await world.round(id));
    const current = { approvalId: id, round: 1, output: fresh, via: 'card' as const };
    expect(await world.service.decide(current, 'UANA', { action: 'approve' })).toMatchObject({ done: true });
  });

  test('the same output told in another form, or a button of before, still counts', async () => {
    const world = createWorld();
    world.startWorker('w1');
    const id = await world.shown('A release');
    expect(await world.approve(id)).toMatchObject({ done: true });
  });
});
