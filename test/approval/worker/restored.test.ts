import { describe, expect, test } from 'vitest';
import { currentRound } from '../../../src/approval/model/approval.ts';
import { holdRestoredDeliveries } from '../../../src/approval/worker/restored.ts';
import { buildKey } from '../../../src/store/keys.ts';
import { collectingLog } from '../../slack/stage.ts';
import { putRecord } from '../../support/records.ts';
import { AT, aDelivery, anApproval, approve, aRound, deliveries } from '../builders.ts';
import { createWorld } from './worker-world.ts';

type World = ReturnType<typeof createWorld>;

const idOf = (n: number) => `A${String(n).padStart(15, '0')}`;

/** Approvals whose rounds stand so, one each. */
async function store({ store }: World, rounds: readonly Parameters<typeof aRound>[0][]): Promise<string[]> {
  for (const [n, round] of rounds.entries()) {
    const approval = anApproval([aRound({ receivedAt: AT + n, ...round })], {
      id: idOf(n),
      executionId: `e${n}`,
    });
    expect(await store.save({ approvals: [{ previous: undefined, next: approval }] })).toBe(true);
  }
  return rounds.map((_, n) => idOf(n));
}

const sending = (delivery = aDelivery()) => ({ status: 'sending' as const, decision: approve, delivery });
const hold = ({ store, clock }: World, { log } = collectingLog()) =>
  holdRestoredDeliveries({ store, clock, log });

describe('a decision that was being sent when a backup was made', () => {
  test('is held once, over all pages, and nothing else changes', async () => {
    const world = createWorld();
    const rounds = Array.from({ length: 450 }, (_, n) =>
      n % 3 === 0 ? { claim: { by: 'UANA', until: AT + n } } : sending(aDelivery({ since: AT + n })),
    );
    const ids = await store(world, rounds);
    const before = await Promise.all(ids.map(world.approval));
    const { log, lines } = collectingLog();
    expect(await hold(world, { log, lines })).toBe(300);
    for (const [n, id] of ids.entries()) {
      const approval = await world.approval(id);
      if (n % 3 === 0) expect(approval).toEqual(before[n]);
      else expect(currentRound(approval)).toMatchObject({ status: 'undelivered', decision: approve });
    }
    expect(lines.filter(({ fact }) => fact === 'delivery held after a restore')).toHaveLength(300);
    expect(await hold(world)).toBe(0);
  });

  test('is held for any due time, and when a former worker had claimed it', async () => {
    const world = createWorld();
    const ids = await store(world, [
      sending(deliveries.notTried),
      sending(deliveries.underway),
      sending(deliveries.unsure),
      sending(aDelivery({ undoUntil: AT + 10 ** 11 })),
    ]);
    const first = await world.store.approval(ids[0] as string);
    if (!first) throw new Error('it was not stored');
    const lease = { owner: 'dead/1', until: AT + 10 ** 12 };
    const lanes = { ...first.record.lanes, delivery: { failures: 0, lease } };
    await world.store.save({ approvals: [{ previous: first, next: { ...first.record, lanes } }] });
    expect(await hold(world)).toBe(4);
    world.startWorker('w1');
    await world.clock.advance(2 * 60 * 60_000);
    expect(world.resumes).toEqual([]);
    for (const id of ids) expect((await world.round(id)).status).toBe('undelivered');
  });

  test('is shown as not delivered on its card and in its thread', async () => {
    const world = createWorld();
    const id = await world.output('A release');
    const decision = { approvalId: id, round: 1, via: 'card' as const };
    expect(await world.service.decide(decision, 'UANA', { action: 'approve' })).toMatchObject({ done: true });
    await hold(world);
    world.startWorker('w1');
    await world.clock.advance(5_000);
    expect(world.slack.find((call) => call.do === 'post')).toMatchObject({ status: 'undelivered' });
    expect(world.notes()).toMatchObject([{ kind: 'not_delivered', failure: { detail: 'RESTORED' } }]);
    await world.service.retry(decision, 'UBEN');
    await world.clock.advance(5_000);
    expect(world.resumes).toHaveLength(1);
    expect((await world.round(id)).status).toBe('approved');
  });

  /** Three, the second one of which was changed in the store so. */
  async function storeChanged(world: World, change: (value: Record<string, unknown>) => void) {
    const ids = await store(world, [sending(), sending(), sending()]);
    const key = buildKey('approval', ids[1] as string);
    const record = JSON.parse((await world.memory.records.get(key)) as string);
    change(record.value);
    await putRecord(world.memory.records, key, JSON.stringify(record));
    return ids;
  }

  test('is not held where another approval was written by a newer version: the start ends', async () => {
    const world = createWorld();
    await storeChanged(world, (value) => void Object.assign(value, { v: 1_000 }));
    await expect(hold(world)).rejects.toThrow('of format 1000, which a newer version of the bot wrote');
  });

  test('is held although another approval was damaged', async () => {
    const world = createWorld();
    const ids = await storeChanged(world, (value) => void Object.assign(value, { rounds: 7 }));
    expect(await hold(world)).toBe(2);
    for (const id of [ids[0], ids[2]]) expect((await world.round(id as string)).status).toBe('undelivered');
  });
});
