/** One pause of a run, and how it was settled. */
interface Round {
  taskName: string;
  /** The UUID of this pause: new at each pause. */
  taskId: string;
  output: string | object;
  /** `feedback` and `approved` are absent while the run waits. */
  feedback?: string;
  approved?: boolean;
}

/** A pause that waits for a person; `taskId` is its UUID. */
export interface PendingTask {
  name: string;
  taskId: string;
}

/** The state of a run. */
export interface Execution {
  /** The id that /kickoff answered with. */
  id: string;
  /** The id that webhooks and events carry now: on the live platform a new one after each /resume. */
  kickoffId: string;
  status: 'running' | 'pending human input' | 'completed' | 'error';
  /** The current pause; of several the one that has waited longest. */
  pendingTask?: PendingTask;
  /** All that wait, in the order in which they paused: tasks that run at the same moment wait together. */
  pendingTasks: PendingTask[];
  /** Every pause, the oldest first. */
  rounds: Round[];
  /** The latest output of each task, by its name. */
  outputs: Record<string, string | object>;
  error?: string;
  /** Milliseconds since the epoch. */
  finishedAt?: number;
}
