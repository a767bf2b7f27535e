import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LocalServer {
  baseUrl: string;
  /** Closes the server and its open connections. Can be called again. */
  close(): Promise<void>;
}

export type Serve = (app: RequestListener) => Promise<LocalServer>;

/** Serves an app on 127.0.0.1, on a free port. */
export async function startLocalServer(app: RequestListener): Promise<LocalServer> {
  const server = createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close(): Promise<void> {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
