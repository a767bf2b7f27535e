import { getOwn } from '../../../lib/own-member.ts';
import { TICKET_PARAMETER } from '../run/ticket.ts';
import type { WebhookKind } from '../run/webhook.ts';
import type { Crew } from './crew.ts';
import { type HumanInputWebhook, isWebhookUrl, type WebhookUrls } from './webhook-urls.ts';

/** The ticket of a start or an attempt, and the secret by which the bot knows its own URLs. */
export interface SentTicket {
  crew: Pick<Crew, 'name'>;
  secret: string;
  /** Undefined: no URL gets one. */
  ticket?: string | undefined;
}

/** The webhooks of a run, with a ticket in each URL that leads to this bot. */
export function addTickets(
  { urls, humanInput }: { urls: WebhookUrls; humanInput?: HumanInputWebhook | undefined },
  sent: SentTicket,
): { urls: WebhookUrls; humanInput?: HumanInputWebhook } {
  return {
    urls: Object.fromEntries(Object.entries(urls).map(([kind, url = '']) => [kind, addTicket(url, sent)])),
    ...(humanInput && {
      humanInput: { ...humanInput, url: addTicket(humanInput.url, sent, humanInput.authentication) },
    }),
  };
}

/**
 * A webhook URL with a ticket if it leads to this bot: by its path, and by the secret that it or its authentication
 * carries, whatever its host. Other people's URLs stay as they are, and those that would be too long.
 */
export function addTicket(
  url: string,
  { crew, secret, ticket }: SentTicket,
  authentication?: HumanInputWebhook['authentication'],
): string {
  if (ticket === undefined || !isWebhookUrl(url) || secret === '') return url;
  const parsed = new URL(url);
  const [crewInPath, kind] = parsed.pathname.split('/').slice(-2);
  const leadsHere =
    /\/webhooks\/[^/]+\/[^/]+$/.test(parsed.pathname) &&
    decodeQuery(crewInPath) === crew.name &&
    getOwn(FOLLOWS, kind ?? '') === true;
  const carried = [parsed.searchParams.get('token'), ...Object.values<string>(authentication ?? {})];
  if (!leadsHere || !carried.includes(secret)) return url;
  parsed.searchParams.set(TICKET_PARAMETER, ticket);
  return isWebhookUrl(parsed.href) ? parsed.href : url;
}

/** Whether what follows a start or a decision can come to it; a review of a Flow comes to the URL that CrewAI is set up with. */
const FOLLOWS: Readonly<Record<WebhookKind, boolean>> = {
  task: true,
  step: true,
  crew: true,
  'human-input': true,
  events: true,
  flow: false,
};

function decodeQuery(part = ''): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
