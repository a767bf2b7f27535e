import { type Approval, currentRound, threadCard } from '../../../approval/model/approval.ts';
import type { Round } from '../../../approval/model/round.ts';
import type { CardLinks } from '../message-view.ts';
import { escapeLine } from './escape.ts';

/** Links to a round's card. Without the thread Slack opens the channel instead of the message. */
export function buildCardLink(approval: Approval, { card }: Round, links: CardLinks): string | undefined {
  if (!card) return undefined;
  const root = threadCard(approval);
  const inThread = root && root.ts !== card.ts && root.channel === card.channel;
  return links.message({ channel: card.channel, ts: card.ts, threadTs: inThread ? root.ts : undefined });
}

/** The name of a task as a link to its current card. */
export function linkTask(approval: Approval, links: CardLinks): string {
  const name = escapeLine(approval.task, 120);
  const link = buildCardLink(approval, currentRound(approval), links);
  return link ? `*<${link}|${name.replaceAll('|', '¦')}>*` : `*${name}*`;
}
