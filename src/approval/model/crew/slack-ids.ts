/** True for a Slack user's id. */
export function isUserId(id: string): boolean {
  return /^[UW]/.test(id);
}

/** True for a Slack user group's id, false for a user's. */
export function isGroupId(id: string): boolean {
  return id.startsWith('S');
}

/** Returns the Slack ids of a user group's members; undefined: the group cannot be read yet. */
export type ListMembers = (groupId: string) => ReadonlySet<string> | undefined;

/** Lists the users among these ids and the members of each group that can be read. */
export function unfoldGroups(ids: readonly string[], members: ListMembers): string[] {
  return ids.flatMap((id) => (isGroupId(id) ? [...(members(id) ?? [])] : [id]));
}

/** True for the id of a Slack user or user group. */
export function isApproverId(id: unknown): id is string {
  return typeof id === 'string' && /^[USW][A-Z0-9]{1,30}$/.test(id);
}

const EMAIL = /^[^\s@<>]{1,64}@[^\s@<>]{1,190}$/;

export function isEmail(text: string): boolean {
  return EMAIL.test(text);
}

/** True for a Slack user's id or an email address: both can name the person who started a run. */
export function isRequester(text: string): boolean {
  return (isApproverId(text) && isUserId(text)) || isEmail(text);
}
