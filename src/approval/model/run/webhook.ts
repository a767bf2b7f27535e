import type { BodyRejection } from '../../../lib/json-text.ts';
import type { HumanInputWebhook, WebhookUrls } from '../crew/webhook-urls.ts';
import type { HashedOutput, Output } from '../output.ts';
import type { Round } from '../round.ts';
import type { AgentStep } from './agent-steps.ts';
import type { IgnoredSetting } from './ignored-setting.ts';
import type { RunEvent } from './run-events.ts';

/** Settings that the starter registers for a run. They can only narrow the crew's settings. */
export interface Registration {
  urls: WebhookUrls;
  humanInputWebhook?: HumanInputWebhook;
  channel?: string;
  approvers?: string[];
}

/** A review that a Flow asks for. Its options and responders come from the request. They can only narrow the crew's settings. */
export interface FlowReview {
  event: 'new_request' | 'escalation';
  requestId: string;
  /** Id of the run of the Flow that waits. */
  executionId: string;
  /** The request names only the id of the Flow, which several runs may share. */
  hasFlowIdOnly?: true | undefined;
  /** Method of the Flow that asks. */
  method: string;
  /** The question; empty: there is none. */
  message: string;
  /** The output; empty text: the request has none. */
  output: Output;
  /** Hashes of the output. */
  hashes: string[];
  /** Count of invisible characters in the output. */
  unseen?: number | undefined;
  /** Possible outcomes, each sent back verbatim; empty: free text only. */
  options: string[];
  defaultOutcome?: string | undefined;
  /** State of the Flow, which may hold secrets; absent: the state is empty. */
  state?: HashedOutput | undefined;
  /** URL for the answer. A secret: the URL contains a token. */
  callbackUrl: string;
  assigneeEmail?: string | undefined;
  slaTargetMinutes?: number | undefined;
  /** By CrewAI's clock, in milliseconds since 1970. */
  createdAt?: number | undefined;
  /** Email addresses or ids of the people who should answer; empty: none could be read. */
  responders?: string[] | undefined;
  /** True if only the responders may answer. */
  enforceRouting?: boolean | undefined;
}

/** `url`: https. */
export interface AboutRun {
  title?: string | undefined;
  url?: string | undefined;
}

/** Settings in `meta` of a kickoff. They can only narrow the crew's settings. */
export interface RunMeta {
  urls: WebhookUrls;
  humanInputUrl?: string;
  channel?: string;
  approvers?: string[];
  /** Slack id or email address of the person who started the run. */
  requestedBy?: string;
  /** Title and link that the starter gave the run, for people. */
  about?: AboutRun;
  /** Id of a start from Slack. It identifies the run before CrewAI answers. */
  requestId?: string;
}

/** Facts about one run, read from a CrewAI webhook. */
export type WebhookFacts = {
  executionId: string;
  /** Another id of the same run that the webhook contains. */
  aliasId?: string;
  /** Id under which the webhook arrived, if not the run's first. */
  under?: string;
  meta: RunMeta;
  warnings: IgnoredSetting[];
} & (
  | {
      kind: 'task' | 'human_input';
      /** Key of the approval: the task's name, else its id. */
      taskKey: string;
      /** The task's name; undefined: the pause has none. */
      task: string | undefined;
      /** Title of an approval without a task name. Set if it takes long to read from the output. */
      title?: string;
      output: Output;
      round: RoundOutput;
      /** How a human-input webhook carried its secret. */
      form?: 'object' | 'string';
    }
  | { kind: 'task_failed'; task: string; reason: string | undefined }
  | { kind: 'step'; step?: Omit<AgentStep, 'at'> | undefined }
  /** `hash`: of the result. */
  | { kind: 'crew'; result: Output; hash: string }
);

/** A webhook that reports a task's output. */
export type TaskWebhook = Extract<WebhookFacts, { kind: 'task' | 'human_input' }>;

/** Result of a webhook, as its sender receives it. */
export interface Receipt {
  status: 'created' | 'duplicate' | 'noted';
  approval?: string;
  round?: number;
}

/** An output as a webhook delivered it. */
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

/** Contents of each kind of webhook's body. */
export interface WebhookReadings {
  task: { facts: WebhookFacts };
  'human-input': { facts: WebhookFacts };
  step: { facts: WebhookFacts };
  crew: { facts: WebhookFacts };
  /** `ignored`: number of events in the batch that were skipped. */
  events: { events: RunEvent[]; ignored: number };
  flow: { review: FlowReview };
}
export type WebhookKind = keyof WebhookReadings;

/** A missing, wrong or overlong field. */
export interface Fault {
  field: string;
  fault: string;
}
export interface Faults {
  faults: Fault[];
  /** Count of further faults. */
  more?: number;
}

/** Most faults that an answer lists: a body can have any number of them. */
export const MAX_FAULTS = 20;

/** Limits the faults of a body to those that an answer lists: the reading thread copies each fault. */
export function limitFaults<R extends object>(body: R): R {
  if (!('faults' in body) || !Array.isArray(body.faults) || body.faults.length <= MAX_FAULTS) return body;
  return { ...body, faults: body.faults.slice(0, MAX_FAULTS), more: body.faults.length - MAX_FAULTS };
}

/** Contents of a body, its faulty fields, or why the whole body was rejected. */
export type ReadBody<K extends WebhookKind = WebhookKind> =
  | WebhookReadings[K]
  | Faults
  | { rejection: BodyRejection };
