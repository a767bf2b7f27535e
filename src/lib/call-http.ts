import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import axios, { isAxiosError } from 'axios';

interface HttpCall {
  method: 'get' | 'post';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
  /** Time limit, in milliseconds. */
  timeout: number;
  /** Largest body of a response, in bytes. A larger one counts as no response; absent: the body is not read. */
  largestAnswer?: number;
  /** Resolves the host for this call only, without reused connections and proxies. */
  lookup?: LookupFunction;
}

/** `retryAfter`: the header as sent. */
export interface HttpAnswer {
  status: number;
  retryAfter: string | undefined;
  body: string;
}

/**
 * Sends a request and returns the response, whatever its status, or a code such as ECONNREFUSED. Never rejects. Does not follow
 * redirects: they would take the request to another address. No axios error leaves this file, since it contains the whole
 * request.
 */
export async function callHttp({
  headers,
  body,
  timeout,
  largestAnswer,
  lookup,
  ...request
}: HttpCall): Promise<HttpAnswer | { code: string }> {
  const lookupOptions = lookup && {
    // The types of axios require another form of the same function.
    lookup: lookup as never,
    proxy: false as const,
    httpAgent: new Agent({ keepAlive: false }),
    httpsAgent: new SecureAgent({ keepAlive: false }),
  };
  try {
    const response = await axios.request<string | { destroy(): void }>({
      ...request,
      ...lookupOptions,
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
  // The error of the first address stands for all addresses that were tried.
  const causes = error.cause instanceof AggregateError ? error.cause.errors : [];
  const firstCause: unknown = causes[0];
  if (firstCause instanceof Error && 'code' in firstCause && typeof firstCause.code === 'string')
    return firstCause.code;
  return error.code === 'ERR_CANCELED' ? 'ETIMEDOUT' : (error.code ?? 'FAILED');
}
