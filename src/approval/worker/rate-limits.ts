import { type Clock, type Priority, priorities } from '../ports.ts';

/** Limit on calls to one target. */
export interface Limit {
  /** Most calls under way at once. */
  atOnce: number;
  /** Most calls started per minute; absent: any number. */
  perMinute?: number;
  /** Most calls started together after a rest; absent: 1. */
  burst?: number;
  /** Calls kept for people who are waiting (`clicked`); absent: none. */
  reserved?: number;
}

export interface Turn {
  /** A Slack method, a channel, a crew, a program's host, or the timers. */
  target: string;
  limit: Limit;
  priority: Priority;
  /** Does the work of this turn. False: no call was made, so the turn does not count. */
  work: () => Promise<boolean>;
}

interface Queue {
  limit: Limit;
  running: number;
  /** Waiting turns by priority, in their order. The queue only looks at the first of each: thousands may wait. */
  lines: Record<Priority, Turn[]>;
  /** Number of calls that may start, as of `countedAt`. */
  callsLeft: number;
  countedAt: number;
  /** Share of the limit in use: less than 1 after a refusal. */
  pace: number;
  pausedUntil: number;
  cancelTimer?: () => void;
}

const MINUTE = 60_000;
/** Lowest pace. Each refusal halves the pace, down to this. */
const LOWEST_PACE = 1 / 8;
/** Increase of the pace per minute after a refusal. */
const PACE_GAIN = 0.1;

/**
 * Lets the calls to each target take turns: a number at once, a number per minute, by priority. Calls that cannot wait are
 * counted, too.
 */
export class RateLimits {
  private readonly clock: Clock;
  private readonly queues = new Map<string, Queue>();
  private stopped = false;
  private running = 0;
  private onIdle: (() => void) | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  enqueue(turn: Turn): void {
    if (this.stopped) return;
    const line = this.findQueue(turn.target, turn.limit).lines[turn.priority];
    line.push(turn);
    // A turn behind another one does not change which turn is next.
    if (line.length === 1) this.advance(turn.target);
  }

  /** True if a turn without a click could start at once. */
  isFree(target: string, limit: Limit): boolean {
    if (this.stopped) return false;
    const queue = this.queues.get(target);
    const now = this.clock.now();
    if (!queue) return limit.atOnce > 0;
    refill(queue, now);
    return (
      priorities.every((priority) => queue.lines[priority].length === 0) &&
      findStartTime(queue, 'new', now) <= now
    );
  }

  /**
   * Counts a call that starts now without a turn, even while the process stops. If no call may start yet, counts nothing and
   * returns the wait, in milliseconds.
   */
  startNow(target: string, limit: Limit): number | undefined {
    const queue = this.findQueue(target, limit);
    const now = this.clock.now();
    refill(queue, now);
    const wait = findStartTime(queue, 'new', now) - now;
    if (wait > 0) return wait;
    queue.callsLeft -= 1;
    return undefined;
  }

  /** Starts nothing for this target for this many milliseconds, then continues at half the pace. */
  pause(target: string, limit: Limit, milliseconds: number): void {
    const now = this.clock.now();
    const queue = this.findQueue(target, limit);
    refill(queue, now);
    queue.pausedUntil = Math.max(queue.pausedUntil, now + milliseconds);
    queue.pace = Math.max(LOWEST_PACE, queue.pace / 2);
    queue.callsLeft = Math.min(queue.callsLeft, 0);
  }

  /** Starts nothing more. Resolves once the running calls have ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const queue of this.queues.values()) {
      queue.lines = { clicked: [], new: [], background: [] };
      queue.cancelTimer?.();
    }
    if (this.running > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
  }

  private advance(target: string): void {
    const queue = this.queues.get(target);
    if (!queue) return;
    queue.cancelTimer?.();
    delete queue.cancelTimer;
    for (;;) {
      const now = this.clock.now();
      refill(queue, now);
      const priority = priorities.find(
        (candidate) => queue.lines[candidate][0] && findStartTime(queue, candidate, now) <= now,
      );
      const nextTurn = priority && queue.lines[priority].shift();
      if (!nextTurn) break;
      this.start(queue, nextTurn);
    }
    const now = this.clock.now();
    const waitingPriorities = priorities.filter((priority) => queue.lines[priority].length > 0);
    const soonestStart = Math.min(
      ...waitingPriorities.map((priority) => findStartTime(queue, priority, now)),
    );
    if (soonestStart < Number.POSITIVE_INFINITY) {
      const wait = Math.max(1, Math.ceil(soonestStart - now));
      queue.cancelTimer = this.clock.after(wait, () => this.advance(target));
    } else if (
      queue.running === 0 &&
      queue.pausedUntil <= now &&
      queue.pace === 1 &&
      queue.callsLeft >= computeMostLeft(queue)
    ) {
      // The queue is at rest: a new one would have the same state.
      this.queues.delete(target);
    }
  }

  private start(queue: Queue, turn: Turn): void {
    queue.running += 1;
    queue.callsLeft -= 1;
    this.running += 1;
    void turn
      .work()
      .then((madeCall) => {
        if (!madeCall) queue.callsLeft += 1;
      })
      .finally(() => {
        queue.running -= 1;
        this.running -= 1;
        if (!this.stopped) this.advance(turn.target);
        else if (this.running === 0) this.onIdle?.();
      });
  }

  private findQueue(target: string, limit: Limit): Queue {
    const queue = this.queues.get(target) ?? {
      limit,
      running: 0,
      lines: { clicked: [], new: [], background: [] },
      callsLeft: limit.burst ?? 1,
      countedAt: this.clock.now(),
      pace: 1,
      pausedUntil: 0,
    };
    this.queues.set(target, queue);
    return queue;
  }
}

/** Updates `callsLeft` and `pace` to the present time. */
function refill(queue: Queue, now: number): void {
  const { limit, countedAt } = queue;
  const elapsed = Math.max(0, now - countedAt);
  // If the clock was set back, the pause keeps its length.
  if (now < countedAt) queue.pausedUntil -= countedAt - now;
  queue.countedAt = now;
  queue.callsLeft = Math.min(computeMostLeft(queue), queue.callsLeft + elapsed * computeRate(queue));
  queue.pace = Math.min(1, queue.pace + (elapsed / MINUTE) * PACE_GAIN);
  if (limit.perMinute === undefined) queue.callsLeft = Number.POSITIVE_INFINITY;
}

function computeMostLeft({ limit, pace }: Queue): number {
  return Math.max(1 + (limit.reserved ?? 0), Math.floor((limit.burst ?? 1) * pace));
}

function computeRate({ limit, pace }: Queue): number {
  return ((limit.perMinute ?? 0) * pace) / MINUTE;
}

/** Returns when the next turn of this priority can start; infinity: not before a running call ends. */
function findStartTime(queue: Queue, priority: Priority, now: number): number {
  if (queue.running >= queue.limit.atOnce) return Number.POSITIVE_INFINITY;
  const missingCalls = 1 + (priority === 'clicked' ? 0 : (queue.limit.reserved ?? 0)) - queue.callsLeft;
  // `callsLeft` is a fraction: a millionth of a call is rounding.
  const refilledAt = missingCalls > 1e-6 ? now + missingCalls / computeRate(queue) : now;
  return Math.max(queue.pausedUntil, refilledAt);
}
