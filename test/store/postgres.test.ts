import keyvTestSuite from '@keyv/test-suite';
import Keyv from 'keyv';
import pg from 'pg';
import * as vitest from 'vitest';
import { openPostgres } from '../../src/store/postgres.ts';
import type { RecordStore } from '../../src/store/record-store.ts';
import { describePostgres, newPostgresUrl } from '../support/servers.ts';
import { recordStoreContract } from './contract.ts';

const { expect, onTestFinished, test } = vitest;

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
          key: 'open/1',
          previousRaw: undefined,
          puts: [{ key: 'open/1', raw: `${n}` }],
          deletes: [],
        }),
      ),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  test('tells the time of its server', async () => {
    const { records, serverTime } = await openPostgres(await newPostgresUrl(), () => {});
    expect(Math.abs((await serverTime()) - Date.now())).toBeLessThan(60_000);
    await records.disconnect();
  });

  // An adapter has one namespace at a time: Keyv's suite gets one for each Keyv that it makes.
  let adapters: RecordStore[] = [];
  let used = 0;
  vitest.beforeAll(async () => {
    const url = await newPostgresUrl();
    const opened = await Promise.all([1, 2, 3].map(() => openPostgres(url, () => {})));
    adapters = opened.map(({ records }) => records);
  });
  vitest.afterAll(() => Promise.all(adapters.map((adapter) => adapter.disconnect())));
  keyvTestSuite(vitest, Keyv, () => adapters[used++ % adapters.length] as never);
});

test('a Postgres that cannot be reached is told in one sentence', async () => {
  await expect(openPostgres('postgres://postgres@127.0.0.1:1/none', () => {})).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringMatching(/^Postgres at STORE_URL cannot be used \(.*\)\.$/),
  });
});
