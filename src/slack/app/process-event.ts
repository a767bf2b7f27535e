import { performance } from 'node:perf_hooks';
import type { AckFn, App as Bolt } from '@slack/bolt';
import type { Language } from '../../approval/model/crew/language.ts';
import { type InteractionType, interactionTypes, type Meter } from '../../approval/ports.ts';
import { isDeciding, replyTooLate } from '../listeners/listeners.ts';
import type { SlackApp } from '../slack-app.ts';
import { speak } from '../texts/texts.ts';
import { readLanguage } from './button-values.ts';
import { type LateClicks, MAX_ACKED_AGE, MAX_DECIDING_AGE } from './late-clicks.ts';

/** Has Bolt process only events that a listener reads and that are not too old, and times each from arrival to ack. */
export function wrapProcessEvent(
  bolt: Pick<Bolt, 'processEvent'>,
  app: Pick<SlackApp, 'reply' | 'log' | 'languages'>,
  { lateClicks, acked }: { lateClicks: LateClicks; acked: Meter['acked'] },
): void {
  const process = bolt.processEvent.bind(bolt);
  bolt.processEvent = async (event) => {
    const { body, form } = readForm(event.body);
    const began = performance.now();
    const { requestTimestamp } = event.customProperties ?? {};
    const timestamp = typeof requestTimestamp === 'string' ? requestTimestamp : undefined;
    const age = lateClicks.ageOf(body, timestamp);
    const ack: AckFn<unknown> = async (answer) => {
      try {
        await event.ack(answer as Parameters<typeof event.ack>[0]);
        if (age > MAX_ACKED_AGE && answer !== undefined)
          throw new Error('Slack no longer waited for the ack');
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
    const decides = isDeciding(body);
    const { person, channel } = readWhere(body);
    const known = app.languages.learn(person);
    const isTooLate = decides && age > MAX_DECIDING_AGE;
    // A decision does not wait for the language, only its answer does.
    if (!form && (!decides || isTooLate || body.type === 'view_submission')) await known;
    return speak(app.languages.ofPerson(person, { channel, form, known }), () =>
      isTooLate
        ? replyTooLate(app, body as Parameters<typeof replyTooLate>[1], ack)
        : process({ ...event, body, ack }),
    );
  };
}

/** The language that a form brings along, and the payload as its listeners know it. */
function readForm<B extends { view?: { private_metadata?: unknown } }>(
  body: B,
): { body: B; form?: Language | undefined } {
  const { view } = body;
  if (typeof view?.private_metadata !== 'string') return { body };
  const { metadata, language } = readLanguage(view.private_metadata);
  return { body: { ...body, view: { ...view, private_metadata: metadata } }, form: language };
}

/** Who does something, and in which channel. */
function readWhere(body: unknown): { person: string; channel: string | undefined } {
  const { user, user_id: typed, event, channel, channel_id: channelId } = body as Record<string, unknown>;
  const idOf = (value: unknown) => (typeof value === 'string' ? value : (value as { id?: string })?.id);
  const person = idOf(typed) ?? idOf(user) ?? idOf((event as { user?: unknown } | undefined)?.user) ?? '';
  return { person, channel: idOf(channelId) ?? idOf(channel) };
}

/** Whether a payload is an event that no listener reads: another one than the opening of a Home tab, or one without a user. */
export function isUnreadEvent(body: unknown): boolean {
  const { type, event } = body as { type?: unknown; event?: { type?: unknown; user?: unknown } | null };
  // It comes without an event. https://docs.slack.dev/reference/events/app_rate_limited
  if (type === 'app_rate_limited') return true;
  return type === 'event_callback' && !(event?.type === 'app_home_opened' && typeof event.user === 'string');
}

/** The type of an interaction as a metric label, so one of a few. */
function readType({ type, command }: { type?: unknown; command?: unknown }): InteractionType {
  if (command !== undefined) return 'command';
  return interactionTypes.find((known) => known === type) ?? 'other';
}
