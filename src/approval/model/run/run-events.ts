import type { RunRecord, TaskFacts } from './run-record.ts';
import type { Report, RunFailure } from './run-status.ts';

/** An event of a run from CrewAI's events webhook. */
export interface RunEvent {
  id: string;
  /** Id of the run or of its continuation. */
  executionId: string;
  /** By CrewAI's clock, in milliseconds since 1970; undefined: no readable timestamp. */
  at: number | undefined;
  type: RunEventType;
  /** Position in the order of emission under this id. */
  sequence: number | undefined;
  task?: string | undefined;
  agent?: string | undefined;
  error?: Report | undefined;
}

export const runEventTypes = [
  'crew_kickoff_started',
  'crew_kickoff_completed',
  'crew_kickoff_failed',
  'task_started',
  'task_completed',
  'task_failed',
] as const;
export type RunEventType = (typeof runEventTypes)[number];

const MAX_TASKS = 50;

/**
 * Adds facts from events to the record of a run. Events may arrive in any order and repeatedly: each states a fact from a moment
 * on, and nothing counts them. Pure.
 */
export function applyRunEvents(record: RunRecord, events: readonly RunEvent[], now: number): RunRecord {
  const tasks = new Map((record.tasks ?? []).map((task) => [identifyTask(task), task]));
  for (const event of events) applyTaskEvent(tasks, event);
  const changed: RunRecord = {
    ...record,
    ...(tasks.size > 0 ? { tasks: [...tasks.values()].slice(-MAX_TASKS) } : {}),
    lastWebhookAt: now,
  };
  for (const { type, at: reportedAt = now, error, executionId: under } of events) {
    if (type !== 'crew_kickoff_failed') continue;
    // The latest id of a run is newer than every decision on it, whatever CrewAI's clock says.
    const isNewest = under === record.continuedAs && under !== changed.failure?.under;
    const at = isNewest ? Math.max(reportedAt, now) : reportedAt;
    const failure = { at, under, ...(error === undefined ? {} : { reason: error }) };
    changed.failure = findLaterFailure(changed.failure, failure);
  }
  const { continuedAs } = record;
  // If an earlier id ended, the run only continued under the next id.
  const isCompleted = events.some(
    ({ type, executionId }) =>
      type === 'crew_kickoff_completed' && (continuedAs === undefined || executionId === continuedAs),
  );
  if (isCompleted) changed.finishedAt ??= now;
  return changed;
}

/** Returns the later failure: a run that failed and continued can fail again. */
export function findLaterFailure(
  one: RunFailure | undefined,
  other: RunFailure | undefined,
): RunFailure | undefined {
  if (!one || !other) return one ?? other;
  return other.at > one.at ? other : one;
}

const identifyTask = ({ name, under }: TaskFacts) => JSON.stringify([under, name]);

function applyTaskEvent(tasks: Map<string, TaskFacts>, event: RunEvent): void {
  const { type, task: name, agent, executionId: under, sequence = 0 } = event;
  if (name === undefined || !type.startsWith('task_')) return;
  const recordedTask: TaskFacts = tasks.get(identifyTask({ name, under })) ?? { name, under };
  const takeLatest = (time: number | undefined) => Math.max(time ?? Number.NEGATIVE_INFINITY, sequence);
  const task: TaskFacts = {
    ...recordedTask,
    ...(agent === undefined ? {} : { agent }),
    ...(type === 'task_started'
      ? { started: takeLatest(recordedTask.started) }
      : { ended: takeLatest(recordedTask.ended) }),
  };
  tasks.set(identifyTask(task), task);
}

/**
 * Finds the task that a run is working on: the only one that started and has not ended. `under`: latest id of the run, since the
 * tasks of earlier ids say nothing about it. Pure.
 */
export function findActiveTask(
  { tasks = [], continuedAs, executionId }: RunRecord,
  under = continuedAs ?? executionId,
): TaskFacts | undefined {
  const active = tasks.filter(
    (task) =>
      task.under === under &&
      task.started !== undefined &&
      (task.ended === undefined || task.ended < task.started),
  );
  return active.length === 1 ? active[0] : undefined;
}
