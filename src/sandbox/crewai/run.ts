import { randomUUID } from 'node:crypto';
import type { CrewTask } from './crew-task.ts';
import type { Kickoff } from './kickoff-request.ts';
import type { Resume } from './resume-request.ts';
import { asText, crewBody, humanInputBody, stepBody, taskBody } from './webhook-bodies.ts';
import type { WebhookTargets } from './webhook-targets.ts';
import type { Delivery } from './webhooks.ts';

/** One pause of a run, and how it was settled. */
export interface Round {
  taskName: string;
  /** New at each pause. */
  taskId: string;
  output: string | object;
  /** Both are absent while the run waits. */
  feedback?: string;
  approved?: boolean;
}

/** What is known of a run. */
export interface Execution {
  id: string;
  status: 'running' | 'pending human input' | 'completed' | 'error';
  pendingTask?: { name: string; taskId: string; output: string | object };
  /** Every pause, the oldest first. */
  rounds: Round[];
  /** Where webhooks go from now on. */
  urls: WebhookTargets;
  /** The latest output of each task, by its name. */
  outputs: Record<string, string | object>;
  /** All that people have said, approvals included. */
  feedback: string[];
  error?: string;
  /** Milliseconds since the epoch. */
  finishedAt?: number;
}

export interface Run {
  execution(): Execution;
  /** The body of GET /status. */
  status(): Record<string, unknown>;
  resume(resume: Resume): 'unknown task' | 'not pending' | { goOn: () => void };
}

/** One run of the crew's tasks, in order. It begins at once, by way of `next`, and moves on by way of it. */
export function createRun({
  id,
  crewName,
  tasks,
  kickoff: { inputs, meta, targets },
  now,
  next,
  send,
  onChange,
}: {
  id: string;
  crewName: string;
  tasks: readonly CrewTask[];
  kickoff: Kickoff;
  now: () => number;
  next: (step: () => void) => void;
  send: (delivery: Delivery) => void;
  onChange: () => void;
}): Run {
  const identity = { executionId: id, crewName, meta };
  const execution: Execution = {
    id,
    status: 'running',
    rounds: [],
    urls: targets,
    outputs: {},
    feedback: [],
  };
  const startedAt = now();
  const seconds = () => ((execution.finishedAt ?? now()) - startedAt) / 1000;
  const taskSeconds = new Map<string, number>();
  let position = 0;

  function notify(kind: 'task' | 'step' | 'crew', body: unknown): void {
    const url = execution.urls[`${kind}WebhookUrl`];
    if (url) send({ kind, url, body });
  }

  function moveOn(): void {
    const task = tasks[position];
    if (task) runTask(task);
    else finish();
    onChange();
  }

  function runTask(task: CrewTask): void {
    const begun = now();
    notify('step', stepBody(identity, task));
    let output: string | object;
    try {
      output = task.output({ feedback: [...execution.feedback], inputs });
    } catch (error) {
      end({ status: 'error', error: error instanceof Error ? error.message : String(error) });
      return;
    }
    execution.outputs[task.name] = output;
    taskSeconds.set(task.name, (now() - begun) / 1000);
    if (task.humanInput) {
      pause(task, output);
    } else {
      notify('task', taskBody(identity, task, output));
      position += 1;
      next(moveOn);
    }
  }

  function pause(task: CrewTask, output: string | object): void {
    const taskId = randomUUID();
    execution.rounds.push({ taskName: task.name, taskId, output });
    execution.pendingTask = { name: task.name, taskId, output };
    execution.status = 'pending human input';
    notify('task', taskBody(identity, task, output));
    const { humanInputWebhook } = execution.urls;
    if (humanInputWebhook) {
      const { url, authentication } = humanInputWebhook;
      const body = humanInputBody(identity, task, taskId, output);
      send({ kind: 'human-input', url, body, authentication });
    }
  }

  function finish(): void {
    const last = tasks.at(-1);
    const result = last ? (execution.outputs[last.name] ?? '') : '';
    notify('crew', crewBody(identity, result, tasks.map(({ description }) => description).join()));
    end({ status: 'completed' });
  }

  function end(outcome: { status: 'completed' } | { status: 'error'; error: string }): void {
    Object.assign(execution, outcome, { finishedAt: now() });
  }

  next(moveOn);

  return {
    execution: () => structuredClone(execution),
    status() {
      if (execution.status === 'error') {
        return { status: 'error', error: execution.error, execution_time: seconds() };
      }
      if (execution.status !== 'completed') {
        return {
          status: 'running',
          current_task: tasks[position]?.name ?? null,
          progress: { completed_tasks: position, total_tasks: tasks.length },
        };
      }
      const done = tasks.map(({ name, agent }) => ({
        task_id: name,
        output: asText(execution.outputs[name] ?? ''),
        agent,
        execution_time: taskSeconds.get(name) ?? 0,
      }));
      return {
        status: 'completed',
        result: { output: done.at(-1)?.output ?? '', tasks: done },
        execution_time: seconds(),
      };
    },
    resume({ taskId, feedback, approves, targets }) {
      const known =
        tasks.some(({ name }) => name === taskId) ||
        execution.rounds.some((round) => round.taskId === taskId);
      if (!known) return 'unknown task';
      const { pendingTask } = execution;
      const round = execution.rounds.at(-1);
      if (!pendingTask || !round || (taskId !== pendingTask.name && taskId !== pendingTask.taskId)) {
        return 'not pending';
      }
      Object.assign(round, { feedback, approved: approves });
      delete execution.pendingTask;
      execution.status = 'running';
      execution.feedback.push(feedback);
      // Documented: the URLs of the kickoff are not carried over, only what /resume names goes on.
      execution.urls = targets;
      if (approves) position += 1;
      return { goOn: () => next(moveOn) };
    },
  };
}
