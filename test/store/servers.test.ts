import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { openPostgres } from '../../src/store/backends/postgres.ts';
import { openRedis } from '../../src/store/backends/redis.ts';
import type { ServerRecords } from '../../src/store/record-store.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';
import { recordStoreContract } from './contract.ts';
import { commitOf, creationOf } from './support.ts';

type Open = (url: string, onError: (error: unknown) => void) => Promise<ServerRecords>;

/** A store that is closed with the test. */
async function opened(open: Open, url: string): Promise<ServerRecords> {
  const server = await open(url, () => {});
  onTestFinished(() => server.records.disconnect());
  return server;
}

function serverContract(open: Open, newUrl: () => Promise<string>): void {
  test('is made once by many who start at the same time, and is one store for all of them', async () => {
    const url = await newUrl();
    const stores = await Promise.all(Array.from({ length: 4 }, () => opened(open, url)));
    const commits = stores.map(({ records }, n) =>
      records.commit(commitOf({ 'open/1': undefined }, { 'open/1': `${n}` })),
    );
    const won = await Promise.all(commits);
    expect(won.filter(Boolean)).toHaveLength(1);
    const held = await Promise.all(stores.map(({ records }) => records.get('open/1')));
    expect(held).toEqual(stores.map(() => `${won.indexOf(true)}`));
  });

  test('tells the time of its server', async () => {
    const { serverTime } = await opened(open, await newUrl());
    expect(Math.abs((await serverTime()) - Date.now())).toBeLessThan(60_000);
  });
}

describeRedis('a store in Redis', () => {
  recordStoreContract(async () => (await openRedis(newRedisUrl(), () => {})).records);
  serverContract(openRedis, async () => newRedisUrl());

  test('warns when writes may be lost', async () => {
    const { warnings } = await opened(openRedis, newRedisUrl());
    for (const warning of warnings) expect(warning).toMatch(/^Redis has (appendonly no|appendfsync)/);
  });
});

describePostgres('a store in Postgres', () => {
  /** A client of this database, which ends with the test. */
  async function connect(url: string): Promise<pg.Client> {
    const client = new pg.Client(url);
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  }

  // Making a database takes long: the tests of the contract share one, emptied for each.
  let shared: Promise<string> | undefined;
  const openEmptied = async () => {
    shared ??= newPostgresUrl();
    const { records } = await openPostgres(await shared, () => {});
    const client = new pg.Client(await shared);
    await client.connect();
    await client.query('TRUNCATE crew_approvals_records');
    await client.end();
    return records;
  };
  recordStoreContract(openEmptied, { holdsNul: false });
  serverContract(openPostgres, newPostgresUrl);

  test('that an older version made, and goes on using, takes commits of both', async () => {
    const url = await newPostgresUrl();
    const older = await connect(url);
    // As version 0.1.0 made them.
    await older.query(`CREATE TABLE crew_approvals_records (key text COLLATE "C" PRIMARY KEY, value text NOT NULL);
      CREATE FUNCTION crew_approvals_records_commit(
        record text, previous text, put_keys text[], put_values text[], gone text[], deadline double precision
      ) RETURNS integer LANGUAGE plpgsql AS $$
      DECLARE held text;
      BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended(record, 0));
        IF extract(epoch FROM clock_timestamp()) * 1000 > deadline THEN RETURN -1; END IF;
        SELECT value INTO held FROM crew_approvals_records WHERE key = record;
        IF held IS DISTINCT FROM previous THEN RETURN 0; END IF;
        DELETE FROM crew_approvals_records WHERE key = ANY(gone);
        INSERT INTO crew_approvals_records (key, value) SELECT * FROM unnest(put_keys, put_values)
          ON CONFLICT (key) DO UPDATE SET value = excluded.value;
        RETURN 1;
      END $$`);
    const { records } = await opened(openPostgres, url);
    const write = (run: string, previous?: string) => records.commit(commitOf({ run: previous }, { run }));
    const writeAsBefore = async (raw: string, previous: string) => {
      const text = 'SELECT crew_approvals_records_commit($1, $2, $3, $4, $5, $6) AS done';
      return (await older.query(text, ['run', previous, ['run'], [raw], [], null])).rows[0]?.done;
    };
    expect(await write('r1')).toBe(true);
    expect(await writeAsBefore('r2', 'r1')).toBe(1);
    expect(await write('r3', 'r1')).toBe(false);
    expect(await write('r3', 'r2')).toBe(true);
    expect(await writeAsBefore('r4', 'r2')).toBe(0);
  });

  test('lets a commit go on beside another one that compares the same record, unless one of them writes it', async () => {
    const url = await newPostgresUrl();
    const { records } = await opened(openPostgres, url);
    await records.commit(commitOf({}, { format: '8', 'open/1': 'a' }));
    const client = await connect(url);
    await client.query('BEGIN');
    const under = `SELECT crew_approvals_records_commit_compared('{format,open/1}', '{8,a}', '{open/1}', '{b}', '{}', NULL)`;
    await client.query(under);
    const beside = { key: 'open/2', raw: 'c' };
    const compare = [{ key: 'format', previousRaw: '8' }];
    expect(await records.commit({ compare, puts: [beside], deletes: [] })).toBe(true);
    const raised = records.commit(commitOf({ format: '8' }, { format: '9' }));
    const isRaised = await Promise.race([
      raised,
      new Promise((resolve) => setTimeout(resolve, 300, 'waits')),
    ]);
    expect(isRaised).toBe('waits');
    await client.query('COMMIT');
    expect(await raised).toBe(true);
    expect(await records.commit({ compare, puts: [beside], deletes: [] })).toBe(false);
  });

  test('writes what it answered to disk first, whatever the default of the server is', async () => {
    const url = await newPostgresUrl();
    const owner = await connect(url);
    await owner.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET synchronous_commit = off`);
    const { records } = await opened(openPostgres, url);
    // What a connection of the store has when it commits, kept by the commit itself.
    await owner.query(`CREATE TABLE seen (setting text);
      CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
      CREATE TRIGGER see AFTER INSERT ON crew_approvals_records FOR EACH ROW EXECUTE FUNCTION see()`);
    // At once, so that every connection of the pool commits.
    const keys = Array.from({ length: 20 }, (_, number) => `key/${number}`);
    await Promise.all(keys.map((key) => records.commit(creationOf(key))));
    const { rows } = await owner.query<{ setting: string }>('SELECT setting FROM seen');
    expect(rows.map(({ setting }) => setting)).toEqual(keys.map(() => 'on'));
    const { rows: defaults } = await (await connect(url)).query('SHOW synchronous_commit');
    expect(defaults).toEqual([{ synchronous_commit: 'off' }]);
  });
});

test('one sentence says that a server cannot be reached', async () => {
  const expectRefusal = (error: Promise<unknown>, sentence: RegExp) =>
    expect(error).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(sentence),
    });
  const postgres = openPostgres('postgres://postgres@127.0.0.1:1/none', () => {});
  const postgresSays =
    /^Can't connect to Postgres at STORE_URL \(.*\)\. Check that it is running and that STORE_URL is right\.$/;
  await expectRefusal(postgres, postgresSays);
  const redis = openRedis('redis://127.0.0.1:1', () => {});
  const redisSays =
    /^Can't connect to Redis at STORE_URL \(.*\)\. Check that it is running and that STORE_URL is right\.$/;
  await expectRefusal(redis, redisSays);
});
