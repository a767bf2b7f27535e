import type { SlackCall, SlackQueue } from '../../approval/ports.ts';
import type { Limit, RateLimits } from '../../approval/worker/rate-limits.ts';
import type { ClickedCards } from './clicked-cards.ts';

/**
 * Slack's rate limits, each with room for what is not counted here.
 * https://docs.slack.dev/apis/web-api/rate-limits
 */
export const SLACK_LIMITS = {
  /** In a channel: one message per second. */
  post: { atOnce: 1, perMinute: 60 },
  /** In the workspace: 50 per minute. */
  update: { atOnce: 8, perMinute: 38, burst: 10, reserved: 4 },
  /** In the workspace: 100 per minute. */
  home: { atOnce: 4, perMinute: 75, burst: 20, reserved: 10 },
  /** A click's own URL: five answers each, and no limit beside it. */
  responseUrl: { atOnce: 32 },
} as const satisfies Record<string, Limit>;

/** Turns for cards and notes. A card whose click can still update it waits for nothing else. */
export function createSlackTurns(turns: RateLimits, clicked: ClickedCards): SlackQueue {
  function limitOf(call: SlackCall): { target: string; limit: Limit } {
    if (call.do === 'post') return { target: `chat.postMessage ${call.channel}`, limit: SLACK_LIMITS.post };
    return clicked.has(call.card) ? { target: 'response_url', limit: SLACK_LIMITS.responseUrl } : updates;
  }

  return {
    take: (call, priority, work) => turns.take({ ...limitOf(call), priority, work }),
    limited: (call, milliseconds) => {
      const { target, limit } = call.do === 'update' ? updates : limitOf(call);
      turns.limited(target, limit, milliseconds);
    },
  };
}

const updates = { target: 'chat.update', limit: SLACK_LIMITS.update };
