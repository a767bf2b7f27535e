import type { Decision } from '../../../approval/model/round.ts';
import { HERE } from '../../../approval/notify/mentions.ts';
import { type DecisionWords, en as texts } from '../../texts/en.ts';
import { formatDate } from './elements.ts';
import { escapeLine } from './escape.ts';

/** Names who decided: a person, or a rule of the settings. */
export function nameDecider(decision: Decision): string {
  return decision.rule === 'expiry' ? texts.card.rule : mention(decision.by);
}

/** Mentions a user or a user group by its ID, or everyone who is active in the channel. */
function mentionAny(id: string): string {
  if (id === HERE) return '<!here>';
  return id.startsWith('S') ? `<!subteam^${id}>` : mention(id);
}

/** Mentions all of them; undefined if there are none. */
export function mentionAll(ids: readonly string[]): string | undefined {
  return ids.length === 0 ? undefined : ids.map(mentionAny).join(' ');
}

/** Names who produced an output; undefined if it is not known. */
export function nameAgent(agent: string | undefined): string | undefined {
  return agent ? `*${escapeLine(agent, 100)}*` : undefined;
}

export function mention(userId: string): string {
  return `<@${userId}>`;
}

/** A decision for a sentence; without its time for a line that has it elsewhere. `others`: who decided before the last. */
export function prepareDecision(
  { action, option, feedback, rule, by, at }: Decision,
  { dated = true, others = [] }: { dated?: boolean; others?: readonly string[] | undefined } = {},
): DecisionWords {
  return {
    action,
    option: option === undefined ? undefined : `*${escapeLine(feedback, 75)}*`,
    by: rule ? undefined : texts.people([...others, by].map(mention)),
    ...(dated ? { when: formatDate(at) } : {}),
  };
}
