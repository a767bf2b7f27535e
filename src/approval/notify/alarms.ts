import type { ResumeOutcome } from '../lifecycle/events.ts';
import type { Approval } from '../model/approval.ts';
import type { Decision } from '../model/decision.ts';
import { REVIEW_FAULTS } from '../model/review.ts';
import type { CardFailure } from '../ports.ts';

/** A decision that waits for longer needs an operator, in milliseconds. */
const WAITED_LONG = 10 * 60_000;

/** What the operators are told of an attempt that failed: a refused token at once, anything else after 10 minutes. */
export function alertOnDelivery({ crew }: Approval, decision: Decision, outcome: ResumeOutcome, now: number) {
  if (!('failure' in outcome)) return undefined;
  const { status, detail } = outcome.failure;
  // The secret of one review says nothing about the crew's token.
  if (detail === REVIEW_FAULTS.callbackRejected) return undefined;
  if (status === 401 || status === 403) {
    return {
      cause: `token ${crew}`,
      sentence: `CrewAI refuses the bearer token of the crew ${crew} (${status}).`,
    };
  }
  if (outcome.kind === 'refused' || now - decision.at < WAITED_LONG) return undefined;
  return {
    cause: `late ${crew}`,
    sentence: `Decisions for the crew ${crew} have waited for over 10 minutes: CrewAI does not take them.`,
  };
}

/** A wait that people notice, in milliseconds. */
const LIMITED_LONG = 5 * 60_000;

/** What they are told of a rate limit of Slack's that lasts. */
export function alertOnRateLimit({ channel }: Approval, retryAfterMs: number) {
  if (retryAfterMs < LIMITED_LONG) return undefined;
  return {
    cause: `slack limit ${channel}`,
    sentence: `Slack takes no more messages of the bot for ${Math.round(retryAfterMs / 60_000)} min (channel ${channel}). Cards wait until then.`,
  };
}

/** What they are told of a channel or a token that Slack refuses. */
export function alertOnBlocked({ channel }: Approval, { reason, of }: CardFailure & { kind: 'blocked' }) {
  return of === 'token'
    ? { cause: 'slack token', sentence: `Slack refuses the bot's token (${reason}).` }
    : {
        cause: `channel ${channel}`,
        sentence: `Slack takes no cards for the channel ${channel} (${reason}).`,
      };
}
