import axios, { isAxiosError } from 'axios';
import type { Crew } from '../approval/crew.ts';
import type { Clock, Crews } from '../approval/ports.ts';
import { maskedUrl } from '../approval/webhook-urls.ts';
import { type ResumeAnswer, readAnswer, readNoAnswer } from './resume-outcome.ts';
import { type ResumeRequest, resumeRequest } from './resume-request.ts';
import { readStatus } from './run-status.ts';

/** Where a crew is deployed. */
export interface Deployment {
  baseUrl: string;
  bearerToken: string;
}

/** Longest wait for CrewAI's answer, in milliseconds; shorter than a lease. */
export const RESUME_TIMEOUT = 8_000;
const LARGEST_ANSWER = 256 * 1024;

/**
 * CrewAI's API of each crew. Redirects are not followed: they would carry the token elsewhere. No error of axios
 * leaves this file, since it holds the whole request.
 */
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
  async function request(
    { baseUrl, bearerToken }: Deployment,
    { method, path, data }: { method: 'get' | 'post'; path: string; data?: unknown },
  ): Promise<ResumeAnswer | { code: string }> {
    try {
      const response = await axios.request<string>({
        method,
        url: `${baseUrl.replace(/\/+$/, '')}${path}`,
        data,
        headers: { authorization: `Bearer ${bearerToken}`, accept: 'application/json' },
        signal: AbortSignal.timeout(timeout),
        maxRedirects: 0,
        maxContentLength: LARGEST_ANSWER,
        responseType: 'text',
        transformResponse: (body: string) => body,
        validateStatus: () => true,
      });
      const header: unknown = response.headers['retry-after'];
      const retryAfter = typeof header === 'string' ? header : undefined;
      return { status: response.status, retryAfter, body: response.data ?? '' };
    } catch (error) {
      return { code: isAxiosError(error) ? codeOf(error) : 'FAILED' };
    }
  }

  return {
    async resume({ approval, round, decision, execution }) {
      const crew = crews.get(approval.crew);
      const deployment = deployments.get(approval.crew);
      if (!crew || !deployment) {
        return { kind: 'refused', failure: { kind: 'refused', detail: notInSettings(approval.crew) } };
      }
      const data = resumeRequest(crew, execution, round, decision);
      const answer = await request(deployment, { method: 'post', path: '/resume', data });
      if ('code' in answer) return readNoAnswer(answer.code);
      const secrets = [deployment.bearerToken, ...secretsOf(data)];
      return readAnswer(answer, clock.now(), (said) => hideSecrets(said, secrets));
    },

    async status(crew, executionId) {
      const deployment = deployments.get(crew);
      if (!deployment) return { kind: 'no_answer', detail: notInSettings(crew) };
      const path = `/status/${encodeURIComponent(executionId.toWellFormed())}`;
      const answer = await request(deployment, { method: 'get', path });
      if ('code' in answer) return { kind: 'no_answer', detail: answer.code };
      return readStatus(answer, (said) => hideSecrets(said, [deployment.bearerToken]));
    },
  };
}

function notInSettings(crew: string): string {
  return `there is no crew "${crew}" in the settings`;
}

function codeOf(error: { code?: string; cause?: unknown }): string {
  // The first address that refused stands for all that were tried.
  const causes = error.cause instanceof AggregateError ? error.cause.errors : [];
  const first: unknown = causes[0];
  if (first instanceof Error && 'code' in first && typeof first.code === 'string') return first.code;
  return error.code === 'ERR_CANCELED' ? 'ETIMEDOUT' : (error.code ?? 'FAILED');
}

/** What an error message may repeat of our request. */
function secretsOf({ humanInputWebhook }: Pick<ResumeRequest, 'humanInputWebhook'>): string[] {
  return Object.values(humanInputWebhook?.authentication ?? {}).filter((value) => value.length >= 8);
}

function hideSecrets(said: string, secrets: readonly string[]): string {
  const withoutUrls = said.replace(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, (url) => maskedUrl(url));
  return secrets.reduce((text, secret) => text.replaceAll(secret, '…'), withoutUrls);
}
