import { TICKET_PARAMETER } from '../run/ticket.ts';
import type { Crew } from './crew.ts';
import { type HumanInputWebhook, isWebhookUrl } from './webhook-urls.ts';

/**
 * A webhook URL with a ticket if it leads to this bot: by its path, and by the secret that it or its authentication
 * carries, whatever its host. Other people's URLs stay as they are, and those that would be too long.
 */
export function addTicket(
  url: string,
  { crew, secret, ticket }: { crew: Pick<Crew, 'name'>; secret: string; ticket: string },
  authentication?: HumanInputWebhook['authentication'],
): string {
  if (!isWebhookUrl(url) || secret === '') return url;
  const parsed = new URL(url);
  const [crewInPath, kind] = parsed.pathname.split('/').slice(-2);
  const leadsHere =
    /\/webhooks\/[^/]+\/[^/]+$/.test(parsed.pathname) &&
    decodeQuery(crewInPath) === crew.name &&
    KINDS.has(kind);
  const carried = [parsed.searchParams.get('token'), ...Object.values<string>(authentication ?? {})];
  if (!leadsHere || !carried.includes(secret)) return url;
  parsed.searchParams.set(TICKET_PARAMETER, ticket);
  return isWebhookUrl(parsed.href) ? parsed.href : url;
}

const KINDS: ReadonlySet<string | undefined> = new Set(['task', 'step', 'crew', 'human-input', 'events']);

function decodeQuery(part = ''): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
