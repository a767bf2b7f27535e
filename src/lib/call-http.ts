import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import axios, { isAxiosError } from 'axios';

interface HttpCall {
  method: 'get' | 'post';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
  /** In milliseconds. */
  timeout: number;
  /** The largest body of an answer, in bytes. A larger one counts as no answer. Absent: the body is not read. */
  largestAnswer?: number;
  /** Resolves the host, of this call alone: no open connection and no proxy is used. */
  lookup?: LookupFunction;
}

/** `retryAfter`: as it was sent. */
export interface HttpAnswer {
  status: number;
  retryAfter: string | undefined;
  body: string;
}

/**
 * Sends a request; resolves with the answer of any status, or a code such as ECONNREFUSED. Never rejects. Redirects are not
 * followed, since they would carry the request elsewhere. No axios error leaves this file, since it holds the whole request.
 */
export async function callHttp({
  headers,
  body,
  timeout,
  largestAnswer,
  lookup,
  ...sent
}: HttpCall): Promise<HttpAnswer | { code: string }> {
  const guarded = lookup && {
    // The types of axios want another form of the same function.
    lookup: lookup as never,
    proxy: false as const,
    httpAgent: new Agent({ keepAlive: false }),
    httpsAgent: new SecureAgent({ keepAlive: false }),
  };
  try {
    const response = await axios.request<string | { destroy(): void }>({
      ...sent,
      ...guarded,
      ...(body === undefined ? {} : { data: body }),
      headers: { ...headers },
      signal: AbortSignal.timeout(timeout),
      maxRedirects: 0,
      ...(largestAnswer === undefined
        ? { responseType: 'stream', decompress: false }
        : { responseType: 'text', maxContentLength: largestAnswer }),
      validateStatus: null,
    });
    const header: unknown = response.headers['retry-after'];
    const retryAfter = typeof header === 'string' ? header : undefined;
    const { data, status } = response;
    if (typeof data === 'object') data?.destroy();
    return { status, retryAfter, body: typeof data === 'string' ? data : '' };
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
