import type { Clock } from '../../src/approval/ports.ts';

/** A clock that only moves when it is told to. */
export interface FakeClock extends Clock {
  /** Moves on by so many milliseconds, timer by timer, letting the work that each one starts run to its end. */
  advance(milliseconds: number): Promise<void>;
}

const MOST_TURNS = 60;

/** Lets everything that waits for no timer run: turns of the event loop, until nothing waits for the next one. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
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
