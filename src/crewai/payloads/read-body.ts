import { z } from 'zod';
import { findTitleInOutput, hashOutput, isBlankText } from '../../approval/model/output.ts';
import { limitFaults, type ReadBody, type WebhookKind } from '../../approval/model/run/webhook.ts';
import { BodyReader } from '../../lib/body-reader.ts';
import { parseBody, readMemberTexts, survivesParsing } from '../../lib/json-text.ts';
import { isObject } from '../../lib/own-member.ts';
import { idSchema } from '../ids.ts';
import { readEvents } from './events.ts';
import {
  anything,
  listOutputFields,
  parseWebhook,
  type ReadWebhook,
  readFirstOutput,
  readMeta,
  type WebhookBody,
} from './fields.ts';
import { readFlowReview } from './flow-review.ts';
import { readHumanInputWebhook } from './human-input-webhook.ts';
import { readTaskWebhook } from './task-webhook.ts';

const READERS = {
  task: readTaskWebhook,
  'human-input': readHumanInputWebhook,
  step: readStepWebhook,
  crew: readCrewWebhook,
};

/** Creates a reader for the bodies of webhooks. */
export function createWebhookReader() {
  const reader = new BodyReader<WebhookKind, ReadBody>({
    read: readBody,
    thread: new URL('./body-worker.ts', import.meta.url),
  });
  return {
    /** Rejects with an AppError if reading failed. */
    read: <K extends WebhookKind>(kind: K, body: Uint8Array) =>
      reader.read(kind, body) as Promise<ReadBody<K>>,
    close: () => reader.close(),
  };
}

/** Reads the text of a webhook's body. Pure. */
export function readBody<K extends WebhookKind>(kind: K, text: string): ReadBody<K> {
  return limitFaults(readFacts(kind, text)) as ReadBody<K>;
}

function readFacts(kind: WebhookKind, text: string): ReadBody {
  const parsed = parseBody(text);
  if ('rejection' in parsed) return parsed;
  const body = parsed.value;
  if (kind === 'events') return readEvents(body);
  if (!isObject(body)) return { faults: [{ field: 'body', fault: 'must be a JSON object' }] };
  const sources = survivesParsing(text, body) ? undefined : readMemberTexts(text);
  if (kind === 'flow') return readFlowReview({ body, sources });
  const reading = READERS[kind]({ body, sources });
  if ('faults' in reading || !('output' in reading.facts) || reading.facts.task !== undefined) return reading;
  // Reading a large output again takes long, so the title is read here.
  return { facts: { ...reading.facts, title: findTitleInOutput(reading.facts.output) } };
}

/** A step. The agent's thoughts and prompt are not read. */
const stepSchema = z.object({
  kickoff_id: idSchema,
  tool: anything,
  tool_input: anything,
  result: anything,
  meta: anything,
});
/** Characters to keep of each part of a step. */
const STEP = { tool: 100, input: 1_000, result: 2_000 };

function readStepWebhook({ body }: WebhookBody): ReadWebhook {
  return parseWebhook(stepSchema, body, ({ kickoff_id: executionId, meta, tool, tool_input, result }) => ({
    facts: {
      executionId,
      ...readMeta(meta),
      kind: 'step',
      ...(typeof tool === 'string' && !isBlankText(tool)
        ? {
            step: {
              tool: cutText(tool, STEP.tool),
              input: cutText(tool_input, STEP.input),
              result: cutText(result, STEP.result),
            },
          }
        : {}),
    },
  }));
}

function cutText(value: unknown, maxLength: number): string {
  const text = typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value);
  return (text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text).toWellFormed();
}

function readResult(webhook: WebhookBody) {
  const result = readFirstOutput(listOutputFields(webhook, 'result', 'result_json'));
  return { result, hash: hashOutput(result) };
}

const crewSchema = z.object({
  kickoff_id: idSchema,
  result: anything,
  result_json: anything,
  meta: anything,
});

function readCrewWebhook(webhook: WebhookBody): ReadWebhook {
  return parseWebhook(crewSchema, webhook.body, ({ kickoff_id: executionId, meta }) => ({
    facts: {
      executionId,
      ...readMeta(meta),
      kind: 'crew',
      ...readResult(webhook),
    },
  }));
}
