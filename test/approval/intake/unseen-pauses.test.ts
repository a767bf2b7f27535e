import { describe, expect, test } from 'vitest';
import { reportUnseenPauses } from '../../../src/approval/intake/unseen-pauses.ts';
import { buildTestApp } from '../../support/app.ts';
import { anEvent, aPause, aStep, aTask, createRun, type Run, theEnd } from '../run-world.ts';

const MINUTE = 60_000;
const LOGGED = 'pauses of a run cannot be seen: no humanInputWebhookUrl';

async function started(options: Parameters<typeof createRun>[0] = {}) {
  const run = createRun(options);
  run.startWorker('w1');
  await run.receives(aTask('draft', 'A release'));
  return run;
}

const listToCheck = ({ store }: Run) =>
  store.list('runsToCheck', 'all', { until: Number.MAX_SAFE_INTEGER, limit: 10 });
const told = (run: Run) => [run.announced.length, run.logged.filter((fact) => fact === LOGGED).length];

describe('a run of a live crew whose pauses nothing shows', () => {
  test('is reported once its webhooks have stopped for silent_after, once, in the channel of the crew and in the log', async () => {
    const run = await started();
    await run.clock.advance(9 * MINUTE);
    expect(told(run)).toEqual([0, 0]);
    await run.clock.advance(2 * MINUTE);
    expect(run.announced).toEqual([{ channel: 'CAPPROVALS', kind: 'pauses_not_visible', crew: 'press' }]);
    await run.receives(aTask('layout'));
    await run.clock.advance(120 * MINUTE);
    expect(told(run)).toEqual([1, 1]);
  });

  test('is not reported while webhooks of any kind arrive', async () => {
    const run = await started();
    for (let n = 0; n < 5; n += 1) {
      await run.clock.advance(8 * MINUTE);
      await run.receives(n % 2 ? aStep() : aTask(`task ${n}`));
    }
    expect(told(run)).toEqual([0, 0]);
    await run.clock.advance(11 * MINUTE);
    expect(told(run)).toEqual([1, 1]);
  });

  test('is reported after the silent_after of its crew', async () => {
    const run = createRun({ rules: { policy: { ...createRun().crew.policy, silentAfter: 2 * MINUTE } } });
    run.startWorker('w1');
    await run.receives(aTask('draft'));
    await run.clock.advance(2 * MINUTE + 6_000);
    expect(told(run)).toEqual([1, 1]);
  });

  test('is reported after the next start, also after a crash', async () => {
    const run = createRun();
    const { kill } = run.startWorker('w1');
    await run.receives(aTask('draft'));
    kill();
    await run.clock.advance(60 * MINUTE);
    expect(told(run)).toEqual([0, 0]);
    run.startWorker('w2');
    await run.clock.advance(6_000);
    expect(told(run)).toEqual([1, 1]);
  });

  test('is reported by one of several replicas', async () => {
    const run = createRun();
    for (const name of ['w1', 'w2', 'w3']) run.startWorker(name);
    await run.receives(aTask('draft'));
    await run.clock.advance(20 * MINUTE);
    expect(told(run)).toEqual([1, 1]);
  });

  test('of many each is reported', async () => {
    const run = createRun();
    run.startWorker('w1');
    for (let n = 0; n < 130; n += 1) await run.receives(aTask('draft', 'A release', { run: `run-${n}` }));
    // A hundred at once: more than the fake clock lets run to its end in one step.
    for (let minute = 0; minute < 20; minute += 1) await run.clock.advance(MINUTE);
    expect(told(run)).toEqual([130, 130]);
  });

  test('with another id is reported once', async () => {
    const run = await started();
    await run.receives(aTask('layout', 'Two columns', { run: 'e2' }));
    await run.receiver.recordAlias('press', 'e2', 'e1');
    await run.clock.advance(20 * MINUTE);
    expect(told(run)).toEqual([1, 1]);
  });
});

describe('a run is not reported as one that may wait unseen', () => {
  const humanInputWebhook = { url: 'https://h.example/h' };

  test.each<[string, (run: Run) => Promise<unknown>]>([
    ['it has shown a human-input webhook', (run) => run.receives(aPause(1, 'A release'))],
    ['one was registered', (run) => run.receiver.register(run.crew, 'e1', { urls: {}, humanInputWebhook })],
    [
      'one is named in meta',
      (run) => run.receives(aStep({ meta: { humanInputUrl: humanInputWebhook.url } })),
    ],
    ['it has finished', (run) => run.receives(theEnd())],
    ['an event says that it has finished', (run) => run.happens(anEvent('crew_kickoff_completed'))],
    ['an event says that it has failed', (run) => run.happens(anEvent('crew_kickoff_failed'))],
  ])('when %s, before or after its task webhook', async (_, comes) => {
    for (const first of [true, false]) {
      const run = createRun();
      run.startWorker('w1');
      if (first) await comes(run);
      await run.receives(aTask('draft', 'A release'));
      if (!first) await comes(run);
      await run.clock.advance(60 * MINUTE);
      expect(told(run)).toEqual([0, 0]);
      expect(await listToCheck(run)).toEqual([]);
    }
  });

  test.each([
    ['on the documented dialect', 'documented', 'documented'],
    ['while the dialect is unknown, nor once it is known to be documented', 'unknown', 'documented'],
    ['when its crew turned out to be documented after all', 'live', 'documented'],
  ] as const)('%s', async (_, dialect, then) => {
    const run = await started({ dialect });
    await run.clock.advance(dialect === 'live' ? 0 : 60 * MINUTE);
    expect(told(run)).toEqual([0, 0]);
    run.dialects.become(then);
    await run.clock.advance(60 * MINUTE);
    expect(told(run)).toEqual([0, 0]);
    expect(await listToCheck(run)).toEqual([]);
  });
});

test('a run recorded before its crew was known to be live is reported once that is known', async () => {
  const run = await started({ dialect: 'unknown' });
  await run.clock.advance(5 * MINUTE);
  run.dialects.become('live');
  await run.clock.advance(6 * MINUTE);
  expect(told(run)).toEqual([1, 1]);
});

test('a run of a crew that was removed from the settings is not reported, and not looked at again', async () => {
  const run = createRun();
  await run.receives(aTask('draft'));
  await run.clock.advance(20 * MINUTE);
  await reportUnseenPauses(
    buildTestApp({
      ...run.app,
      crews: new Map(),
      announce: async (channel, { kind, crew }) => void run.announced.push({ channel, kind, crew }),
      log: { info() {}, warn() {}, error() {} },
    }),
  );
  expect(run.announced).toEqual([]);
  expect(await listToCheck(run)).toEqual([]);
});
