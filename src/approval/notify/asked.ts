import { listDeciders, type People, type RunPeople } from '../access/can-decide.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import { isApproverId, isGroupId } from '../model/crew/slack-ids.ts';
import type { TaskRules } from '../model/crew/task-rules.ts';

/** Whether no rule names approvers: the members of the channel decide. */
export function isOpenToChannel(rules: readonly TaskRules[]): boolean {
  return rules.every(({ approvers }) => approvers.length === 0);
}

/**
 * Slack ids of those who are asked to decide a waiting approval, by what is known of people: not those who have voted, nor
 * a requester who may not decide. Empty: nobody in particular. Pure.
 */
export function listAsked(
  rules: readonly TaskRules[],
  approval: Approval,
  run: RunPeople,
  people: Pick<People, 'members' | 'idOf'>,
): string[] {
  const { assignee, votes, escalatedAt } = currentRound(approval);
  if (assignee !== undefined) return [assignee];
  const asked = listDeciders(
    { ...(rules[0] as TaskRules), approvers: intersectApprovers(rules, people) },
    run,
    people.members,
  );
  const more = escalatedAt === undefined || asked.length === 0 ? [] : approval.policy.escalateTo;
  const done = votes.map(({ by }) => by);
  const excluded = findExcluded(rules, run, people);
  const all = [...new Set([...asked, ...more])].filter((id) => !done.includes(id) && id !== excluded);
  const responders = listResponders(approval, people);
  if (!responders) return all;
  const named = new Set(all.flatMap((id) => [id, ...(people.members(id) ?? [])]));
  return responders.filter(
    (id) => (asked.length === 0 || named.has(id)) && !done.includes(id) && id !== excluded,
  );
}

/** The only people who may decide a review, where CrewAI enforces its routing, as far as they are known in Slack. */
export function listResponders(approval: Approval, { idOf }: Pick<People, 'idOf'>): string[] | undefined {
  const { responders } = currentRound(approval).review ?? {};
  return responders?.map((email) => idOf(email)).filter((id) => typeof id === 'string');
}

/** The requester's Slack id, if they cannot decide. */
export function findExcluded(
  rules: readonly TaskRules[],
  { requestedBy }: RunPeople,
  { idOf }: Pick<People, 'idOf'>,
): string | undefined {
  if (requestedBy === undefined || !rules.some(({ excludeRequester }) => excludeRequester)) return undefined;
  return isApproverId(requestedBy) ? requestedBy : (idOf(requestedBy) ?? undefined);
}

/** Approvers under each of the rules that name some: as they are named where all name them, else person by person. */
function intersectApprovers(rules: readonly TaskRules[], { members }: Pick<People, 'members'>): string[] {
  const lists = rules.map(({ approvers }) => approvers).filter((list) => list.length > 0);
  const [first = [], ...others] = lists;
  if (others.length === 0) return [...first];
  const named = first.filter((id) => others.every((list) => list.includes(id)));
  const unfolded = lists.map(
    (list) => new Set(list.flatMap((id) => (isGroupId(id) ? [...(members(id) ?? [])] : [id]))),
  );
  const covered = new Set(named.flatMap((id) => [id, ...(members(id) ?? [])]));
  const people = [...(unfolded[0] ?? [])].filter((id) => unfolded.every((list) => list.has(id)));
  return [...named, ...people.filter((id) => !covered.has(id))];
}
