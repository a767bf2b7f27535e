// The limits of tests, which grow with what the machine has to do besides, and what a run says of those that were reached.
import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

const VARIABLE = 'CREW_APPROVALS_SLOWNESS';
/** How long the measured work takes on a quiet machine, in milliseconds. */
const QUIET = 10;
/** A machine that is slower still is too busy for these tests. */
const MOST = 8;

// Measured once: the workers of a run inherit the variable.
process.env[VARIABLE] ??= String(measureSlowness());

/** How many times slower than a quiet machine this one was when the run began; at least 1. */
const SLOWNESS = Math.max(1, Number(process.env[VARIABLE]) || 1);

/** In CI, a run itself keeps the machine busy that was quiet when it began: by up to 3.5 times, seen on two cores. */
const OWN_LOAD = process.env.CI ? 2 : 1;

/** How long a test waits on this machine, given how long it waits on a quiet one. */
export const scaleLimit = (milliseconds: number): number => Math.round(milliseconds * SLOWNESS * OWN_LOAD);

/** From how long the same work took each time, in milliseconds. The median: a single pause says nothing of the machine. */
export function slownessOf(times: readonly number[]): number {
  const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? QUIET;
  return Math.min(MOST, Math.max(1, Math.round((median / QUIET) * 10) / 10));
}

/** By the clock on the wall, since other processes count. The first time is of code that is not compiled yet. */
function measureSlowness(): number {
  const times = Array.from({ length: 8 }, () => {
    const since = performance.now();
    for (let at = 0, seed = 1; at < 8_000_000; at += 1) seed = (Math.imul(seed, 1_103_515_245) + 12_345) | 0;
    return performance.now() - since;
  });
  return slownessOf(times.slice(1));
}

type Wait = (predicate: never, options: { timeoutMs?: number; what: string }) => unknown;

/** The waits for a change of a workspace or a platform last as long as this machine needs. */
export function scaleWaits(simulated: { changed: Wait }): void {
  const changed = simulated.changed.bind(simulated);
  simulated.changed = (predicate, { timeoutMs = 30_000, ...options }) =>
    changed(predicate, { ...options, timeoutMs: scaleLimit(timeoutMs) });
}

/** What vitest says when a limit is reached, and what the waits of these tests say. */
const REACHED = [
  /^(?:Test|Hook) timed out in \d+ms/,
  /^The \w+ phase of "\w+" hook timed out after \d+ms/,
  /^Timed out in wait(?:For|Until)!/,
  /^Matcher did not succeed in time\./,
  /\b(?:not|did not come) within \d+ ms/,
];

/** Whether a limit was reached: it says so itself, or what caused it does. */
export function isTimeOut(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name, message, cause } = error as { name?: unknown; message?: unknown; cause?: unknown };
  const isReached = typeof message === 'string' && REACHED.some((words) => words.test(message));
  // Playwright and AbortSignal.timeout name their errors so.
  return isReached || name === 'TimeoutError' || isTimeOut(cause);
}

/** Says at the end of a run which failures are time-outs, which a busy machine can cause. */
export class TimeOutReporter implements Reporter {
  onInit(): void {
    if (SLOWNESS > 1) console.log(`The limits of tests are × ${SLOWNESS}: this machine is busy or slow.`);
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const failed = modules.flatMap((module) => listFailures(module));
    const late = failed.filter(({ first }) => isTimeOut(first));
    if (failed.length === 0) return;
    const now = `limits × ${SLOWNESS}; this machine now needs × ${measureSlowness()} the time of a quiet one`;
    console.log(`Failures by a time-out: ${late.length} of ${failed.length} (${now})`);
    for (const { name } of late) console.log(`  ${name}`);
  }
}

/** The tests, and the hooks of suites, that failed; with the first error, which caused the others. */
function listFailures(module: TestModule): { name: string; first: unknown }[] {
  const file = relative(process.cwd(), module.moduleId);
  const nameOf = (of: TestCase | TestSuite) => `${file} > ${of.fullName}`;
  return [
    { name: file, first: module.errors()[0] },
    ...[...module.children.allSuites()].map((of) => ({ name: nameOf(of), first: of.errors()[0] })),
    ...[...module.children.allTests('failed')].map((of) => ({
      name: nameOf(of),
      first: of.result().errors?.[0],
    })),
  ].filter(({ first }) => first !== undefined);
}
