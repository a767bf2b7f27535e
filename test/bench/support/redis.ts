import { randomUUID } from 'node:crypto';
import { createClient } from '@redis/client';

const ADDRESS = 'redis://127.0.0.1:6379';

async function withClient<T>(work: (client: ReturnType<typeof createClient>) => Promise<T>): Promise<T> {
  const client = createClient({ url: ADDRESS, socket: { reconnectStrategy: false, connectTimeout: 1_000 } });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client as ReturnType<typeof createClient>);
  } finally {
    client.destroy();
  }
}

/** With what it promises of durability; undefined where it does not run. */
export async function redisVersion(): Promise<string | undefined> {
  try {
    return await withClient(async (client) => {
      const version = /redis_version:(\S+)/.exec(await client.info('server'))?.[1];
      const { appendonly, appendfsync } = await client.configGet('append*');
      return `${version}, appendonly ${appendonly}, appendfsync ${appendfsync}`;
    });
  } catch {
    return undefined;
  }
}

/** Gives the STORE_URL of a Redis store that nothing else uses, and deletes what it holds afterwards. */
export async function inRedis<T>(work: (url: string) => Promise<T>): Promise<T> {
  const prefix = `bench-${randomUUID()}`;
  leftovers.add(prefix);
  try {
    return await work(`${ADDRESS}?prefix=${prefix}`);
  } finally {
    await removePrefix(prefix);
  }
}

const leftovers = new Set<string>();

async function removePrefix(prefix: string): Promise<void> {
  await withClient(async (client) => {
    for await (const keys of client.scanIterator({ MATCH: `${prefix}:*`, COUNT: 5_000 })) {
      if (keys.length > 0) await client.unlink(keys);
    }
  });
  leftovers.delete(prefix);
}

/** Of a run that is ended early. */
export async function cleanRedis(): Promise<void> {
  for (const prefix of leftovers) await removePrefix(prefix);
}
