import type { RecordedRules } from '../approval/model/approval.ts';
import { isGroupId, isUserId } from '../approval/model/crew/slack-ids.ts';
import { getOwn } from '../lib/own-member.ts';
import { html, isolate, join, type Markup } from './html.ts';
import type { Names } from './names.ts';
import { writeTimeSpan } from './spans.ts';

/** Describes whom the opening of a round asked, and under which rules. */
export function describeRules(rules: RecordedRules, names: Names): Markup {
  const { approvers, escalateTo, requester } = rules;
  const people = (ids: readonly string[]) =>
    join(
      ids.map((id) => isolate(names.name(id))),
      ', ',
    );
  const place = isUserId(rules.channel)
    ? html`in a direct message to ${isolate(names.place(rules.channel))}`
    : html`in ${isolate(names.place(rules.channel))}`;
  const parts = [
    html`card ${place}`,
    approvers.length > 0
      ? html`approvers ${people(approvers)}`
      : html`no approvers named: the members of the channel decide`,
    rules.irreversible && html`the action is irreversible`,
    html`${rules.approvalsRequired} ${rules.approvalsRequired === 1 ? 'approval' : 'approvals'} needed`,
    rules.excludeRequester &&
      html`the person who started the run cannot decide${requester !== undefined && html` (${isolate(names.name(requester))})`}`,
    html`guests ${rules.allowGuests ? 'may' : 'may not'} decide`,
    escalateTo.length > 0 &&
      html`${people(escalateTo)} asked too${rules.escalateAfter !== undefined && ` after ${writeTimeSpan(rules.escalateAfter)}`}`,
    rules.expireAfter === undefined
      ? html`no deadline`
      : html`at the deadline (after ${writeTimeSpan(rules.expireAfter)}): ${getOwn(DEADLINE, rules.onExpiry) ?? rules.onExpiry}`,
    rules.undoWindow > 0 && html`can be undone for ${writeTimeSpan(rules.undoWindow)}`,
  ];
  return html`${join(
    parts.filter((part) => part !== false && part !== undefined),
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
export function describeRight(person: string, rules: RecordedRules | undefined, names: Names): string {
  if (!rules) return 'the history does not say under which rule';
  if (rules.approvers.includes(person)) return 'a named approver';
  if (rules.escalateTo.includes(person)) return 'named by the escalation';
  if (rules.approvers.length === 0) return `a member of the channel ${names.place(rules.channel)}`;
  const groups = [...rules.approvers, ...rules.escalateTo].filter(isGroupId);
  return groups.length > 0
    ? `allowed by the groups ${groups.join(', ')}, whose members at that time are not in the history`
    : 'not among the approvers that were named when the round was opened';
}
