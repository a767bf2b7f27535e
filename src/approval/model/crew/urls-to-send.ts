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
 * The human-input webhook that a decision is sent with, and where it was learnt: registered, named in `meta`, or the
 * bot's own. The bot's own goes with every decision on the live dialect, and else only where the run's pauses come
 * through human-input webhooks. It is sent in the form in which it came.
 */
export function resolveHumanInput(
  { ownHumanInput }: Crew,
  run: RunRecord,
  dialect: Dialect,
  roundCameThroughIt: boolean,
): { webhook: HumanInputWebhook; from: 'registered' | 'meta' | 'bot' } | undefined {
  const { registeredHumanInput: registered, metaHumanInputUrl, humanInputForm } = run;
  const wanted = dialect === 'live' || roundCameThroughIt || announcesPauses(run);
  if (!wanted) return undefined;
  if (registered) return { webhook: registered, from: 'registered' };
  if (metaHumanInputUrl !== undefined)
    return { webhook: { url: metaHumanInputUrl, form: 'string' }, from: 'meta' };
  const form = humanInputForm ?? (dialect === 'documented' ? 'object' : 'string');
  return ownHumanInput && { webhook: ownHumanInput[form], from: 'bot' };
}

/**
 * The webhook URLs that a decision on this run is sent with, field by field, and where each was learnt: registered for the
 * run, else echoed in `meta`, else the crew's settings, else the bot's own endpoint. CrewAI forgets them at each pause; what
 * is not known is left out.
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
 * A webhook URL in ASCII, with a ticket if it leads to this bot: by its path, and by the secret that it or its authentication
 * carries, whatever its host. Nothing else of a URL changes; one that would be too long gets no ticket.
 */
export function addTicket(
  given: string,
  { crew, secret, ticket }: SentTicket,
  authentication?: HumanInputWebhook['authentication'],
): string {
  const url = writeAscii(given);
  if (ticket === undefined || !isWebhookUrl(url) || secret === '') return url;
  const parsed = new URL(url);
  const [crewInPath, kind] = parsed.pathname.split('/').slice(-2);
  const leadsHere =
    /\/webhooks\/[^/]+\/[^/]+$/.test(parsed.pathname) &&
    decodePart(crewInPath) === crew.name &&
    getOwn(FOLLOWS, kind ?? '') === true;
  const carried = [parsed.searchParams.get('token'), ...Object.values<string>(authentication ?? {})];
  if (!leadsHere || !carried.includes(secret)) return url;
  const ticketed = setParameter(url, TICKET_PARAMETER, ticket);
  return isWebhookUrl(ticketed) ? ticketed : url;
}

/** Writing the parsed query would change how its other parts are encoded. */
function setParameter(url: string, name: string, value: string): string {
  const [, path = '', query = '', fragment = ''] = /^([^?#]*)\??([^#]*)(.*)$/.exec(url) ?? [];
  const others = query.split('&').filter((part) => decodePart(part.split('=')[0]) !== name);
  return `${path}?${[...others, `${name}=${value}`].join('&').replace(/^&/, '')}${fragment}`;
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
