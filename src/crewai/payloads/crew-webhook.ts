import { z } from 'zod';
import { anything, idSchema } from './fields.ts';
import { readCommonFacts } from './meta.ts';
import { readFirstOutput } from './outputs.ts';
import { listOutputFields, parseWebhook, type ReadWebhook, type WebhookBody } from './parse-webhook.ts';

const crewSchema = z.object({
  kickoff_id: idSchema,
  result: anything,
  result_json: anything,
  meta: anything,
});

export function readCrewWebhook(webhook: WebhookBody): ReadWebhook {
  return parseWebhook(crewSchema, webhook.body, ({ kickoff_id, meta }) => ({
    facts: {
      ...readCommonFacts(kickoff_id, meta),
      kind: 'crew',
      result: readFirstOutput(listOutputFields(webhook, 'result', 'result_json')),
    },
  }));
}
