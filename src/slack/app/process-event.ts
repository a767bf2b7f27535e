import { performance } from 'node:perf_hooks';
import type { AckFn, App as Bolt } from '@slack/bolt';
import type { Language } from '../../approval/model/crew/language.ts';
import { type InteractionType, interactionTypes, type Meter } from '../../approval/ports.ts';
import { createCache } from '../../lib/cache.ts';
import type { Feature } from '../feature.ts';
import { isDeciding, replyTooLate } from '../listeners/listeners.ts';
import type { SlackApp } from '../slack-app.ts';
import { readLanguage } from './button-values.ts';
import { type LateClicks, MAX_ACKED_AGE, MAX_DECIDING_AGE } from './late-clicks.ts';

/** Slack may redeliver an event for this long, in milliseconds. */
const REDELIVERY_PERIOD = 60_000;
const MAX_REMEMBERED = 1_000;

/**
 * Has Bolt process only events that a listener reads, that are not too old and that were not delivered before, and times
 * each from arrival to ack.
 */
export function wrapProcessEvent(
  bolt: Pick<Bolt, 'processEvent'>,
  app: Pick<SlackApp, 'reply' | 'log' | 'languages' | 'clock'>,
  {
    lateClicks,
    recordAck,
    features,
  }: { lateClicks: LateClicks; recordAck: Meter['acked']; features: readonly Feature[] },
): void {
  const processEvent = bolt.processEvent.bind(bolt);
  /** The answers to recent events, by the id of their delivery; undefined: not answered. */
  const answers = createCache<Promise<{ answer: unknown } | undefined>>({
    max: MAX_REMEMBERED,
    clock: app.clock,
    ttl: REDELIVERY_PERIOD,
  });
  bolt.processEvent = async (event) => {
    const { body, form } = readForm(event.body);
    const began = performance.now();
    const { requestTimestamp, envelopeId } = event.customProperties ?? {};
    const timestamp = typeof requestTimestamp === 'string' ? requestTimestamp : undefined;
    const age = lateClicks.ageOf(body, timestamp);
    let isAnswered = false;
    let resolveAnswer = (_: { answer: unknown } | undefined) => {};
    const ack: AckFn<unknown> = async (answer) => {
      isAnswered = true;
      resolveAnswer({ answer });
      try {
        await event.ack(answer as Parameters<typeof event.ack>[0]);
        if (age > MAX_ACKED_AGE && answer !== undefined)
          throw new Error('Slack no longer waited for the ack');
      } catch (error) {
        app.log.warn({ error }, 'ack failed');
        // The listener sends its answer by another route; without an answer the event is still handled.
        if (answer !== undefined) throw error;
        return;
      }
      recordAck(readType(body), performance.now() - began);
    };
    // Bolt would not ack an event whose type or user it cannot read, and Slack would send it again.
    if (isIgnoredEvent(body)) return ack(undefined);
    const id = String(envelopeId ?? body.trigger_id ?? '');
    const earlierDelivery = answers.get(id);
    if (earlierDelivery) {
      const earlierAnswer = await earlierDelivery;
      // An event without an answer is handled again, at its current age.
      return earlierAnswer ? ack(earlierAnswer.answer).catch(() => {}) : bolt.processEvent(event);
    }
    const answer = new Promise<{ answer: unknown } | undefined>((resolve) => {
      resolveAnswer = resolve;
    });
    if (id !== '') answers.set(id, answer);
    const isDecision = isDeciding(features, body);
    const { person, channel } = readPersonAndChannel(body);
    const texts = app.languages.textsFor(person, { channel, form });
    try {
      await (isDecision && age > MAX_DECIDING_AGE
        ? replyTooLate(app, body as Parameters<typeof replyTooLate>[1], { ack, texts })
        : processEvent({ ...event, body, ack, customProperties: { ...event.customProperties, texts } }));
    } finally {
      // Slack may deliver an event without an answer again.
      if (!isAnswered) answers.delete(id);
      resolveAnswer(undefined);
    }
  };
}

/** Reads the language from a form's metadata, and returns the payload without it, as listeners expect it. */
function readForm<B extends { view?: { private_metadata?: unknown } }>(
  body: B,
): { body: B; form?: Language | undefined } {
  const { view } = body;
  if (typeof view?.private_metadata !== 'string') return { body };
  const { metadata, language } = readLanguage(view.private_metadata);
  return { body: { ...body, view: { ...view, private_metadata: metadata } }, form: language };
}

/** The person who acts, and the channel. */
function readPersonAndChannel(body: unknown): { person: string; channel: string | undefined } {
  const { user, user_id: userId, event, channel, channel_id: channelId } = body as Record<string, unknown>;
  const idOf = (value: unknown) => (typeof value === 'string' ? value : (value as { id?: string })?.id);
  const person = idOf(userId) ?? idOf(user) ?? idOf((event as { user?: unknown } | undefined)?.user) ?? '';
  return { person, channel: idOf(channelId) ?? idOf(channel) };
}

/**
 * True if no listener reads the payload: a closed form, or any event except a person opening their Home tab.
 */
export function isIgnoredEvent(body: unknown): boolean {
  const { type, event } = body as { type?: unknown; event?: { type?: unknown; user?: unknown } | null };
  // Slack sends this notice without an event. https://docs.slack.dev/reference/events/app_rate_limited
  if (type === 'app_rate_limited' || type === 'view_closed') return true;
  return type === 'event_callback' && !(event?.type === 'app_home_opened' && typeof event.user === 'string');
}

/** Returns the type of an interaction as a metric label: one of a fixed set. */
function readType({ type, command }: { type?: unknown; command?: unknown }): InteractionType {
  if (command !== undefined) return 'command';
  return interactionTypes.find((interactionType) => interactionType === type) ?? 'other';
}
