import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { isTimeOut, scaleLimit, scaleWaits, slownessOf } from './limits.ts';
import { until } from './until.ts';

describe('how slow a machine is', () => {
  test.each([
    ['a quiet one', [10, 11, 10], 1],
    ['a faster one', [2, 3, 2], 1],
    ['one that paused once', [10, 10, 900, 10, 10], 1],
    ['one that is shared by others', [22, 31, 23, 20, 40], 2.3],
    ['one that is far too busy', [4_000, 5_000, 6_000], 8],
    ['nothing that was measured', [], 1],
  ])('is known from the times of %s', (_, times, slowness) => {
    expect(slownessOf(times)).toBe(slowness);
  });

  test('makes the limits of tests longer, and the waits for a change', () => {
    expect(scaleLimit(1_000)).toBeGreaterThanOrEqual(1_000);
    const changed = vi.fn((_predicate: () => boolean, _options: { timeoutMs?: number; what: string }) => {});
    const look = () => true;
    const simulated: { changed: typeof changed } = { changed };
    scaleWaits(simulated);
    simulated.changed(look, { what: 'a card' });
    simulated.changed(look, { what: 'a socket', timeoutMs: 100 });
    expect(changed.mock.calls).toEqual([
      [look, { what: 'a card', timeoutMs: scaleLimit(30_000) }],
      [look, { what: 'a socket', timeoutMs: scaleLimit(100) }],
    ]);
  });
});

describe('a time-out', () => {
  const failed = (promise: Promise<unknown>) =>
    promise.then(() => undefined).catch((error: unknown) => error);
  const never = () => {
    throw new Error('no card yet');
  };

  test.each<[string, () => Promise<unknown>]>([
    ['expect.poll', () => expect.poll(() => 1, { timeout: 20 }).toBe(2)],
    ['vi.waitUntil', () => vi.waitUntil(() => false, { timeout: 20 })],
    ['until, whose check fails', () => until(never, { within: 20 })],
    ['until, whose check does not end', () => until(() => new Promise(() => {}), { within: 20 })],
    ['a signal of its own', () => fetch('http://127.0.0.1:1', { signal: AbortSignal.abort(timedOut()) })],
  ])('of %s is known as one', async (_, wait) => {
    expect(isTimeOut(await failed(wait()))).toBe(true);
  });

  test.each([
    ['no log line "ready": not within 30000 ms\n'],
    ['Error: not within 60000 ms: a card\nseen: []'],
    ['CrewAI platform: /resume did not come within 30000 ms'],
  ])('is known by what the waits of these tests say: %j', (message) => {
    expect(isTimeOut(new Error(message))).toBe(true);
    expect(isTimeOut(new Error('the property failed', { cause: new Error(message) }))).toBe(true);
  });

  test('is no other failure', async () => {
    const others = [undefined, 'not within 5 ms', new Error('no answer within 30 ms'), new TypeError('x')];
    const unequal = await failed(Promise.resolve().then(() => expect({ a: 1 }).toEqual({ a: 2 })));
    expect([...others, unequal].map(isTimeOut)).toEqual([false, false, false, false, false]);
  });

  const timedOut = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');
});

test('the end of a run names the tests and hooks that failed by a time-out, and counts the other failures', () => {
  const root = mkdtempSync(join(tmpdir(), 'crew-approvals-limits-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const limits = join(import.meta.dirname, 'limits.ts');
  writeFileSync(
    join(root, 'vitest.config.ts'),
    `import { TimeOutReporter } from ${JSON.stringify(limits)};
     const reporters = [new TimeOutReporter()];
     export default { test: { globals: true, testTimeout: 50, hookTimeout: 50, reporters } };`,
  );
  writeFileSync(
    join(root, 'some.test.js'),
    `test('never ends', () => new Promise(() => {}));
     test('is wrong', () => expect(1).toBe(2));
     test('is right', () => {});
     describe('a suite', () => {
       beforeAll(() => new Promise(() => {}));
       test('is not run', () => {});
     });
     describe('after it', () => {
       afterEach(() => new Promise(() => {}));
       test('the hook does not end', () => {});
     });`,
  );
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const env = { ...process.env, CREW_APPROVALS_SLOWNESS: '2.5' };
  const { stdout, status } = spawnSync(process.execPath, [vitest, 'run', '--root', root], { env });
  const [first = '', ...lines] = String(stdout).trim().split('\n');
  expect(first).toBe('The limits of tests are × 2.5: this machine is busy or slow.');
  expect(lines[0]).toMatch(
    /^Failures by a time-out: 3 of 4 \(limits × 2\.5; this machine now needs × [\d.]+ /,
  );
  expect(lines.slice(1).map((line) => line.replace(/^.*some\.test\.js/, ''))).toEqual([
    ' > a suite',
    ' > never ends',
    ' > after it > the hook does not end',
  ]);
  expect(status).toBe(1);
});
