import type { Decision } from '../../../approval/model/decision.ts';
import { HERE } from '../../../approval/notify/mentions.ts';
import { escapeLine } from './escape.ts';

/** Names who decided: a person, or a rule of the settings. */
export function nameDecider(decision: Decision): string {
  return decision.rule === 'expiry' ? 'the rule for expired approvals' : mention(decision.by);
}

/** Mentions a user or a user group by its ID, or everyone who is active in the channel. */
export function mentionAny(id: string): string {
  if (id === HERE) return '<!here>';
  return id.startsWith('S') ? `<!subteam^${id}>` : mention(id);
}

/** Names who produced an output. */
export function nameAgent(agent: string | undefined): string {
  return agent ? `*${escapeLine(agent, 100)}*` : 'The crew';
}

export function mention(userId: string): string {
  return `<@${userId}>`;
}
