import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Below the ephemeral ports of this machine, so that no outgoing connection takes a bot's port while the bot is down.
 */
const FIRST = 20_000;
const PER_WORKER = 750;
const WORKERS = 16;

let next = Math.floor(Math.random() * PER_WORKER);

/**
 * Finds a free port. Each worker of the test runner has a range of its own and takes its ports in turn, so no other
 * test gets the port between this probe and the moment the caller listens on it.
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
