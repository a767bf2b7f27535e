import { isApproverId, isGroupId, type ListMembers } from '../model/crew/slack-ids.ts';
import type { TaskRules } from '../model/crew/task-rules.ts';

/** Known facts about people. Reading them never asks Slack. */
export interface People {
  members: ListMembers;
  /** Returns the Slack id for an email address; null: there is none; undefined: not known yet. */
  idOf(email: string): string | null | undefined;
  /** True for guests and external users; undefined: not known yet. */
  outsider(person: string): boolean | undefined;
  /** True for deactivated users and bots; undefined: not known yet. */
  isGone(person: string): boolean | undefined;
}

/** `not_member`: the channel's members decide, and the person is not one; `open_card`: the member list is not known yet. */
export type DecisionRight =
  | 'yes'
  | 'no'
  | 'cannot_check'
  | 'requester'
  | 'guest'
  | 'not_member'
  | 'open_card';

/** People whom a run names. */
export interface RunPeople {
  approvers?: readonly string[] | undefined;
  requestedBy?: string | undefined;
  /** Person who started the run, if its question names another requester. Neither of them decides. */
  startedBy?: string | undefined;
}

/** Merges the people of a run and of its question. A question can only narrow its run. Pure. */
export function narrowRunPeople(run: RunPeople, question: RunPeople = {}): RunPeople {
  const commonApprovers = question.approvers?.filter((id) => !run.approvers || run.approvers.includes(id));
  return {
    approvers: commonApprovers?.length ? commonApprovers : run.approvers,
    requestedBy: question.requestedBy ?? run.requestedBy,
    ...(question.requestedBy === undefined ? {} : { startedBy: run.requestedBy }),
  };
}

/**
 * Checks whether a person may decide. The person must be one of the task's approvers (none: a member of the approval's channel)
 * and one of the run's, if the run names any; after an escalation, being one of `escalateTo` is enough. A run can only narrow:
 * people from outside the settings do not count, and a list without any approver of the settings has no effect, even if the only
 * one has left the group. `inChannel`: the person has access to the approval's channel; undefined: not known.
 */
export function canDecide(
  person: string,
  rules: TaskRules,
  run: RunPeople,
  { escalated, inChannel }: { escalated: boolean; inChannel: boolean | undefined },
  people: People,
): DecisionRight {
  const { members } = people;
  const answers: DecisionRight[] = [
    checkApprovers(person, rules.approvers, run.approvers, { members, inChannel }),
  ];
  if (escalated) answers.push(checkList(person, rules.policy.escalateTo, members));
  if (!answers.includes('yes')) return REVERSIBLE_REFUSALS.find((answer) => answers.includes(answer)) ?? 'no';
  const requesters = rules.excludeRequester
    ? listRequesters(run).map((requestedBy) => readRequesterId({ requestedBy }, people))
    : [];
  if (requesters.includes(person)) return 'requester';
  if (requesters.includes(undefined)) return 'cannot_check';
  const isGone = people.isGone(person);
  if (isGone !== false) return isGone ? 'no' : 'cannot_check';
  // The settings allow people whom they name by their own id, even guests and external users.
  if ([...rules.approvers, ...rules.policy.escalateTo].includes(person)) return 'yes';
  const outsider = people.outsider(person);
  if (outsider === undefined) return 'cannot_check';
  return outsider && !rules.allowGuests ? 'guest' : 'yes';
}

/** Returned before a plain `no`, in this order: these refusals may turn into a yes. */
const REVERSIBLE_REFUSALS = ['cannot_check', 'open_card', 'not_member'] as const;

/** Checks whether CrewAI's routing names a person by email address. Without a routing, everyone may answer. */
export function checkResponder(
  person: string,
  responders: readonly string[] | undefined,
  { idOf }: Pick<People, 'idOf'>,
): 'yes' | 'no' | 'cannot_check' {
  if (!responders) return 'yes';
  const ids = responders.map((email) => idOf(email));
  if (ids.includes(person)) return 'yes';
  return ids.includes(undefined) ? 'cannot_check' : 'no';
}

/** Lists the users and groups who decide: the run's approvers that count, else the crew's; empty: the channel's members. */
export function listDeciders(
  approvers: readonly string[],
  run: RunPeople,
  members: ListMembers = () => undefined,
): string[] {
  const countingApprovers = (run.approvers ?? []).filter((id) => canNarrowTo(id, approvers, members));
  return countingApprovers.length > 0 ? countingApprovers : [...approvers];
}

/** True if a run may name this approver: false only if they certainly are not the crew's. Reads only the crew's groups. */
export function canNarrowTo(id: string, crewApprovers: readonly string[], members: ListMembers): boolean {
  if (crewApprovers.includes(id)) return true;
  if (isGroupId(id)) return false;
  return crewApprovers.length === 0 || checkList(id, crewApprovers, members) !== 'no';
}

function checkApprovers(
  person: string,
  approvers: readonly string[],
  runApprovers: readonly string[] | undefined,
  { members, inChannel }: { members: ListMembers; inChannel: boolean | undefined },
): DecisionRight {
  const crewRight =
    approvers.length === 0 ? CHANNEL_RIGHTS[`${inChannel}`] : checkList(person, approvers, members);
  if (crewRight !== 'yes') return crewRight;
  const countingApprovers = (runApprovers ?? []).filter((id) => canNarrowTo(id, approvers, members));
  return countingApprovers.length === 0 ? 'yes' : checkList(person, countingApprovers, members);
}

/** Rights if no approvers are named, by the person's membership of the channel. */
const CHANNEL_RIGHTS = { true: 'yes', false: 'not_member', undefined: 'open_card' } as const;

/** Returns the Slack id of the requester; null: there is none in Slack; undefined: not known yet. */
export function readRequesterId(
  { requestedBy }: RunPeople,
  { idOf }: Pick<People, 'idOf'>,
): string | null | undefined {
  if (requestedBy === undefined || isApproverId(requestedBy)) return requestedBy ?? null;
  return idOf(requestedBy);
}

/** Lists the ids or email addresses of the people who requested or started a run. */
export function listRequesters({ requestedBy, startedBy }: RunPeople): string[] {
  return [requestedBy, startedBy].filter((requester) => requester !== undefined);
}

function checkList(
  person: string,
  approvers: readonly string[],
  members: ListMembers,
): 'yes' | 'no' | 'cannot_check' {
  if (approvers.includes(person)) return 'yes';
  const groups = approvers.filter(isGroupId).map(members);
  if (groups.some((people) => people?.has(person))) return 'yes';
  return groups.includes(undefined) ? 'cannot_check' : 'no';
}
