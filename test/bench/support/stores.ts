import { randomBytes } from 'node:crypto';
import { createClient } from '@redis/client';
import pg from 'pg';
import { databaseIn, inFolder } from './world.ts';

const REDIS = 'redis://127.0.0.1:6379';
const POSTGRES = 'postgres://postgres@127.0.0.1:5432';

async function withRedis<T>(work: (client: ReturnType<typeof createClient>) => Promise<T>): Promise<T> {
  const client = createClient({ url: REDIS, socket: { reconnectStrategy: false, connectTimeout: 1_000 } });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client as ReturnType<typeof createClient>);
  } finally {
    client.destroy();
  }
}

async function askPostgres<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: `${POSTGRES}/postgres`, connectionTimeoutMillis: 1_000 });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Reads the version of Redis and its durability settings; undefined if Redis does not run. */
export const redisVersion = (): Promise<string | undefined> =>
  withRedis(async (client) => {
    const version = /redis_version:(\S+)/.exec(await client.info('server'))?.[1];
    const { appendonly, appendfsync } = await client.configGet('append*');
    return `${version}, appendonly ${appendonly}, appendfsync ${appendfsync}`;
  }).catch(() => undefined);

/** Reads the version of Postgres and its durability settings; undefined if Postgres does not run. */
export const postgresVersion = (): Promise<string | undefined> =>
  askPostgres<{ version: string; fsync: string }>(
    "SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync",
  ).then(
    ([row]) => row && `${row.version}, fsync ${row.fsync}`,
    () => undefined,
  );

export type StoreName = 'SQLite' | 'Redis' | 'Postgres';

/** Runs `work` with the STORE_URL of a store that nothing else uses, and removes the store afterwards. */
export async function inStore<T>(store: StoreName, work: (url: string) => Promise<T>): Promise<T> {
  if (store === 'SQLite') return inFolder((folder) => work(`sqlite://${databaseIn(folder)}`));
  const name = `crew_bench_${randomBytes(8).toString('hex')}`;
  const isRedis = store === 'Redis';
  leftovers.set(name, () => (isRedis ? removePrefix(name) : removeDatabase(name)));
  if (!isRedis) await askPostgres(`CREATE DATABASE ${name}`);
  try {
    return await work(isRedis ? `${REDIS}?prefix=${name}` : `${POSTGRES}/${name}`);
  } finally {
    await leftovers.get(name)?.();
    leftovers.delete(name);
  }
}

/** Removes each store that a run uses. */
const leftovers = new Map<string, () => Promise<void>>();

async function removePrefix(prefix: string): Promise<void> {
  await withRedis(async (client) => {
    for await (const keys of client.scanIterator({ MATCH: `${prefix}:*`, COUNT: 5_000 })) {
      if (keys.length > 0) await client.unlink(keys);
    }
  });
}

async function removeDatabase(name: string): Promise<void> {
  await askPostgres(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

/** Removes the stores of a run that is ended early. */
export async function removeStores(): Promise<void> {
  await Promise.allSettled([...leftovers.values()].map((remove) => remove()));
}
