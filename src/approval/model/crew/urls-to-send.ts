import { announcesPauses, type Execution } from '../run/execution.ts';
import type { Crew } from './crew.ts';
import type { Dialect } from './dialect.ts';
import { type HumanInputWebhook, type ResolvedUrls, webhookKinds } from './webhook-urls.ts';

/**
 * The human-input webhook that a decision is sent with, and where it was learnt: registered, named in `meta`, or the
 * bot's own. The bot's own goes with every decision on the live dialect, and else only where the run's pauses come
 * through human-input webhooks. It is sent in the form in which it came.
 */
export function resolveHumanInput(
  { ownHumanInput }: Crew,
  execution: Execution,
  dialect: Dialect,
  roundCameThroughIt: boolean,
): { webhook: HumanInputWebhook; from: 'registered' | 'meta' | 'bot' } | undefined {
  const { registeredHumanInput: registered, metaHumanInputUrl, humanInputForm } = execution;
  const wanted = dialect === 'live' || roundCameThroughIt || announcesPauses(execution);
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
export function resolveCrewUrls(crew: Crew, { registeredUrls, metaUrls }: Execution): ResolvedUrls {
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
