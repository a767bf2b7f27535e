import { readMemberTexts, survivesParsing } from '../../lib/json-text.ts';
import { readCrewWebhook } from './crew-webhook.ts';
import { readHumanInputWebhook } from './human-input-webhook.ts';
import type { ReadWebhook, WebhookBody } from './parse-webhook.ts';
import { readStepWebhook } from './step-webhook.ts';
import { readTaskWebhook } from './task-webhook.ts';

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
