import type { Clock } from '../approval/ports.ts';
import { AppError } from '../lib/errors.ts';
import type { RecordStore } from './record-store.ts';

/** When a bot last used the store, in milliseconds since 1970. A backup that we make has no such record. */
export const USAGE_KEY = 'usage/last';
const WRITTEN_EVERY = 60_000;
/** A store that was used within this time is in use, or was stopped just now, in milliseconds. */
const IN_USE_FOR = 5 * 60_000;

/** Keeps on record that the store is in use, so that a restored copy can be told from it. */
export function createUsage(records: RecordStore, clock: Clock) {
  let cancel = () => {};
  let closed = false;

  /** By the clock of then; undefined when it never was, or is not known. */
  async function lastUsedAt(): Promise<number | undefined> {
    const raw = await records.get(USAGE_KEY);
    const at = Number(raw);
    return raw === undefined || Number.isNaN(at) ? undefined : at;
  }

  /** Rejects with an AppError when the store was in use lately: then it is not a restored one. */
  async function requireRestored(): Promise<void> {
    const at = await lastUsedAt();
    if (at === undefined || clock.now() - at >= IN_USE_FOR) return;
    const seconds = Math.max(0, Math.round((clock.now() - at) / 1_000));
    throw new AppError(
      'store_in_use',
      `--restored is for a store that was restored from a backup, but a bot used this one ${seconds} s ago. Start without --restored.`,
    );
  }

  /** Writes it at once and then each minute, until closed. Never rejects: /readyz tells of a store that takes no writes. */
  async function start(): Promise<void> {
    await records.set(USAGE_KEY, String(clock.now())).catch(() => {});
    if (!closed) cancel = clock.after(WRITTEN_EVERY, () => void start());
  }

  function close(): void {
    closed = true;
    cancel();
  }

  return { lastUsedAt, requireRestored, start, close };
}
