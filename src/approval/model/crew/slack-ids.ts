/** True for a Slack user's id. */
export function isUserId(id: string): boolean {
  return /^[UW]/.test(id);
}

/** True for a Slack user group's id, false for a user's. */
export function isGroupId(id: string): boolean {
  return id.startsWith('S');
}

/** The members of a user group, by their Slack ids; undefined while the group cannot be read. */
export type Members = (groupId: string) => ReadonlySet<string> | undefined;

/** The users among these ids, and the members of each group that can be read. */
export function unfoldGroups(ids: readonly string[], members: Members): string[] {
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

/** True for what can name who started a run: the id of a Slack user, or an email address. */
export function isRequester(text: string): boolean {
  return (isApproverId(text) && isUserId(text)) || isEmail(text);
}
