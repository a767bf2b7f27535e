import { announcesPauses, type Execution } from '../run/execution.ts';
import type { Crew } from './crew.ts';
import type { Dialect } from './dialect.ts';
import { type HumanInputWebhook, type ResolvedUrls, resolveUrls } from './webhook-urls.ts';

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

/** The webhook URLs that a decision on this run is sent with, and where each was learnt. */
export function resolveCrewUrls(crew: Crew, execution: Execution): ResolvedUrls {
  return resolveUrls({
    registered: execution.registeredUrls,
    meta: execution.metaUrls,
    settings: crew.webhookUrls,
    bot: crew.ownUrls,
  });
}
