import { performance } from 'node:perf_hooks';
import type { AckFn, App as Bolt } from '@slack/bolt';
import type { Meter } from '../../approval/ports.ts';
import { isDeciding, replyTooLate } from '../listeners/listeners.ts';
import type { SlackApp } from '../slack-app.ts';
import type { LateClicks } from './late-clicks.ts';
import { hasKnownForm, isUnreadEvent } from './payload-shape.ts';

type Replying = Pick<SlackApp, 'reply' | 'log'>;

interface Timing {
  lateClicks: Pick<LateClicks, 'isTooOld' | 'isUnheard'>;
  acked: Meter['acked'];
}

/** Has Bolt process only events that listeners can read and that are not too old, and times each from arrival to ack. */
export function wrapProcessEvent(
  bolt: Pick<Bolt, 'processEvent'>,
  app: Replying,
  { lateClicks, acked }: Timing,
): void {
  const process = bolt.processEvent.bind(bolt);
  // Rejects with a TypeError if the body has an unknown form: the receiver answers 400.
  bolt.processEvent = async (event) => {
    const { body } = event;
    if (!hasKnownForm(body)) throw new TypeError('event has an unknown form');
    const began = performance.now();
    const { requestTimestamp } = event.customProperties ?? {};
    const timestamp = typeof requestTimestamp === 'string' ? requestTimestamp : undefined;
    const isUnheard = lateClicks.isUnheard(body, timestamp);
    const ack: AckFn<unknown> = async (answer) => {
      try {
        await event.ack(answer as Parameters<typeof event.ack>[0]);
        if (isUnheard && answer !== undefined) throw new Error('Slack no longer waited for the ack');
      } catch (error) {
        app.log.warn({ error }, 'ack failed');
        // The listener sends its answer by another route; without an answer the event is handled all the same.
        if (answer !== undefined) throw error;
        return;
      }
      acked(readType(body), performance.now() - began);
    };
    // Bolt would not ack an event whose type or user it cannot read, and Slack would send it again.
    if (isUnreadEvent(body)) return ack(undefined);
    if (isDeciding(body) && lateClicks.isTooOld(body, timestamp))
      return replyTooLate(app, body as Parameters<typeof replyTooLate>[1], ack);
    return process({ ...event, ack });
  };
}

/** The type of an interaction as a metric label, so one of a few. */
function readType({ type, command }: { type?: unknown; command?: unknown }): string {
  if (command !== undefined) return 'command';
  const known = ['block_actions', 'view_submission', 'message_action', 'event_callback'];
  return typeof type === 'string' && known.includes(type) ? type : 'other';
}
