import type { lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { PushOutcome } from '../approval/lifecycle/events.ts';
import type { Endpoints } from '../approval/model/crew/endpoint.ts';
import type { AnswerPushes, Clock } from '../approval/ports.ts';
import { callHttp } from '../lib/call-http.ts';
import { readPlainUrl } from '../lib/plain-url.ts';
import { createPublicLookup, isPublicAddress, NOT_PUBLIC_ADDRESS } from '../lib/public-address.ts';
import { buildSignedHeaders, readRetryAfter } from './signed-request.ts';

/** Longest wait for a program's response, in milliseconds; shorter than a lease. */
const TIMEOUT = 8_000;
const HOST_NOT_ALLOWED = 'HOST_NOT_ALLOWED';

/**
 * Finds what the settings allow for a URL. `named`: host and port are listed, so any address and http are allowed. `public`: the
 * host is listed, so https on port 443 of public addresses is allowed. Pure.
 */
export function findHostRule(url: string, hosts: readonly string[]): 'named' | 'public' | undefined {
  const plain = readPlainUrl(url);
  if (!plain || url.includes('#')) return undefined;
  const { protocol, hostname, port, isStandard } = plain;
  const allowedHosts = hosts.map((host) => host.toLowerCase());
  if (allowedHosts.includes(`${hostname}:${port}`)) return 'named';
  return protocol === 'https:' && isStandard && allowedHosts.includes(hostname) ? 'public' : undefined;
}

/** Sends answers of questions to the programs that asked, as Standard Webhooks. `resolve`: asks DNS. */
export function createAnswerPushes({
  endpoints,
  clock,
  timeout = TIMEOUT,
  resolve,
}: {
  endpoints: Endpoints;
  clock: Pick<Clock, 'now'>;
  timeout?: number;
  resolve?: typeof lookup;
}): AnswerPushes {
  const publicLookup = createPublicLookup(resolve);
  const findRule = (crew: string, url: string) =>
    findHostRule(url, endpoints.get(crew)?.answers?.hosts ?? []);
  return {
    mayPush: (crew, url) => findRule(crew, url) !== undefined,
    async push(crew, { url, id, body }): Promise<PushOutcome> {
      const { secret } = endpoints.get(crew)?.answers ?? {};
      const hostRule = findRule(crew, url);
      if (hostRule === undefined || secret === undefined)
        return { kind: 'not_allowed', reason: HOST_NOT_ALLOWED };
      const { hostname } = new URL(url);
      // The HTTP client does not look up an IP address, so it is checked here.
      if (hostRule === 'public' && isIP(hostname) !== 0 && !isPublicAddress(hostname))
        return { kind: 'not_allowed', reason: NOT_PUBLIC_ADDRESS };
      const text = JSON.stringify(body);
      const response = await callHttp({
        method: 'post',
        url,
        headers: buildSignedHeaders(secret, { id, body: text, now: clock.now() }),
        body: text,
        timeout,
        ...(hostRule === 'public' ? { lookup: publicLookup } : {}),
      });
      return readPushOutcome(response);
    },
  };
}

function readPushOutcome(response: Awaited<ReturnType<typeof callHttp>>): PushOutcome {
  if ('code' in response)
    return response.code === NOT_PUBLIC_ADDRESS
      ? { kind: 'not_allowed', reason: NOT_PUBLIC_ADDRESS }
      : { kind: 'failed', reason: response.code };
  const { status, retryAfter } = response;
  if (status >= 200 && status < 300) return { kind: 'taken' };
  if (status === 410) return { kind: 'gone' };
  const retryAfterMs = readRetryAfter(retryAfter);
  return { kind: 'failed', reason: String(status), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
