import { performance } from 'node:perf_hooks';
import type { SlackTime } from './slack-time.ts';

/** Slack tells a person after 3 s that a click failed: an older click than this decides nothing, in milliseconds. */
export const MAX_DECIDING_AGE = 10_000;
/** Slack does not accept an ack after 3 s; with the error of an age, in milliseconds. */
export const MAX_ACKED_AGE = 5_000;
const TICK = 250;
/** A shorter stall of the event loop does not count, in milliseconds. */
const SHORTEST_STALL = 1_000;
/** Requests that are read this soon after a stall waited through it, in milliseconds. */
const READ_AFTER_STALL = 2_000;

/** The parts of Slack's payload that tell the age and the effect of an interaction. */
export interface Interaction {
  type?: unknown;
  command?: unknown;
  text?: unknown;
  actions?: readonly { action_id?: unknown; action_ts?: unknown }[];
}

/**
 * Computes how old clicks are: Slack has already reported a click as failed that waited in a frozen process, so the person
 * may have decided otherwise since.
 */
export class LateClicks {
  readonly #slackTime: Pick<SlackTime, 'now'>;
  readonly #monotonic: () => number;
  readonly #ticking: NodeJS.Timeout;
  #tickedAt: number;
  #stall = { endedAt: Number.NEGATIVE_INFINITY, length: 0 };

  constructor({
    slackTime,
    monotonic = () => performance.now(),
  }: {
    slackTime: Pick<SlackTime, 'now'>;
    monotonic?: () => number;
  }) {
    this.#slackTime = slackTime;
    this.#monotonic = monotonic;
    this.#tickedAt = monotonic();
    this.#ticking = setInterval(() => this.#recordStall(), TICK).unref();
  }

  close(): void {
    clearInterval(this.#ticking);
  }

  /** The age in milliseconds, by Slack's time stamp if there is one; 0 if it cannot be computed. */
  ageOf({ actions }: Interaction, requestTimestamp: string | undefined): number {
    const sentAt = Number(requestTimestamp ?? actions?.[0]?.action_ts);
    if (Number.isNaN(sentAt) || sentAt <= 0) return this.#measureStall();
    const now = this.#slackTime.now();
    return now === undefined ? 0 : now - sentAt * 1_000;
  }

  /** How long the event loop stalled before what is read now, in milliseconds. */
  #measureStall(): number {
    if (this.#monotonic() - this.#tickedAt - TICK > SHORTEST_STALL) this.#recordStall();
    return this.#monotonic() - this.#stall.endedAt <= READ_AFTER_STALL ? this.#stall.length : 0;
  }

  #recordStall(): void {
    const now = this.#monotonic();
    const length = now - this.#tickedAt - TICK;
    // Requests that waited through an earlier stall may still be unread.
    const previousLength = this.#tickedAt - this.#stall.endedAt <= READ_AFTER_STALL ? this.#stall.length : 0;
    if (length > SHORTEST_STALL) this.#stall = { endedAt: now, length: Math.max(length, previousLength) };
    this.#tickedAt = now;
  }
}
