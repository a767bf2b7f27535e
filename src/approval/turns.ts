import type { Clock } from './ports.ts';

export interface Turn {
  /** A channel or a crew. */
  target: string;
  /** How many may be under way at once for this target. */
  most: number;
  /** How long after one spaced piece of work the next may start, in milliseconds; 0: not spaced, so it goes before those. */
  spacing: number;
  work: () => Promise<void>;
}

interface Queue {
  running: number;
  /** What is not spaced, and what is; each in its order. Only the first of each is looked at: thousands may wait. */
  lines: [Turn[], Turn[]];
  nextSpacedAt: number;
  pausedUntil: number;
  cancelTimer?: () => void;
}

/** Lets calls to each channel and each crew take turns: so many at once, so far apart, what is not spaced first. */
export function createTurns(clock: Clock) {
  const queues = new Map<string, Queue>();
  let stopped = false;
  let running = 0;
  let idle: (() => void) | undefined;

  function take(turn: Turn): void {
    if (stopped) return;
    const line = queueOf(turn.target).lines[turn.spacing === 0 ? 0 : 1];
    line.push(turn);
    // Behind another it changes nothing about who is next.
    if (line.length === 1) advance(turn.target);
  }

  /** Nothing for this target starts for so many milliseconds. */
  function pause(target: string, milliseconds: number): void {
    const queue = queueOf(target);
    queue.pausedUntil = Math.max(queue.pausedUntil, clock.now() + milliseconds);
  }

  function advance(target: string): void {
    const queue = queueOf(target);
    queue.cancelTimer?.();
    delete queue.cancelTimer;
    for (;;) {
      const now = clock.now();
      const line = queue.lines.find(([first]) => first && startsAt(queue, first) <= now);
      const next = line?.shift();
      if (!next) break;
      start(queue, next, now);
    }
    const heads = queue.lines.flatMap(([first]) => (first ? [startsAt(queue, first)] : []));
    const soonest = Math.min(...heads);
    if (soonest < Number.POSITIVE_INFINITY) {
      queue.cancelTimer = clock.after(Math.max(1, soonest - clock.now()), () => advance(target));
    } else if (queue.running === 0 && heads.length === 0 && restedAt(queue) <= clock.now()) {
      queues.delete(target);
    }
  }

  function start(queue: Queue, turn: Turn, now: number): void {
    queue.running += 1;
    running += 1;
    if (turn.spacing > 0) queue.nextSpacedAt = now + turn.spacing;
    void turn.work().finally(() => {
      queue.running -= 1;
      running -= 1;
      if (stopped) {
        if (running === 0) idle?.();
      } else advance(turn.target);
    });
  }

  function queueOf(target: string): Queue {
    const queue = queues.get(target) ?? {
      running: 0,
      lines: [[], []],
      nextSpacedAt: 0,
      pausedUntil: 0,
    };
    queues.set(target, queue);
    return queue;
  }

  /** Starts nothing more; resolves once what is under way has ended. */
  async function stop(): Promise<void> {
    stopped = true;
    for (const queue of queues.values()) {
      queue.lines = [[], []];
      queue.cancelTimer?.();
    }
    if (running > 0) await new Promise<void>((resolve) => (idle = resolve));
  }

  return { take, pause, stop };
}

/** From when on nothing has to be remembered of a target. */
function restedAt(queue: Queue): number {
  return Math.max(queue.nextSpacedAt, queue.pausedUntil);
}

/** Never while as many are under way as may be. */
function startsAt(queue: Queue, turn: Turn): number {
  if (queue.running >= turn.most) return Number.POSITIVE_INFINITY;
  return Math.max(queue.pausedUntil, turn.spacing > 0 ? queue.nextSpacedAt : 0);
}
