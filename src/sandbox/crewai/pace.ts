export interface Pace {
  /** Carries `step` out in a turn of its own, once nothing is held. */
  next(step: () => void): void;
  hold(): void;
  release(): void;
  /** Nothing is carried out any more. */
  stop(): void;
}

/**
 * Decides when runs move on: after `stepMs`, or at once if that is 0; while held, on release and in the order in which they came.
 */
export function createPace(stepMs: number): Pace {
  let held = false;
  let stopped = false;
  let waiting: (() => void)[] = [];

  function next(step: () => void): void {
    const move = () => {
      if (stopped) return;
      if (held) waiting.push(step);
      else step();
    };
    if (stepMs > 0) setTimeout(move, stepMs).unref();
    else setImmediate(move);
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
