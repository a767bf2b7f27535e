import { vi } from 'vitest';
import { scaleLimit } from './limits.ts';

/** Generous: what comes at all comes well before. In milliseconds. */
const PATIENCE = 30_000;

/** Calls it until it neither throws nor rejects, and gives what it gave. */
export async function until<T>(
  check: () => T | Promise<T>,
  { interval = 10, within = PATIENCE } = {},
): Promise<T> {
  const timeout = scaleLimit(within);
  try {
    return await vi.waitFor(check, { timeout, interval });
  } catch (error) {
    // It is the last error of the check, which does not say that it came at the end of a wait.
    if (error instanceof Error) error.cause ??= new Error(`not within ${timeout} ms`);
    throw error;
  }
}
