import { listShownUrls } from '../../../approval/lifecycle/card-key.ts';
import type { Approval } from '../../../approval/model/approval.ts';
import type { UrlOrigin } from '../../../approval/model/crew/webhook-urls.ts';
import type { Round } from '../../../approval/model/round.ts';
import { escapeLine } from './escape.ts';

const ORIGINS: Readonly<Record<UrlOrigin, string>> = {
  registered: 'registered',
  meta: 'from meta',
  settings: 'from the settings',
  bot: "the bot's own",
};

/** The webhook URLs that are sent with a decision and the origin of each, without secrets; undefined if there are none. */
export function describeUrls(approval: Approval, round: Round): string | undefined {
  const urls = listShownUrls(approval, round).map(
    ({ kind, url, from }) => `${kind} → ${escapeLine(url, 150)} (${ORIGINS[from]})`,
  );
  return urls.length > 0 ? `Sent with the decision: ${urls.join(' · ')}` : undefined;
}
