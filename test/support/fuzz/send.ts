import { Agent, request } from 'node:http';
import { scaleLimit } from '../limits.ts';
import type { FuzzRequest } from './requests.ts';

export interface Got {
  request: FuzzRequest;
  /** 0 without an answer. */
  status: number;
  body: string;
}

/** Timeout of a request, in milliseconds. */
const WITHIN = scaleLimit(60_000);

/**
 * Sends all requests, `atOnce` at a time, over kept-alive connections. The answers are in the order of the requests.
 */
export async function sendAll(url: string, requests: readonly FuzzRequest[], atOnce: number): Promise<Got[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const got: Got[] = [];
  let next = 0;
  async function sendNext(): Promise<void> {
    for (let index = next++; index < requests.length; index = next++) {
      const fuzzRequest = requests[index] as FuzzRequest;
      // Retries on a new connection: the kept one may have been closed while idle, or with the answer to an unread
      // body.
      let last = await send(url, fuzzRequest, agent);
      for (let tries = 1; last.status === 0 && tries < 4; tries += 1) {
        const { body } = last;
        last = await send(url, fuzzRequest, false);
        if (last.status === 0) last.body = `${body}, ${last.body}`;
      }
      got[index] = last;
    }
  }
  await Promise.all(Array.from({ length: atOnce }, sendNext));
  agent.destroy();
  return got;
}

function send(url: string, fuzzRequest: FuzzRequest, agent: Agent | false): Promise<Got> {
  const { method, path, body } = fuzzRequest;
  const headers = { ...fuzzRequest.headers, 'content-length': String(Buffer.byteLength(body)) };
  if (fuzzRequest.headers['content-type'] === '') Reflect.deleteProperty(headers, 'content-type');
  return new Promise((resolve) => {
    const end = (status: number, text: string) => resolve({ request: fuzzRequest, status, body: text });
    // The path is not sent as a URL: that would be normalized on the way.
    const address = { host: '127.0.0.1', port: new URL(url).port, path };
    const outgoing = request({ ...address, method, headers, agent, timeout: WITHIN }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => end(answer.statusCode ?? 0, text));
      answer.on('error', (error) => end(answer.statusCode ?? 0, String(error)));
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer: not within ${WITHIN} ms`)));
    outgoing.on('error', (error) => end(0, String(error)));
    outgoing.end(body);
  });
}

/** Counts the statuses of each kind of request, one line each. */
export function figures(got: readonly Got[]): string {
  const counts = new Map<string, number>();
  for (const { request, status } of got) {
    const name = `${request.kind} ${request.about}: ${status}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .sort()
    .map(([name, count]) => `${name}: ${count}×`)
    .join('\n');
}
