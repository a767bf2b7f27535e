import type { Approval } from './approval.ts';
import type { ApprovalEvent } from './events.ts';
import { addNote } from './rounds.ts';

const TASKS_KEPT = 100;

/** The URLs that a decision will be sent with have become known, or others. */
export function urlsKnown(
  approval: Approval,
  event: Extract<ApprovalEvent, { type: 'urls_known' }>,
): Approval {
  const { urls, humanInputUrl } = event;
  const same =
    JSON.stringify([approval.urls, approval.humanInputUrl]) === JSON.stringify([urls, humanInputUrl]);
  return same ? approval : { ...approval, urls, humanInputUrl };
}

/** A task of the run that needs no approval was done: told once in this thread. */
export function taskDone(approval: Approval, event: Extract<ApprovalEvent, { type: 'task_done' }>): Approval {
  if (approval.tasksNoted.includes(event.key)) return approval;
  const tasksNoted = [...approval.tasksNoted, event.key].slice(-TASKS_KEPT);
  return addNote({ ...approval, tasksNoted }, { kind: 'task_done', task: event.task, agent: event.agent });
}
