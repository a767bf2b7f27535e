import { vi } from 'vitest';
import { scaleLimit } from './limits.ts';

/** Generous: results arrive long before. In milliseconds. */
const PATIENCE = 30_000;

/** Calls `check` until it neither throws nor rejects, and returns its result. */
export async function until<T>(
  check: () => T | Promise<T>,
  { interval = 10, within = PATIENCE } = {},
): Promise<T> {
  const timeout = scaleLimit(within);
  try {
    return await vi.waitFor(check, { timeout, interval });
  } catch (error) {
    // The error is the last one of `check`, which does not say that it ended a wait.
    if (error instanceof Error) error.cause ??= new Error(`not within ${timeout} ms`);
    throw error;
  }
}
