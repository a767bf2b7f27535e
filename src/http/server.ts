import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Express } from 'express';
import { AppError, summarizeError } from '../lib/errors.ts';

/** Each connection costs memory before anything is known about it. */
const MAX_CONNECTIONS = 1_000;
/** With more connections than this, each new one closes the one that has been idle longest. */
const MANY_CONNECTIONS = 900;
/** Longest time to receive a whole request, in milliseconds. */
const REQUEST_TIMEOUT = 15_000;

/** Listens on a port. Rejects with an AppError in one sentence when it is taken. */
export async function listen(
  express: Express,
  host: string,
  port: number,
  timeout = REQUEST_TIMEOUT,
): Promise<Server> {
  const server = createServer(
    // By default Node looks for late requests every 30 s only.
    { requestTimeout: timeout, headersTimeout: timeout, connectionsCheckingInterval: timeout / 5 },
    express,
  );
  server.maxConnections = MAX_CONNECTIONS;
  closeIdle(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const isTaken = 'code' in error && error.code === 'EADDRINUSE';
      const reason = isTaken ? 'is taken by another process' : `cannot be opened (${summarizeError(error)})`;
      reject(
        new AppError(
          'port_taken',
          `Port ${port} on ${host} ${reason}. Choose another one with PORT and HOST.`,
          {
            cause: error,
          },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
  return server;
}

/** Above MANY_CONNECTIONS, closes the oldest idle connection for each new one, so Slack and health checks can always connect. */
function closeIdle(server: Server): void {
  const idleSockets = new Set<Socket>();
  let openCount = 0;
  server.on('connection', (socket) => {
    openCount += 1;
    if (openCount > MANY_CONNECTIONS)
      for (const oldest of idleSockets) {
        oldest.destroy();
        break;
      }
    idleSockets.add(socket);
    socket.once('close', () => {
      openCount -= 1;
      idleSockets.delete(socket);
    });
  });
  server.on('request', ({ socket }, response) => {
    idleSockets.delete(socket);
    response.once('close', () => void (socket.destroyed || idleSockets.add(socket)));
  });
}

/** Takes no new request and finishes the current ones; after `deadline` milliseconds closes all connections. */
export async function closeServer(server: Server, deadline: number): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), deadline);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(timer);
}
