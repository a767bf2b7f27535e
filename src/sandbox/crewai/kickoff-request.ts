import * as z from 'zod';
import type { WebhookTargets } from './webhook-targets.ts';
import { type EventsWebhook, eventsWebhook, pickTargets, webhookUrlFields } from './webhook-targets.ts';

// The real platform may ignore unknown fields. The sandbox refuses them, which reveals misspelled names.
const kickoffBody = z.strictObject({
  inputs: z.record(z.string(), z.unknown()).optional(),
  meta: z.record(z.string(), z.unknown()).optional(),
  ...webhookUrlFields,
  webhooks: eventsWebhook.optional(),
});

/** Body of POST /kickoff. */
export type KickoffBody = z.input<typeof kickoffBody>;

export interface Kickoff {
  inputs: Record<string, unknown>;
  meta: Record<string, unknown> | undefined;
  targets: WebhookTargets;
  events: EventsWebhook | undefined;
}

export type ParsedKickoff = { kickoff: Kickoff } | { invalid: z.ZodError } | { missingInputs: string[] };

/** Parses the body of POST /kickoff. `needed`: names of the required inputs. Each dialect builds its own refusal. */
export function parseKickoff(body: unknown, needed: readonly string[]): ParsedKickoff {
  const parsed = kickoffBody.safeParse(body, { reportInput: true });
  if (!parsed.success) return { invalid: parsed.error };
  const { webhooks: events, inputs: _inputs, meta: _meta, ...targets } = parsed.data;
  // Read from the body itself: z.record drops a member named `__proto__`.
  const { inputs = {}, meta } = body as KickoffBody;
  const missingInputs = needed.filter((name) => !Object.hasOwn(inputs, name));
  if (missingInputs.length > 0) return { missingInputs };
  return { kickoff: { inputs, meta, targets: pickTargets(targets), events } };
}
