import type { Failure } from '../../../approval/model/decision.ts';
import { REVIEW_FAULTS } from '../../../approval/model/review.ts';
import { FLOW_REVIEWS_ONLY, type RunStatus } from '../../../approval/model/run/run-status.ts';
import { escapeLine } from './escape.ts';

/** Why CrewAI did not accept a decision: a sentence without its final period. */
export function describeFailure(failure: Failure | undefined): string {
  if (!failure) return 'CrewAI did not answer';
  const { kind, status, detail } = failure;
  if (kind === 'not_reached') return describeNotReached(failure);
  if (detail === 'RESTORED') return 'the bot was restored from a backup while this was being sent';
  if (kind === 'unknown') return describeUnknownOutcome(failure);
  const review = describeReviewFault(failure);
  if (review !== undefined) return review;
  if (isTokenRejected(failure))
    return `CrewAI rejected the bot's token (${status}). Ask the person who runs this bot to fix it, then *Retry*`;
  if (status === 404)
    return 'CrewAI has no such run or no /resume (404): it may be a Flow, or another deployment';
  return `CrewAI rejected it (${[status, detail && escapeLine(detail, 200)].filter(Boolean).join(': ')})`;
}

function describeReviewFault({ status, detail }: Failure): string | undefined {
  switch (detail) {
    case REVIEW_FAULTS.hostNotAllowed:
      return 'the settings of this bot do not allow calls to the host of the answer any more (CALLBACK_HOSTS)';
    case REVIEW_FAULTS.callbackRejected:
      return `CrewAI rejected the link that it sent with this review (${status}). Answer it in CrewAI`;
    case REVIEW_FAULTS.unknownReview:
      return `CrewAI does not know this review any more (${status})`;
    default:
      return undefined;
  }
}

/** Whether the credentials of the crew have to be fixed before *Retry*. */
export function isTokenRejected({ kind, status, detail }: Failure): boolean {
  if (detail === REVIEW_FAULTS.callbackRejected) return false;
  return kind === 'refused' && (status === 401 || status === 403);
}

function describeNotReached({ status, detail }: Failure): string {
  if (detail === 'HELD_UP') return 'the bot was delayed before it could call CrewAI';
  if (status) return `CrewAI is not ready (${status})`;
  return `CrewAI could not be reached${describeDetail(detail)}`;
}

function describeUnknownOutcome({ status, detail }: Failure): string {
  if (status !== undefined && status >= 500)
    return `CrewAI answered with an error (${status}); whether it took the decision is not known`;
  return `CrewAI's answer was lost${status ? ` (${status})` : describeDetail(detail)}`;
}

function describeDetail(detail: string | undefined): string {
  return detail ? `: ${escapeLine(detail, 200)}` : '';
}

/** Whether sending the same decision again can succeed. It cannot if CrewAI rejects its content. */
export function canRetryHelp({ kind, status = 0 }: Failure): boolean {
  return kind !== 'refused' || status === 0 || [401, 403, 404, 429].includes(status) || status < 400;
}

/** What CrewAI reports about a run, in one sentence. */
export function describeRunStatus(status: RunStatus): string {
  switch (status.kind) {
    case 'running': {
      const task = status.task === undefined ? '' : `, at *${escapeLine(status.task, 150)}*`;
      const progress =
        status.total === undefined ? '' : `, ${status.completed} of ${status.total} tasks done`;
      return `CrewAI says that the run is in progress${task}${progress}.`;
    }
    case 'completed':
      return 'CrewAI says that the run has finished.';
    case 'failed':
      return `CrewAI says that the run has failed${describeDetail(status.error)}.`;
    case 'other':
      if (status.state.toUpperCase() === 'PAUSED') return WAITS_FOR_PERSON;
      return `CrewAI says that the state of the run is "${escapeLine(status.state, 200)}".`;
    case 'not_found':
      return 'CrewAI does not know this run.';
    case 'no_access':
      return `CrewAI rejected the status request (${status.status}): the crew's token may be wrong.`;
    case 'no_answer':
      return status.detail === FLOW_REVIEWS_ONLY
        ? 'This crew takes Flow reviews only, so nobody can be asked for the status of its runs.'
        : `CrewAI did not answer the status request (${escapeLine(status.detail, 200)}).`;
  }
}

/** CrewAI forgets a run while it waits for a person, and reports PAUSED for a Flow. */
const WAITS_FOR_PERSON = 'The run is waiting for a person.';
