import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Serve } from '../../src/sandbox/crewai/server/local-server.ts';

/** Serves an app on this port of 127.0.0.1. */
export const serveAt =
  (port: number): Serve =>
  async (app) => {
    const server = createServer(app);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return {
      baseUrl: `http://127.0.0.1:${port}`,
      async close() {
        server.close();
        server.closeAllConnections();
      },
    };
  };
