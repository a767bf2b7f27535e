import { z } from 'zod';
import { isGroupId, type Members, unfoldGroups } from './slack-ids.ts';

/** Time and quorum rules of a task's approvals. An approval has those of its last round. */
export const policySchema = z.object({
  /** The thread gets a note when no webhook follows an acceptance for this long. All times are in milliseconds. */
  silentAfter: z.number(),
  /** A decision is sent after this time; until then it can be undone. */
  undoWindow: z.number(),
  /** How many people have to approve. */
  approvalsRequired: z.number(),
  remindAfter: z.number().optional(),
  /** Reminders come at night too. */
  urgent: z.boolean(),
  escalateAfter: z.number().optional(),
  /** Slack ids of users and user groups: they are mentioned then, and may decide. */
  escalateTo: z.array(z.string()),
  expireAfter: z.number().optional(),
  /** `default`: the default outcome of a Flow. */
  onExpiry: z.enum(['keep', 'approve', 'request_revision', 'default']),
  /** The feedback of a decision that the rule makes. */
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

/** Who decides on a task, and where it is shown. Read again at each click. */
export interface TaskRules {
  /** Slack channel id or #name of its cards, or a user id: a direct message. */
  channel: string;
  /** Slack user and user-group ids; empty: anyone in the channel except guests and external users. */
  approvers: readonly string[];
  /** The requester (`meta.requested_by`) cannot decide on the run. */
  excludeRequester: boolean;
  /** Guests and external users can decide. */
  allowGuests: boolean;
  /** Who is told of a card that waits: ids of users and groups, or a rule (audience.ts); absent: the approvers. */
  notify?: Notify;
  /** Later rounds that wait are also shown in the channel (absent), or in the thread only. */
  rounds?: 'channel' | 'thread';
  policy: Policy;
}

export type Notify = 'approvers' | 'here' | 'dm' | 'none' | readonly string[];

/** Rules of the tasks that a pattern names (matchesTask), where they differ from the crew's. */
export interface RulesOfTasks extends Partial<Omit<TaskRules, 'policy'>> {
  match: string;
  policy: Partial<Policy>;
}

type CrewRules = TaskRules & { tasks: readonly RulesOfTasks[] };

/** The rules of a task: those of the first pattern that names it, over the crew's. */
export function findTaskRules(crew: CrewRules, task: string): TaskRules {
  return overrideRules(
    crew,
    crew.tasks.find(({ match }) => matchesTask([match], task)),
  );
}

function overrideRules(crew: CrewRules, own?: RulesOfTasks): TaskRules {
  return { ...crew, ...own, policy: { ...crew.policy, ...own?.policy } };
}

/** What tells the rules of an approval. */
interface TaskOf {
  task: string;
  rounds: readonly { unnamed?: true | undefined }[];
}

/**
 * The rules that decide on an approval, each of which has to allow a person: its task's, where the webhook of its last round
 * names it; else the crew's and those of every task.
 */
export function resolveRules(crew: CrewRules, approval: TaskOf): TaskRules[] {
  return isUnnamed(approval) ? listAllRules(crew) : [findTaskRules(crew, approval.task)];
}

/** The rules of how it is shown, and who is notified: its task's, or the crew's while its task is not named. */
export function findDisplayRules(crew: CrewRules, approval: TaskOf): TaskRules {
  return isUnnamed(approval) ? crew : findTaskRules(crew, approval.task);
}

/** The webhook of its last round did not name its task; a name that comes later is a title, and the rules stay. */
export function isUnnamed({ rounds }: Pick<TaskOf, 'rounds'>): boolean {
  return rounds.at(-1)?.unnamed === true;
}

/** Those of a crew, and those of its tasks. */
export function listAllRules(crew: CrewRules): TaskRules[] {
  return [crew, ...crew.tasks.map((own) => overrideRules(crew, own))];
}

/**
 * The rules of time and number of a round whose task is not known: the strictest of all. Time decides only where it decides the
 * same on all tasks, and then after the longest time; else it marks the round after the shortest.
 */
export function buildStrictestPolicy(crew: CrewRules): Policy {
  const all = listAllRules(crew).map(({ policy }) => policy);
  const { expireAfter: _, ...first } = crew.policy;
  const list = (field: 'remindAfter' | 'expireAfter' | 'silentAfter') =>
    all.flatMap((one) => one[field] ?? []);
  const least = (field: 'remindAfter' | 'silentAfter') =>
    list(field).length > 0 ? { [field]: Math.min(...list(field)) } : {};
  const times = list('expireAfter');
  const decides = all.every(({ onExpiry }) => onExpiry === first.onExpiry) && first.onExpiry !== 'keep';
  const isNever = times.length === 0 || (decides && times.length < all.length);
  return {
    ...first,
    ...least('silentAfter'),
    ...least('remindAfter'),
    ...(isNever ? {} : { expireAfter: decides ? Math.max(...times) : Math.min(...times) }),
    undoWindow: Math.max(...all.map(({ undoWindow }) => undoWindow)),
    approvalsRequired: Math.max(...all.map(({ approvalsRequired }) => approvalsRequired)),
    urgent: all.some(({ urgent }) => urgent),
    onExpiry: decides ? first.onExpiry : 'keep',
  };
}

/** Approvers under each of the rules that name some. */
export function listCommonApprovers(rules: readonly TaskRules[]): string[] {
  return intersectApprovers(
    rules.map(({ approvers }) => approvers),
    () => undefined,
  );
}

/**
 * Approvers in each of the lists that name some: as they are named where all name them, else person by person, as far as groups
 * can be read (`members`).
 */
export function intersectApprovers(all: readonly (readonly string[])[], members: Members): string[] {
  const lists = all.filter((list) => list.length > 0);
  const [first = [], ...others] = lists;
  if (others.length === 0) return [...first];
  const named = first.filter((id) => others.every((list) => list.includes(id)));
  const unfolded = lists.map((list) => new Set(unfoldGroups(list, members)));
  const covered = new Set([...named, ...unfoldGroups(named, members)]);
  const people = unfoldGroups(first, members).filter((id) => unfolded.every((list) => list.has(id)));
  return [...named, ...new Set(people.filter((id) => !covered.has(id)))];
}

/** Whether certainly nobody may decide a pause whose task is not known: no person is an approver under all rules. */
export function isUndecidableUnnamed(crew: CrewRules): boolean {
  const rules = listAllRules(crew);
  const lists = rules.map(({ approvers }) => approvers).filter((list) => list.length > 0);
  return lists.length > 1 && !lists.flat().some(isGroupId) && listCommonApprovers(rules).length === 0;
}

/** Everyone who may decide on some task of a crew; empty: anyone in a channel except guests and external users. */
export function listApprovers(crew: CrewRules): string[] {
  const lists = [crew.approvers, ...crew.tasks.flatMap(({ approvers }) => (approvers ? [approvers] : []))];
  return lists.some((list) => list.length === 0) ? [] : [...new Set(lists.flat())];
}

/** All users and groups that the rules of a crew name: who approves, who is notified, whom it is escalated to. */
export function listNamedPeople(crew: CrewRules): string[] {
  return [crew, ...crew.tasks].flatMap(({ approvers, notify, policy }) => [
    ...(approvers ?? []),
    ...(typeof notify === 'object' ? notify : []),
    ...(policy.escalateTo ?? []),
  ]);
}

/**
 * Whether a task is among those that the patterns name: `*` stands for any characters, `?` for one, `!` in front takes
 * tasks out again. No patterns, or only such that take out: all the others.
 */
export function matchesTask(patterns: readonly string[], task: string): boolean {
  const named = patterns.filter((pattern) => !pattern.startsWith('!'));
  const takenOut = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const matches = (pattern: string) => matchesPattern(pattern, task);
  return (named.length === 0 || named.some(matches)) && !takenOut.some(matches);
}

/** Linear in the text for each pattern: a `*` is only ever taken back to the last one. */
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
