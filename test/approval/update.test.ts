import { describe, expect, test } from 'vitest';
import type { ApprovalStore } from '../../src/approval/ports.ts';
import { CONFLICT, retryConflicts, updateApproval } from '../../src/approval/update.ts';
import { holdRestoredDeliveries } from '../../src/approval/worker/restored.ts';
import { StoreError } from '../../src/lib/errors.ts';
import { bindDecisions, bindIntake, buildTestApp } from '../support/app.ts';
import { until } from '../support/until.ts';
import { aTask, theEnd } from './run-world.ts';
import { createWorld, crew } from './worker/worker-world.ts';

const SILENT = { info() {}, warn() {}, error() {} };
const MOST_TRIES = 2_000;

describe('a change that others come before', () => {
  test('is retried until it succeeds, and knows which attempt it is', async () => {
    const tries: number[] = [];
    const done = await retryConflicts('record', async (number) => {
      tries.push(number);
      return number < 5 ? CONFLICT : 'done';
    });
    expect(done).toBe('done');
    expect(tries).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('ends in a StoreError that names the record when it never can be made', async () => {
    let tries = 0;
    const never = retryConflicts('T1AP4B7YG3HV9F8D', async () => {
      tries += 1;
      return CONFLICT;
    });
    await expect(never).rejects.toThrow(StoreError);
    await expect(never).rejects.toThrow(
      'The record T1AP4B7YG3HV9F8D was changed by others 2000 times in a row.',
    );
    expect(tries).toBe(MOST_TRIES);
  });

  test('of an approval is made on the record as it is then; nothing is written when nothing changes', async () => {
    const world = createWorld();
    const id = await world.output('A release');
    let lost = 2;
    let saves = 0;
    const store: Pick<ApprovalStore, 'approval' | 'save'> = {
      approval: world.store.approval,
      save: async (changes) => {
        saves += 1;
        if (lost-- > 0)
          await updateApproval(world.store, id, (approval) => ({
            ...approval,
            tasksNoted: [...approval.tasksNoted, `other ${lost}`],
          }));
        return world.store.save(changes);
      },
    };
    const changed = await updateApproval(store, id, (approval) => ({
      ...approval,
      tasksNoted: [...approval.tasksNoted, 'own'],
    }));
    expect(changed?.tasksNoted).toEqual(['other 1', 'other 0', 'own']);
    expect(await world.approval(id)).toEqual(changed);
    expect(saves).toBe(3);
    expect(await updateApproval(store, id, (approval) => approval)).toBeUndefined();
    expect(await updateApproval(store, 'NOSUCHAPPROVAL00', (approval) => ({ ...approval }))).toBeUndefined();
    expect(saves).toBe(3);
  });
});

describe('a store that never takes a change', () => {
  /** A world with an approval, whose store lets nobody change an approval any more. */
  async function stubborn() {
    const world = createWorld();
    const id = await world.output('A release');
    let saves = 0;
    const store: ApprovalStore = {
      ...world.store,
      save: async () => {
        saves += 1;
        return false;
      },
    };
    const app = buildTestApp({
      ...world.app,
      store,
      log: SILENT,
      wake() {},
      beginDelivery: async () => undefined,
    });
    return {
      world,
      id,
      store,
      service: bindDecisions(app),
      receiver: bindIntake(app),
      saves: () => saves,
    };
  }

  test('ends in a StoreError for a click, of whichever kind', async () => {
    const { world, id, service, saves } = await stubborn();
    const target = { approvalId: id, round: 1, via: 'card' as const };
    await expect(service.decide(target, 'UANA', { action: 'approve' })).rejects.toThrow(StoreError);
    expect(saves()).toBe(MOST_TRIES);
    await expect(service.claim(target, 'UANA')).rejects.toThrow(StoreError);
    await expect(service.keepRefused(target, 'UCAT', { code: 'not_approver' })).rejects.toThrow(StoreError);
    const card = { channel: 'CAPPROVALS', ts: '9.9', own: true };
    await expect(service.adopt({ ...target, card }, 'UANA')).rejects.toThrow(StoreError);
    expect(await world.round(id)).toMatchObject({ status: 'waiting', votes: [] });
  });

  test('ends in a StoreError for a webhook: nothing may be answered 2xx', async () => {
    const { world, id, receiver, saves } = await stubborn();
    await expect(receiver.receive(crew, aTask('draft', 'Another release'))).rejects.toThrow(StoreError);
    expect(saves()).toBe(MOST_TRIES);
    await expect(receiver.receive(crew, theEnd('The end'))).rejects.toThrow(StoreError);
    expect((await world.approval(id)).rounds).toHaveLength(1);
  });

  test('ends in a StoreError for a webhook whose run others always change', async () => {
    const { receiver, saves } = await stubborn();
    const other = aTask('draft', 'A release', { run: 'e2' });
    await expect(receiver.receive(crew, other)).rejects.toThrow('The record e2 was changed by others');
    await expect(receiver.register(crew, 'e2', { urls: {} })).rejects.toThrow(StoreError);
    expect(saves()).toBe(2 * MOST_TRIES);
  });

  test('ends in a StoreError for a registration', async () => {
    const { receiver, saves } = await stubborn();
    const urls = { task: 'https://hooks.example/task' };
    await expect(receiver.register(crew, 'e1', { urls })).rejects.toThrow(StoreError);
    expect(saves()).toBe(MOST_TRIES);
  });

  test('ends in a StoreError for what was being sent when a backup was made', async () => {
    const { world, id, store } = await stubborn();
    await world.service.decide({ approvalId: id, round: 1, via: 'card' }, 'UANA', { action: 'approve' });
    await expect(holdRestoredDeliveries({ store, clock: world.clock, log: SILENT })).rejects.toThrow(
      StoreError,
    );
  });

  test('keeps no worker busy: a step that cannot be claimed is taken up again a second later', async () => {
    const world = createWorld();
    await world.output('A release');
    let [stubborn, saves] = [true, 0];
    const { save } = world.store;
    world.store.save = async (changes) => {
      if (!stubborn) return save(changes);
      saves += 1;
      return false;
    };
    world.startWorker('w1');
    const gaveUp = () => world.logged.filter((fact) => fact === 'step failed, retrying').length;
    await until(() => expect(gaveUp()).toBe(1));
    expect(saves).toBe(MOST_TRIES);
    await world.settled();
    expect(saves).toBe(MOST_TRIES);
    await world.clock.advance(1_000);
    await until(() => expect(gaveUp()).toBe(2));
    expect(saves).toBe(2 * MOST_TRIES);
    expect(world.slack).toEqual([]);
    stubborn = false;
    await world.clock.advance(1_000);
    expect(world.slack.map((call) => call.do)).toEqual(['post']);
  });
});
