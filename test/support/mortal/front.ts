import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** An address that stays while the bot behind it changes its port: another process may take the port of a dead one. */
export async function startFront() {
  const sockets = new Set<Socket>();
  let target = 0;
  const server = createServer((client) => {
    const bot = connect(target, '127.0.0.1');
    client.pipe(bot).pipe(client);
    for (const [one, other] of [
      [client, bot],
      [bot, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo(port: number) {
      target = port;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
