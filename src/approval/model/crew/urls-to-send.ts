import { getOwn } from '../../../lib/own-member.ts';
import { announcesPauses, type RunRecord } from '../run/run-record.ts';
import { TICKET_PARAMETER } from '../run/ticket.ts';
import type { WebhookKind } from '../run/webhook.ts';
import type { Crew } from './crew.ts';
import type { Dialect } from './dialect.ts';
import {
  decodePart,
  type HumanInputWebhook,
  isWebhookUrl,
  type ResolvedUrls,
  type WebhookUrls,
  webhookKinds,
  writeAscii,
} from './webhook-urls.ts';

/**
 * Finds the human-input webhook to send with a decision, and its origin: registered, named in `meta`, or the bot's own. On the
 * live dialect every decision carries one, otherwise only if the run's pauses come through human-input webhooks. The bot's own is
 * sent in the form in which it arrived.
 */
export function resolveHumanInput(
  { ownHumanInput }: Crew,
  run: RunRecord,
  dialect: Dialect,
  isHumanInputRound: boolean,
): { webhook: HumanInputWebhook; from: 'registered' | 'meta' | 'bot' } | undefined {
  const { registeredHumanInput: registered, metaHumanInputUrl, humanInputForm } = run;
  const isNeeded = dialect === 'live' || isHumanInputRound || announcesPauses(run);
  if (!isNeeded) return undefined;
  if (registered) return { webhook: registered, from: 'registered' };
  if (metaHumanInputUrl !== undefined)
    return { webhook: { url: metaHumanInputUrl, form: 'string' }, from: 'meta' };
  const form = humanInputForm ?? (dialect === 'documented' ? 'object' : 'string');
  return ownHumanInput && { webhook: ownHumanInput[form], from: 'bot' };
}

/**
 * Resolves the webhook URLs to send with a decision on this run, and the origin of each: registered for the run, else named in
 * `meta`, else in the settings, else the bot's own. CrewAI forgets the URLs at each pause. Unknown ones are left out.
 */
export function resolveCrewUrls(crew: Crew, { registeredUrls, metaUrls }: RunRecord): ResolvedUrls {
  const sources = {
    registered: registeredUrls,
    meta: metaUrls,
    settings: crew.webhookUrls,
    bot: crew.ownUrls,
  };
  const resolved: ResolvedUrls = {};
  for (const kind of webhookKinds) {
    const from = (['registered', 'meta', 'settings', 'bot'] as const).find((origin) => sources[origin][kind]);
    const url = from && sources[from][kind];
    if (from && url) resolved[kind] = { url, from };
  }
  return resolved;
}

/** Ticket of a start or an attempt, and the secret by which the bot recognizes its own URLs. */
export interface SentTicket {
  crew: Pick<Crew, 'name'>;
  secret: string;
  /** Absent: no URL gets a ticket. */
  ticket?: string | undefined;
}

/** Adds a ticket to each webhook URL of a run that leads to this bot. */
export function addTickets(
  { urls, humanInput }: { urls: WebhookUrls; humanInput?: HumanInputWebhook | undefined },
  sentTicket: SentTicket,
): { urls: WebhookUrls; humanInput?: HumanInputWebhook } {
  return {
    urls: Object.fromEntries(
      Object.entries(urls).map(([kind, url = '']) => [kind, addTicket(url, sentTicket)]),
    ),
    ...(humanInput && {
      humanInput: { ...humanInput, url: addTicket(humanInput.url, sentTicket, humanInput.authentication) },
    }),
  };
}

/**
 * Writes a webhook URL in ASCII and adds a ticket if the URL leads to this bot: by its path and by the secret in the URL or its
 * authentication, whatever its host. The rest of the URL stays unchanged. A URL that would be too long gets no ticket.
 */
export function addTicket(
  originalUrl: string,
  { crew, secret, ticket }: SentTicket,
  authentication?: HumanInputWebhook['authentication'],
): string {
  const url = writeAscii(originalUrl);
  if (ticket === undefined || !isWebhookUrl(url) || secret === '') return url;
  const parsed = new URL(url);
  const [crewInPath, kind] = parsed.pathname.split('/').slice(-2);
  const leadsHere =
    /\/webhooks\/[^/]+\/[^/]+$/.test(parsed.pathname) &&
    decodePart(crewInPath) === crew.name &&
    getOwn(CAN_FOLLOW, kind ?? '') === true;
  const carriedSecrets = [parsed.searchParams.get('token'), ...Object.values<string>(authentication ?? {})];
  if (!leadsHere || !carriedSecrets.includes(secret)) return url;
  const urlWithTicket = setParameter(url, TICKET_PARAMETER, ticket);
  return isWebhookUrl(urlWithTicket) ? urlWithTicket : url;
}

/** Changes the text: writing the parsed query would change the encoding of its other parts. */
function setParameter(url: string, name: string, value: string): string {
  const [, path = '', query = '', fragment = ''] = /^([^?#]*)\??([^#]*)(.*)$/.exec(url) ?? [];
  const otherParts = query.split('&').filter((part) => decodePart(part.split('=')[0]) !== name);
  return `${path}?${[...otherParts, `${name}=${value}`].join('&').replace(/^&/, '')}${fragment}`;
}

/** Kinds of webhooks that can follow a start or a decision. A Flow's reviews go to the URL that is set up in CrewAI. */
const CAN_FOLLOW: Readonly<Record<WebhookKind, boolean>> = {
  task: true,
  step: true,
  crew: true,
  'human-input': true,
  events: true,
  flow: false,
};
