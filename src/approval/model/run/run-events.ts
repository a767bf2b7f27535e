import type { RunRecord, TaskFacts } from './run-record.ts';
import type { Report, RunFailure } from './run-status.ts';

/** One event of a run, as CrewAI's events webhook brings it. */
export interface RunEvent {
  id: string;
  /** The id of the run or of its continuation. */
  executionId: string;
  /** By CrewAI's clock, in milliseconds since 1970; undefined when it has no readable time stamp. */
  at: number | undefined;
  type: RunEventType;
  /** The order of emission under this id. */
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

const TASKS_KEPT = 50;

/**
 * The record of a run with what its events tell of it. They may come in any order and any number of times: each says what is so
 * from a moment on, and nothing counts them. Pure.
 */
export function applyRunEvents(record: RunRecord, events: readonly RunEvent[], now: number): RunRecord {
  const tasks = new Map((record.tasks ?? []).map((task) => [keyOf(task), task]));
  for (const event of events) applyTaskEvent(tasks, event);
  const changed: RunRecord = {
    ...record,
    ...(tasks.size > 0 ? { tasks: [...tasks.values()].slice(-TASKS_KEPT) } : {}),
    lastWebhookAt: now,
  };
  for (const { type, at: reportedAt = now, error, executionId: under } of events) {
    if (type !== 'crew_kickoff_failed') continue;
    // The latest id of a run is younger than every decision on it, whatever CrewAI's clock says.
    const isNewest = under === record.continuedAs && under !== changed.failure?.under;
    const at = isNewest ? Math.max(reportedAt, now) : reportedAt;
    const failure = { at, under, ...(error === undefined ? {} : { reason: error }) };
    changed.failure = laterFailure(changed.failure, failure);
  }
  const { continuedAs } = record;
  // The end of an earlier id is only where the run went on under the next one.
  const completed = events.some(
    ({ type, executionId }) =>
      type === 'crew_kickoff_completed' && (continuedAs === undefined || executionId === continuedAs),
  );
  if (completed) changed.finishedAt ??= now;
  return changed;
}

/** A run that failed and went on can fail once more: the last time counts. */
export function laterFailure(
  one: RunFailure | undefined,
  other: RunFailure | undefined,
): RunFailure | undefined {
  if (!one || !other) return one ?? other;
  return other.at > one.at ? other : one;
}

const keyOf = ({ name, under }: TaskFacts) => JSON.stringify([under, name]);

function applyTaskEvent(tasks: Map<string, TaskFacts>, event: RunEvent): void {
  const { type, task: name, agent, executionId: under, sequence = 0 } = event;
  if (name === undefined || !type.startsWith('task_')) return;
  const before: TaskFacts = tasks.get(keyOf({ name, under })) ?? { name, under };
  const latest = (time: number | undefined) => Math.max(time ?? Number.NEGATIVE_INFINITY, sequence);
  const task: TaskFacts = {
    ...before,
    ...(agent === undefined ? {} : { agent }),
    ...(type === 'task_started' ? { started: latest(before.started) } : { ended: latest(before.ended) }),
  };
  tasks.set(keyOf(task), task);
}

/**
 * The task that a run is at, when its events leave no doubt: exactly one has started and not ended. `under`: the latest id
 * of the run; what an earlier one was at says nothing of its continuation. Pure.
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
