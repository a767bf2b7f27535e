/** The members of a user group, by their Slack ids; undefined while the group cannot be read. */
export type Members = (groupId: string) => ReadonlySet<string> | undefined;

export type MayDecide = 'yes' | 'no' | 'cannot_check';

/**
 * Whether a person may decide: they have to be among the crew's approvers (none: everybody) and, when the run names
 * approvers of its own, among those too. A run can only narrow: whom it names beyond the crew's does not count, and a
 * list that names nobody of the crew's is as good as none.
 */
export function mayDecide(
  person: string,
  crewApprovers: readonly string[],
  runApprovers: readonly string[] | undefined,
  members: Members,
): MayDecide {
  const byCrew = crewApprovers.length === 0 ? 'yes' : listed(person, crewApprovers, members);
  if (byCrew !== 'yes') return byCrew;
  const counting = (runApprovers ?? []).filter((id) => canNarrowTo(id, crewApprovers, members));
  return counting.length === 0 ? 'yes' : listed(person, counting, members);
}

/** True for a Slack user group's id, false for a user's. */
export function isGroupId(id: string): boolean {
  return id.startsWith('S');
}

/** True for the id of a Slack user or user group. */
export function isApproverId(id: unknown): id is string {
  return typeof id === 'string' && /^[USW][A-Z0-9]{1,30}$/.test(id);
}

/** Whether a run may name this approver: false when it is certainly none of the crew's. Only the crew's own groups are read. */
export function canNarrowTo(id: string, crewApprovers: readonly string[], members: Members): boolean {
  if (crewApprovers.includes(id)) return true;
  if (isGroupId(id)) return false;
  return crewApprovers.length === 0 || listed(id, crewApprovers, members) !== 'no';
}

function listed(person: string, approvers: readonly string[], members: Members): MayDecide {
  if (approvers.includes(person)) return 'yes';
  const groups = approvers.filter(isGroupId).map(members);
  if (groups.some((people) => people?.has(person))) return 'yes';
  return groups.includes(undefined) ? 'cannot_check' : 'no';
}
