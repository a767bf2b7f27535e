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

/** Parts of the platform that a run uses. */
export interface RunEnvironment {
  crewName: string;
  tasks: readonly CrewTask[];
  buildHumanInputBody: BuildHumanInputBody;
  findTargets: FindTargets;
  now: () => number;
  /** Calls `step` when the run may continue. */
  schedule: (step: () => void) => void;
  /** Opens a queue of webhooks, which arrive in order. */
  openWebhookQueue: () => Send;
  onChange: () => void;
}

type Send = (delivery: Delivery) => unknown;

/** A run of the crew's tasks, in order. */
export interface Run {
  readonly environment: RunEnvironment;
  readonly inputs: Record<string, unknown>;
  readonly execution: Execution;
  readonly startedAt: number;
  readonly taskSeconds: Map<string, number>;
  readonly eventLog: EventLog;
  readonly send: Send;
  meta: Record<string, unknown> | undefined;
  /** URLs of /kickoff and of each later /resume, with the id under which the run continued. */
  readonly named: { targets: WebhookTargets; kickoffId: string }[];
  /** Index of the current task; the first of parallel tasks. */
  position: number;
  /** Webhook queues of the current parallel tasks, by task name. Empty for a single task. */
  readonly webhookQueues: Map<string, Send>;
  /** Names of the current tasks that are done. */
  readonly done: Set<string>;
}

/** A person's decision about a pause. */
export interface PauseDecision {
  pause: PendingTask;
  feedback: string;
  approves: boolean;
  targets: WebhookTargets;
  /** Id of the continuation, if it gets a new one. */
  kickoffId?: string;
}

/** Starts a run; `schedule` calls its first step. */
export function startRun(id: string, kickoff: Kickoff, environment: RunEnvironment): Run {
  const { now, schedule, openWebhookQueue } = environment;
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
      send: openWebhookQueue(),
      now,
    },
    send: openWebhookQueue(),
    named: [{ targets: kickoff.targets, kickoffId: id }],
    position: 0,
    webhookQueues: new Map(),
    done: new Set(),
  };
  schedule(() => {
    record(run, 0, 'crew_kickoff_started');
    continueRun(run, 0);
  });
  return run;
}

/**
 * Settles a pause. The caller checks that the pause is waiting, and calls the returned function once /resume was answered:
 * it continues the run or repeats the task.
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
  const requestIndex = run.named.push({ targets, kickoffId }) - 1;
  execution.kickoffId = kickoffId;
  const canContinue = approves && completeTask(run, task);
  const step = () => {
    if (approves) record(run, requestIndex, 'task_completed', describeForEvent(task));
    if (canContinue) continueRun(run, requestIndex);
    if (!approves) repeatTask(run, task, requestIndex);
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

/** Fails the current task and the run; throws if the run has ended. A failed run sends only events, no crew webhook. */
export function failRun(run: Run, error: string): void {
  const { execution, environment } = run;
  if (execution.finishedAt !== undefined) throw new Error(`The run ${execution.id} has already ended`);
  const requestIndex = run.named.length - 1;
  const task = listCurrentTasks(run).find(({ name }) => !run.done.has(name));
  if (task) record(run, requestIndex, 'task_failed', { ...describeForEvent(task), error });
  record(run, requestIndex, 'crew_kickoff_failed', { error });
  setPending(execution, []);
  Object.assign(execution, { status: 'error', error, finishedAt: environment.now() });
  sendQueuedEvents(run.eventLog);
  environment.onChange();
}

/** Counts the seconds that the run took, or has taken so far. */
export function countSeconds({ execution, environment, startedAt }: Run): number {
  return ((execution.finishedAt ?? environment.now()) - startedAt) / 1000;
}

/** `requestIndex`: index in `named` of the /kickoff or /resume that led to this step. */
function identify({ execution, environment, meta, named }: Run, requestIndex: number): RunIdentity {
  const { id: executionId } = execution;
  const kickoffId = named[requestIndex]?.kickoffId ?? executionId;
  return { executionId, kickoffId, crewName: environment.crewName, meta };
}

function findUrls({ environment, named }: Run, requestIndex: number): WebhookTargets {
  return environment.findTargets(
    named.map(({ targets }) => targets),
    requestIndex,
  );
}

/** Lists the current task and the tasks that run in parallel with it. */
function listCurrentTasks({ environment: { tasks }, position }: Run): CrewTask[] {
  const end = tasks.findIndex(({ alongside }, index) => index > position && !alongside);
  return tasks.slice(position, end === -1 ? undefined : end);
}

/** Marks a task as done. True if all parallel tasks are done and the run can continue. */
function completeTask(run: Run, { name }: CrewTask): boolean {
  const currentTasks = listCurrentTasks(run);
  run.done.add(name);
  if (run.done.size < currentTasks.length) return false;
  run.position += currentTasks.length;
  run.done.clear();
  run.webhookQueues.clear();
  return true;
}

/** Returns the output of the last task. */
export function getResult({ execution, environment }: Run): string | object {
  const lastTask = environment.tasks.at(-1);
  return lastTask ? (execution.outputs[lastTask.name] ?? '') : '';
}

function continueRun(run: Run, requestIndex: number): void {
  // A run can be failed from outside while its next step is scheduled.
  if (run.execution.finishedAt !== undefined) return;
  const currentTasks = listCurrentTasks(run);
  if (currentTasks.length > 1)
    for (const { name } of currentTasks) run.webhookQueues.set(name, run.environment.openWebhookQueue());
  for (const task of currentTasks) runTask(run, task, requestIndex);
  if (currentTasks.length === 0) finish(run, requestIndex);
  run.environment.onChange();
}

function repeatTask(run: Run, task: CrewTask, requestIndex: number): void {
  if (run.execution.finishedAt !== undefined) return;
  runTask(run, task, requestIndex);
  run.environment.onChange();
}

function runTask(run: Run, task: CrewTask, requestIndex: number): void {
  const { execution, environment, inputs } = run;
  // A parallel task has failed.
  if (execution.finishedAt !== undefined) return;
  const startedAt = environment.now();
  record(run, requestIndex, 'task_started', describeForEvent(task));
  notify(run, requestIndex, 'step', buildStepBody(identify(run, requestIndex), task), task);
  let output: string | object;
  try {
    output = task.writeOutput({ revisions: listRevisions(run, task), inputs });
  } catch (error) {
    failRun(run, error instanceof Error ? error.message : String(error));
    return;
  }
  execution.outputs[task.name] = output;
  run.taskSeconds.set(task.name, (environment.now() - startedAt) / 1000);
  notify(run, requestIndex, 'task', buildTaskBody(identify(run, requestIndex), task, output), task);
  if (task.humanInput) {
    pause(run, task, output, requestIndex);
  } else {
    record(run, requestIndex, 'task_completed', describeForEvent(task));
    if (completeTask(run, task)) environment.schedule(() => continueRun(run, requestIndex));
  }
}

function listRevisions({ execution }: Run, { name }: CrewTask): string[] {
  const rejected = execution.rounds.filter(
    ({ taskName, approved }) => taskName === name && approved === false,
  );
  return rejected.map(({ feedback = '' }) => feedback);
}

function pause(run: Run, task: CrewTask, output: string | object, requestIndex: number): void {
  const { execution, environment } = run;
  const taskId = randomUUID();
  execution.rounds.push({ taskName: task.name, taskId, output });
  setPending(execution, [...execution.pendingTasks, { name: task.name, taskId }]);
  const { humanInputWebhook, humanInputWebhookUrl } = findUrls(run, requestIndex);
  const target = humanInputWebhook ?? (humanInputWebhookUrl && { url: humanInputWebhookUrl });
  if (target) {
    const body = environment.buildHumanInputBody(identify(run, requestIndex), { task, taskId, output });
    findWebhookQueue(run, task)({ kind: 'human-input', body, ...target });
  }
  sendQueuedEvents(run.eventLog);
}

function finish(run: Run, requestIndex: number): void {
  const { execution, environment } = run;
  notify(
    run,
    requestIndex,
    'crew',
    buildCrewBody(identify(run, requestIndex), getResult(run), environment.tasks),
  );
  record(run, requestIndex, 'crew_kickoff_completed');
  Object.assign(execution, { status: 'completed', finishedAt: environment.now() });
  sendQueuedEvents(run.eventLog);
}

function notify(
  run: Run,
  requestIndex: number,
  kind: 'task' | 'step' | 'crew',
  body: unknown,
  task?: CrewTask,
): void {
  const url = findUrls(run, requestIndex)[`${kind}WebhookUrl`];
  if (url) findWebhookQueue(run, task)({ kind, url, body });
}

function findWebhookQueue({ webhookQueues, send }: Run, task: CrewTask | undefined): Send {
  return (task && webhookQueues.get(task.name)) ?? send;
}

function record(
  run: Run,
  requestIndex: number,
  type: RunEventType,
  data: Record<string, unknown> = {},
): void {
  const executionId = run.named[requestIndex]?.kickoffId ?? run.execution.id;
  recordEvent(run.eventLog, { executionId, type, data });
}

function describeForEvent({ name, agent }: CrewTask) {
  return { task_name: name, agent_role: agent };
}
