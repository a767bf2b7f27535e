import { performance } from 'node:perf_hooks';
import { ACTIONS } from './ids.ts';
import type { SlackTime } from './slack-time.ts';

/** Slack tells a person after 3 s that a click failed: one this old is not decided, in milliseconds. */
const DECIDED_WITHIN = 10_000;
/** Slack no longer takes an ack: after 3 s, plus the error of an age, in milliseconds. */
const HEARD_WITHIN = 5_000;
const TICK = 250;
/** A pause of the event loop that is worth knowing, in milliseconds. */
const STALL = 1_000;
/** What is read this soon after a pause waited through it. */
const READ_AFTER_STALL = 2_000;

const DECIDING_ACTIONS: ReadonlySet<string> = new Set([
  ACTIONS.approve,
  ACTIONS.retry,
  ACTIONS.giveUp,
  ACTIONS.undo,
  ACTIONS.more,
]);

/** What Slack sends for an interaction, as far as its age and its effect are concerned. */
export interface Interaction {
  type?: unknown;
  command?: unknown;
  text?: unknown;
  actions?: readonly { action_id?: unknown; action_ts?: unknown }[];
}

/**
 * Judges how old clicks are: a click that waited in a frozen process is one that Slack has already called failed, so the
 * person may have decided otherwise since.
 */
export function createLateClicks({
  slackTime,
  monotonic = () => performance.now(),
}: {
  slackTime: Pick<SlackTime, 'now'>;
  monotonic?: () => number;
}) {
  let tickedAt = monotonic();
  let stall = { endedAt: Number.NEGATIVE_INFINITY, length: 0 };

  function noteStall(): void {
    const now = monotonic();
    const length = now - tickedAt - TICK;
    // What waited through an earlier pause may still not have been read.
    const before = tickedAt - stall.endedAt <= READ_AFTER_STALL ? stall.length : 0;
    if (length > STALL) stall = { endedAt: now, length: Math.max(length, before) };
    tickedAt = now;
  }

  const ticking = setInterval(noteStall, TICK).unref();

  /** How long the event loop stood still before what is read now, in milliseconds. */
  function stalledFor(): number {
    if (monotonic() - tickedAt - TICK > STALL) noteStall();
    return monotonic() - stall.endedAt <= READ_AFTER_STALL ? stall.length : 0;
  }

  /** The age of an interaction in milliseconds, by Slack's own time stamps where it has one; 0 when it cannot be judged. */
  function ageOf({ actions }: Interaction, requestTimestamp: string | undefined): number {
    const sent = Number(requestTimestamp ?? actions?.[0]?.action_ts);
    if (Number.isNaN(sent) || sent <= 0) return stalledFor();
    const now = slackTime.now();
    return now === undefined ? 0 : now - sent * 1_000;
  }

  return {
    /** Whether it decides something and is too old for that. */
    isTooLate: (body: Interaction, requestTimestamp: string | undefined) =>
      decides(body) && ageOf(body, requestTimestamp) > DECIDED_WITHIN,
    /** Whether Slack no longer waits for the ack, so that an answer in it reaches nobody. */
    isUnheard: (body: Interaction, requestTimestamp: string | undefined) =>
      ageOf(body, requestTimestamp) > HEARD_WITHIN,
    close: () => clearInterval(ticking),
  };
}

function decides({ type, command, text, actions = [] }: Interaction): boolean {
  if (command !== undefined) return typeof text === 'string' && /^[\s`]*approve\b/i.test(text);
  if (type === 'view_submission') return true;
  return type === 'block_actions' && actions.some(({ action_id: id }) => DECIDING_ACTIONS.has(String(id)));
}
