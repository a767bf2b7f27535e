import type { SlackCall, SlackQueue } from '../../approval/ports.ts';
import type { Limit, RateLimits } from '../../approval/worker/rate-limits.ts';
import type { ClickedCards } from './clicked-cards.ts';

/**
 * Slack's rate limits. Those per workspace leave a margin for calls that are not counted here.
 * https://docs.slack.dev/apis/web-api/rate-limits
 */
export const SLACK_LIMITS = {
  /** Per channel: one message per second. */
  post: { atOnce: 1, perMinute: 60 },
  /** Per workspace: 50 per minute. */
  update: { atOnce: 8, perMinute: 38, burst: 10, reserved: 4 },
  /** Per workspace: 100 per minute. */
  home: { atOnce: 4, perMinute: 75, burst: 20, reserved: 10 },
  /** A click's response_url: five responses each, without a rate limit. */
  responseUrl: { atOnce: 32 },
} as const satisfies Record<string, Limit>;

interface CallTarget {
  target: string;
  limit: Limit;
}

const CHAT_UPDATE: CallTarget = { target: 'chat.update', limit: SLACK_LIMITS.update };
const RESPONSE_URL: CallTarget = { target: 'response_url', limit: SLACK_LIMITS.responseUrl };

/** Queues the calls for cards and notes. A card that a click's URL can update does not wait for chat.update. */
export function createSlackQueue(rateLimits: RateLimits, clickedCards: ClickedCards): SlackQueue {
  return {
    enqueue: (call, priority, work) =>
      rateLimits.enqueue({ ...targetOfCall(call, clickedCards), priority, work }),
    pauseFor: (call, milliseconds) => {
      const { target, limit } = call.do === 'update' ? CHAT_UPDATE : targetOfCall(call, clickedCards);
      rateLimits.pause(target, limit, milliseconds);
    },
  };
}

function targetOfCall(call: SlackCall, clickedCards: ClickedCards): CallTarget {
  if (call.do === 'post') return { target: `chat.postMessage ${call.channel}`, limit: SLACK_LIMITS.post };
  return clickedCards.has(call.card) ? RESPONSE_URL : CHAT_UPDATE;
}
