import * as z from 'zod';
import type { WebhookTargets } from './webhook-targets.ts';
import { type EventsWebhook, eventsWebhook, pickTargets, webhookUrlFields } from './webhook-targets.ts';

// The real platform may ignore an unknown field. Refusing it here reveals a misspelled one.
const kickoffBody = z.strictObject({
  inputs: z.record(z.string(), z.unknown()).optional(),
  meta: z.record(z.string(), z.unknown()).optional(),
  ...webhookUrlFields,
  webhooks: eventsWebhook.optional(),
});

/** The body of POST /kickoff. */
export type KickoffBody = z.input<typeof kickoffBody>;

export interface Kickoff {
  inputs: Record<string, unknown>;
  meta: Record<string, unknown> | undefined;
  targets: WebhookTargets;
  events: EventsWebhook | undefined;
}

/** What a kickoff needs before it starts a run. */
export interface KickoffNeeds {
  inputs: readonly string[];
  /** Apps that tools of the crew use and that nobody has connected. */
  appsNotConnected: readonly string[];
}

export type ParsedKickoff =
  | { kickoff: Kickoff }
  | { invalid: z.ZodError }
  | { missingInputs: string[] }
  | { appsNotConnected: readonly string[] };

/** Parses the body of POST /kickoff; each dialect refuses the invalid one in its own form. */
export function parseKickoff(body: unknown, needs: KickoffNeeds): ParsedKickoff {
  const parsed = kickoffBody.safeParse(body, { reportInput: true });
  if (!parsed.success) return { invalid: parsed.error };
  const { webhooks: events, inputs: _inputs, meta: _meta, ...targets } = parsed.data;
  // As they arrived: z.record drops a member named `__proto__`.
  const { inputs = {}, meta } = body as KickoffBody;
  const missingInputs = needs.inputs.filter((name) => !Object.hasOwn(inputs, name));
  if (missingInputs.length > 0) return { missingInputs };
  if (needs.appsNotConnected.length > 0) return { appsNotConnected: needs.appsNotConnected };
  return { kickoff: { inputs, meta, targets: pickTargets(targets), events } };
}
