import type { Alert } from '../alerts.ts';
import type { App } from '../app.ts';
import { backoff, failLane } from '../lifecycle/lanes.ts';
import { type LaneName, laneOf } from '../model/approval.ts';
import { CardError, type CardFailure } from '../ports.ts';
import type { StepOutcome, Workable } from './work.ts';

export function describeSlackFailure<R extends Workable>(
  app: App,
  record: R,
  lane: LaneName,
  met: CardFailure,
): StepOutcome<R> {
  const tries = laneOf(record, lane).failures + 1;
  const failure = countUnknown(met, tries);
  const retryAfter = failure.kind === 'try_again' ? (failure.retryAfterMs ?? 0) : 0;
  const alarm = findSlackAlert(record.channel, failure);
  // The queue waits for a rate limit: it does not concern this record's other calls.
  const again = retryAfter > 0 ? LIMITED_AGAIN : backoff(tries, app.random);
  const wait = failure.kind === 'blocked' ? BLOCKED_FOR : again;
  return {
    apply: (current) => failLane(current, lane, app.clock.now() + wait, failure.kind === 'blocked'),
    failed: true,
    fact: 'Slack call failed, retrying',
    about: { lane, channel: record.channel, reason: failure.reason, againInMs: Math.round(wait) },
    ...(retryAfter > 0 ? { pauseMs: retryAfter } : {}),
    ...(alarm ? { alarm } : {}),
    ...(failure.kind === 'blocked' ? { blocked: failure.reason } : {}),
  };
}

/** A wait that people notice, in milliseconds. */
const LIMITED_LONG = 5 * 60_000;

function findSlackAlert(channel: string, failure: CardFailure): Alert | undefined {
  const { kind, reason } = failure;
  if (kind === 'blocked')
    return failure.of === 'token'
      ? { kind: 'slack_token_rejected', reason }
      : { kind: 'channel_blocked', channel, reason };
  const wait = kind === 'try_again' ? (failure.retryAfterMs ?? 0) : 0;
  return wait < LIMITED_LONG
    ? undefined
    : { kind: 'slack_rate_limit', channel, minutes: Math.round(wait / 60_000) };
}

/** A refusal of Slack's that is not known counts as one for a person after a few tries. Pure. */
export function countUnknown(failure: CardFailure, tries: number): CardFailure {
  const isKnown = failure.kind !== 'try_again' || !failure.unknown || tries < UNKNOWN_TRIES;
  return isKnown ? failure : { kind: 'blocked', reason: failure.reason, of: 'channel' };
}

export function readCardFailure(error: unknown): CardFailure {
  if (error instanceof CardError) return error.failure;
  throw error;
}
/** A channel or token that Slack refuses is tried again after this time, in milliseconds. */
export const BLOCKED_FOR = 60 * 60000;
/** A step that met a rate limit takes its turn again after this time, in milliseconds. */
const LIMITED_AGAIN = 1000;
const UNKNOWN_TRIES = 3;
