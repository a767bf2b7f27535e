import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { openPostgres } from '../../src/store/backends/postgres.ts';
import { describePostgres, newPostgresUrl } from '../support/servers.ts';
import { recordStoreContract } from './contract.ts';

describePostgres('a store in Postgres', () => {
  // Making a database takes long: the tests of the contract share one, emptied for each.
  let url: Promise<string> | undefined;
  const emptied = async () => {
    url ??= newPostgresUrl();
    const { records } = await openPostgres(await url, () => {});
    const client = new pg.Client(await url);
    await client.connect();
    await client.query('TRUNCATE crew_approvals_records');
    await client.end();
    return records;
  };
  recordStoreContract(emptied, { holdsNul: false });

  test('is made once by many who start at the same time, and is one store for all of them', async () => {
    const url = await newPostgresUrl();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openPostgres(url, () => {})));
    onTestFinished(() => void Promise.all(stores.map(({ records }) => records.disconnect())));
    const won = await Promise.all(
      stores.map(({ records }, n) =>
        records.commit({
          compare: [{ key: 'open/1', previousRaw: undefined }],
          puts: [{ key: 'open/1', raw: `${n}` }],
          deletes: [],
        }),
      ),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  test('that an older version made, and goes on using, takes commits of both', async () => {
    const url = await newPostgresUrl();
    const older = new pg.Client(url);
    await older.connect();
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
    const { records } = await openPostgres(url, () => {});
    onTestFinished(async () => {
      await records.disconnect();
      await older.end();
    });
    const write = (raw: string, previousRaw?: string) =>
      records.commit({ compare: [{ key: 'run', previousRaw }], puts: [{ key: 'run', raw }], deletes: [] });
    const before = async (raw: string, previous: string) => {
      const text = 'SELECT crew_approvals_records_commit($1, $2, $3, $4, $5, $6) AS done';
      return (await older.query(text, ['run', previous, ['run'], [raw], [], null])).rows[0]?.done;
    };
    expect(await write('r1')).toBe(true);
    expect(await before('r2', 'r1')).toBe(1);
    expect(await write('r3', 'r1')).toBe(false);
    expect(await write('r3', 'r2')).toBe(true);
    expect(await before('r4', 'r2')).toBe(0);
  });

  test('writes what it answered to disk first, whatever the default of the server is', async () => {
    const url = await newPostgresUrl();
    const owner = new pg.Client(url);
    await owner.connect();
    await owner.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET synchronous_commit = off`);
    // What a connection of the store has when it commits, kept by the commit itself.
    const { records } = await openPostgres(url, () => {});
    onTestFinished(async () => {
      await records.disconnect();
      await owner.end();
    });
    await owner.query('CREATE TABLE seen (setting text)');
    await owner.query(`CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$`);
    await owner.query(
      'CREATE TRIGGER see AFTER INSERT ON crew_approvals_records FOR EACH ROW EXECUTE FUNCTION see()',
    );
    const commit = (key: string) =>
      records.commit({ compare: [{ key, previousRaw: undefined }], puts: [{ key, raw: 'x' }], deletes: [] });
    // At once, so that every connection of the pool commits.
    await Promise.all(Array.from({ length: 20 }, (_, number) => commit(`key/${number}`)));
    const { rows } = await owner.query<{ setting: string }>('SELECT setting FROM seen');
    expect(rows.map(({ setting }) => setting)).toEqual(Array(20).fill('on'));
    const other = new pg.Client(url);
    await other.connect();
    const { rows: defaults } = await other.query('SHOW synchronous_commit');
    await other.end();
    expect(defaults).toEqual([{ synchronous_commit: 'off' }]);
  });

  test('tells the time of its server', async () => {
    const { records, serverTime } = await openPostgres(await newPostgresUrl(), () => {});
    expect(Math.abs((await serverTime()) - Date.now())).toBeLessThan(60_000);
    await records.disconnect();
  });
});

test('a Postgres that cannot be reached is told in one sentence', async () => {
  await expect(openPostgres('postgres://postgres@127.0.0.1:1/none', () => {})).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringMatching(/^Postgres at STORE_URL cannot be used \(.*\)\.$/),
  });
});
