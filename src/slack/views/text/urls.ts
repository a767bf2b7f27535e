import type { Approval } from '../../../approval/model/approval.ts';
import { maskUrl, type ResolvedUrl, webhookKinds } from '../../../approval/model/crew/webhook-urls.ts';
import type { Round } from '../../../approval/model/round.ts';
import { en as texts } from '../../texts/en.ts';
import { escapeLine } from './escape.ts';

/** The webhook URLs that are sent with a decision and the origin of each, without secrets; undefined if there are none. */
export function describeUrls(approval: Approval, round: Round): string | undefined {
  const known: ['task' | 'step' | 'crew' | 'humanInput', ResolvedUrl | undefined][] = [
    ...webhookKinds.map((kind) => [kind, approval.urls[kind]] as [typeof kind, ResolvedUrl | undefined]),
    ['humanInput', round.humanInput ? approval.humanInputUrl : undefined],
  ];
  const urls = known.flatMap(([kind, sent]) => {
    if (!sent) return [];
    const url = escapeLine(maskUrl(sent.url, sent.from === 'bot'), 150);
    return [texts.reading.webhookUrl(kind, url, sent.from)];
  });
  return urls.length > 0 ? texts.reading.sentUrls(urls) : undefined;
}
