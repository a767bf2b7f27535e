import type { z } from 'zod';
import type { WebhookFacts } from '../../approval/model/run/webhook.ts';
import type { OutputField } from './outputs.ts';

interface Fault {
  field: string;
  fault: string;
}

export type ReadWebhook = { facts: WebhookFacts } | { faults: Fault[] };

/** The body of a webhook; `sources`: the JSON text of its fields, where parsing changes a value. */
export interface WebhookBody {
  body: object;
  sources: ReadonlyMap<string, string> | undefined;
}

export const listOutputFields = ({ body, sources }: WebhookBody, ...names: string[]): OutputField[] =>
  names.map((name) => ({ raw: (body as Record<string, unknown>)[name], source: sources?.get(name) }));

/** Checks a body against its schema, then reads it. */
export function parseWebhook<S extends z.ZodType>(
  schema: S,
  body: object,
  read: (data: z.infer<S>) => ReadWebhook,
): ReadWebhook {
  const result = schema.safeParse(body);
  if (result.success) return read(result.data);
  return {
    faults: result.error.issues.map((issue) => ({ field: issue.path.join('.'), fault: issue.message })),
  };
}
