import type { Crew } from '../approval/crew.ts';
import type { Clock, Crews } from '../approval/ports.ts';
import { maskedUrl } from '../approval/webhook-urls.ts';
import { callCrew, type Deployment } from './api.ts';
import { readAnswer, readNoAnswer } from './resume-outcome.ts';
import { type ResumeRequest, resumeRequest } from './resume-request.ts';
import { readStatus } from './run-status.ts';

/** Longest wait for CrewAI's answer, in milliseconds; shorter than a lease. */
export const RESUME_TIMEOUT = 8_000;

/** CrewAI's API of each crew, as the domain asks for it. */
export function createCrews({
  crews,
  deployments,
  clock,
  timeout = RESUME_TIMEOUT,
}: {
  crews: ReadonlyMap<string, Crew>;
  deployments: ReadonlyMap<string, Deployment>;
  clock: Clock;
  /** In milliseconds. */
  timeout?: number;
}): Crews {
  return {
    async resume({ approval, round, decision, execution }) {
      const crew = crews.get(approval.crew);
      const deployment = deployments.get(approval.crew);
      if (!crew || !deployment) {
        return { kind: 'refused', failure: { kind: 'refused', detail: notInSettings(approval.crew) } };
      }
      const data = resumeRequest(crew, execution, round, decision);
      const answer = await callCrew(deployment, { method: 'post', path: '/resume', data, timeout });
      if ('code' in answer) return readNoAnswer(answer.code);
      const secrets = [deployment.bearerToken, ...secretsOf(data)];
      return readAnswer(answer, clock.now(), (said) => hideSecrets(said, secrets));
    },

    async status(crew, executionId) {
      const deployment = deployments.get(crew);
      if (!deployment) return { kind: 'no_answer', detail: notInSettings(crew) };
      const path = `/status/${encodeURIComponent(executionId.toWellFormed())}`;
      const answer = await callCrew(deployment, { method: 'get', path, timeout });
      if ('code' in answer) return { kind: 'no_answer', detail: answer.code };
      return readStatus(answer, (said) => hideSecrets(said, [deployment.bearerToken]));
    },
  };
}

function notInSettings(crew: string): string {
  return `there is no crew "${crew}" in the settings`;
}

/** What an error message may repeat of our request. */
function secretsOf({ humanInputWebhook }: Pick<ResumeRequest, 'humanInputWebhook'>): string[] {
  return Object.values(humanInputWebhook?.authentication ?? {}).filter((value) => value.length >= 8);
}

function hideSecrets(said: string, secrets: readonly string[]): string {
  const withoutUrls = said.replace(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, (url) => maskedUrl(url));
  return secrets.reduce((text, secret) => text.replaceAll(secret, '…'), withoutUrls);
}
