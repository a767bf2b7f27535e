import axios, { isAxiosError } from 'axios';
import type { Deployment } from '../approval/model/crew/endpoint.ts';
import type { Meter } from '../approval/ports.ts';
import type { ResumeAnswer } from './resume-answer.ts';

const LARGEST_ANSWER = 256 * 1024;

interface ApiCall {
  method: 'get' | 'post';
  url: string;
  /** Without one the URL carries its own secret. */
  token?: string;
  data?: object;
  /** In milliseconds. */
  timeout: number;
}

/** The URL of a deployed crew's API at a path, and its token. */
export function locateApi({ baseUrl, bearerToken: token }: Deployment, path: string) {
  return { url: `${baseUrl.replace(/\/+$/, '')}${path}`, token };
}

/**
 * Sends a request to CrewAI; resolves with the answer of any status, or a code such as ECONNREFUSED. Never rejects.
 * Redirects are not followed, since they would carry the secret elsewhere. No axios error leaves this file, since it holds
 * the whole request. The body is serialized here, since axios drops members named `constructor`, `prototype` and `__proto__`.
 */
export async function callApi({
  token,
  data,
  timeout,
  ...sent
}: ApiCall): Promise<ResumeAnswer | { code: string }> {
  try {
    const response = await axios.request<string>({
      ...sent,
      ...(data === undefined ? {} : { data: JSON.stringify(data) }),
      headers: {
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(data === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(timeout),
      maxRedirects: 0,
      maxContentLength: LARGEST_ANSWER,
      responseType: 'text',
      validateStatus: null,
    });
    const header: unknown = response.headers['retry-after'];
    const retryAfter = typeof header === 'string' ? header : undefined;
    return { status: response.status, retryAfter, body: response.data ?? '' };
  } catch (error) {
    return { code: isAxiosError(error) ? readErrorCode(error) : 'FAILED' };
  }
}

/** The same for a crew of the settings, counted. */
export async function callCrew(
  crew: string,
  api: ApiCall,
  called: Meter['crewAICalled'],
): ReturnType<typeof callApi> {
  const answer = await callApi(api);
  called(crew, 'code' in answer || answer.status >= 500 ? 'no_answer' : 'answered');
  return answer;
}

function readErrorCode(error: { code?: string; cause?: unknown }): string {
  // The error of the first address represents all addresses that were tried.
  const causes = error.cause instanceof AggregateError ? error.cause.errors : [];
  const first: unknown = causes[0];
  if (first instanceof Error && 'code' in first && typeof first.code === 'string') return first.code;
  return error.code === 'ERR_CANCELED' ? 'ETIMEDOUT' : (error.code ?? 'FAILED');
}
