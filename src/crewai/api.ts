import axios, { isAxiosError } from 'axios';
import type { ResumeAnswer } from './resume-answer.ts';

/** Where a crew is deployed. */
export interface Deployment {
  baseUrl: string;
  bearerToken: string;
}

const LARGEST_ANSWER = 256 * 1024;

/**
 * Sends a request to a deployed crew's API; resolves with the answer of any status, or a code such as ECONNREFUSED. Never
 * rejects. `timeout` in milliseconds.
 */
export function callCrew(
  { baseUrl, bearerToken }: Deployment,
  { method, path, data, timeout }: { method: 'get' | 'post'; path: string; data?: object; timeout: number },
): Promise<ResumeAnswer | { code: string }> {
  const url = `${baseUrl.replace(/\/+$/, '')}${path}`;
  return request({ method, url, data, headers: { authorization: `Bearer ${bearerToken}` }, timeout });
}

/** Posts JSON to a URL that carries its own secret. Resolves like `callCrew`; never rejects. */
export function postJson(
  url: string,
  data: object,
  timeout: number,
): Promise<ResumeAnswer | { code: string }> {
  return request({ method: 'post', url, data, headers: {}, timeout });
}

/**
 * Redirects are not followed, since they would carry the secret elsewhere. No axios error leaves this file, since it holds
 * the whole request. The body is serialized here, since axios drops members named `constructor`, `prototype` and `__proto__`.
 */
async function request({
  data,
  headers,
  timeout,
  ...sent
}: {
  method: 'get' | 'post';
  url: string;
  data?: object | undefined;
  headers: Record<string, string>;
  timeout: number;
}): Promise<ResumeAnswer | { code: string }> {
  try {
    const response = await axios.request<string>({
      ...sent,
      ...(data === undefined ? {} : { data: JSON.stringify(data) }),
      headers: {
        ...headers,
        accept: 'application/json',
        ...(data === undefined ? {} : { 'content-type': 'application/json' }),
      },
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
    return { code: isAxiosError(error) ? readErrorCode(error) : 'FAILED' };
  }
}

function readErrorCode(error: { code?: string; cause?: unknown }): string {
  // The error of the first address represents all addresses that were tried.
  const causes = error.cause instanceof AggregateError ? error.cause.errors : [];
  const first: unknown = causes[0];
  if (first instanceof Error && 'code' in first && typeof first.code === 'string') return first.code;
  return error.code === 'ERR_CANCELED' ? 'ETIMEDOUT' : (error.code ?? 'FAILED');
}
