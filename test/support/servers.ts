import { createHash, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import pg from 'pg';
import { beforeAll } from 'vitest';
import { describeIf } from './describe-if.ts';

const REDIS = { host: '127.0.0.1', port: 6379 };
const POSTGRES = 'postgres://postgres@127.0.0.1:5432';

async function listens({ host, port }: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function describeWith(name: string, address: { host: string; port: number }) {
  const missing = `${name} does not listen on ${address.host}:${address.port}: its tests are skipped`;
  return describeIf(await listens(address), missing);
}

export const describeRedis = await describeWith('Redis', REDIS);
const describePostgresOnly = await describeWith('Postgres', { host: '127.0.0.1', port: 5432 });
export const describePostgres = (name: string, body: () => void) =>
  describePostgresOnly(name, () => {
    // Not once for this module: a worker reads it once, and only its first file would have the hook. As the cleanup of a
    // first `beforeAll` it comes after all hooks of the body.
    beforeAll(() => dropDatabases);
    body();
  });

/** A Redis store that no other test uses. */
export function newRedisUrl(): string {
  return `redis://${REDIS.host}:${REDIS.port}/9?prefix=test-${randomUUID()}`;
}

const databases: string[] = [];

/** A Postgres database that no other test uses; it is dropped after its `describePostgres`. */
export async function newPostgresUrl(): Promise<string> {
  const name = `crew_test_${createHash('sha256').update(randomUUID()).digest('hex').slice(0, 16)}`;
  databases.push(name);
  await ask(`CREATE DATABASE ${name}`);
  return `${POSTGRES}/${name}`;
}

async function ask(sql: string): Promise<void> {
  const client = new pg.Client(`${POSTGRES}/postgres`);
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function dropDatabases(): Promise<void> {
  for (const name of databases.splice(0)) await ask(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

/** `describe` on each store that is a server, named after it. */
export function describeEachServer(
  name: string,
  body: (newUrl: () => Promise<string>, server: string) => void,
) {
  describeRedis(`${name} Redis`, () => body(async () => newRedisUrl(), 'Redis'));
  describePostgres(`${name} Postgres`, () => body(newPostgresUrl, 'Postgres'));
}
