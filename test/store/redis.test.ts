import { randomUUID } from 'node:crypto';
import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import Keyv from 'keyv';
import * as vitest from 'vitest';
import { openRedis } from '../../src/store/backends/redis.ts';
import type { RecordStore } from '../../src/store/record-store.ts';
import { describeRedis, newRedisUrl } from '../support/servers.ts';
import { recordStoreContract } from './contract.ts';

const { expect, onTestFinished, test } = vitest;

describeRedis('a store in Redis', () => {
  recordStoreContract(async () => (await openRedis(newRedisUrl(), () => {})).records);

  test('is one store for two connections: of their commits on one key one wins', async () => {
    const url = newRedisUrl();
    const [a, b] = await Promise.all([openRedis(url, () => {}), openRedis(url, () => {})]);
    onTestFinished(() => void Promise.all([a.records.disconnect(), b.records.disconnect()]));
    const commit = ({ records }: typeof a, raw: string) =>
      records.commit({ key: 'open/1', previousRaw: undefined, puts: [{ key: 'open/1', raw }], deletes: [] });
    const won = await Promise.all([commit(a, 'a'), commit(b, 'b'), commit(a, 'c'), commit(b, 'd')]);
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await b.records.get('open/1')).toBe(await a.records.get('open/1'));
  });

  test('whose writes may be lost is told in a warning', async () => {
    const { records, warnings } = await openRedis(newRedisUrl(), () => {});
    await records.disconnect();
    for (const warning of warnings) expect(warning).toMatch(/^Redis has (appendonly no|appendfsync)/);
  });

  test('tells the time of its server', async () => {
    const { records, serverTime } = await openRedis(newRedisUrl(), () => {});
    expect(Math.abs((await serverTime()) - Date.now())).toBeLessThan(60_000);
    await records.disconnect();
  });

  // An adapter has one namespace at a time: Keyv's suite gets one for each Keyv that it makes.
  let adapters: RecordStore[] = [];
  let used = 0;
  vitest.beforeAll(async () => {
    const url = newRedisUrl();
    const opened = await Promise.all([1, 2, 3].map(() => openRedis(url, () => {})));
    adapters = opened.map(({ records }) => records);
  });
  vitest.afterAll(() => Promise.all(adapters.map((adapter) => adapter.disconnect())));
  keyvTestSuite(vitest, Keyv, () => adapters[used++ % adapters.length] as never);
  keyvIteratorTests(vitest, Keyv, () => adapters[used++ % adapters.length] as never);
});

test('a Redis that cannot be reached is told in one sentence', async () => {
  await expect(openRedis(`redis://127.0.0.1:1/?prefix=${randomUUID()}`, () => {})).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringMatching(/^Redis at STORE_URL cannot be reached \(.*\)\.$/),
  });
});
