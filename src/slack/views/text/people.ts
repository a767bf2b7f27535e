import type { Decision } from '../../../approval/model/decision.ts';
import { HERE } from '../../../approval/notify/mentions.ts';

/** Who decided: a person, or a rule of the settings. */
export function nameDecider(decision: Decision): string {
  return decision.rule === 'expiry' ? 'the rule for expired approvals' : mention(decision.by);
}

/** Slack's way to mention a person or a user group by its id, or everyone active in the channel. */
export function mentionAny(id: string): string {
  if (id === HERE) return '<!here>';
  return id.startsWith('S') ? `<!subteam^${id}>` : mention(id);
}

export function mention(userId: string): string {
  return `<@${userId}>`;
}
