import type { Answer } from '../answers.ts';
import { type Kickoff, parseKickoff } from '../kickoff-request.ts';
import { refuseDocumented, refuseInvalidFields } from './refusals.ts';

/** Reads POST /kickoff, or refuses it: 400 for invalid fields, 422 for missing inputs. */
export function readDocumentedKickoff(
  body: unknown,
  needed: readonly string[],
): { kickoff: Kickoff } | { refused: Answer } {
  const parsed = parseKickoff(body, needed);
  if ('kickoff' in parsed) return parsed;
  if ('invalid' in parsed) return { refused: refuseInvalidFields(parsed.invalid) };
  const details = { missing_inputs: parsed.missingInputs };
  return { refused: refuseDocumented(422, 'Missing required inputs', details) };
}
