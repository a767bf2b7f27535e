import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LocalServer {
  baseUrl: string;
  /** Ends open connections too. Can be called again. */
  close(): Promise<void>;
}

/** How an app is served; `startLocalServer`, unless it is reached within its own process. */
export type Serve = (app: RequestListener, port: number) => Promise<LocalServer>;

/** Serves an app on 127.0.0.1, on a free port if `port` is 0. Rejects if the port is taken. */
export async function startLocalServer(app: RequestListener, port: number): Promise<LocalServer> {
  const server = createServer(app);
  server.listen(port, '127.0.0.1');
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
