/** A pause of a run, with the decision that settled it. */
interface Round {
  taskName: string;
  /** UUID of the pause; each pause has a new one. */
  taskId: string;
  output: string | object;
  /** Absent, like `approved`, while the pause waits for a decision. */
  feedback?: string;
  approved?: boolean;
}

/** A pause that waits for a person; `taskId` is its UUID. */
export interface PendingTask {
  name: string;
  taskId: string;
}

/** State of a run. */
export interface Execution {
  /** Id from the response to /kickoff. */
  id: string;
  /** Id of the latest continuation: on the live platform, each /resume brings a new one. */
  kickoffId: string;
  status: 'running' | 'pending human input' | 'completed' | 'error';
  /** The waiting pause; the oldest if parallel tasks wait. */
  pendingTask?: PendingTask;
  /** All waiting pauses, oldest first: parallel tasks can wait together. */
  pendingTasks: PendingTask[];
  /** All pauses, oldest first. */
  rounds: Round[];
  /** Latest output of each task, by task name. */
  outputs: Record<string, string | object>;
  error?: string;
  /** Milliseconds since the epoch. */
  finishedAt?: number;
}
