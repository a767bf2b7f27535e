import type { WebhookTargets } from './webhook-targets.ts';

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

/** The state of a run, as a test sees it. */
export interface Execution {
  /** The id that /kickoff answered with. */
  id: string;
  /** The id that webhooks and events carry now: on the live platform a new one after each /resume. */
  kickoffId: string;
  status: 'running' | 'pending human input' | 'completed' | 'error';
  /** The current pause: `taskId` is its UUID. */
  pendingTask?: { name: string; taskId: string; output: string | object };
  /** Every pause, the oldest first. */
  rounds: Round[];
  /** Where webhooks are sent from now on. */
  urls: WebhookTargets;
  /** The latest output of each task, by its name. */
  outputs: Record<string, string | object>;
  /** Everything that people said, approvals included. */
  feedback: string[];
  error?: string;
  /** Milliseconds since the epoch. */
  finishedAt?: number;
}
