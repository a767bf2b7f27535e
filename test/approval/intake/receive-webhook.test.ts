import { describe, expect, test } from 'vitest';
import { resolveCrewUrls } from '../../../src/approval/model/crew/urls-to-send.ts';
import type { Execution } from '../../../src/approval/model/run/execution.ts';
import { buildKey } from '../../../src/store/keys.ts';
import { deleteRecord, listKeys, putRecord } from '../../support/records.ts';
import { anOvertakenReplica, anotherReplica, aPause, aStep, aTask, theEnd } from '../run-world.ts';
import { createWorld, crew } from '../worker/worker-world.ts';

const press = { ...crew, approvers: ['UANA', 'UBEN'] };
const approvers = { rules: { approvers: ['UANA', 'UBEN'] } };

const output = (text: string, task: string) => aTask(task, text);
const ended = (run: string) => theEnd('The confidential end', { run });

const runOf = async ({ store }: ReturnType<typeof createWorld>, id = 'e1') =>
  (await store.execution('press', id))?.record as Execution;

describe('a run whose webhooks come without a pause', () => {
  test('is read again, with its approvals, for each of them', async () => {
    const world = createWorld();
    for (let n = 1; n <= 20; n += 1) await world.output(`Release ${n}`, { task: `task ${n}` });
    let [reads, pressure] = [0, 30];
    const receiver = anotherReplica(world, {
      approval: (id) => {
        reads += 1;
        return world.store.approval(id);
      },
      // Each time another replica was faster.
      save: async (...args) => {
        if (pressure > 0) {
          pressure -= 1;
          await world.clock.advance(1);
          await world.receiver.receive(crew, aStep());
        }
        return world.store.save(...args);
      },
    });
    const receipt = await receiver.receive(crew, output('Release 21', 'task 21'));
    expect(receipt.status).toBe('created');
    expect(pressure).toBe(0);
    expect(reads).toBe(31 * 21);
    expect((await runOf(world)).approvals).toHaveLength(21);
  });

  test('an approval that is opened meanwhile gets it too', async () => {
    const world = createWorld();
    const first = await world.output('Release', { task: 'first' });
    let second = '';
    const receiver = anOvertakenReplica(world, async () => {
      second = await world.output('Release', { task: 'second' });
    });
    await receiver.receive(crew, output('Release', 'third'));
    for (const id of [first, second]) expect((await world.round(id)).mayHaveContinued).toBe(true);
  });
});

describe('a run whose record was damaged or lost', () => {
  const registered = { urls: { task: 'https://hooks.example/registered' }, approvers: ['UANA'] };
  const key = buildKey('execution', 'e1', 'press');
  const webhooks = {
    'a step': aStep(),
    'another task': output('A budget', 'another'),
    'the same task': output('A release', 'draft'),
    'its own next output': output('Another release', 'draft'),
  };

  const refused = { done: false, refusal: { code: 'cannot_check' } };

  test.each(Object.entries(webhooks))(
    'is not decided by people whom it left out, whatever comes first: %s',
    async (_, webhook) => {
      const world = createWorld(approvers);
      await world.receiver.register(press, 'e1', registered);
      const id = await world.output('A release');
      await putRecord(world.memory.records, key, '{"value":{"v":1,"crew"');
      await world.receiver.receive(press, webhook);
      const round = (await world.round(id)).number;
      for (const person of ['UBEN', 'UANA'])
        expect(await world.approve(id, person, round)).toMatchObject(refused);

      await world.receiver.register(press, 'e1', registered);
      expect(await world.approve(id, 'UBEN', round)).toMatchObject({ refusal: { code: 'not_approver' } });
      expect(await world.approve(id, 'UANA', round)).toMatchObject({ done: true });
    },
  );

  test('is decided by nobody while the record is lost, until a registration says who can', async () => {
    const world = createWorld();
    world.startWorker('w1');
    const id = await world.shown();
    await deleteRecord(world.memory.records, key);
    expect(await world.approve(id)).toMatchObject(refused);
    await world.output('Another release');
    expect(await world.approve(id, 'UANA', 2)).toMatchObject(refused);
    expect(world.resumes).toEqual([]);
    await world.receiver.register(crew, 'e1', { urls: {} });
    expect(await world.approve(id, 'UANA', 2)).toMatchObject({ done: true });
    await world.clock.advance(10);
    expect(world.resumes).toHaveLength(1);
  });

  test('gets its webhook URLs all the same, from what its card shows', async () => {
    const world = createWorld();
    await world.receiver.register(crew, 'e1', registered);
    const id = await world.output('A release');
    await world.approve(id, 'UANA');
    await putRecord(world.memory.records, key, '');
    await world.receiver.receive(crew, aStep());
    world.startWorker('w1');
    await world.clock.advance(1_000);
    expect(world.resumes.map(({ execution }) => resolveCrewUrls(crew, execution).task?.url)).toEqual([
      'https://hooks.example/registered',
    ]);
  });
});

test('an approval that a newer version wrote stands in no other task’s way', async () => {
  const world = createWorld();
  const id = await world.output('A release');
  const raw = JSON.parse((await world.memory.records.get(buildKey('approval', id))) as string);
  raw.value.v = 1_000;
  await putRecord(world.memory.records, buildKey('approval', id), JSON.stringify(raw));
  expect((await world.receiver.receive(crew, output('Another', 'second'))).status).toBe('created');
});

test('a card shows the webhook URLs that are sent, whichever of two comes last', async () => {
  const world = createWorld();
  const id = await world.output('A release');
  let registration: Promise<unknown> | undefined;
  const receiver = anotherReplica(world, {
    save: async (...args) => {
      const saved = await world.store.save(...args);
      // A registration comes and is told before this one goes on.
      registration ??= world.receiver.register(crew, 'e1', {
        urls: { task: 'https://registered.example/hook' },
      });
      await registration;
      return saved;
    },
  });
  await receiver.receive(crew, aStep({ meta: { urls: { task: 'https://meta.example/hook' } } }));
  const sent = resolveCrewUrls(crew, await runOf(world));
  expect(sent.task?.url).toBe('https://registered.example/hook');
  expect((await world.approval(id)).urls).toEqual(sent);
});

test.each([
  ['nothing else', {}],
  ['a webhook', { humanInputWebhook: { url: 'https://hooks.example/human' } }],
])(
  'what a registration left out is reported once, however often it is sent and though the store failed at first, with %s',
  async (_, more) => {
    const world = createWorld();
    const id = await world.output('A release');
    const warnings = ['channel_not_of_crew'];
    const failing = anotherReplica(world, { save: () => Promise.reject(new Error('away')) });
    const lost = failing.register(crew, 'e1', { urls: {}, channel: 'CNOWHERE', ...more });
    await expect(lost).rejects.toThrow('away');
    for (let n = 0; n < 3; n += 1) {
      const registration = { urls: {}, channel: 'CNOWHERE', ...more };
      expect(await world.receiver.register(crew, 'e1', registration)).toEqual(warnings);
    }
    expect((await world.approval(id)).ignored).toEqual(warnings);
  },
);

test('a redelivered report of a task without a card says of no card that the run has gone on, and is noted in one thread', async () => {
  const some = { ...crew, approveTasks: ['draft', 'publish'] };
  const world = createWorld({ rules: some });
  const check = (text: string) => output(text, 'check');
  const first = await world.output('A release');
  expect(await world.receiver.receive(some, check('Checked'))).toEqual({ status: 'noted' });
  expect(await world.round(first)).toMatchObject({ mayHaveContinued: true });
  const second = await world.output('Published', { task: 'publish' });
  for (let n = 0; n < 2; n += 1) await world.receiver.receive(some, check('Checked'));
  expect(await world.round(second)).toMatchObject({ mayHaveContinued: false });
  expect((await world.approval(second)).notes).toEqual([]);
  expect((await world.approval(first)).notes).toMatchObject([{ kind: 'task_done', task: 'check' }]);
  // Much later it is no redelivery: the task was done once more.
  await world.clock.advance(10 * 60_000);
  await world.receiver.receive(some, check('Checked'));
  expect(await world.round(second)).toMatchObject({ mayHaveContinued: true });
  expect((await world.approval(second)).notes).toMatchObject([{ kind: 'task_done', task: 'check' }]);
});

test('a human-input webhook that a corrected registration does not have keeps no task webhook from its card', async () => {
  const world = createWorld();
  const humanInputWebhook = { url: 'https://hooks.example/human' };
  await world.receiver.register(crew, 'e1', { urls: {}, humanInputWebhook });
  expect(await world.receiver.receive(crew, output('A release', 'draft'))).toEqual({ status: 'noted' });
  await world.receiver.register(crew, 'e1', { urls: {} });
  expect(await world.receiver.receive(crew, output('A release', 'draft'))).toMatchObject({
    status: 'created',
  });
});

test('of two registrations at once, each of which leaves something out, the card tells every warning once', async () => {
  const world = createWorld();
  const id = await world.output('A release');
  const register = (channel: string, approvers?: string[]) =>
    world.receiver.register(press, 'e1', { urls: {}, channel, ...(approvers ? { approvers } : {}) });
  const first = await Promise.all([register('CNOWHERE'), register('CNOWHERE')]);
  expect((await world.approval(id)).ignored).toEqual(first[0]);
  const [, two] = await Promise.all([register('CELSE'), register('CNOWHERE', ['UNOBODY'])]);
  await register('CNOWHERE', ['UNOBODY']);
  expect((await world.approval(id)).ignored?.toSorted()).toEqual(
    [...new Set([...(first[0] ?? []), ...two])].toSorted(),
  );
});

test('settings that a registration lost before the first card are named on it, and not again', async () => {
  const world = createWorld();
  const register = (channel: string) => world.receiver.register(crew, 'e1', { urls: {}, channel });
  const warnings = await register('CNOWHERE');
  const id = await world.output('A release');
  await register('CNOWHERE');
  expect((await world.approval(id)).ignored).toEqual(warnings);
});

test('settings that a registration loses after the last approval are named in its thread', async () => {
  const world = createWorld();
  world.startWorker('w1');
  const id = await world.shown();
  await world.approve(id);
  await world.clock.advance(1_000);
  const warnings = await world.receiver.register(crew, 'e1', { urls: {}, channel: 'CNOWHERE' });
  await world.clock.advance(2_000);
  expect(world.notes()).toEqual([{ kind: 'ignored', warnings }]);
});

test('the result of a run without approvals is not kept where it would have to be deleted: nothing would', async () => {
  const world = createWorld();
  const kept = { ...crew, retention: 90 * 24 * 60 * 60_000 };
  await world.receiver.receive(kept, ended('e1'));
  const id = await world.output('A release', { executionId: 'e2' });
  await world.receiver.receive(kept, ended('e2'));
  expect(await listKeys(world.memory.records, 'result', { limit: 10 })).toEqual(['result/e2/press']);
  const stored = await world.store.approval(id);
  expect(stored && (await world.store.forget(stored))).toBe(true);
  await world.receiver.receive(kept, ended('e2'));
  expect(await listKeys(world.memory.records, 'result', { limit: 10 })).toEqual([]);
});

test('the result of a run whose end overtook its first output is posted', async () => {
  const world = createWorld();
  world.startWorker('w1');
  await world.receiver.receive(crew, ended('e1'));
  await world.shown();
  await world.clock.advance(2_000);
  expect(world.notes()).toEqual([{ kind: 'run_result' }]);
});

test('two routes that tell one pause at once are one approval, though the nameless one has to look again', async () => {
  const world = createWorld();
  const id = await world.output('A release');
  await world.clock.advance(1);
  await world.revise(id);
  world.startWorker('w1');
  await world.clock.advance(2_000);
  const receiver = anOvertakenReplica(world, async () => {
    await world.clock.advance(1);
    await world.output('A shorter release');
  });
  const nameless = aPause('pause-2', 'A shorter release');
  expect(await receiver.receive(crew, nameless)).toEqual({ status: 'duplicate', approval: id, round: 2 });
  expect((await runOf(world)).approvals).toEqual([id]);
});

test("a webhook that is recorded while its id becomes another run's belongs to that run", async () => {
  const world = createWorld();
  const id = await world.output('A release');
  const receiver = anOvertakenReplica(world, () =>
    world.receiver.recordAlias(crew.name, 'e1-continued', 'e1'),
  );
  await receiver.receive(crew, theEnd('Done', { run: 'e1-continued' }));
  expect(await world.approval(id)).toMatchObject({ runEndedAt: expect.any(Number) });
  expect(await runOf(world)).toMatchObject({ finishedAt: expect.any(Number), hasResult: true });
});

test('a pause without a name has the one that a task webhook brought with the same output, by the strictest rules', async () => {
  const { receiver, approval } = createWorld({ dialect: 'live' });
  expect(await receiver.receive(crew, aTask('draft', 'A release'))).toEqual({ status: 'noted' });
  const { approval: id = '' } = await receiver.receive(crew, aPause(1, 'A release'));
  const opened = await approval(id);
  expect(opened).toMatchObject({ task: 'draft', strictest: true });
  expect(opened).not.toHaveProperty('titleOnly');
});

test('the first task webhook of a run whose meta names a human-input webhook opens no card', async () => {
  const world = createWorld();
  const meta = { humanInputUrl: 'https://bot.example.com/webhooks/press/human-input' };
  const receipt = await world.receiver.receive(crew, aTask('draft', 'A draft', { meta }));
  expect(receipt).toEqual({ status: 'noted' });
});
