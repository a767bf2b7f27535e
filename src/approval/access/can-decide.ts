import { isApproverId, isGroupId, type Members } from '../model/crew/slack-ids.ts';
import type { TaskRules } from '../model/crew/task-rules.ts';

/** What is known of people, without asking Slack. */
export interface People {
  members: Members;
  /** The Slack id for an email address, null for none; undefined while it is not known. */
  idOf(email: string): string | null | undefined;
  /** A guest, or of another organisation; undefined while it is not known. */
  outsider(person: string): boolean | undefined;
  /** Deactivated, or a bot; undefined while it is not known. */
  isGone(person: string): boolean | undefined;
}

/** `not_member`: the channel's members decide, and they are not one; `open_card`: the member list is not known yet. */
export type DecisionRight =
  | 'yes'
  | 'no'
  | 'cannot_check'
  | 'requester'
  | 'guest'
  | 'not_member'
  | 'open_card';

/** What a run says of who decides on it. */
export interface RunPeople {
  approvers?: readonly string[] | undefined;
  requestedBy?: string | undefined;
  /** Who started the run of a question with a requester of its own, and does not decide either. */
  startedBy?: string | undefined;
}

/** What a run and a question of it say of who decides. A question only narrows what its run says. Pure. */
export function narrowRunPeople(run: RunPeople, asked: RunPeople = {}): RunPeople {
  const common = asked.approvers?.filter((id) => !run.approvers || run.approvers.includes(id));
  return {
    approvers: common?.length ? common : run.approvers,
    requestedBy: asked.requestedBy ?? run.requestedBy,
    ...(asked.requestedBy === undefined ? {} : { startedBy: run.requestedBy }),
  };
}

/**
 * Whether a person may decide: they have to be among the task's approvers (none: the members of the approval's channel)
 * and, when the run names approvers of its own, among those too; or, once it was escalated, among those that it was
 * escalated to. A run can only narrow: people whom it names beyond the settings do not count, and a list without any of
 * the approvers in the settings has no effect, also once the only one has left the group. `inChannel`: whether they have
 * access to the approval's channel, undefined while not known.
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
  if (!answers.includes('yes')) return REFUSED_BY.find((answer) => answers.includes(answer)) ?? 'no';
  const requesters = rules.excludeRequester
    ? listRequesters(run).map((requestedBy) => readRequesterId({ requestedBy }, people))
    : [];
  if (requesters.includes(person)) return 'requester';
  if (requesters.includes(undefined)) return 'cannot_check';
  const isGone = people.isGone(person);
  if (isGone !== false) return isGone ? 'no' : 'cannot_check';
  // A person whom the settings name by their own ID is allowed, also a guest or an external user.
  if ([...rules.approvers, ...rules.policy.escalateTo].includes(person)) return 'yes';
  const outsider = people.outsider(person);
  if (outsider === undefined) return 'cannot_check';
  return outsider && !rules.allowGuests ? 'guest' : 'yes';
}

/** Of two refusals the one that leaves a way open. */
const REFUSED_BY = ['cannot_check', 'open_card', 'not_member'] as const;

/** Whether a person is one of those whom CrewAI names by their e-mail addresses; undefined: it names nobody, all may. */
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

/** Slack ids of the users and groups who decide, of the approvers in the settings and those of a run; empty: the channel's members. */
export function listDeciders(
  approvers: readonly string[],
  run: RunPeople,
  members: Members = () => undefined,
): string[] {
  const narrowed = (run.approvers ?? []).filter((id) => canNarrowTo(id, approvers, members));
  return narrowed.length > 0 ? narrowed : [...approvers];
}

/** Whether a run may name this approver: false when it is certainly none of the crew's. Only the crew's own groups are read. */
export function canNarrowTo(id: string, crewApprovers: readonly string[], members: Members): boolean {
  if (crewApprovers.includes(id)) return true;
  if (isGroupId(id)) return false;
  return crewApprovers.length === 0 || checkList(id, crewApprovers, members) !== 'no';
}

function checkApprovers(
  person: string,
  approvers: readonly string[],
  runApprovers: readonly string[] | undefined,
  { members, inChannel }: { members: Members; inChannel: boolean | undefined },
): DecisionRight {
  const byCrew =
    approvers.length === 0 ? CHANNEL_RIGHTS[`${inChannel}`] : checkList(person, approvers, members);
  if (byCrew !== 'yes') return byCrew;
  const counting = (runApprovers ?? []).filter((id) => canNarrowTo(id, approvers, members));
  return counting.length === 0 ? 'yes' : checkList(person, counting, members);
}

/** Where no approvers are named, by whether a person is in the channel. */
const CHANNEL_RIGHTS = { true: 'yes', false: 'not_member', undefined: 'open_card' } as const;

/** The Slack id of who started a run; null for none in Slack, undefined while it is not known. */
export function readRequesterId(
  { requestedBy }: RunPeople,
  { idOf }: Pick<People, 'idOf'>,
): string | null | undefined {
  if (requestedBy === undefined || isApproverId(requestedBy)) return requestedBy ?? null;
  return idOf(requestedBy);
}

/** By the ids or addresses with which they are named. */
export function listRequesters({ requestedBy, startedBy }: RunPeople): string[] {
  return [requestedBy, startedBy].filter((one) => one !== undefined);
}

function checkList(
  person: string,
  approvers: readonly string[],
  members: Members,
): 'yes' | 'no' | 'cannot_check' {
  if (approvers.includes(person)) return 'yes';
  const groups = approvers.filter(isGroupId).map(members);
  if (groups.some((people) => people?.has(person))) return 'yes';
  return groups.includes(undefined) ? 'cannot_check' : 'no';
}
