import type { RecordedRules } from '../approval/model/approval.ts';
import { isGroupId, isUserId } from '../approval/model/crew/slack-ids.ts';
import { getOwn } from '../lib/own-member.ts';
import { html, isolate, join, type Markup } from './html.ts';
import type { Names } from './names.ts';
import { writeTimeSpan } from './spans.ts';

/** Describes whom the opening of a round asked, and under which rules. */
export function describeRules(asked: RecordedRules, names: Names): Markup {
  const { approvers, escalateTo, requester } = asked;
  const people = (ids: readonly string[]) =>
    join(
      ids.map((id) => isolate(names.name(id))),
      ', ',
    );
  const where = isUserId(asked.channel)
    ? html`in a direct message to ${isolate(names.place(asked.channel))}`
    : html`in ${isolate(names.place(asked.channel))}`;
  const parts = [
    html`card ${where}`,
    approvers.length > 0
      ? html`approvers ${people(approvers)}`
      : html`no approvers named: the members of the channel decide`,
    html`${asked.approvalsRequired} ${asked.approvalsRequired === 1 ? 'approval' : 'approvals'} needed`,
    asked.excludeRequester &&
      html`who started the run may not decide${requester !== undefined && html` (${isolate(names.name(requester))})`}`,
    html`guests ${asked.allowGuests ? 'may' : 'may not'} decide`,
    escalateTo.length > 0 &&
      html`${people(escalateTo)} asked too${asked.escalateAfter !== undefined && ` after ${writeTimeSpan(asked.escalateAfter)}`}`,
    asked.expireAfter === undefined
      ? html`no deadline`
      : html`at the deadline (after ${writeTimeSpan(asked.expireAfter)}): ${getOwn(DEADLINE, asked.onExpiry) ?? asked.onExpiry}`,
    asked.undoWindow > 0 && html`can be undone for ${writeTimeSpan(asked.undoWindow)}`,
  ];
  return html`${join(
    parts.filter((part) => part !== false),
    '; ',
  )}`;
}

const DEADLINE: Readonly<Record<string, string>> = {
  keep: 'it goes on waiting',
  approve: 'the rule approves',
  request_revision: 'the rule requests a revision',
  default: 'the rule takes the default',
};

/** Describes the rule under which a person decided, as far as the history shows. */
export function describeRight(person: string, asked: RecordedRules | undefined, names: Names): string {
  if (!asked) return 'the history does not say under which rule';
  if (asked.approvers.includes(person)) return 'a named approver';
  if (asked.escalateTo.includes(person)) return 'named by the escalation';
  if (asked.approvers.length === 0) return `a member of the channel ${names.place(asked.channel)}`;
  const groups = [...asked.approvers, ...asked.escalateTo].filter(isGroupId);
  return groups.length > 0
    ? `allowed by the groups ${groups.join(', ')}, whose members of then are not in the history`
    : 'not among the approvers that were named when the round was opened';
}
