import type { Clock } from '../../src/approval/ports.ts';

/** A clock that only moves when a test advances it. */
export interface FakeClock extends Clock {
  /** Advances the clock timer by timer, and lets the work of each timer finish. In milliseconds. */
  advance(milliseconds: number): Promise<void>;
}

const MAX_TURNS = 60;

/**
 * Lets everything that waits for no timer finish: runs turns of the event loop until nothing waits for the next turn.
 */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (!process.getActiveResourcesInfo().includes('Immediate')) return;
  }
}

export function createFakeClock(start = 1_700_000_000_000): FakeClock {
  let time = start;
  let timers: { at: number; callback: () => void }[] = [];

  function after(milliseconds: number, callback: () => void) {
    const timer = { at: time + Math.max(0, milliseconds), callback };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  }

  async function advance(milliseconds: number) {
    const until = time + milliseconds;
    await settled();
    for (;;) {
      const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      time = Math.max(time, next.at);
      timers = timers.filter((other) => other !== next);
      next.callback();
      await settled();
    }
    time = until;
  }

  return { now: () => time, after, advance };
}
