import type { Answer } from '../answers.ts';
import { type Kickoff, parseKickoff } from '../kickoff-request.ts';
import { refuseLive } from './refusals.ts';
import { refuseInvalidBody } from './validation-detail.ts';

/** Reads POST /kickoff, or refuses it with 422. */
export function readLiveKickoff(
  body: unknown,
  needed: readonly string[],
): { kickoff: Kickoff } | { refused: Answer } {
  const parsed = parseKickoff(body, needed);
  if ('kickoff' in parsed) return parsed;
  if ('invalid' in parsed) return { refused: refuseInvalidBody(parsed.invalid, body) };
  return { refused: refuseLive(422, `Missing inputs: ${parsed.missingInputs.join(', ')}`) };
}
