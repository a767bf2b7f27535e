import type { Round } from '../round.ts';
import { type CrewRules, findTaskRules, isUnnamed, listAllRules, matchesTask } from './task-rules.ts';

/** What carries out an approved action: the named task of a pause or a review, a pause whose task is not named, a tool, or neither. */
type Action = { task: string | undefined } | { tool: string } | 'question';

/**
 * True if the settings say that an action is irreversible. A pause whose task is not named is irreversible if any task of its crew
 * is. The title of a question selects nothing, since a model may have written it.
 */
export function isIrreversible(crew: CrewRules, action: Action): boolean {
  if (crew.effect === 'irreversible') return true;
  if (action === 'question') return false;
  if ('tool' in action) {
    const { irreversibleTools = [] } = crew;
    return irreversibleTools.length > 0 && matchesTask(irreversibleTools, action.tool);
  }
  const rules = action.task === undefined ? listAllRules(crew) : [findTaskRules(crew, action.task)];
  return rules.some(({ effect }) => effect === 'irreversible');
}

/** Describes the action that the last round of an approval asks about. */
export function findAction(approval: { task: string; rounds: readonly Round[] }): Action {
  const question = approval.rounds.at(-1)?.question;
  if (question) return question.tool ? { tool: approval.task } : 'question';
  return { task: isUnnamed(approval) ? undefined : approval.task };
}
