import { type Approval, currentRound, threadCard } from '../../../approval/model/approval.ts';
import type { Decision } from '../../../approval/model/decision.ts';
import type { Round } from '../../../approval/model/round.ts';
import { HERE } from '../../../approval/notify/mentions.ts';
import type { CardLinks } from '../message-view.ts';
import { escapedLine, mention } from './text.ts';

/** Who decided: a person, or a rule of the settings. */
export function decider(decision: Decision): string {
  return decision.rule === 'expiry' ? 'the rule for expired approvals' : mention(decision.by);
}

/** Slack's way to mention a person or a user group by its id, or everyone active in the channel. */
export function call(id: string): string {
  if (id === HERE) return '<!here>';
  return id.startsWith('S') ? `<!subteam^${id}>` : mention(id);
}

/** The link to a round's card: without its thread Slack opens the channel and not the message. */
export function cardLink(approval: Approval, { card }: Round, links: CardLinks): string | undefined {
  if (!card) return undefined;
  const root = threadCard(approval);
  const inThread = root && root.ts !== card.ts && root.channel === card.channel;
  return links.message({ channel: card.channel, ts: card.ts, threadTs: inThread ? root.ts : undefined });
}

/** What a task is called, as a link to its current card. */
export function linkedTask(approval: Approval, links: CardLinks): string {
  const name = escapedLine(approval.task, 120);
  const link = cardLink(approval, currentRound(approval), links);
  return link ? `*<${link}|${name.replaceAll('|', '¦')}>*` : `*${name}*`;
}
