import { type Clock, type Priority, priorities } from '../ports.ts';

/** How much of something may be done. */
export interface Limit {
  /** How many may be under way at once. */
  atOnce: number;
  /** How many may start per minute; undefined: any number. */
  perMinute?: number;
  /** How many of these may start together after a rest; 1 by default. */
  burst?: number;
  /** How many of the burst are kept for what a person is waiting for. */
  reserved?: number;
}

export interface Turn {
  /** What is limited: a method, a channel, a crew. */
  target: string;
  limit: Limit;
  priority: Priority;
  /** False: there was nothing to do, so it does not count. */
  work: () => Promise<boolean>;
}

interface Queue {
  limit: Limit;
  running: number;
  /** By priority, each in its order. Only the first of each is looked at: thousands may wait. */
  lines: Record<Priority, Turn[]>;
  /** How many may start now, as of `countedAt`. */
  left: number;
  countedAt: number;
  /** The share of the limit that is used: less after a refusal. */
  pace: number;
  pausedUntil: number;
  cancelTimer?: () => void;
}

const MINUTE = 60_000;
/** A refusal halves the pace, down to this. */
const SLOWEST = 1 / 8;
/** How much of the pace comes back per minute. */
const WON_BACK = 0.1;

/** Lets calls to each target take turns: this many at once, this many per minute, by priority. What cannot wait is counted. */
export class RateLimits {
  private readonly clock: Clock;
  private readonly queues = new Map<string, Queue>();
  private stopped = false;
  private running = 0;
  private onIdle: (() => void) | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  take(turn: Turn): void {
    if (this.stopped) return;
    const line = this.findQueue(turn.target, turn.limit).lines[turn.priority];
    line.push(turn);
    // Behind another turn it does not change which one is next.
    if (line.length === 1) this.advance(turn.target);
  }

  /** Whether a turn for this target would start at once. */
  isFree(target: string, limit: Limit): boolean {
    if (this.stopped) return false;
    const queue = this.queues.get(target);
    const now = this.clock.now();
    if (!queue) return limit.atOnce > 0;
    refill(queue, now);
    return priorities.every((one) => queue.lines[one].length === 0) && startsAt(queue, 'new', now) <= now;
  }

  /**
   * Counts a call that starts now, without a turn and whether or not the process is stopping. If none may start yet, counts
   * nothing and returns how long until one may, in milliseconds.
   */
  startNow(target: string, limit: Limit): number | undefined {
    const queue = this.findQueue(target, limit);
    const now = this.clock.now();
    refill(queue, now);
    const wait = startsAt(queue, 'new', now) - now;
    if (wait > 0) return wait;
    queue.left -= 1;
    return undefined;
  }

  /** Starts nothing for this target for this long, in milliseconds, and then half as much per minute as before. */
  pause(target: string, limit: Limit, milliseconds: number): void {
    const now = this.clock.now();
    const queue = this.findQueue(target, limit);
    refill(queue, now);
    queue.pausedUntil = Math.max(queue.pausedUntil, now + milliseconds);
    queue.pace = Math.max(SLOWEST, queue.pace / 2);
    queue.left = Math.min(queue.left, 0);
  }

  /** Starts nothing more; resolves once what is under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const queue of this.queues.values()) {
      queue.lines = { clicked: [], new: [], tidy: [] };
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
      const priority = priorities.find((one) => queue.lines[one][0] && startsAt(queue, one, now) <= now);
      const next = priority && queue.lines[priority].shift();
      if (!next) break;
      this.start(queue, next);
    }
    const now = this.clock.now();
    const waiting = priorities.filter((one) => queue.lines[one].length > 0);
    const soonest = Math.min(...waiting.map((one) => startsAt(queue, one, now)));
    if (soonest < Number.POSITIVE_INFINITY) {
      const wait = Math.max(1, Math.ceil(soonest - now));
      queue.cancelTimer = this.clock.after(wait, () => this.advance(target));
    } else if (
      queue.running === 0 &&
      queue.pausedUntil <= now &&
      queue.pace === 1 &&
      queue.left >= mostLeft(queue)
    ) {
      // Nothing has to be remembered about this target.
      this.queues.delete(target);
    }
  }

  private start(queue: Queue, turn: Turn): void {
    queue.running += 1;
    queue.left -= 1;
    this.running += 1;
    void turn
      .work()
      .then((done) => {
        if (!done) queue.left += 1;
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
      lines: { clicked: [], new: [], tidy: [] },
      left: limit.burst ?? 1,
      countedAt: this.clock.now(),
      pace: 1,
      pausedUntil: 0,
    };
    this.queues.set(target, queue);
    return queue;
  }
}

/** Updates what is left, and the pace, to the time now. */
function refill(queue: Queue, now: number): void {
  const { limit, countedAt } = queue;
  const passed = Math.max(0, now - countedAt);
  // A pause is a time to wait, whatever the clock was set to meanwhile.
  if (now < countedAt) queue.pausedUntil -= countedAt - now;
  queue.countedAt = now;
  queue.left = Math.min(mostLeft(queue), queue.left + passed * perMillisecond(queue));
  queue.pace = Math.min(1, queue.pace + (passed / MINUTE) * WON_BACK);
  if (limit.perMinute === undefined) queue.left = Number.POSITIVE_INFINITY;
}

function mostLeft({ limit, pace }: Queue): number {
  return Math.max(1 + (limit.reserved ?? 0), Math.floor((limit.burst ?? 1) * pace));
}

function perMillisecond({ limit, pace }: Queue): number {
  return ((limit.perMinute ?? 0) * pace) / MINUTE;
}

/** When the next turn of this priority can start; never while the most are under way. */
function startsAt(queue: Queue, priority: Priority, now: number): number {
  if (queue.running >= queue.limit.atOnce) return Number.POSITIVE_INFINITY;
  const missing = 1 + (priority === 'clicked' ? 0 : (queue.limit.reserved ?? 0)) - queue.left;
  // What is left is counted in fractions: a millionth of a call is rounding.
  const refilled = missing > 1e-6 ? now + missing / perMillisecond(queue) : now;
  return Math.max(queue.pausedUntil, refilled);
}
