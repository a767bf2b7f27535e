import type { Approval } from '../../../approval/model/approval.ts';
import type { Decision } from '../../../approval/model/decision.ts';
import { escapeLine } from '../text/escape.ts';
import { mention } from '../text/people.ts';

/**
 * Task and crew. The title of a task without a name is the beginning of its output, which neither lock screens nor
 * requesters may see.
 */
export function nameApproval(approval: Approval): string {
  const crew = escapeLine(approval.crew, 64);
  return approval.titleOnly ? `an output of ${crew}` : `*${escapeLine(approval.task, 150)}* of ${crew}`;
}

/** The same at the beginning of a notification. */
export function nameInNotification(approval: Approval): string {
  const task = approval.titleOnly ? 'an output' : escapeLine(approval.task, 150);
  return `${escapeLine(approval.crew, 64)}: ${task}`;
}

/** The beginning of a sentence about a decision, addressed to the person who made it. */
export function addressDecider(decision: Decision): string {
  return decision.rule
    ? 'The decision of the rule for expired approvals'
    : `${mention(decision.by)}, your decision`;
}

/** "@Ana, ", or nothing if a rule decided. */
export function addressPerson(decision: Decision): string {
  return decision.rule ? '' : `${mention(decision.by)}, `;
}
