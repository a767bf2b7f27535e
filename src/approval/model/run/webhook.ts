import type { WebhookUrls } from '../crew/webhook-urls.ts';
import type { Output } from '../output.ts';
import type { Round } from '../round.ts';

/** What a run may say of itself in the `meta` of its kickoff. It narrows, never widens. */
export interface RunMeta {
  urls: WebhookUrls;
  humanInputUrl?: string;
  channel?: string;
  approvers?: string[];
  /** Who started the run: a Slack id or an email address. */
  requestedBy?: string;
}

/** A webhook of CrewAI, read: what it says about one execution. */
export type WebhookFacts = {
  executionId: string;
  /** Another id of the same run that the webhook names beside it. */
  aliasId?: string;
  /** The id that it came under, where that is not the run's first. */
  under?: string;
  meta: RunMeta;
  /** What was left out because it does not fit, in words for the log and the thread. */
  warnings: string[];
} & (
  | {
      kind: 'task' | 'human_input';
      /** What the approval is identified by: the task's name, else its id. */
      taskKey: string;
      /** What people call the task; undefined for a pause that comes without its name. */
      task: string | undefined;
      /** What an approval without a task's name is called, where reading it from the output takes long. */
      title?: string;
      output: Output;
      round: RoundOutput;
      /** How a human-input webhook was authorized. */
      form?: 'object' | 'string';
    }
  | { kind: 'task_failed'; task: string; reason: string | undefined }
  | { kind: 'step' }
  | { kind: 'crew'; result: Output }
);

/** One that tells a task's output. */
export type TaskWebhook = Extract<WebhookFacts, { kind: 'task' | 'human_input' }>;

/** What a webhook came to, as its sender is told. */
export interface Receipt {
  status: 'created' | 'duplicate' | 'noted';
  approval?: string;
  round?: number;
}

/** An output as a webhook brought it. */
export type RoundOutput = Pick<
  Round,
  'taskId' | 'humanInput' | 'hashes' | 'agent' | 'description' | 'expectedOutput' | 'namedByEvents'
>;
