import type { ApprovalStore, Clock } from '../../../src/approval/ports.ts';

const NEVER = new Promise<never>(() => {});

/**
 * Creates the store and the clock of a process. After `kill` the process gets no answers and no timers, as after kill
 * -9.
 */
export function createMortal(store: ApprovalStore, clock: Clock) {
  let alive = true;
  const mortalClock: Clock = {
    now: clock.now,
    after: (milliseconds, callback) => clock.after(milliseconds, () => alive && callback()),
  };
  const mortalStore = Object.fromEntries(
    Object.entries(store).map(([method, call]) => [
      method,
      (...args: unknown[]) => (alive ? (call as (...args: unknown[]) => Promise<unknown>)(...args) : NEVER),
    ]),
  ) as unknown as ApprovalStore;
  return {
    store: mortalStore,
    clock: mortalClock,
    kill() {
      alive = false;
    },
  };
}
