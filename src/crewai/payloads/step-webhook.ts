import { z } from 'zod';
import { anything, idSchema } from './fields.ts';
import { readCommonFacts } from './meta.ts';
import { parseWebhook, type ReadWebhook, type WebhookBody } from './parse-webhook.ts';

const stepSchema = z.object({ kickoff_id: idSchema, meta: anything });

export function readStepWebhook({ body }: WebhookBody): ReadWebhook {
  return parseWebhook(stepSchema, body, ({ kickoff_id, meta }) => ({
    facts: { ...readCommonFacts(kickoff_id, meta), kind: 'step' },
  }));
}
