import type { WebClient } from '@slack/web-api';
import type { Alert, AlertOperators, AnnounceInChannel, Announcement } from '../../approval/alerts.ts';
import type { Language } from '../../approval/model/crew/language.ts';
import type { LanguageOf } from '../app/languages.ts';
import { inLanguage, type Texts } from '../texts/texts.ts';
import { buildSentence } from '../views/message-view.ts';
import { escapeLine } from '../views/text/escape.ts';
import type { SlackBase } from './client.ts';

const HOUR = 60 * 60_000;
/** Longest reason or name, in characters. */
const LONGEST_VALUE = 600;

/** By kind: the fields that name the cause of an alert, and the shortest time between two alerts of one cause. */
const CAUSES: {
  [Of in Alert as Of['kind']]: { by: readonly Exclude<keyof Of, 'kind'>[]; every?: number };
} = {
  store_failed: { by: [] },
  database_lost: { by: [] },
  step_failed: { by: [] },
  crew_token_rejected: { by: ['crew'] },
  decisions_late: { by: ['crew'] },
  callback_host_not_allowed: { by: ['crew'] },
  too_few_deciders: { by: ['crew'] },
  slack_rate_limit: { by: ['channel'] },
  slack_token_rejected: { by: [] },
  channel_blocked: { by: ['channel'] },
  events_dropped: { by: ['receiver'] },
  // These are collected where they arise, and come with their count.
  webhooks_rejected: { by: [], every: 0 },
  webhook_url_wrong: { by: ['crew'] },
};

/** Alerts the operators in their channel; without a channel nobody. */
export function createOpsChannel(
  { client, clock, log }: SlackBase,
  channel: string | undefined,
  language: Language,
): AlertOperators {
  /** By cause: when the latest alert was sent. */
  const sentAt = new Map<string, number>();
  return (alert) => {
    const { by, every = HOUR } = CAUSES[alert.kind];
    const fields: Readonly<Record<string, unknown>> = alert;
    const cause = JSON.stringify([alert.kind, ...by.map((field) => fields[field])]);
    const lastSentAt = sentAt.get(cause);
    if (channel === undefined || (lastSentAt !== undefined && clock.now() - lastSentAt < every)) return;
    sentAt.set(cause, clock.now());
    const posting = postFact(inLanguage(language), client, channel, ':rotating_light:', alert);
    posting.catch((error: unknown) => {
      sentAt.delete(cause);
      log.error({ channel, error }, 'alert to OPS_CHANNEL failed');
    });
  };
}

export function createAnnouncer(
  { client, log }: Pick<SlackBase, 'client' | 'log'>,
  languageOf: LanguageOf,
): AnnounceInChannel {
  return async (channel, announcement) => {
    const texts = inLanguage(languageOf(announcement.crew));
    const posting = postFact(texts, client, channel, ':warning:', announcement);
    await posting.catch((error: unknown) => log.error({ channel, error }, 'announcement failed'));
  };
}

async function postFact(
  texts: Texts,
  client: WebClient,
  channel: string,
  emoji: string,
  fact: Alert | Announcement,
): Promise<void> {
  // A host, an address or a reason comes from outside.
  const escapedFields = Object.entries(fact).map(([field, value]) => [
    field,
    typeof value === 'string' ? escapeLine(value, LONGEST_VALUE) : value,
  ]);
  const write = texts.alerts[fact.kind] as (fact: object) => string;
  const sentence = buildSentence(`${emoji} ${write(Object.fromEntries(escapedFields))}`);
  await client.chat.postMessage({ channel, ...sentence, parse: 'none' });
}
