// Timeouts of tests, which grow with the load of the machine, and the report of failures by a timeout.
import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

const VARIABLE = 'CREW_APPROVALS_SLOWNESS';
/** Duration of the measured work on a quiet machine, in milliseconds. */
const QUIET_MS = 10;
/** Largest factor. A machine that is slower still is too busy for these tests. */
const MAX_SLOWNESS = 8;

// Measured once: the workers of a run inherit the variable.
process.env[VARIABLE] ??= String(measureSlowness());

/** How many times slower than a quiet machine this one was at the start of the run; at least 1. */
const SLOWNESS = Math.max(1, Number(process.env[VARIABLE]) || 1);

/** In CI, the run itself loads a machine that was quiet at the start: up to 3.5 times slower was seen on two cores. */
const OWN_LOAD = process.env.CI ? 2 : 1;

/** Scales a timeout from a quiet machine to this one. */
export const scaleLimit = (milliseconds: number): number => Math.round(milliseconds * SLOWNESS * OWN_LOAD);

/**
 * Computes the slowness from the durations of the same work, in milliseconds. Uses the median: a single pause says
 * nothing about the machine.
 */
export function slownessOf(times: readonly number[]): number {
  const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? QUIET_MS;
  return Math.min(MAX_SLOWNESS, Math.max(1, Math.round((median / QUIET_MS) * 10) / 10));
}

/**
 * Measures by the wall clock, since other processes count. The first time is left out: its code is not compiled yet.
 */
function measureSlowness(): number {
  const times = Array.from({ length: 8 }, () => {
    const since = performance.now();
    for (let at = 0, seed = 1; at < 8_000_000; at += 1) seed = (Math.imul(seed, 1_103_515_245) + 12_345) | 0;
    return performance.now() - since;
  });
  return slownessOf(times.slice(1));
}

type Wait = (predicate: never, options: { timeoutMs?: number; what: string }) => unknown;

/** Scales the timeouts of the waits for a change of a workspace or platform to this machine. */
export function scaleWaits(simulated: { changed: Wait }): void {
  const changed = simulated.changed.bind(simulated);
  simulated.changed = (predicate, { timeoutMs = 30_000, ...options }) =>
    changed(predicate, { ...options, timeoutMs: scaleLimit(timeoutMs) });
}

/** Messages of vitest, and of the waits in these tests, when a timeout is reached. */
const REACHED = [
  /^(?:Test|Hook) timed out in \d+ms/,
  /^The \w+ phase of "\w+" hook timed out after \d+ms/,
  /^Timed out in wait(?:For|Until)!/,
  /^Matcher did not succeed in time\./,
  /\b(?:not|did not come) within \d+ ms/,
];

/** True if the error, or what caused it, is a timeout. */
export function isTimeOut(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name, message, cause } = error as { name?: unknown; message?: unknown; cause?: unknown };
  const isReached = typeof message === 'string' && REACHED.some((words) => words.test(message));
  // Playwright and AbortSignal.timeout give their errors this name.
  return isReached || name === 'TimeoutError' || isTimeOut(cause);
}

/** Reports at the end of a run which failures are timeouts, which a busy machine can cause. */
export class TimeOutReporter implements Reporter {
  onInit(): void {
    if (SLOWNESS > 1) console.log(`The limits of tests are × ${SLOWNESS}: this machine is busy or slow.`);
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const failed = modules.flatMap((module) => listFailures(module));
    const timeOuts = failed.filter(({ first }) => isTimeOut(first));
    if (failed.length === 0) return;
    const now = `limits × ${SLOWNESS}; this machine now needs × ${measureSlowness()} the time of a quiet one`;
    console.log(`Failures by a time-out: ${timeOuts.length} of ${failed.length} (${now})`);
    for (const { name } of timeOuts) console.log(`  ${name}`);
  }
}

/** Lists the tests and hooks that failed, each with its first error, which caused the others. */
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
