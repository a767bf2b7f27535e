import { performance } from 'node:perf_hooks';
import type { Clock } from '../../approval/ports.ts';
import { after } from '../system-clock.ts';

const SYNC_EVERY = 10_000;

/**
 * The clock of a store's server, so that the leases of all replicas are measured by one: asked now and then, carried on
 * by this machine's monotonic clock, so that its wall clock may jump. Rejects when the server cannot be asked at first.
 */
export async function createServerClock(
  serverTime: () => Promise<number>,
): Promise<{ clock: Clock; ahead: number; stop: () => void }> {
  let offset = 0;
  let stopped = false;
  let cancel = () => {};

  async function sync(): Promise<void> {
    const before = performance.now();
    const time = await serverTime();
    const after = performance.now();
    offset = time - (before + after) / 2;
  }

  function syncAgain(): void {
    cancel = after(SYNC_EVERY, () => {
      // The last offset stays good for as long as the server is away.
      sync()
        .catch(() => {})
        .finally(() => {
          if (!stopped) syncAgain();
        });
    });
  }

  await sync();
  syncAgain();
  return {
    /** How far this machine's own clock is ahead, in milliseconds. */
    ahead: Math.round(Date.now() - (performance.now() + offset)),
    clock: { now: () => Math.floor(performance.now() + offset), after },
    stop: () => {
      stopped = true;
      cancel();
    },
  };
}
