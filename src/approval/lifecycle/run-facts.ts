import { type Approval, addFact, currentRound, findRound, isTitleOnly } from '../model/approval.ts';
import { isAccepted, isOpen, isPause, type Round } from '../model/round.ts';
import type { ApprovalEvent } from './events.ts';
import { addNote, replaceRound } from './rounds.ts';

const MAX_NOTED_TASKS = 100;
const LONGEST_KEY = 300;
/** Limit of the waiting notes about failed tasks while Slack accepts no messages. */
const MAX_FAILURE_NOTES = 20;

/** Updates the webhook URLs that a decision will be sent with. */
export function changeUrls(
  approval: Approval,
  event: Extract<ApprovalEvent, { type: 'urls_known' }>,
): Approval {
  const { urls, humanInputUrl } = event;
  const isSame =
    JSON.stringify([approval.urls, approval.humanInputUrl]) === JSON.stringify([urls, humanInputUrl]);
  return isSame ? approval : { ...approval, urls, humanInputUrl };
}

/** Notes in this thread, once, that a task without an approval is done. */
export function noteTaskDone(
  approval: Approval,
  event: Extract<ApprovalEvent, { type: 'task_done' }>,
): Approval {
  if (approval.tasksNoted.includes(event.key)) return approval;
  const tasksNoted = [...approval.tasksNoted, event.key].slice(-MAX_NOTED_TASKS);
  return addNote({ ...approval, tasksNoted }, { kind: 'task_done', task: event.task, agent: event.agent });
}

/** Adds a note that a task failed; once, even if its webhook is redelivered. */
export function noteTaskFailed(
  approval: Approval,
  { task, reason }: Extract<ApprovalEvent, { type: 'task_failed' }>,
): Approval {
  const key = `failed: ${task}: ${reason ?? ''}`.slice(0, LONGEST_KEY);
  const waitingCount = approval.notes.filter(({ kind }) => kind === 'task_failed').length;
  if (approval.tasksNoted.includes(key) || waitingCount >= MAX_FAILURE_NOTES) return approval;
  const tasksNoted = [...approval.tasksNoted, key].slice(-MAX_NOTED_TASKS);
  return addNote({ ...approval, tasksNoted }, { kind: 'task_failed', task, reason });
}

/** Returns when a run counts as silent after an acceptance; undefined: not accepted, heard of since, checked, or not a pause. */
export function findStallTime(approval: Approval, round: Round): number | undefined {
  const hasContinued = round.continuedAt !== undefined || approval.runEndedAt !== undefined;
  const { acceptedAt } = round.delivery ?? {};
  // A Flow reports only its next review, a program only what it wants to.
  if (
    !isAccepted(round) ||
    !isPause(round) ||
    hasContinued ||
    round.silentAt !== undefined ||
    acceptedAt === undefined
  )
    return undefined;
  return acceptedAt + approval.policy.silentAfter;
}

/** Notes in the thread that no webhook of the run came and which status CrewAI reports. Without a status, nothing is noted. */
export function noteStall(
  approval: Approval,
  event: Extract<ApprovalEvent, { type: 'stall_checked' }>,
): Approval {
  const round = currentRound(approval);
  const { decision, delivery } = round;
  if (round.number !== event.round || findStallTime(approval, round) === undefined) return approval;
  if (!decision || delivery?.acceptedAt === undefined) return approval;
  const { at, status } = event;
  const checkedApproval = replaceRound(approval, { ...round, silentAt: at });
  if (!status) return checkedApproval;
  const withNote = addNote(checkedApproval, {
    kind: 'run_silent',
    decision,
    since: delivery.acceptedAt,
    status,
  });
  return addFact(withNote, { at, what: 'silent', round: round.number, detail: status.kind });
}

/** Reports the ignored settings of a registration: on the card, or in the thread if the round is settled. */
export function noteWarnings(
  approval: Approval,
  { warnings }: Extract<ApprovalEvent, { type: 'settings_ignored' }>,
): Approval {
  if (isOpen(currentRound(approval))) {
    const { ignored = [] } = approval;
    const ignoredSettings = [...new Set([...ignored, ...warnings])];
    return ignoredSettings.length === ignored.length ? approval : { ...approval, ignored: ignoredSettings };
  }
  const note = { kind: 'ignored', warnings } as const;
  const isQueued = approval.notes.some((queuedNote) => JSON.stringify(queuedNote) === JSON.stringify(note));
  return isQueued ? approval : addNote(approval, note);
}

/** Gives an approval the task name from another webhook or an event: a title that never selects rules. */
export function nameTask(
  approval: Approval,
  { at, task, agent, round: number }: Extract<ApprovalEvent, { type: 'task_named' }>,
): Approval {
  const withName = setTaskName(approval, task, at, number);
  const round = number === undefined ? currentRound(withName) : findRound(withName, number);
  if (withName.task !== task || agent === undefined || !round || round.agent !== undefined) return withName;
  const withAgent = replaceRound(withName, { ...round, agent });
  return withName === approval
    ? addFact(withAgent, { at, what: 'task_named', round: round.number })
    : withAgent;
}

/** Sets the name of the task, if nothing has named it before. */
export function setTaskName(
  approval: Approval,
  task: string,
  at: number,
  round = currentRound(approval).number,
): Approval {
  if (!isTitleOnly(approval)) return approval;
  const { titleOnly: _, ...namedApproval } = approval;
  return addFact({ ...namedApproval, task }, { at, what: 'task_named', round });
}

/** Lets people answer a review whose callback the settings did not allow before. */
export function allowCallback(
  approval: Approval,
  { at, requestId, callbackUrl }: Extract<ApprovalEvent, { type: 'callback_allowed' }>,
): Approval {
  const round = currentRound(approval);
  const { review } = round;
  if (review?.blockedHost === undefined || round.taskId !== requestId || !isOpen(round)) return approval;
  const { blockedHost: detail, ...openReview } = review;
  const withCallback = replaceRound(approval, { ...round, review: { ...openReview, callbackUrl } });
  return addFact(withCallback, { at, what: 'callback_allowed', round: round.number, detail });
}
