import { randomBytes } from 'node:crypto';
import pg from 'pg';

const SERVER = 'postgres://postgres@127.0.0.1:5432';

async function ask<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: `${SERVER}/postgres`, connectionTimeoutMillis: 1_000 });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** With what it promises of durability; undefined where it does not run. */
export async function postgresVersion(): Promise<string | undefined> {
  try {
    const [row] = await ask<{ version: string; fsync: string }>(
      "SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync",
    );
    return row && `${row.version}, fsync ${row.fsync}`;
  } catch {
    return undefined;
  }
}

/** Gives the STORE_URL of a database that nothing else uses, and drops it afterwards. */
export async function inPostgres<T>(work: (url: string) => Promise<T>): Promise<T> {
  const name = `crew_bench_${randomBytes(8).toString('hex')}`;
  leftovers.add(name);
  await ask(`CREATE DATABASE ${name}`);
  try {
    return await work(`${SERVER}/${name}`);
  } finally {
    await drop(name);
  }
}

const leftovers = new Set<string>();

async function drop(name: string): Promise<void> {
  await ask(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  leftovers.delete(name);
}

/** Of a run that is ended early. */
export async function cleanPostgres(): Promise<void> {
  for (const name of leftovers) await drop(name);
}
