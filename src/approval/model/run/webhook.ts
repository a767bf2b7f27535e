import type { BodyRejection } from '../../../lib/json-text.ts';
import type { HumanInputWebhook, WebhookUrls } from '../crew/webhook-urls.ts';
import type { NamedOutput, Output } from '../output.ts';
import type { Round } from '../round.ts';
import type { AgentStep } from './agent-steps.ts';
import type { IgnoredSetting } from './ignored-setting.ts';
import type { RunEvent } from './run-events.ts';

/** Settings that the starter of a run registers for it. They narrow the crew's settings, never widen them. */
export interface Registration {
  urls: WebhookUrls;
  humanInputWebhook?: HumanInputWebhook;
  channel?: string;
  approvers?: string[];
}

/** A review that a Flow asks for. Its options and responders are those of the request: they narrow the crew's settings. */
export interface FlowReview {
  event: 'new_request' | 'escalation';
  requestId: string;
  /** The run of the Flow that waits. */
  executionId: string;
  /** The run is named by the id of its Flow only, which several runs may have. */
  sharesId?: true | undefined;
  /** The method of the Flow that asks. */
  method: string;
  /** The question; empty when it has none. */
  message: string;
  /** Empty text when the request has none. */
  output: Output;
  /** Identities of the output. */
  hashes: string[];
  /** How many of its characters nobody sees. */
  unseen?: number | undefined;
  /** The outcomes that a person can choose, each sent back as it is; empty: free text only. */
  options: string[];
  defaultOutcome?: string | undefined;
  /** What the Flow keeps; it may hold secrets. Absent when there is nothing in it. */
  state?: NamedOutput | undefined;
  /** Where the answer goes. A secret: the URL carries its token. */
  callbackUrl: string;
  assigneeEmail?: string | undefined;
  slaTargetMinutes?: number | undefined;
  /** By CrewAI's clock, in milliseconds since 1970. */
  createdAt?: number | undefined;
  /** Email addresses or ids of those who should answer; empty when none of them could be read. */
  responders?: string[] | undefined;
  /** Whether nobody except the responders may answer. */
  enforceRouting?: boolean | undefined;
}

/** `url`: https. */
export interface AboutRun {
  title?: string | undefined;
  url?: string | undefined;
}

/** Settings that a kickoff passes in `meta`. They narrow the crew's settings, never widen them. */
export interface RunMeta {
  urls: WebhookUrls;
  humanInputUrl?: string;
  channel?: string;
  approvers?: string[];
  /** Who started the run: a Slack id or an email address. */
  requestedBy?: string;
  /** What its starter says of the run, for people. */
  about?: AboutRun;
  /** Of a run that was started from Slack: by it the run is known before CrewAI's answer. */
  requestId?: string;
}

/** A webhook of CrewAI, read: what it says about one run. */
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
  | { kind: 'step'; step?: Omit<AgentStep, 'at'> | undefined }
  /** `hash`: the identity of the result. */
  | { kind: 'crew'; result: Output; hash: string }
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
  | 'unseen'
  | 'excerpt'
  | 'agent'
  | 'description'
  | 'expectedOutput'
  | 'under'
  | 'review'
  | 'question'
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
  /** How many others there are. */
  more?: number;
}

/** A body can have any number of faulty fields: an answer names so many. */
export const MOST_FAULTS = 20;

/** What was read of a body, with no more faults than are named: a thread hands them over one by one. */
export function limitFaults<R extends object>(read: R): R {
  if (!('faults' in read) || !Array.isArray(read.faults) || read.faults.length <= MOST_FAULTS) return read;
  return { ...read, faults: read.faults.slice(0, MOST_FAULTS), more: read.faults.length - MOST_FAULTS };
}

/** What a body says, which of its fields are wrong, or why it is refused as a whole. */
export type ReadBody<K extends WebhookKind = WebhookKind> =
  | WebhookReadings[K]
  | Faults
  | { rejection: BodyRejection };
