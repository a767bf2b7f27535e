import type { Failure } from '../../../approval/model/decision.ts';
import type { RunStatus } from '../../../approval/model/run/run-status.ts';
import { escapeLine } from './escape.ts';

/** Why CrewAI did not take a decision, as half a sentence. */
export function describeFailure(failure: Failure | undefined): string {
  if (!failure) return 'CrewAI did not answer';
  const detail = failure.detail ? `: ${escapeLine(failure.detail, 200)}` : '';
  if (failure.kind === 'not_reached') {
    if (failure.detail === 'HELD_UP') return 'this bot was held up before it could call CrewAI';
    return failure.status
      ? `CrewAI is not ready (${failure.status})`
      : `CrewAI could not be reached${detail}`;
  }
  if (failure.detail === 'RESTORED') return 'the bot was restored from a backup while this was being sent';
  if (failure.kind === 'unknown')
    return (failure.status ?? 0) >= 500
      ? `CrewAI answered with an error (${failure.status}), and whether it took the decision is not known`
      : `CrewAI's answer was lost${failure.status ? ` (${failure.status})` : detail}`;
  if (failure.status === 401 || failure.status === 403)
    return `CrewAI rejected the bot's token (${failure.status}). Ask whoever runs this bot to fix it`;
  if (failure.status === 404)
    return 'CrewAI has no such run or no /resume (404): it may be a Flow, or another deployment';
  return `CrewAI refused it (${[failure.status, failure.detail && escapeLine(failure.detail, 200)].filter(Boolean).join(': ')})`;
}

/** Whether sending the same decision again can help: not where CrewAI refuses what it says. */
export function canRetryHelp({ kind, status = 0 }: Failure): boolean {
  return kind !== 'refused' || status === 0 || [401, 403, 404, 429].includes(status) || status < 400;
}

/** What CrewAI says of a run, in one sentence. */
export function describeRunStatus(status: RunStatus): string {
  switch (status.kind) {
    case 'running': {
      const task = status.task === undefined ? '' : `, at *${escapeLine(status.task, 150)}*`;
      const progress =
        status.total === undefined ? '' : `, ${status.completed} of ${status.total} tasks done`;
      return `CrewAI says that it is running${task}${progress}.`;
    }
    case 'completed':
      return 'CrewAI says that it has finished.';
    case 'failed':
      return `CrewAI says that it has failed${status.error === undefined ? '' : `: ${escapeLine(status.error, 200)}`}.`;
    case 'other':
      if (status.state.toUpperCase() === 'PAUSED') return WAITS_FOR_PERSON;
      return `CrewAI says that its state is "${escapeLine(status.state, 200)}".`;
    case 'not_found':
      return 'CrewAI does not know this run.';
    case 'no_access':
      return `CrewAI refuses to tell its status (${status.status}): the token of the crew may be wrong.`;
    case 'no_answer':
      return `CrewAI did not answer when it was asked for its status (${escapeLine(status.detail, 200)}).`;
  }
}

/** CrewAI forgets a run while it waits for a person, and says PAUSED of a Flow. */
const WAITS_FOR_PERSON = 'The run is waiting for a person.';
