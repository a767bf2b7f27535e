import { randomUUID } from 'node:crypto';
import type { CrewTask } from './crew-task.ts';
import type { Execution, PendingTask } from './execution.ts';
import type { Kickoff } from './kickoff-request.ts';
import { type EventLog, type RunEventType, recordEvent, sendQueuedEvents } from './run-events.ts';
import {
  type BuildHumanInputBody,
  buildCrewBody,
  buildStepBody,
  buildTaskBody,
  type RunIdentity,
} from './webhook-bodies.ts';
import type { FindTargets, WebhookTargets } from './webhook-targets.ts';
import type { Delivery } from './webhooks.ts';

/** What a run needs of its platform. */
export interface RunEnvironment {
  crewName: string;
  tasks: readonly CrewTask[];
  buildHumanInputBody: BuildHumanInputBody;
  findTargets: FindTargets;
  now: () => number;
  /** Calls `step` when the run may move on. */
  schedule: (step: () => void) => void;
  /** A queue of webhooks: they arrive in their order. */
  openLine: () => Send;
  onChange: () => void;
}

type Send = (delivery: Delivery) => unknown;

/** One run of the crew's tasks, in order. */
export interface Run {
  readonly environment: RunEnvironment;
  readonly inputs: Record<string, unknown>;
  readonly execution: Execution;
  readonly startedAt: number;
  readonly taskSeconds: Map<string, number>;
  readonly eventLog: EventLog;
  readonly send: Send;
  meta: Record<string, unknown> | undefined;
  /** The URLs of /kickoff and of each /resume since, with the id under which the run went on. */
  readonly named: { targets: WebhookTargets; kickoffId: string }[];
  /** Index of the current task; of several that run at the same moment, of the first. */
  position: number;
  /** Those that run at the same moment: each of their names, and a queue of webhooks of its own. */
  readonly lines: Map<string, Send>;
  /** Names of those of them that are done. */
  readonly done: Set<string>;
}

/** What a person decided about a pause. */
export interface PauseDecision {
  pause: PendingTask;
  feedback: string;
  approves: boolean;
  targets: WebhookTargets;
  /** The id of the continuation, where it gets a new one. */
  kickoffId?: string;
}

/** Starts a run, which takes its first step by way of `schedule`. */
export function startRun(id: string, kickoff: Kickoff, environment: RunEnvironment): Run {
  const { now, schedule, openLine } = environment;
  const run: Run = {
    environment,
    inputs: kickoff.inputs,
    meta: kickoff.meta,
    execution: {
      id,
      kickoffId: id,
      status: 'running',
      pendingTasks: [],
      rounds: [],
      outputs: {},
    },
    startedAt: now(),
    taskSeconds: new Map(),
    eventLog: {
      target: kickoff.events,
      queued: [],
      sequences: new Map(),
      send: openLine(),
      now,
    },
    send: openLine(),
    named: [{ targets: kickoff.targets, kickoffId: id }],
    position: 0,
    lines: new Map(),
    done: new Set(),
  };
  schedule(() => {
    record(run, 0, 'crew_kickoff_started');
    moveOn(run, 0);
  });
  return run;
}

/**
 * Settles a pause. The caller checks that it is pending, and calls the returned function once /resume was answered.
 */
export function settlePause(run: Run, decision: PauseDecision): () => void {
  const { pause, feedback, approves, targets, kickoffId = run.execution.kickoffId } = decision;
  const { execution, environment } = run;
  const round = execution.rounds.find(({ taskId }) => taskId === pause.taskId);
  const task = environment.tasks.find(({ name }) => name === pause.name);
  if (!round || !task) throw new Error(`The run ${execution.id} is not paused`);
  Object.assign(round, { feedback, approved: approves });
  setPending(
    execution,
    execution.pendingTasks.filter(({ taskId }) => taskId !== pause.taskId),
  );
  const after = run.named.push({ targets, kickoffId }) - 1;
  execution.kickoffId = kickoffId;
  const goesOn = approves && completeTask(run, task);
  const step = () => {
    if (approves) record(run, after, 'task_completed', describeForEvent(task));
    if (goesOn) moveOn(run, after);
    if (!approves) runAgain(run, task, after);
  };
  return () => environment.schedule(step);
}

function setPending(execution: Execution, pending: PendingTask[]): void {
  const [first] = pending;
  execution.pendingTasks = pending;
  execution.status = first ? 'pending human input' : 'running';
  if (first) execution.pendingTask = first;
  else delete execution.pendingTask;
}

/** Lets the current task and the run fail. A failed run sends no crew webhook, only events. */
export function failRun(run: Run, error: string): void {
  const { execution, environment } = run;
  if (execution.finishedAt !== undefined) throw new Error(`The run ${execution.id} has already ended`);
  const after = run.named.length - 1;
  const task = listCurrent(run).find(({ name }) => !run.done.has(name));
  if (task) record(run, after, 'task_failed', { ...describeForEvent(task), error });
  record(run, after, 'crew_kickoff_failed', { error });
  setPending(execution, []);
  Object.assign(execution, { status: 'error', error, finishedAt: environment.now() });
  sendQueuedEvents(run.eventLog);
  environment.onChange();
}

/** How long the run took, or has taken so far. */
export function countSeconds({ execution, environment, startedAt }: Run): number {
  return ((execution.finishedAt ?? environment.now()) - startedAt) / 1000;
}

/** `after`: which /resume led there, as an index of `named`. */
function identify({ execution, environment, meta, named }: Run, after: number): RunIdentity {
  const { id: executionId } = execution;
  const kickoffId = named[after]?.kickoffId ?? executionId;
  return { executionId, kickoffId, crewName: environment.crewName, meta };
}

function urlsAfter({ environment, named }: Run, after: number): WebhookTargets {
  return environment.findTargets(
    named.map(({ targets }) => targets),
    after,
  );
}

/** The current task, with those that run at the same moment. */
function listCurrent({ environment: { tasks }, position }: Run): CrewTask[] {
  const end = tasks.findIndex(({ alongside }, index) => index > position && !alongside);
  return tasks.slice(position, end === -1 ? undefined : end);
}

/** True: those that run at the same moment are done too. */
function completeTask(run: Run, { name }: CrewTask): boolean {
  const current = listCurrent(run);
  run.done.add(name);
  if (run.done.size < current.length) return false;
  run.position += current.length;
  run.done.clear();
  run.lines.clear();
  return true;
}

/** The output of the last task. */
export function getResult({ execution, environment }: Run): string | object {
  const last = environment.tasks.at(-1);
  return last ? (execution.outputs[last.name] ?? '') : '';
}

function moveOn(run: Run, after: number): void {
  // A run can be failed from outside while its next step is scheduled.
  if (run.execution.finishedAt !== undefined) return;
  const current = listCurrent(run);
  if (current.length > 1) for (const { name } of current) run.lines.set(name, run.environment.openLine());
  for (const task of current) runTask(run, task, after);
  if (current.length === 0) finish(run, after);
  run.environment.onChange();
}

function runAgain(run: Run, task: CrewTask, after: number): void {
  if (run.execution.finishedAt !== undefined) return;
  runTask(run, task, after);
  run.environment.onChange();
}

function runTask(run: Run, task: CrewTask, after: number): void {
  const { execution, environment, inputs } = run;
  // Another one of the same moment has failed.
  if (execution.finishedAt !== undefined) return;
  const startedAt = environment.now();
  record(run, after, 'task_started', describeForEvent(task));
  notify(run, after, 'step', buildStepBody(identify(run, after), task), task);
  let output: string | object;
  try {
    output = task.output({ revisions: listRevisions(run, task), inputs });
  } catch (error) {
    failRun(run, error instanceof Error ? error.message : String(error));
    return;
  }
  execution.outputs[task.name] = output;
  run.taskSeconds.set(task.name, (environment.now() - startedAt) / 1000);
  notify(run, after, 'task', buildTaskBody(identify(run, after), task, output), task);
  if (task.humanInput) {
    pause(run, task, output, after);
  } else {
    record(run, after, 'task_completed', describeForEvent(task));
    if (completeTask(run, task)) environment.schedule(() => moveOn(run, after));
  }
}

function listRevisions({ execution }: Run, { name }: CrewTask): string[] {
  const rejected = execution.rounds.filter(
    ({ taskName, approved }) => taskName === name && approved === false,
  );
  return rejected.map(({ feedback = '' }) => feedback);
}

function pause(run: Run, task: CrewTask, output: string | object, after: number): void {
  const { execution, environment } = run;
  const taskId = randomUUID();
  execution.rounds.push({ taskName: task.name, taskId, output });
  setPending(execution, [...execution.pendingTasks, { name: task.name, taskId }]);
  const { humanInputWebhook, humanInputWebhookUrl } = urlsAfter(run, after);
  const target = humanInputWebhook ?? (humanInputWebhookUrl && { url: humanInputWebhookUrl });
  if (target) {
    const body = environment.buildHumanInputBody(identify(run, after), { task, taskId, output });
    lineOf(run, task)({ kind: 'human-input', body, ...target });
  }
  sendQueuedEvents(run.eventLog);
}

function finish(run: Run, after: number): void {
  const { execution, environment } = run;
  notify(run, after, 'crew', buildCrewBody(identify(run, after), getResult(run), environment.tasks));
  record(run, after, 'crew_kickoff_completed');
  Object.assign(execution, { status: 'completed', finishedAt: environment.now() });
  sendQueuedEvents(run.eventLog);
}

function notify(
  run: Run,
  after: number,
  kind: 'task' | 'step' | 'crew',
  body: unknown,
  task?: CrewTask,
): void {
  const url = urlsAfter(run, after)[`${kind}WebhookUrl`];
  if (url) lineOf(run, task)({ kind, url, body });
}

function lineOf({ lines, send }: Run, task: CrewTask | undefined): Send {
  return (task && lines.get(task.name)) ?? send;
}

function record(run: Run, after: number, type: RunEventType, data: Record<string, unknown> = {}): void {
  const executionId = run.named[after]?.kickoffId ?? run.execution.id;
  recordEvent(run.eventLog, { executionId, type, data });
}

function describeForEvent({ name, agent }: CrewTask) {
  return { task_name: name, agent_role: agent };
}
