import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Below the ports that connections of this machine leave from, so that nothing else takes one while its bot is down. */
const FIRST = 20_000;
const PER_WORKER = 750;
const WORKERS = 16;

let next = Math.floor(Math.random() * PER_WORKER);

/**
 * Each worker of the test runner has a range of its own and takes its ports in turn: a port is not given to a second
 * test between this probe and the moment at which the first one listens.
 */
export async function freePort(): Promise<number> {
  const range = FIRST + (Number(process.env.VITEST_POOL_ID ?? 0) % WORKERS) * PER_WORKER;
  for (;;) {
    next = (next + 1) % PER_WORKER;
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(range + next, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    return port;
  }
}
