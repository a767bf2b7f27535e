import type { Failures } from '../../../src/sandbox/failures.ts';
import type { State } from '../../../src/sandbox/slack/state.ts';

/**
 * Calls per method in any minute, for the whole workspace: https://docs.slack.dev/apis/web-api/rate-limits
 * The tier of each method is on its reference page. A method without an entry is not limited here: Slack allows hundreds
 * of `auth.test` and `chat.getPermalink` per minute, and does not say how many `apps.connections.open` in a burst.
 */
export const CALLS_PER_MINUTE: Readonly<Record<string, number>> = {
  // Tier 2
  'conversations.list': 20,
  'usergroups.list': 20,
  'usergroups.users.list': 20,
  'users.list': 20,
  // Tier 3
  'chat.delete': 50,
  'chat.update': 50,
  'bots.info': 50,
  'conversations.info': 50,
  'conversations.join': 50,
  'conversations.open': 50,
  'users.lookupByEmail': 50,
  // Tier 4
  'chat.postEphemeral': 100,
  'conversations.members': 100,
  'files.completeUploadExternal': 100,
  'files.getUploadURLExternal': 100,
  'users.info': 100,
  'views.open': 100,
  'views.publish': 100,
  'views.push': 100,
  'views.update': 100,
};

/** `chat.postMessage` has a limit of its own: one per second per channel, after a short burst. */
const POSTS = { method: 'chat.postMessage', burst: 3, apartMs: 1_000 } as const;

const MINUTE = 60_000;

/** How much of a limit is used: the times of the calls that still count, the oldest first. */
type Used = readonly number[];

/** Either the call is taken, or it would be taken after this many milliseconds; a refused call uses up nothing. */
type Verdict = { used: Used } | { waitMs: number };

/** A rolling minute: a call counts for 60 s. */
function takeInMinute(used: Used, most: number, now: number): Verdict {
  const counted = used.filter((at) => at > now - MINUTE);
  const [oldest = now] = counted;
  return counted.length < most ? { used: [...counted, now] } : { waitMs: oldest + MINUTE - now };
}

/** A bucket of `burst` calls that gains one per `apartMs`: the only time in `used` is when it is full again. */
function takeFromBucket(
  [fullAt = 0]: Used,
  { burst, apartMs }: { burst: number; apartMs: number },
  now: number,
): Verdict {
  const next = Math.max(fullAt, now) + apartMs;
  const waitMs = next - now - burst * apartMs;
  return waitMs <= 0 ? { used: [next] } : { waitMs };
}

/**
 * Takes a call and counts it, or returns the whole seconds after which it would be taken, as `Retry-After` has them.
 * `perMinute`: the limits per method; that of posts per channel always counts.
 */
export function createRates(now = () => Date.now(), perMinute = CALLS_PER_MINUTE) {
  const usedBy = new Map<string, Used>();

  return function retryAfter(method: string, channel: string): number | undefined {
    const isPost = method === POSTS.method;
    const most = perMinute[method];
    if (!isPost && most === undefined) return undefined;
    const limit = isPost ? `${method} ${channel}` : method;
    const used = usedBy.get(limit) ?? [];
    const verdict = most === undefined ? takeFromBucket(used, POSTS, now()) : takeInMinute(used, most, now());
    if ('waitMs' in verdict) return Math.ceil(verdict.waitMs / 1_000);
    usedBy.set(limit, verdict.used);
    return undefined;
  };
}

/** After how many seconds Slack would take a call that exceeds its rates; undefined: at once. */
export type RetryAfter = (method: string, channel: string) => number | undefined;

/** Failures, and 429 for each call that exceeds the rates. */
export function limitRates(failures: Failures, state: State, retryAfter: RetryAfter): Failures {
  return {
    ...failures,
    next(on, body) {
      const planned = failures.next(on, body);
      if (planned) return planned;
      const { channel } = Object(body) as { channel?: unknown };
      const seconds = retryAfter(on, limitedChannel(state, String(channel)));
      return seconds === undefined ? undefined : { rateLimited: { retryAfter: seconds } };
    },
  };
}

/** One key per channel, whether a post names its id, its #name or the person whose direct messages it is. */
function limitedChannel(state: State, target: string): string {
  const found = state.channels.find(
    ({ id, im, name }) =>
      [id, im].includes(target) || (im === undefined && name === target.replace(/^#/, '')),
  );
  return found?.im ?? found?.id ?? target;
}
