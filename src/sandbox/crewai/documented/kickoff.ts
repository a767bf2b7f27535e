import type { Answer } from '../answers.ts';
import { type Kickoff, type KickoffNeeds, parseKickoff } from '../kickoff-request.ts';
import { refuseDocumented, refuseInvalidFields } from './refusals.ts';

/**
 * Reads POST /kickoff, or refuses it: 400 for invalid fields, 422 for missing inputs, 424 for apps that are not connected,
 * in a body that no source shows.
 */
export function readDocumentedKickoff(
  body: unknown,
  needs: KickoffNeeds,
): { kickoff: Kickoff } | { refused: Answer } {
  const parsed = parseKickoff(body, needs);
  if ('kickoff' in parsed) return parsed;
  if ('invalid' in parsed) return { refused: refuseInvalidFields(parsed.invalid) };
  if ('appsNotConnected' in parsed) {
    const { appsNotConnected: apps } = parsed;
    const message = 'This crew uses apps that are not connected';
    return { refused: { status: 424, body: { error: 'apps_not_connected', message, details: { apps } } } };
  }
  const details = { missing_inputs: parsed.missingInputs };
  return { refused: refuseDocumented(422, 'Missing required inputs', details) };
}
