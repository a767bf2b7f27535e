import type { Clock } from './ports.ts';

export interface Turn {
  /** A channel or a crew. */
  target: string;
  /** How many may be under way at once for this target. */
  most: number;
  /** How long after one spaced piece of work the next may start, in milliseconds; 0: not spaced. */
  spacing: number;
  /** A person waits for it: it goes before what nobody waits for. */
  urgent: boolean;
  work: () => Promise<void>;
}

interface Queue {
  running: number;
  waiting: Turn[];
  nextSpacedAt: number;
  pausedUntil: number;
  cancelTimer?: () => void;
}

/** Lets calls to each channel and each crew take turns: so many at once, so far apart, a waiting person first. */
export function createTurns(clock: Clock) {
  const queues = new Map<string, Queue>();
  let stopped = false;
  let running = 0;
  let idle: (() => void) | undefined;

  function take(turn: Turn): void {
    if (stopped) return;
    const queue = queueOf(turn.target);
    const before = turn.urgent ? queue.waiting.findIndex((other) => !other.urgent) : -1;
    if (before === -1) queue.waiting.push(turn);
    else queue.waiting.splice(before, 0, turn);
    advance(turn.target);
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
      const at = queue.waiting.findIndex((turn) => queue.running < turn.most && startsAt(queue, turn) <= now);
      if (at === -1) break;
      start(queue, queue.waiting.splice(at, 1)[0] as Turn, now);
    }
    const able = queue.waiting.filter((turn) => queue.running < turn.most);
    if (able.length > 0) {
      const wait = Math.max(1, Math.min(...able.map((turn) => startsAt(queue, turn))) - clock.now());
      queue.cancelTimer = clock.after(wait, () => advance(target));
    } else if (queue.running + queue.waiting.length === 0 && restedAt(queue) <= clock.now()) {
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
    const queue = queues.get(target) ?? { running: 0, waiting: [], nextSpacedAt: 0, pausedUntil: 0 };
    queues.set(target, queue);
    return queue;
  }

  /** Starts nothing more; resolves once what is under way has ended. */
  async function stop(): Promise<void> {
    stopped = true;
    for (const queue of queues.values()) {
      queue.waiting = [];
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

function startsAt(queue: Queue, turn: Turn): number {
  return Math.max(queue.pausedUntil, turn.spacing > 0 ? queue.nextSpacedAt : 0);
}
