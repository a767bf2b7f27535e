import { performance } from 'node:perf_hooks';
import { fetchThroughProxy } from '../../lib/proxy.ts';

/** A slower answer says too little about when it was written, in milliseconds. */
const SLOWEST_ANSWER = 2_000;
/** The Date header has whole seconds, so it is half a second old on average. */
const HALF_A_SECOND = 500;

/**
 * Slack's clock, from the Date header of its answers and this machine's monotonic clock: the host's wall clock may be wrong
 * or jump, and a click must not look too old by it.
 */
export class SlackTime {
  readonly #monotonic: () => number;
  #offset: number | undefined;

  constructor(monotonic = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  /** Milliseconds since 1970 by Slack's clock; undefined until Slack has answered. */
  now(): number | undefined {
    return this.#offset === undefined ? undefined : this.#monotonic() + this.#offset;
  }

  /** Takes the time from an answer that came between two moments of the monotonic clock. */
  observe(date: string | null, began: number, ended: number): void {
    const answeredAt = Date.parse(date ?? '');
    if (Number.isNaN(answeredAt) || ended - began > SLOWEST_ANSWER) return;
    this.#offset = answeredAt + HALF_A_SECOND - (began + ended) / 2;
  }

  /** Fetches as `fetchThroughProxy`, and observes the time of the answers. */
  fetch: typeof globalThis.fetch = async (input, init) => {
    const began = this.#monotonic();
    const response = await fetchThroughProxy(input, init);
    // A proxy's error page has the proxy's own time.
    const isFromSlack = response.headers.get('content-type')?.includes('application/json') ?? false;
    if (isFromSlack) this.observe(response.headers.get('date'), began, this.#monotonic());
    return response;
  };
}
