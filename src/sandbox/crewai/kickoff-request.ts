import * as z from 'zod';
import { type Answer, refusal } from './answers.ts';
import { targetsOf, type WebhookTargets, webhookUrlFields, whatIsWrong } from './webhook-targets.ts';

const kickoffBody = z.strictObject({
  inputs: z.record(z.string(), z.unknown()).optional(),
  meta: z.record(z.string(), z.unknown()).optional(),
  ...webhookUrlFields,
});

/** The body of POST /kickoff. */
export type KickoffBody = z.input<typeof kickoffBody>;

export interface Kickoff {
  inputs: Record<string, unknown>;
  meta: Record<string, unknown> | undefined;
  targets: WebhookTargets;
}

/** Reads the body of POST /kickoff, or says how it is refused: 400, or 422 with the inputs that are missing. */
export function readKickoff(
  body: unknown,
  inputNames: readonly string[],
): { kickoff: Kickoff } | { refused: Answer } {
  const parsed = kickoffBody.safeParse(body);
  if (!parsed.success) return { refused: refusal(400, whatIsWrong(parsed.error)) };
  const { inputs = {}, meta, ...targets } = parsed.data;
  const missing = inputNames.filter((name) => !Object.hasOwn(inputs, name));
  if (missing.length > 0) {
    return { refused: refusal(422, 'Missing required inputs', { missing_inputs: missing }) };
  }
  return { kickoff: { inputs, meta, targets: targetsOf(targets) } };
}
