import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { StoreError } from '../../../src/lib/errors.ts';
import { until } from '../../support/until.ts';
import { createWorld } from './worker-world.ts';

test('the ninth decision of a crew is recorded without an attempt, and waits for its turn', async () => {
  const world = createWorld({ sole: true });
  world.startWorker('a');
  world.crewAlways(() => new Promise<never>(() => {}));
  const ids = await world.outputs(9);
  for (const id of ids) await world.approve(id);
  await until(() => expect(world.resumes).toHaveLength(8));
  const rounds = await Promise.all(ids.map((id) => world.round(id)));
  expect(rounds.map(({ delivery }) => delivery?.attempts)).toEqual([...Array(8).fill(1), 0]);
});

test('a decision does not wait for the turn of its card when its undo window ends', async () => {
  const world = createWorld({ sole: true, rules: { policy: { ...DEFAULT_POLICY, undoWindow: 30_000 } } });
  world.startWorker('a');
  await world.approve((await world.outputs(60)).at(-1) as string);
  await world.clock.advance(31_000);
  expect(world.slack.length).toBeLessThan(40);
  expect(world.resumes[0]?.at).toBeLessThan(31_000);
});

test('a card that a fault of the bot keeps from being posted is tried again, and the operators are told', async () => {
  const world = createWorld();
  const { output } = world.store;
  let isBroken = true;
  world.store.output = async (...args) => {
    if (isBroken) throw new TypeError('a fault of the bot');
    return output(...args);
  };
  world.startWorker('w1');
  await world.output('A release');
  await until(() => expect(world.alarms.map(({ kind }) => kind)).toContain('step_failed'));
  expect(world.logged).toContain('step failed, retrying');
  isBroken = false;
  await world.clock.advance(30_000);
  expect(world.slack.map((call) => call.do)).toEqual(['post']);
});

test('a step that waits for the store raises no alert of its own', async () => {
  const world = createWorld();
  world.store.output = async () => {
    throw new StoreError('The store is down.');
  };
  world.startWorker('w1');
  await world.output('A release');
  await until(() => expect(world.logged).toContain('step failed, retrying'));
  expect(world.alarms).toEqual([]);
});

test('a decision that another process sends is not sent again where nothing was due as the store came back', async () => {
  const world = createWorld();
  const { clock, store } = world;
  const { save, list } = store;
  const failsFrom = (from: number, to: number) => {
    const [begins, ends] = [clock.now() + from, clock.now() + to];
    return () => {
      if (begins <= clock.now() && clock.now() < ends) throw new StoreError('The store is down.');
    };
  };
  const failsFirst = failsFrom(3_000, 13_000);
  store.save = async (...args) => {
    failsFirst();
    return save(...args);
  };
  world.startWorker('first');
  const failsSecond = failsFrom(4_000, 6_000);
  Object.assign(store, {
    save,
    list: async (...args: Parameters<typeof list>) => {
      failsSecond();
      return list(...args);
    },
  });
  world.startWorker('second');
  const id = await world.shown();
  await clock.advance(2_000);
  world.crewDoes.push(
    () => new Promise((resolve) => clock.after(2_000, () => resolve({ kind: 'accepted' }))),
  );
  await world.approve(id);
  await clock.advance(30_000);
  expect(world.resumes).toHaveLength(1);
  expect((await world.round(id)).status).toBe('approved');
});

test('what is due is looked for also while a start looks at all records, however long that takes', async () => {
  const world = createWorld({ rules: { policy: { ...DEFAULT_POLICY, expireAfter: 24 * 60 * 60_000 } } });
  const { clock, store } = world;
  const before = world.startWorker('before');
  await world.outputs(60);
  await clock.advance(100_000);
  before.kill();
  const { approval } = store;
  store.approval = async (id) => {
    await new Promise<void>((resolve) => clock.after(1_000, resolve));
    return approval(id);
  };
  const { worker } = world.startWorker('after');
  await clock.advance(45_000);
  expect(worker.fault()).toBeUndefined();
});
