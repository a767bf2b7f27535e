import { z } from 'zod';
import { matchesTask } from './task-patterns.ts';

/** What the settings say of a task's approvals over time. An approval keeps it, as it was when it was opened. */
export const policySchema = z.object({
  /** The thread is told when no webhook comes for so long after an acceptance. All times are in milliseconds. */
  silentAfter: z.number(),
  /** A decision waits for so long before it is sent, and can be undone. */
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
  onExpiry: z.enum(['keep', 'approve', 'request_revision']),
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

/** Who decides on a task, and where it is shown. Read anew at each click. */
export interface TaskRules {
  /** Slack channel id or #name of its cards, or a user id: a direct message. */
  channel: string;
  /** Slack user and user-group ids; empty: anyone in the channel except guests and external users. */
  approvers: readonly string[];
  /** Whoever started the run (`meta.requested_by`) does not decide on it. */
  excludeRequester: boolean;
  /** Guests and people of other organisations may decide. */
  allowGuests: boolean;
  policy: Policy;
}

/** Rules of the tasks that a pattern names (task-patterns.ts), where they differ from the crew's. */
export interface RulesOfTasks extends Partial<Omit<TaskRules, 'policy'>> {
  match: string;
  policy: Partial<Policy>;
}

/** The rules of a task: those of the first pattern that names it, over the crew's. */
export function rulesFor(crew: TaskRules & { tasks: readonly RulesOfTasks[] }, task: string): TaskRules {
  const { channel, approvers, excludeRequester, allowGuests, policy, tasks } = crew;
  const { match: _, ...own } = tasks.find(({ match }) => matchesTask([match], task)) ?? {
    match: '',
    policy: {},
  };
  return { channel, approvers, excludeRequester, allowGuests, ...own, policy: { ...policy, ...own.policy } };
}

/** Everyone who may decide on some task of a crew; empty: anyone in a channel except guests and external users. */
export function allApprovers(crew: TaskRules & { tasks: readonly RulesOfTasks[] }): string[] {
  const lists = [crew.approvers, ...crew.tasks.flatMap(({ approvers }) => (approvers ? [approvers] : []))];
  return lists.some((list) => list.length === 0) ? [] : [...new Set(lists.flat())];
}

/** All users and groups that the rules of a crew name: who approves, and whom it is escalated to. */
export function allNamed(crew: TaskRules & { tasks: readonly RulesOfTasks[] }): string[] {
  return [crew, ...crew.tasks].flatMap(({ approvers, policy }) => [
    ...(approvers ?? []),
    ...(policy.escalateTo ?? []),
  ]);
}
