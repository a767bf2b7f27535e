import { createServer, type Server } from 'node:http';
import type { Express } from 'express';
import { AppError, summarizeError } from '../lib/errors.ts';

/** Each connection costs memory before anything is known of it. */
const MOST_CONNECTIONS = 1_000;
/** Longest time for a whole request to come, in milliseconds. */
const REQUEST_TIMEOUT = 15_000;

/** Opens the port. Rejects with an AppError in one sentence when it is taken. */
export async function listen(
  express: Express,
  host: string,
  port: number,
  timeout = REQUEST_TIMEOUT,
): Promise<Server> {
  const server = createServer(
    // Node looks every 30 s by itself for those that are late.
    { requestTimeout: timeout, headersTimeout: timeout, connectionsCheckingInterval: timeout / 5 },
    express,
  );
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const taken = 'code' in error && error.code === 'EADDRINUSE';
      const why = taken ? 'is taken by another process' : `cannot be opened (${summarizeError(error)})`;
      reject(
        new AppError('port_taken', `The port ${port} on ${host} ${why}; PORT and HOST choose another.`, {
          cause: error,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
  return server;
}

/** Takes no new request, ends what is under way, closes idle connections; after `deadline` milliseconds all of them. */
export async function closeServer(server: Server, deadline: number): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), deadline);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(timer);
}
