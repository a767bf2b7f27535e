import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { openRedis } from '../../src/store/backends/redis.ts';
import { describeRedis, newRedisUrl } from '../support/servers.ts';
import { recordStoreContract } from './contract.ts';

describeRedis('a store in Redis', () => {
  recordStoreContract(async () => (await openRedis(newRedisUrl(), () => {})).records);

  test('is one store for two connections: of their commits on one key one wins', async () => {
    const url = newRedisUrl();
    const [a, b] = await Promise.all([openRedis(url, () => {}), openRedis(url, () => {})]);
    onTestFinished(() => void Promise.all([a.records.disconnect(), b.records.disconnect()]));
    const commit = ({ records }: typeof a, raw: string) =>
      records.commit({
        compare: [{ key: 'open/1', previousRaw: undefined }],
        puts: [{ key: 'open/1', raw }],
        deletes: [],
      });
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
});

test('a Redis that cannot be reached is told in one sentence', async () => {
  await expect(openRedis(`redis://127.0.0.1:1/?prefix=${randomUUID()}`, () => {})).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringMatching(/^Redis at STORE_URL cannot be reached \(.*\)\.$/),
  });
});
