import type { Decision } from '../../approval/approval.ts';
import { mention } from './text.ts';

/** Who decided: a person, or a rule of the settings. */
export function decider(decision: Decision): string {
  return decision.rule === 'expiry' ? 'the rule for expired approvals' : mention(decision.by);
}

/** Slack's way to call a person or a user group by its id. */
export function call(id: string): string {
  return id.startsWith('S') ? `<!subteam^${id}>` : mention(id);
}
