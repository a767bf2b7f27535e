import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import { onTestFinished } from 'vitest';
import { sees, shown } from '../support/world.ts';

/** How an answer comes back. */
export type Break = (response: ServerResponse) => void;

export interface Road {
  url: string;
  /**
   * The next request whose path holds `on` comes back so. `taken`: it went through all the same, and only its answer
   * is broken.
   */
  breaks(on: string, answer: Break, how: { taken: boolean; times?: number }): void;
  heals(): void;
  /** When each request came whose path holds this, in milliseconds since 1970. */
  came(on: string): number[];
}

/** The way to a server through proxies that break some answers. */
export async function startRoad(target: string): Promise<Road> {
  let planned: { on: string; answer: Break; taken: boolean; left: number }[] = [];
  const requests: { path: string; at: number }[] = [];
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    requests.push({ path, at: Date.now() });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const plan = planned.find(({ on }) => path.includes(on));
    if (plan) plan.left -= 1;
    planned = planned.filter(({ left }) => left > 0);
    if (plan && !plan.taken) return plan.answer(response);
    const { host: _, 'content-length': __, connection: ___, ...headers } = request.headers;
    const { status, data, ...rest } = await axios.request<Buffer>({
      url: `${target}${path}`,
      ...(request.method ? { method: request.method } : {}),
      headers: headers as Record<string, string>,
      data: Buffer.concat(chunks),
      responseType: 'arraybuffer',
      validateStatus: () => true,
    });
    if (plan) return plan.answer(response);
    const { 'transfer-encoding': ____, ...answered } = rest.headers as Record<string, string>;
    response.writeHead(status, answered).end(data);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    breaks(on, answer, { taken, times = 1 }) {
      planned.push({ on, answer, taken, left: times });
    },
    heals() {
      planned = [];
    },
    came: (on) => requests.filter(({ path }) => path.includes(on)).map(({ at }) => at),
  };
}

/** A server that answers everything with a page, and nobody should ever come to. */
export async function startStranger(): Promise<{ url: string; seen: () => number }> {
  let seen = 0;
  const server = createServer((_request, response) => {
    seen += 1;
    response.end(PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/login`, seen: () => seen };
}

export const PAGE = `<html><body><h1>Please sign in</h1>${'<p>…</p>'.repeat(100)}</body></html>`;

const JSON_TYPE = { 'content-type': 'application/json' };

export const says =
  (status: number, body: string, headers: Record<string, string> = JSON_TYPE): Break =>
  (response) =>
    void response.writeHead(status, headers).end(body);

export const page = (status: number, headers: Record<string, string> = {}): Break =>
  says(status, PAGE, { 'content-type': 'text/html', ...headers });

/** A length and a beginning, then the connection breaks. */
export const half =
  (body: string): Break =>
  (response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': '500' });
    response.write(body, () => response.destroy());
  };

/** One byte now and then, for ever. */
export const trickle: Break = (response) => {
  response.writeHead(200, JSON_TYPE);
  const timer = setInterval(() => response.write(' '), 200);
  response.on('close', () => clearInterval(timer));
};

export const noHttp: Break = (response) => void response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n\r\n');

/** `sees`, with time for a call that lasts until its time-out of 8 s. */
export const seesInTheEnd: typeof sees = async (workspace, what, predicate) => {
  await workspace.changed(() => shown(workspace).some(predicate), { what, timeoutMs: 25_000 });
  return sees(workspace, what, predicate);
};

/** Carries each case out, all at once, and gives what came of it by its name. */
export async function each<C, R>(
  cases: Readonly<Record<string, C>>,
  carryOut: (given: C) => Promise<R>,
): Promise<Record<string, R>> {
  const entries = Object.entries(cases).map(async ([name, given]): Promise<[string, R]> => {
    try {
      return [name, await carryOut(given)];
    } catch (error) {
      throw new Error(`${name}: ${String(error)}`, { cause: error });
    }
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** What should come of every case. */
export function all<C, R>(cases: Readonly<Record<string, C>>, expected: R): Record<string, R> {
  return Object.fromEntries(Object.keys(cases).map((name) => [name, expected]));
}
