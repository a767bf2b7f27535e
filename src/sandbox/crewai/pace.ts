export interface Pace {
  /** Carries `step` out in a turn of its own, once nothing is held. */
  next(step: () => void): void;
  hold(): void;
  release(): void;
  /** Nothing is carried out any more. */
  stop(): void;
}

/** Decides when runs move on: at once, or, while held, on release and in the order in which they came. */
export function createPace(): Pace {
  let held = false;
  let stopped = false;
  let waiting: (() => void)[] = [];

  function next(step: () => void): void {
    setImmediate(() => {
      if (stopped) return;
      if (held) waiting.push(step);
      else step();
    });
  }

  return {
    next,
    hold() {
      held = true;
    },
    release() {
      held = false;
      const steps = waiting;
      waiting = [];
      for (const step of steps) next(step);
    },
    stop() {
      stopped = true;
      waiting = [];
    },
  };
}
