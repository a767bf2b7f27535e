import { type Approval, currentRound, type Decision } from '../../approval/approval.ts';
import type { CardLinks } from './card.ts';
import { escapedLine, mention } from './text.ts';

/** Who decided: a person, or a rule of the settings. */
export function decider(decision: Decision): string {
  return decision.rule === 'expiry' ? 'the rule for expired approvals' : mention(decision.by);
}

/** Slack's way to call a person or a user group by its id. */
export function call(id: string): string {
  return id.startsWith('S') ? `<!subteam^${id}>` : mention(id);
}

/** What a task is called, as a link to its current card. */
export function linkedTask(approval: Approval, links: CardLinks): string {
  const name = escapedLine(approval.task, 120);
  const { card } = currentRound(approval);
  const link = card && links.message(card);
  return link ? `*<${link}|${name.replaceAll('|', '¦')}>*` : `*${name}*`;
}
