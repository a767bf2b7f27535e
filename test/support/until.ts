import { vi } from 'vitest';

/** Generous, since a busy machine takes long: what comes at all comes well before. In milliseconds. */
const PATIENCE = 30_000;

/** Calls it until it neither throws nor rejects, and gives what it gave. */
export function until<T>(check: () => T | Promise<T>, interval = 10): Promise<T> {
  return vi.waitFor(check, { timeout: PATIENCE, interval });
}
