import { performance } from 'node:perf_hooks';

/** A slower answer says too little about when it was written, in milliseconds. */
const SLOWEST_ANSWER = 2_000;
/** The Date of an answer has whole seconds: on average it is half a second old. */
const HALF_A_SECOND = 500;
/** A clock this far from Slack's is told to the operators, in milliseconds. */
export const SKEW_TOLD = 5_000;

/**
 * Slack's clock, from the Date header of its answers and carried on by this machine's monotonic clock: the host's wall
 * clock may be wrong or jump. `onSkew`: called with how far the host's clock is ahead, in milliseconds, when that is over 5 s.
 */
export function createSlackTime({
  monotonic = () => performance.now(),
  wall = Date.now,
  onSkew = () => {},
}: {
  monotonic?: () => number;
  wall?: () => number;
  onSkew?: (aheadMs: number) => void;
} = {}) {
  let offset: number | undefined;

  /** Milliseconds since 1970 by Slack's clock; undefined while it has not answered. */
  const now = () => (offset === undefined ? undefined : monotonic() + offset);

  /** How far the host's clock is ahead of Slack's, in milliseconds; 0 while Slack's is not known. */
  function skew(): number {
    const theirs = now();
    return theirs === undefined ? 0 : wall() - theirs;
  }

  /** Takes the time from an answer that came between two moments of the monotonic clock. */
  function observe(date: string | null, began: number, ended: number): void {
    const theirs = Date.parse(date ?? '');
    if (Number.isNaN(theirs) || ended - began > SLOWEST_ANSWER) return;
    offset = theirs + HALF_A_SECOND - (began + ended) / 2;
    if (Math.abs(skew()) > SKEW_TOLD) onSkew(skew());
  }

  /** The global fetch, whose answers are also looked at for their time. */
  const observedFetch: typeof globalThis.fetch = async (input, init) => {
    const began = monotonic();
    const response = await globalThis.fetch(input, init);
    // A proxy's error page carries the proxy's own time.
    const isSlacks = response.headers.get('content-type')?.includes('application/json') ?? false;
    if (isSlacks) observe(response.headers.get('date'), began, monotonic());
    return response;
  };

  return { now, skew, observe, fetch: observedFetch };
}

export type SlackTime = ReturnType<typeof createSlackTime>;

/** A skew in words; undefined when it is not worth a sentence. */
export function skewSentence(aheadMs: number): string | undefined {
  if (Math.abs(aheadMs) <= SKEW_TOLD) return undefined;
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  return `this machine's clock is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} Slack's: set it by NTP`;
}
