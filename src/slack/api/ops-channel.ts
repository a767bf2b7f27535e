import type { WebClient } from '@slack/web-api';
import type { Alert, AlertOperators, AnnounceInChannel, Announcement } from '../../approval/alerts.ts';
import type { Clock, Log } from '../../approval/ports.ts';
import { en as texts } from '../texts/en.ts';
import { buildSentence } from '../views/message-view.ts';
import { escapeLine } from '../views/text/escape.ts';

type Fact = Alert | Announcement;
type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

const HOUR = 60 * 60_000;
/** Characters of a reason or a name. */
const LONGEST_VALUE = 600;

/** By kind: the fields that name the cause of an alert, and the shortest time between two alerts of one cause. */
const CAUSES: {
  [Kind in Alert['kind']]: { by: readonly Exclude<keyof FactOf<Kind>, 'kind'>[]; every: number };
} = {
  store_failed: { by: [], every: HOUR },
  database_lost: { by: [], every: HOUR },
  clock_set_back: { by: [], every: HOUR },
  clock_skew: { by: [], every: HOUR },
  crew_token_rejected: { by: ['crew'], every: HOUR },
  decisions_late: { by: ['crew'], every: HOUR },
  callback_host_not_allowed: { by: ['crew'], every: HOUR },
  too_few_deciders: { by: ['crew'], every: HOUR },
  slack_rate_limit: { by: ['channel'], every: HOUR },
  slack_token_rejected: { by: [], every: HOUR },
  channel_blocked: { by: ['channel'], every: HOUR },
  // These are collected where they arise, and carry their count.
  webhooks_rejected: { by: [], every: 0 },
  webhook_url_wrong: { by: ['crew'], every: HOUR },
};

/** Alerts the operators in their channel; without a channel nobody. */
export function createOpsChannel({
  client,
  channel,
  clock,
  log,
}: {
  client: WebClient;
  channel: string | undefined;
  clock: Clock;
  log: Log;
}): AlertOperators {
  /** By cause: when the latest alert was sent. */
  const sentAt = new Map<string, number>();
  return (alert) => {
    const { by, every } = CAUSES[alert.kind];
    const fields: Readonly<Record<string, unknown>> = alert;
    const cause = JSON.stringify([alert.kind, ...by.map((field) => fields[field])]);
    const last = sentAt.get(cause);
    if (channel === undefined || (last !== undefined && clock.now() - last < every)) return;
    sentAt.set(cause, clock.now());
    postFact(client, channel, ':rotating_light:', alert).catch((error: unknown) => {
      sentAt.delete(cause);
      log.error({ channel, error }, 'alert to OPS_CHANNEL failed');
    });
  };
}

export function createAnnounce({ client, log }: { client: WebClient; log: Log }): AnnounceInChannel {
  return async (channel, announcement) => {
    await postFact(client, channel, ':warning:', announcement).catch((error: unknown) =>
      log.error({ channel, error }, 'announcement failed'),
    );
  };
}

async function postFact(client: WebClient, channel: string, emoji: string, fact: Fact): Promise<void> {
  const sentence = buildSentence(`${emoji} ${writeFact(fact)}`);
  await client.chat.postMessage({ channel, ...sentence, parse: 'none' });
}

/** Values of a fact may come from outside: a host, an address, a reason. */
function writeFact(fact: Fact): string {
  const words: { [Kind in Fact['kind']]: (fact: FactOf<Kind>) => string } = texts.alerts;
  const shown = Object.entries(fact).map(([field, value]) => [
    field,
    typeof value === 'string' ? escapeLine(value, LONGEST_VALUE) : value,
  ]);
  return (words[fact.kind] as (fact: Fact) => string)(Object.fromEntries(shown) as Fact);
}
