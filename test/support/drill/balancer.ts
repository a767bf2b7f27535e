import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Life } from './replicas.ts';

const WEBHOOK_TIMEOUT = 5_000;
const CLICK_TIMEOUT = 15_000;

/**
 * Starts a load balancer that alternates between two replicas. It sends a webhook to one and the other until one
 * answers with a status below 500. A click goes to the second replica only if the first one no longer listens:
 * otherwise the click may have been handled, and its sender gets a 502.
 */
export async function startBalancer(current: () => readonly Life[]) {
  /** The replica that received the latest click of each person. */
  const taken = new Map<string, Life>();
  const count = { webhooksSentAgain: 0 };
  let turn = 0;

  const orderReplicas = () => {
    const [a, b] = current() as [Life, Life];
    turn += 1;
    return turn % 2 === 0 ? [a, b] : [b, a];
  };

  async function send(life: Life, req: IncomingMessage, body: Buffer, timeout: number): Promise<Response> {
    const headers = new Headers();
    for (const [name, value] of Object.entries(req.headers)) {
      if (/^(content-type|authorization|x-slack-.*|x-crewai-.*)$/.test(name))
        headers.set(name, String(value));
    }
    const signal = AbortSignal.timeout(timeout);
    const url = `http://127.0.0.1:${life.port}${req.url}`;
    return fetch(url, { method: req.method ?? 'POST', headers, body: new Uint8Array(body), signal });
  }

  async function webhook(req: IncomingMessage, res: ServerResponse, body: Buffer): Promise<void> {
    while (!res.destroyed) {
      for (const life of orderReplicas()) {
        const answer = await send(life, req, body, WEBHOOK_TIMEOUT).catch(() => undefined);
        if (answer && answer.status < 500) return relay(answer, res);
        count.webhooksSentAgain += 1;
      }
      await pause(100);
    }
  }

  async function click(req: IncomingMessage, res: ServerResponse, body: Buffer): Promise<void> {
    const user = userOf(body);
    taken.delete(user);
    for (const life of orderReplicas()) {
      try {
        const answer = await send(life, req, body, CLICK_TIMEOUT);
        taken.set(user, life);
        return await relay(answer, res);
      } catch (error) {
        if (isNotListening(error)) continue;
        taken.set(user, life);
        break;
      }
    }
    res.writeHead(502).end();
  }

  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const handle = req.url?.startsWith('/slack/') ? click : webhook;
    await handle(req, res, Buffer.concat(chunks)).catch(() => res.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, taken, count };
}

async function relay(answer: Response, res: ServerResponse): Promise<void> {
  const body = await answer.text();
  res
    .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' })
    .end(body);
}

function userOf(body: Buffer): string {
  const payload = new URLSearchParams(body.toString()).get('payload') ?? '{}';
  return (JSON.parse(payload) as { user?: { id?: string } }).user?.id ?? '';
}

function isNotListening(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
