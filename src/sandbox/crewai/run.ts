import { randomUUID } from 'node:crypto';
import type { CrewTask } from './crew-task.ts';
import type { Execution } from './execution.ts';
import type { Kickoff } from './kickoff-request.ts';
import { type EventLog, type RunEventType, recordEvent, sendQueuedEvents } from './run-events.ts';
import {
  type BuildHumanInputBody,
  buildCrewBody,
  buildFailedTaskBody,
  buildStepBody,
  buildTaskBody,
  type RunIdentity,
} from './webhook-bodies.ts';
import type { WebhookTargets } from './webhook-targets.ts';
import type { Delivery } from './webhooks.ts';

/** What a run needs of its platform. */
export interface RunEnvironment {
  crewName: string;
  tasks: readonly CrewTask[];
  buildHumanInputBody: BuildHumanInputBody;
  metaSurvivesResume: boolean;
  /** A task that fails sends a task webhook with `status: "error"`. */
  failedTaskWebhook: boolean;
  shuffleEvents: boolean;
  now: () => number;
  /** Calls `step` when the run may move on. */
  schedule: (step: () => void) => void;
  send: (delivery: Delivery) => void;
  sendEvents: (delivery: Delivery) => void;
  onChange: () => void;
}

/** One run of the crew's tasks, in order. */
export interface Run {
  readonly environment: RunEnvironment;
  readonly inputs: Record<string, unknown>;
  readonly execution: Execution;
  readonly startedAt: number;
  readonly taskSeconds: Map<string, number>;
  readonly eventLog: EventLog;
  meta: Record<string, unknown> | undefined;
  /** Index of the current task. */
  position: number;
}

/** What a person decided about the current pause. */
export interface PauseDecision {
  feedback: string;
  approves: boolean;
  targets: WebhookTargets;
  /** The id of the continuation, where it gets a new one. */
  kickoffId?: string;
}

/** Starts a run, which takes its first step by way of `schedule`. */
export function startRun(id: string, kickoff: Kickoff, environment: RunEnvironment): Run {
  const { now, schedule, sendEvents, shuffleEvents } = environment;
  const run: Run = {
    environment,
    inputs: kickoff.inputs,
    meta: kickoff.meta,
    execution: {
      id,
      kickoffId: id,
      status: 'running',
      rounds: [],
      urls: kickoff.targets,
      outputs: {},
      feedback: [],
    },
    startedAt: now(),
    taskSeconds: new Map(),
    eventLog: {
      target: kickoff.events,
      shuffled: shuffleEvents,
      queued: [],
      sequences: new Map(),
      send: sendEvents,
      now,
    },
    position: 0,
  };
  schedule(() => {
    record(run, 'crew_kickoff_started');
    moveOn(run);
  });
  return run;
}

/**
 * Settles the current pause. The caller checks that there is one, and calls the returned function once /resume was
 * answered.
 */
export function settlePause(run: Run, decision: PauseDecision): () => void {
  const { feedback, approves, targets, kickoffId } = decision;
  const { execution, environment } = run;
  const round = execution.rounds.at(-1);
  const task = run.environment.tasks[run.position];
  if (!execution.pendingTask || !round || !task) throw new Error(`The run ${execution.id} is not paused`);
  Object.assign(round, { feedback, approved: approves });
  delete execution.pendingTask;
  execution.status = 'running';
  execution.feedback.push(feedback);
  // URLs are not carried over: only those that /resume names are used from now on.
  execution.urls = targets;
  if (kickoffId !== undefined) execution.kickoffId = kickoffId;
  if (!environment.metaSurvivesResume) run.meta = undefined;
  if (approves) run.position += 1;
  const step = () => {
    if (approves) record(run, 'task_completed', describeForEvent(task));
    moveOn(run);
  };
  return () => environment.schedule(step);
}

/** Lets the current task and the run fail. A failed run sends no crew webhook, only events. */
export function failRun(run: Run, error: string): void {
  const { execution, environment } = run;
  if (execution.finishedAt !== undefined) throw new Error(`The run ${execution.id} has already ended`);
  const task = environment.tasks[run.position];
  if (task) {
    record(run, 'task_failed', { ...describeForEvent(task), error });
    if (environment.failedTaskWebhook) notify(run, 'task', buildFailedTaskBody(identify(run), task));
  }
  record(run, 'crew_kickoff_failed', { error });
  delete execution.pendingTask;
  Object.assign(execution, { status: 'error', error, finishedAt: environment.now() });
  sendQueuedEvents(run.eventLog);
  environment.onChange();
}

/** How long the run took, or has taken so far. */
export function countSeconds({ execution, environment, startedAt }: Run): number {
  return ((execution.finishedAt ?? environment.now()) - startedAt) / 1000;
}

function identify({ execution, environment, meta }: Run): RunIdentity {
  const { id: executionId, kickoffId } = execution;
  return { executionId, kickoffId, crewName: environment.crewName, meta };
}

/** The output of the last task. */
export function getResult({ execution, environment }: Run): string | object {
  const last = environment.tasks.at(-1);
  return last ? (execution.outputs[last.name] ?? '') : '';
}

function moveOn(run: Run): void {
  // A run can be failed from outside while its next step is scheduled.
  if (run.execution.finishedAt !== undefined) return;
  const task = run.environment.tasks[run.position];
  if (task) runTask(run, task);
  else finish(run);
  run.environment.onChange();
}

function runTask(run: Run, task: CrewTask): void {
  const { execution, environment, inputs } = run;
  const startedAt = environment.now();
  record(run, 'task_started', describeForEvent(task));
  notify(run, 'step', buildStepBody(identify(run), task));
  let output: string | object;
  try {
    output = task.output({ feedback: [...execution.feedback], revisions: listRevisions(run, task), inputs });
  } catch (error) {
    failRun(run, error instanceof Error ? error.message : String(error));
    return;
  }
  execution.outputs[task.name] = output;
  run.taskSeconds.set(task.name, (environment.now() - startedAt) / 1000);
  notify(run, 'task', buildTaskBody(identify(run), task, output));
  if (task.humanInput) {
    pause(run, task, output);
  } else {
    record(run, 'task_completed', describeForEvent(task));
    run.position += 1;
    environment.schedule(() => moveOn(run));
  }
}

function listRevisions({ execution }: Run, { name }: CrewTask): string[] {
  const rejected = execution.rounds.filter(
    ({ taskName, approved }) => taskName === name && approved === false,
  );
  return rejected.map(({ feedback = '' }) => feedback);
}

function pause(run: Run, task: CrewTask, output: string | object): void {
  const { execution, environment } = run;
  const taskId = randomUUID();
  execution.rounds.push({ taskName: task.name, taskId, output });
  execution.pendingTask = { name: task.name, taskId, output };
  execution.status = 'pending human input';
  const { humanInputWebhook, humanInputWebhookUrl } = execution.urls;
  const target = humanInputWebhook ?? (humanInputWebhookUrl && { url: humanInputWebhookUrl });
  if (target) {
    const body = environment.buildHumanInputBody(identify(run), { task, taskId, output });
    environment.send({ kind: 'human-input', body, ...target });
  }
  sendQueuedEvents(run.eventLog);
}

function finish(run: Run): void {
  const { execution, environment } = run;
  notify(run, 'crew', buildCrewBody(identify(run), getResult(run), environment.tasks));
  record(run, 'crew_kickoff_completed');
  Object.assign(execution, { status: 'completed', finishedAt: environment.now() });
  sendQueuedEvents(run.eventLog);
}

function notify(run: Run, kind: 'task' | 'step' | 'crew', body: unknown): void {
  const url = run.execution.urls[`${kind}WebhookUrl`];
  if (url) run.environment.send({ kind, url, body });
}

function record(run: Run, type: RunEventType, data: Record<string, unknown> = {}): void {
  recordEvent(run.eventLog, { executionId: run.execution.kickoffId, type, data });
}

function describeForEvent({ name, agent }: CrewTask) {
  return { task_name: name, agent_role: agent };
}
