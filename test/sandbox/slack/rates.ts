import type { Failures } from '../../../src/sandbox/failures.ts';
import type { State } from '../../../src/sandbox/slack/state.ts';

/**
 * Calls per minute by method, for the whole workspace: https://docs.slack.dev/apis/web-api/rate-limits
 * The reference page of each method names its tier. A method without an entry is not limited here: Slack allows
 * hundreds of `auth.test` and `chat.getPermalink` per minute, and does not say how many `apps.connections.open` in a
 * burst.
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

/** Usage of a limit: the times of the calls that still count, oldest first. */
type Used = readonly number[];

/**
 * The new usage after an accepted call, or the wait in milliseconds before the call would be accepted. A refused call
 * uses up nothing.
 */
type Verdict = { used: Used } | { waitMs: number };

/** Counts calls in a rolling minute: a call counts for 60 s. */
function takeInMinute(used: Used, maxCalls: number, now: number): Verdict {
  const counted = used.filter((at) => at > now - MINUTE);
  const [oldest = now] = counted;
  return counted.length < maxCalls ? { used: [...counted, now] } : { waitMs: oldest + MINUTE - now };
}

/**
 * Counts calls in a bucket of `burst` calls that gains one per `apartMs`. The only time in `used` is when the bucket is
 * full again.
 */
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
 * Creates a function that counts a call or, if the call exceeds a limit, returns the whole seconds to wait, as in
 * `Retry-After`. `perMinute`: limits per method. The limit of posts per channel always counts.
 */
export function createRates(now = () => Date.now(), perMinute = CALLS_PER_MINUTE) {
  const usedBy = new Map<string, Used>();

  return function retryAfter(method: string, channel: string): number | undefined {
    const isPost = method === POSTS.method;
    const maxCalls = perMinute[method];
    if (!isPost && maxCalls === undefined) return undefined;
    const limit = isPost ? `${method} ${channel}` : method;
    const used = usedBy.get(limit) ?? [];
    const verdict =
      maxCalls === undefined ? takeFromBucket(used, POSTS, now()) : takeInMinute(used, maxCalls, now());
    if ('waitMs' in verdict) return Math.ceil(verdict.waitMs / 1_000);
    usedBy.set(limit, verdict.used);
    return undefined;
  };
}

/**
 * Finds the seconds until Slack would accept a call that exceeds its rates; undefined if it accepts the call at once.
 */
export type RetryAfter = (method: string, channel: string) => number | undefined;

/** Adds a 429 for each call that exceeds the rates to the planned failures. */
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

/** Finds one key per channel, whether a post names its id, its #name or the person of the direct messages. */
function limitedChannel(state: State, target: string): string {
  const found = state.channels.find(
    ({ id, im, name }) =>
      [id, im].includes(target) || (im === undefined && name === target.replace(/^#/, '')),
  );
  return found?.im ?? found?.id ?? target;
}
