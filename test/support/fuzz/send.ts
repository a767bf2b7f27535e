import { Agent, request } from 'node:http';
import { scaleLimit } from '../limits.ts';
import type { FuzzRequest } from './requests.ts';

export interface Got {
  request: FuzzRequest;
  /** 0: no answer. */
  status: number;
  body: string;
}

/** On a busy machine, too. */
const WITHIN = scaleLimit(60_000);

/** Sends all of them, so many at once, over connections that are kept; the answers are in the order of the requests. */
export async function sendAll(url: string, requests: readonly FuzzRequest[], atOnce: number): Promise<Got[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const got: Got[] = [];
  let next = 0;
  async function sendNext(): Promise<void> {
    for (let index = next++; index < requests.length; index = next++) {
      const one = requests[index] as FuzzRequest;
      // A connection that was closed while it was idle, or with the answer to what was never read, is opened again.
      let last = await send(url, one, agent);
      for (let tries = 1; last.status === 0 && tries < 4; tries += 1) {
        const { body } = last;
        last = await send(url, one, false);
        if (last.status === 0) last.body = `${body}, ${last.body}`;
      }
      got[index] = last;
    }
  }
  await Promise.all(Array.from({ length: atOnce }, sendNext));
  agent.destroy();
  return got;
}

function send(url: string, given: FuzzRequest, agent: Agent | false): Promise<Got> {
  const { method, path, body } = given;
  const headers = { ...given.headers, 'content-length': String(Buffer.byteLength(body)) };
  if (given.headers['content-type'] === '') Reflect.deleteProperty(headers, 'content-type');
  return new Promise((resolve) => {
    const end = (status: number, text: string) => resolve({ request: given, status, body: text });
    // Not as a URL: that would be corrected on its way.
    const address = { host: '127.0.0.1', port: new URL(url).port, path };
    const sent = request({ ...address, method, headers, agent, timeout: WITHIN }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => end(answer.statusCode ?? 0, text));
      answer.on('error', (error) => end(answer.statusCode ?? 0, String(error)));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer: not within ${WITHIN} ms`)));
    sent.on('error', (error) => end(0, String(error)));
    sent.end(body);
  });
}

/** How many of each kind got which status, a line each. */
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
