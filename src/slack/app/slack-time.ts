import { performance } from 'node:perf_hooks';
import { texts } from '../texts/texts.ts';

/** A slower answer says too little about when it was written, in milliseconds. */
const SLOWEST_ANSWER = 2_000;
/** The Date header has whole seconds, so it is half a second old on average. */
const HALF_A_SECOND = 500;
/** Operators are alerted if the host's clock is further from Slack's than this, in milliseconds. */
export const MAX_CLOCK_SKEW = 5_000;

/** A skew in a sentence; undefined if the clocks agree well enough. */
export function describeClockSkew(aheadMs: number): string | undefined {
  if (Math.abs(aheadMs) <= MAX_CLOCK_SKEW) return undefined;
  return texts.alerts.clock_skew({ aheadMs });
}

/**
 * Slack's clock, from the Date header of its answers and this machine's monotonic clock: the host's wall clock may be wrong
 * or jump. `onSkew`: called with how far the host's clock is ahead, in milliseconds, if that is over 5 s.
 */
export class SlackTime {
  readonly #monotonic: () => number;
  readonly #wall: () => number;
  readonly #onSkew: (aheadMs: number) => void;
  #offset: number | undefined;

  constructor({
    monotonic = () => performance.now(),
    wall = Date.now,
    onSkew = () => {},
  }: {
    monotonic?: () => number;
    wall?: () => number;
    onSkew?: (aheadMs: number) => void;
  } = {}) {
    this.#monotonic = monotonic;
    this.#wall = wall;
    this.#onSkew = onSkew;
  }

  /** Milliseconds since 1970 by Slack's clock; undefined until Slack has answered. */
  now(): number | undefined {
    return this.#offset === undefined ? undefined : this.#monotonic() + this.#offset;
  }

  /** How far the host's clock is ahead of Slack's, in milliseconds; 0 until Slack has answered. */
  skew(): number {
    const theirs = this.now();
    return theirs === undefined ? 0 : this.#wall() - theirs;
  }

  /** Takes the time from an answer that came between two moments of the monotonic clock. */
  observe(date: string | null, began: number, ended: number): void {
    const theirs = Date.parse(date ?? '');
    if (Number.isNaN(theirs) || ended - began > SLOWEST_ANSWER) return;
    this.#offset = theirs + HALF_A_SECOND - (began + ended) / 2;
    if (Math.abs(this.skew()) > MAX_CLOCK_SKEW) this.#onSkew(this.skew());
  }

  /** The global fetch, which also observes the time of the answers. */
  fetch: typeof globalThis.fetch = async (input, init) => {
    const began = this.#monotonic();
    const response = await globalThis.fetch(input, init);
    // A proxy's error page has the proxy's own time.
    const isSlacks = response.headers.get('content-type')?.includes('application/json') ?? false;
    if (isSlacks) this.observe(response.headers.get('date'), began, this.#monotonic());
    return response;
  };
}
