import { z } from 'zod';
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
  if (kind === 'flow') return readFlowReview(value, text);
  const read = readWebhook(kind, value, text);
  return 'facts' in read ? { facts: withTitle(read.facts) } : read;
}

/** A title from the output of a pause that comes without its task's name: reading a large output again takes long. */
function withTitle(facts: WebhookFacts): WebhookFacts {
  if (!('output' in facts) || facts.task !== undefined) return facts;
  return { ...facts, title: titleOfOutput(facts.output) };
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
