import type { Approval, Round } from '../../approval/approval.ts';
import { shownUrls } from '../../approval/card-view.ts';
import type { UrlOrigin } from '../../approval/webhook-urls.ts';
import { escapedLine } from './text.ts';

const ORIGINS: Readonly<Record<UrlOrigin, string>> = {
  registered: 'registered',
  meta: 'from meta',
  settings: 'from the settings',
  bot: "the bot's own",
};

/** Which webhook URLs go with a decision and where each was learnt, secrets left out; undefined when none does. */
export function urlsSent(approval: Approval, round: Round): string | undefined {
  const urls = shownUrls(approval, round).map(
    ({ kind, url, from }) => `${kind} → ${escapedLine(url, 150)} (${ORIGINS[from]})`,
  );
  return urls.length > 0 ? `Sent with the decision: ${urls.join(' · ')}` : undefined;
}

/** The same in a few words, for a card: which kinds, and where from. */
export function urlKindsSent(approval: Approval, round: Round): string | undefined {
  const kinds = new Map<UrlOrigin, string[]>();
  for (const { kind, from } of shownUrls(approval, round))
    kinds.set(from, [...(kinds.get(from) ?? []), kind]);
  const words = [...kinds].map(([from, all]) => `${all.join(', ')} (${ORIGINS[from]})`);
  return words.length > 0 ? `Sent with the decision: ${words.join(', ')}` : undefined;
}
