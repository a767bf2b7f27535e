import { z } from 'zod';
import { dropLargeValue } from '../../approval/model/output.ts';
import type { FlowReview } from '../../approval/model/run/flow-review.ts';
import type { WebhookFacts, WebhookKind, WebhookReadings } from '../../approval/model/run/webhook.ts';
import { titleOfOutput } from '../../approval/model/title.ts';
import { readMemberTexts, survivesParsing } from '../../lib/json-text.ts';
import { type BodyRejection, parseBody } from '../../lib/parse-body.ts';
import { readEvents } from './events.ts';
import {
  anything,
  idSchema,
  listOutputFields,
  parseWebhook,
  type ReadWebhook,
  readCommonFacts,
  readFirstOutput,
  type WebhookBody,
} from './fields.ts';
import { readFlowReview } from './flow-review.ts';
import { readHumanInputWebhook } from './human-input-webhook.ts';
import { readTaskWebhook } from './task-webhook.ts';

type Faults = { faults: { field: string; fault: string }[] };
/** What a body says, which of its fields are wrong, or why it is refused as a whole. */
export type ReadBody<K extends WebhookKind = WebhookKind> =
  | WebhookReadings[K]
  | Faults
  | { rejection: BodyRejection };

/** Reads the text of a webhook's body. Pure. */
export function readBody<K extends WebhookKind>(kind: K, text: string): ReadBody<K> {
  const parsed = parseBody(text);
  if ('rejection' in parsed) return parsed;
  return readParsed(kind, parsed.value, text) as ReadBody<K>;
}

function readParsed(kind: WebhookKind, value: unknown, text: string): ReadBody {
  if (kind === 'events') return readEvents(value);
  return kind === 'flow' ? readReview(value, text) : readFacts(kind, value, text);
}

function readReview(value: unknown, text: string): { review: FlowReview } | Faults {
  const read = readFlowReview(value, text);
  if (!('review' in read)) return read;
  const { review } = read;
  const state = review.state && { ...review.state, output: dropLargeValue(review.state.output) };
  return { review: { ...review, output: dropLargeValue(review.output), state } };
}

function readFacts(kind: WebhookName, value: unknown, text: string): { facts: WebhookFacts } | Faults {
  const read = readWebhook(kind, value, text);
  return 'facts' in read ? { facts: withoutLargeValues(withTitle(read.facts)) } : read;
}

/** A title from the output of a pause that comes without its task's name: reading a large output again takes long. */
function withTitle(facts: WebhookFacts): WebhookFacts {
  if (!('output' in facts) || facts.task !== undefined) return facts;
  return { ...facts, title: titleOfOutput(facts.output) };
}

/** A large output is one text from here on: copying, storing and loading its values would block the event loop. */
function withoutLargeValues(facts: WebhookFacts): WebhookFacts {
  if ('output' in facts) return { ...facts, output: dropLargeValue(facts.output) };
  return 'result' in facts ? { ...facts, result: dropLargeValue(facts.result) } : facts;
}

const READERS = {
  task: readTaskWebhook,
  'human-input': readHumanInputWebhook,
  step: readStepWebhook,
  crew: readCrewWebhook,
} as const satisfies Record<string, (webhook: WebhookBody) => ReadWebhook>;

export type WebhookName = keyof typeof READERS;

/**
 * Reads the JSON body of a webhook: its facts, or each field that is missing, wrong or too long. `text`: the body as it
 * was sent, for numbers that `body` does not hold exactly. Pure.
 */
export function readWebhook(name: WebhookName, body: unknown, text?: string): ReadWebhook {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    return { faults: [{ field: 'body', fault: 'must be a JSON object' }] };
  }
  const changed = text !== undefined && !survivesParsing(text, body);
  return READERS[name]({ body, sources: changed ? readMemberTexts(text) : undefined });
}

const stepSchema = z.object({ kickoff_id: idSchema, meta: anything });

function readStepWebhook({ body }: WebhookBody): ReadWebhook {
  return parseWebhook(stepSchema, body, ({ kickoff_id, meta }) => ({
    facts: { ...readCommonFacts(kickoff_id, meta), kind: 'step' },
  }));
}

const crewSchema = z.object({
  kickoff_id: idSchema,
  result: anything,
  result_json: anything,
  meta: anything,
});

function readCrewWebhook(webhook: WebhookBody): ReadWebhook {
  return parseWebhook(crewSchema, webhook.body, ({ kickoff_id, meta }) => ({
    facts: {
      ...readCommonFacts(kickoff_id, meta),
      kind: 'crew',
      result: readFirstOutput(listOutputFields(webhook, 'result', 'result_json')),
    },
  }));
}
