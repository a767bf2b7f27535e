import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

/** Takes webhooks on a free port and answers each with `status`; with 0 it never answers. */
export async function startReceiver({ status = 202 } = {}) {
  const received: Received[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    received.push({
      path: req.url ?? '',
      headers: req.headers,
      body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>,
    });
    if (status > 0) res.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    received,
    paths: () => received.map(({ path }) => path),
    /** What was received on a path. */
    at: (path: string) => received.filter((one) => one.path === path),
    taskWebhookUrl: `${url}/task?token=abc`,
    stepWebhookUrl: `${url}/step`,
    crewWebhookUrl: `${url}/crew`,
    humanUrl: `${url}/human`,
    eventsUrl: `${url}/events`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
