import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Below the ports that connections of this machine leave from: nothing else takes it while its bot is down. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    const { port: given } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    return given;
  }
}
