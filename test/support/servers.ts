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
    // Each worker loads this module once, so a hook at its top level would only exist for its first file. As the
    // cleanup of the first `beforeAll`, dropDatabases runs after all hooks of the body.
    beforeAll(() => dropDatabases);
    body();
  });

/** Builds the URL of a Redis store that no other test uses. */
export function newRedisUrl(): string {
  return `redis://${REDIS.host}:${REDIS.port}/9?prefix=test-${randomUUID()}`;
}

const databases: string[] = [];

/** Creates a Postgres database that no other test uses. It is dropped after its `describePostgres`. */
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

/** `describe` for each store that is a server, with the server's name. */
export function describeEachServer(
  name: string,
  body: (newUrl: () => Promise<string>, server: string) => void,
) {
  describeRedis(`${name} Redis`, () => body(async () => newRedisUrl(), 'Redis'));
  describePostgres(`${name} Postgres`, () => body(newPostgresUrl, 'Postgres'));
}
