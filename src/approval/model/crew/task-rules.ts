import { z } from 'zod';
import { isGroupId, type ListMembers, unfoldGroups } from './slack-ids.ts';

/** Time and quorum rules of a task's approvals. An approval has the rules of its last round. All times are in milliseconds. */
export const policySchema = z.object({
  /** Time without a webhook after CrewAI accepted a decision, until the thread gets a note. */
  silentAfter: z.number(),
  /** Delay before a decision is sent. Until then it can be undone. */
  undoWindow: z.number(),
  /** Number of people who must approve. */
  approvalsRequired: z.number(),
  remindAfter: z.number().optional(),
  /** Reminders are also posted at night. */
  urgent: z.boolean(),
  escalateAfter: z.number().optional(),
  /** Slack ids of the users and user groups to mention after `escalateAfter`. From then on they may decide. */
  escalateTo: z.array(z.string()),
  expireAfter: z.number().optional(),
  /** `default`: the Flow's default outcome. */
  onExpiry: z.enum(['keep', 'approve', 'request_revision', 'default']),
  /** Feedback of a decision that the rule makes. */
  expiryText: z.string(),
});
export type Policy = z.infer<typeof policySchema>;

export const DEFAULT_POLICY: Policy = {
  silentAfter: 10 * 60_000,
  undoWindow: 0,
  approvalsRequired: 1,
  urgent: false,
  escalateTo: [],
  onExpiry: 'keep',
  expiryText: '',
};

/** Rules about who decides on a task and where its cards go. Read again at each click. */
export interface TaskRules {
  /** Slack channel id or #name of the cards, or a user id for a direct message. */
  channel: string;
  /** Slack user and user-group ids; empty: anyone in the channel except guests and external users. */
  approvers: readonly string[];
  /** The requester (`meta.requested_by`) cannot decide on the run. */
  excludeRequester: boolean;
  /** Guests and external users can decide. */
  allowGuests: boolean;
  /** People to notify of a waiting card: ids of users and groups, or a rule (audience.ts); absent: the approvers. */
  notify?: Notify;
  /** Place of later rounds that wait: also in the channel, or in the thread only; absent: in the channel. */
  rounds?: 'channel' | 'thread';
  /** `irreversible`: what an approval starts cannot be taken back; absent: not known. */
  effect?: 'reversible' | 'irreversible';
  policy: Policy;
}

export type Notify = 'approvers' | 'here' | 'dm' | 'none' | readonly string[];

/** Rules for the tasks that a pattern matches (matchesTask), as differences from the crew's rules. */
interface RulesOfTasks extends Partial<Omit<TaskRules, 'policy'>> {
  match: string;
  policy: Partial<Policy>;
}

/** The rules of a crew. */
export interface CrewRules extends TaskRules {
  tasks: readonly RulesOfTasks[];
  /** Patterns of the names of tools that are irreversible (matchesTask); absent or empty: none. */
  irreversibleTools?: readonly string[];
  /** Further rules for what is irreversible, as differences. Of each rule, the stricter one holds. */
  irreversible?: Omit<RulesOfTasks, 'match'>;
}

/** Finds the rules of a task: the first matching entry of `tasks`, on top of the crew's rules. */
export function findTaskRules(crew: CrewRules, task: string): TaskRules {
  return overrideRules(
    crew,
    crew.tasks.find(({ match }) => matchesTask([match], task)),
  );
}

function overrideRules(rules: TaskRules, differences?: Omit<RulesOfTasks, 'match'>): TaskRules {
  return { ...rules, ...differences, policy: { ...rules.policy, ...differences?.policy } };
}

/** Parts of an approval that determine its rules. */
interface ApprovalTask {
  task: string;
  rounds: readonly { unnamed?: true | undefined; irreversible?: true | undefined }[];
}

/**
 * Returns the rules that must all allow a person: the task's if the last round names it, else the crew's and all tasks'. If the
 * round is irreversible, also each of them with the crew's further rules.
 */
export function resolveRules(crew: CrewRules, approval: ApprovalTask): TaskRules[] {
  const task = isUnnamed(approval) ? undefined : approval.task;
  return listRules(crew, task, approval.rounds.at(-1)?.irreversible === true);
}

/** Lists the rules of a task, or of the crew and all its tasks if the task is not named (undefined). */
export function listRules(crew: CrewRules, task: string | undefined, irreversible: boolean): TaskRules[] {
  const rules = task === undefined ? listAllRules(crew) : [findTaskRules(crew, task)];
  const { irreversible: furtherRules } = crew;
  if (!irreversible || !furtherRules) return rules;
  return rules.flatMap((rule) => {
    const stricterRule = overrideRules(rule, furtherRules);
    // An escalation lets nobody decide whom the further rules do not name.
    const { policy } = stricterRule;
    return [
      rule,
      furtherRules.approvers ? { ...stricterRule, policy: { ...policy, escalateTo: [] } } : stricterRule,
    ];
  });
}

/** Finds the rules for display and notifications: the task's, or the crew's if the task is not named. */
export function findDisplayRules(crew: CrewRules, approval: ApprovalTask): TaskRules {
  const rules = isUnnamed(approval) ? crew : findTaskRules(crew, approval.task);
  return approval.rounds.at(-1)?.irreversible ? overrideRules(rules, crew.irreversible) : rules;
}

/** True if the last round's webhook did not name the task. A name that arrives later is only a title: the rules stay. */
export function isUnnamed({ rounds }: Pick<ApprovalTask, 'rounds'>): boolean {
  return rounds.at(-1)?.unnamed === true;
}

/** Lists the rules of a crew and of each of its tasks. */
export function listAllRules(crew: CrewRules): TaskRules[] {
  return [crew, ...crew.tasks.map((taskRules) => overrideRules(crew, taskRules))];
}

/**
 * Builds the policy of a round: the task's, or the strictest of the crew if the task is not named (undefined), and for what is
 * irreversible the stricter of these and the crew's further rules. With several policies, the deadline decides only if `on_expiry`
 * is the same decision in all, and then after the longest time; otherwise it marks the round after the shortest.
 */
export function buildPolicy(crew: CrewRules, task: string | undefined, irreversible: boolean): Policy {
  const policies = listRules(crew, task, irreversible).map(({ policy }) => policy);
  const ownRules = task === undefined ? crew : findTaskRules(crew, task);
  const { expireAfter: _, ...ownPolicy } = ownRules.policy;
  const listTimes = (field: 'remindAfter' | 'expireAfter' | 'silentAfter') =>
    policies.flatMap((policy) => policy[field] ?? []);
  const takeShortest = (field: 'remindAfter' | 'silentAfter') =>
    listTimes(field).length > 0 ? { [field]: Math.min(...listTimes(field)) } : {};
  const expiryTimes = listTimes('expireAfter');
  const ruleDecides =
    policies.every(({ onExpiry }) => onExpiry === ownPolicy.onExpiry) && ownPolicy.onExpiry !== 'keep';
  const neverExpires = expiryTimes.length === 0 || (ruleDecides && expiryTimes.length < policies.length);
  return {
    ...ownPolicy,
    ...takeShortest('silentAfter'),
    ...takeShortest('remindAfter'),
    ...(neverExpires
      ? {}
      : { expireAfter: ruleDecides ? Math.max(...expiryTimes) : Math.min(...expiryTimes) }),
    undoWindow: Math.max(...policies.map(({ undoWindow }) => undoWindow)),
    approvalsRequired: Math.max(...policies.map(({ approvalsRequired }) => approvalsRequired)),
    urgent: policies.some(({ urgent }) => urgent),
    onExpiry: ruleDecides ? ownPolicy.onExpiry : 'keep',
  };
}

/** Lists the approvers that all rules with named approvers have in common. */
export function listCommonApprovers(rules: readonly TaskRules[]): string[] {
  return intersectApprovers(
    rules.map(({ approvers }) => approvers),
    () => undefined,
  );
}

/**
 * Lists the approvers that all nonempty lists share: the users and groups that every list names, then the other people whom all
 * lists include through groups (`members`).
 */
export function intersectApprovers(
  approverLists: readonly (readonly string[])[],
  members: ListMembers,
): string[] {
  const lists = approverLists.filter((list) => list.length > 0);
  const [firstList = [], ...otherLists] = lists;
  if (otherLists.length === 0) return [...firstList];
  const commonIds = firstList.filter((id) => otherLists.every((list) => list.includes(id)));
  const unfolded = lists.map((list) => new Set(unfoldGroups(list, members)));
  const covered = new Set([...commonIds, ...unfoldGroups(commonIds, members)]);
  const commonPeople = unfoldGroups(firstList, members).filter((id) =>
    unfolded.every((list) => list.has(id)),
  );
  return [...commonIds, ...new Set(commonPeople.filter((id) => !covered.has(id)))];
}

/** True if certainly no one can decide on a pause whose task is not known: no person is an approver under all rules. */
export function isUndecidableUnnamed(crew: CrewRules): boolean {
  const rules = listAllRules(crew);
  const lists = rules.map(({ approvers }) => approvers).filter((list) => list.length > 0);
  return lists.length > 1 && !lists.flat().some(isGroupId) && listCommonApprovers(rules).length === 0;
}

/** Lists everyone who may decide on any task of a crew; empty: anyone in a channel except guests and external users. */
export function listApprovers(crew: CrewRules): string[] {
  const lists = [crew.approvers, ...crew.tasks.flatMap(({ approvers }) => (approvers ? [approvers] : []))];
  return lists.some((list) => list.length === 0) ? [] : [...new Set(lists.flat())];
}

/** Lists all users and groups that the rules of a crew name: approvers, people to notify, people to escalate to. */
export function listNamedPeople(crew: CrewRules): string[] {
  const { tasks, irreversible } = crew;
  return [crew, ...tasks, ...(irreversible ? [irreversible] : [])].flatMap(
    ({ approvers, notify, policy }) => [
      ...(approvers ?? []),
      ...(typeof notify === 'object' ? notify : []),
      ...(policy.escalateTo ?? []),
    ],
  );
}

/**
 * True if the patterns match a task: `*` matches any characters, `?` one; `!` in front excludes tasks. Without positive patterns,
 * all tasks match that are not excluded.
 */
export function matchesTask(patterns: readonly string[], task: string): boolean {
  const included = patterns.filter((pattern) => !pattern.startsWith('!'));
  const excluded = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const matches = (pattern: string) => matchesPattern(pattern, task);
  return (included.length === 0 || included.some(matches)) && !excluded.some(matches);
}

/** Backtracks to the last `*` only, so the time grows at most with pattern length × text length. */
function matchesPattern(pattern: string, text: string): boolean {
  let [p, t] = [0, 0];
  let [star, resume] = [-1, 0];
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p;
      resume = t;
      p += 1;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p += 1;
      t += 1;
    } else if (star !== -1) {
      resume += 1;
      p = star + 1;
      t = resume;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(p));
}
