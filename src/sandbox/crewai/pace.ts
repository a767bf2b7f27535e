export interface Pace {
  /** Calls `step` after the delay of this pace; while held, after the release. */
  next(step: () => void): void;
  hold(): void;
  release(): void;
  /** Drops waiting and later steps. */
  stop(): void;
}

/**
 * Creates a pace, which decides when runs continue: after `stepMs`, or in the next turn of the event loop if `stepMs` is 0.
 * Steps that become due while held are delayed again at the release and keep their order.
 */
export function createPace(stepMs: number): Pace {
  let held = false;
  let stopped = false;
  let waitingSteps: (() => void)[] = [];

  function next(step: () => void): void {
    const callStep = () => {
      if (stopped) return;
      if (held) waitingSteps.push(step);
      else step();
    };
    if (stepMs > 0) setTimeout(callStep, stepMs).unref();
    else setImmediate(callStep);
  }

  return {
    next,
    hold() {
      held = true;
    },
    release() {
      held = false;
      const steps = waitingSteps;
      waitingSteps = [];
      for (const step of steps) next(step);
    },
    stop() {
      stopped = true;
      waitingSteps = [];
    },
  };
}
