import type { Answer } from '../answers.ts';
import { type Kickoff, type KickoffNeeds, parseKickoff } from '../kickoff-request.ts';
import { refuseLive } from './refusals.ts';
import { refuseInvalidBody } from './validation-detail.ts';

/** Reads POST /kickoff, or refuses it with 422; with 424 where apps are not connected, a body that no source shows. */
export function readLiveKickoff(
  body: unknown,
  needs: KickoffNeeds,
): { kickoff: Kickoff } | { refused: Answer } {
  const parsed = parseKickoff(body, needs);
  if ('kickoff' in parsed) return parsed;
  if ('invalid' in parsed) return { refused: refuseInvalidBody(parsed.invalid, body) };
  if ('appsNotConnected' in parsed) {
    const { appsNotConnected: apps } = parsed;
    const message = 'This crew uses apps that are not connected';
    return {
      refused: { status: 424, body: { detail: { code: 'apps_not_connected', message, apps } } },
    };
  }
  return { refused: refuseLive(422, `Missing inputs: ${parsed.missingInputs.join(', ')}`) };
}
