import { type Approval, addFact, currentRound, findRound, isTitleOnly } from '../model/approval.ts';
import { isAccepted, isOpen, isPause, type Round } from '../model/round.ts';
import type { ApprovalEvent } from './events.ts';
import { addNote, replaceRound } from './rounds.ts';

const TASKS_KEPT = 100;
const LONGEST_KEY = 300;
/** While Slack takes nothing, no more than this many wait. */
const MOST_FAILED = 20;

/** The URLs that a decision will be sent with have become known, or others. */
export function changeUrls(
  approval: Approval,
  event: Extract<ApprovalEvent, { type: 'urls_known' }>,
): Approval {
  const { urls, humanInputUrl } = event;
  const same =
    JSON.stringify([approval.urls, approval.humanInputUrl]) === JSON.stringify([urls, humanInputUrl]);
  return same ? approval : { ...approval, urls, humanInputUrl };
}

/** A task of the run that needs no approval was done: told once in this thread. */
export function noteTaskDone(
  approval: Approval,
  event: Extract<ApprovalEvent, { type: 'task_done' }>,
): Approval {
  if (approval.tasksNoted.includes(event.key)) return approval;
  const tasksNoted = [...approval.tasksNoted, event.key].slice(-TASKS_KEPT);
  return addNote({ ...approval, tasksNoted }, { kind: 'task_done', task: event.task, agent: event.agent });
}

/** A task of the run failed: told once in this thread, however often its webhook is delivered. */
export function noteTaskFailed(
  approval: Approval,
  { task, reason }: Extract<ApprovalEvent, { type: 'task_failed' }>,
): Approval {
  const key = `failed: ${task}: ${reason ?? ''}`.slice(0, LONGEST_KEY);
  const waiting = approval.notes.filter(({ kind }) => kind === 'task_failed').length;
  if (approval.tasksNoted.includes(key) || waiting >= MOST_FAILED) return approval;
  const tasksNoted = [...approval.tasksNoted, key].slice(-TASKS_KEPT);
  return addNote({ ...approval, tasksNoted }, { kind: 'task_failed', task, reason });
}

/** When a round whose decision CrewAI accepted counts as silent; undefined when a webhook came, or it was told. */
export function stallsAt(approval: Approval, round: Round): number | undefined {
  const heard = round.continuedAt !== undefined || approval.runEndedAt !== undefined;
  const { acceptedAt } = round.delivery ?? {};
  // A Flow reports only its next review, a program what it wants to.
  if (
    !isAccepted(round) ||
    !isPause(round) ||
    heard ||
    round.silentAt !== undefined ||
    acceptedAt === undefined
  )
    return undefined;
  return acceptedAt + approval.policy.silentAfter;
}

/** The thread is told that nothing was heard of the run, and what CrewAI says of it. */
export function noteStall(
  approval: Approval,
  event: Extract<ApprovalEvent, { type: 'stall_detected' }>,
): Approval {
  const round = currentRound(approval);
  const { decision, delivery } = round;
  if (round.number !== event.round || stallsAt(approval, round) === undefined) return approval;
  if (!decision || delivery?.acceptedAt === undefined) return approval;
  const { at, status } = event;
  const asked = replaceRound(approval, { ...round, silentAt: at });
  if (!status) return asked;
  const noted = addNote(asked, {
    kind: 'run_silent',
    decision,
    since: delivery.acceptedAt,
    status,
  });
  return addFact(noted, { at, what: 'silent', round: round.number, detail: status.kind });
}

/** What a registration asked for and does not get: the card says it, or the thread of a settled one. */
export function noteWarnings(
  approval: Approval,
  { warnings }: Extract<ApprovalEvent, { type: 'settings_ignored' }>,
): Approval {
  if (isOpen(currentRound(approval))) {
    const { ignored = [] } = approval;
    const all = [...new Set([...ignored, ...warnings])];
    return all.length === ignored.length ? approval : { ...approval, ignored: all };
  }
  const note = { kind: 'ignored', warnings } as const;
  const waits = approval.notes.some((one) => JSON.stringify(one) === JSON.stringify(note));
  return waits ? approval : addNote(approval, note);
}

/** Another webhook, or an event, names the task of a round: a title, and never a rule. */
export function nameTask(
  approval: Approval,
  { at, task, agent, round: number }: Extract<ApprovalEvent, { type: 'task_named' }>,
): Approval {
  const named = setTaskName(approval, task, at, number);
  const round = number === undefined ? currentRound(named) : findRound(named, number);
  if (named.task !== task || agent === undefined || !round || round.agent !== undefined) return named;
  const complete = replaceRound(named, { ...round, agent });
  return named === approval ? addFact(complete, { at, what: 'task_named', round: round.number }) : complete;
}

/** The approval with its task's name, if nothing has named it before. */
export function setTaskName(
  approval: Approval,
  task: string,
  at: number,
  round = currentRound(approval).number,
): Approval {
  if (!isTitleOnly(approval)) return approval;
  const { titleOnly: _, ...known } = approval;
  return addFact({ ...known, task }, { at, what: 'task_named', round });
}

/** A review whose callback the settings did not allow can be answered from now on. */
export function allowCallback(
  approval: Approval,
  { at, requestId, callbackUrl }: Extract<ApprovalEvent, { type: 'callback_allowed' }>,
): Approval {
  const round = currentRound(approval);
  const { review } = round;
  if (review?.blockedHost === undefined || round.taskId !== requestId || !isOpen(round)) return approval;
  const { blockedHost: detail, ...open } = review;
  const allowed = replaceRound(approval, { ...round, review: { ...open, callbackUrl } });
  return addFact(allowed, { at, what: 'callback_allowed', round: round.number, detail });
}
