import type { Approval } from '../../../approval/model/approval.ts';
import { maskUrl, type ResolvedUrl, webhookKinds } from '../../../approval/model/crew/webhook-urls.ts';
import type { Round } from '../../../approval/model/round.ts';
import { escapeLine } from './escape.ts';

const ORIGINS: Readonly<Record<ResolvedUrl['from'], string>> = {
  registered: 'registered',
  meta: 'from meta',
  settings: 'from the settings',
  bot: "the bot's own",
};

/** The webhook URLs that are sent with a decision and the origin of each, without secrets; undefined if there are none. */
export function describeUrls(approval: Approval, round: Round): string | undefined {
  const known: [string, ResolvedUrl | undefined][] = [
    ...webhookKinds.map((kind): [string, ResolvedUrl | undefined] => [kind, approval.urls[kind]]),
    ['human input', round.humanInput ? approval.humanInputUrl : undefined],
  ];
  const urls = known.flatMap(([kind, sent]) =>
    sent
      ? [`${kind} → ${escapeLine(maskUrl(sent.url, sent.from === 'bot'), 150)} (${ORIGINS[sent.from]})`]
      : [],
  );
  return urls.length > 0 ? `Sent with the decision: ${urls.join(' · ')}` : undefined;
}
