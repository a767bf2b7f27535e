import type { BodyRejection } from '../../../lib/json-text.ts';
import type { WebhookUrls } from '../crew/webhook-urls.ts';
import type { Output } from '../output.ts';
import type { Round } from '../round.ts';
import type { FlowReview } from './flow-review.ts';
import type { IgnoredSetting } from './ignored-setting.ts';
import type { RunEvent } from './run-events.ts';

/** Settings that a kickoff passes in `meta`. They narrow the crew's settings, never widen them. */
export interface RunMeta {
  urls: WebhookUrls;
  humanInputUrl?: string;
  channel?: string;
  approvers?: string[];
  /** Who started the run: a Slack id or an email address. */
  requestedBy?: string;
  /** Of a run that was started from Slack: by it the run is known before CrewAI's answer. */
  requestId?: string;
}

/** A webhook of CrewAI, read: what it says about one execution. */
export type WebhookFacts = {
  executionId: string;
  /** Another id of the same run that the webhook names beside it. */
  aliasId?: string;
  /** The id that it came under, where that is not the run's first. */
  under?: string;
  meta: RunMeta;
  warnings: IgnoredSetting[];
} & (
  | {
      kind: 'task' | 'human_input';
      /** Identifies the approval: the task's name, else its id. */
      taskKey: string;
      /** The task's name; undefined for a pause that comes without it. */
      task: string | undefined;
      /** Title of an approval without a task's name, when it takes long to read from the output. */
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

/** The result of a webhook, as its sender receives it. */
export interface Receipt {
  status: 'created' | 'duplicate' | 'noted';
  approval?: string;
  round?: number;
}

/** An output as a webhook brought it. */
export type RoundOutput = Pick<
  Round,
  | 'taskId'
  | 'humanInput'
  | 'hashes'
  | 'excerpt'
  | 'agent'
  | 'description'
  | 'expectedOutput'
  | 'namedByEvents'
  | 'under'
  | 'review'
>;

/** What the body of each kind of webhook says. */
export interface WebhookReadings {
  task: { facts: WebhookFacts };
  'human-input': { facts: WebhookFacts };
  step: { facts: WebhookFacts };
  crew: { facts: WebhookFacts };
  /** `ignored`: how many events of the batch were left out. */
  events: { events: RunEvent[]; ignored: number };
  flow: { review: FlowReview };
}
export type WebhookKind = keyof WebhookReadings;

/** A field that is missing, wrong or too long. */
export interface Fault {
  field: string;
  fault: string;
}
export interface Faults {
  faults: Fault[];
}

/** What a body says, which of its fields are wrong, or why it is refused as a whole. */
export type ReadBody<K extends WebhookKind = WebhookKind> =
  | WebhookReadings[K]
  | Faults
  | { rejection: BodyRejection };
