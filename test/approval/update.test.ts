import { describe, expect, test } from 'vitest';
import type { Approval } from '../../src/approval/model/approval.ts';
import type { ApprovalStore } from '../../src/approval/ports.ts';
import { CONFLICT, retryConflicts, updateApproval } from '../../src/approval/update.ts';
import { holdRestoredDeliveries } from '../../src/approval/worker/restored.ts';
import { StoreError } from '../../src/lib/errors.ts';
import { bindDecisions, bindIntake, buildTestApp } from '../support/app.ts';
import { until } from '../support/until.ts';
import { aTask, theEnd } from './run-world.ts';
import { createWorld, crew } from './worker/worker-world.ts';

const SILENT = { info() {}, warn() {}, error() {} };
const MAX_TRIES = 2_000;

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
    expect(tries).toBe(MAX_TRIES);
  });

  test('of an approval is made on the record as it is then; nothing is written when nothing changes', async () => {
    const world = createWorld();
    const id = await world.output('A release');
    const noted = (task: string) => (approval: Approval) => ({
      ...approval,
      tasksNoted: [...approval.tasksNoted, task],
    });
    let saves = 0;
    const store: Pick<ApprovalStore, 'approval' | 'save'> = {
      approval: world.store.approval,
      save: async (changes) => {
        saves += 1;
        if (saves <= 2) await updateApproval(world.store, id, noted(`other ${saves}`));
        return world.store.save(changes);
      },
    };
    const changed = await updateApproval(store, id, noted('own'));
    expect(changed?.tasksNoted).toEqual(['other 1', 'other 2', 'own']);
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
    const made = { saves: 0 };
    const store: ApprovalStore = {
      ...world.store,
      save: async () => {
        made.saves += 1;
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
    const target = { approvalId: id, round: 1, via: 'card' as const };
    return { world, target, made, app, ...bindDecisions(app), ...bindIntake(app) };
  }

  const APPROVE = { action: 'approve' } as const;
  const card = { channel: 'CAPPROVALS', ts: '9.9', own: true };
  const urls = { task: 'https://hooks.example/task' };

  // biome-ignore format: a table
  test.each<[string, (bot: Awaited<ReturnType<typeof stubborn>>) => Promise<unknown>]>([
    ['a decision', ({ decide, target }) => decide(target, 'UANA', APPROVE)],
    ['a claim', ({ claim, target }) => claim(target, 'UANA')],
    ['a refusal', ({ keepRefused, target }) => keepRefused(target, 'UCAT', { code: 'not_approver' })],
    ['a click on an unknown card', ({ adopt, target }) => adopt({ ...target, card }, 'UANA')],
    ['a webhook: nothing may be answered 2xx', ({ receive }) => receive(crew, aTask('draft', 'Another'))],
    ['the end of a run', ({ receive }) => receive(crew, theEnd('The end'))],
    ['a webhook of another run', ({ receive }) => receive(crew, aTask('draft', 'A release', { run: 'e2' }))],
    ['a registration', ({ register }) => register(crew, 'e1', { urls })],
    ['a registration of another run', ({ register }) => register(crew, 'e2', { urls: {} })],
    ['what was being sent when a backup was made', async ({ world, target, app }) => {
      await world.service.decide(target, 'UANA', APPROVE);
      await holdRestoredDeliveries(app);
    }],
  ])('ends in a StoreError for %s', async (_, does) => {
    const bot = await stubborn();
    await expect(does(bot)).rejects.toThrow(StoreError);
    expect(bot.made.saves).toBe(MAX_TRIES);
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
    expect(saves).toBe(MAX_TRIES);
    await world.settled();
    expect(saves).toBe(MAX_TRIES);
    await world.clock.advance(1_000);
    await until(() => expect(gaveUp()).toBe(2));
    expect(saves).toBe(2 * MAX_TRIES);
    expect(world.slack).toEqual([]);
    stubborn = false;
    await world.clock.advance(1_000);
    expect(world.slack.map((call) => call.do)).toEqual(['post']);
  });
});
