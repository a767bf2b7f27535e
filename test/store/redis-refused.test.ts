import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient } from '@redis/client';
import axios from 'axios';
import { afterEach, expect, test } from 'vitest';
import { checkStore } from '../../src/cli/doctor/check-store.ts';
import type { Result } from '../../src/cli/doctor/result.ts';
import { openRedis } from '../../src/store/backends/redis.ts';
import { describeIf } from '../support/describe-if.ts';
import { expectRefusedStart } from '../support/process-steps.ts';
import { runToEnd } from '../support/spawn-bot.ts';
import { startBot, startWorld } from '../support/world.ts';

const installed = spawnSync('redis-server', ['--version']).status === 0;
const missing = 'redis-server is not installed: what an evicting Redis and a cluster get is skipped';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

let end: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of end) await step();
  end = [];
});

/** A Redis of its own with these settings, which ends with the test; resolves with its URL once it answers. */
async function startRedis(...settings: string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...settings];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  end.push(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  // Its log, whose lines are also read afterwards, so that it never waits for us.
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve();
    });
    void ended.then(() => reject(new Error('redis-server has ended')));
  });
  return `redis://127.0.0.1:${port}`;
}

describeIf(installed, missing)('a Redis that could lose approvals', () => {
  test.each(['allkeys-lru', 'volatile-ttl', 'allkeys-random'])(
    'by evicting them (%s) is refused',
    async (policy) => {
      const url = await startRedis('--maxmemory-policy', policy);
      await expect(openRedis(url, () => {})).rejects.toMatchObject({
        code: 'store_unavailable',
        message: `Redis may evict approvals (maxmemory-policy ${policy}); set maxmemory-policy noeviction.`,
      });
    },
  );

  test('and a cluster end the start of a bot with one sentence', async () => {
    const world = await startWorld();
    const refusal = async (...settings: string[]) => {
      const STORE_URL = await startRedis(...settings);
      return expectRefusedStart(await runToEnd({ ...world.settings, STORE_URL }, world.folder));
    };
    expect(await refusal('--maxmemory-policy', 'allkeys-lru', '--maxmemory', '100mb')).toBe(
      'Redis may evict approvals (maxmemory-policy allkeys-lru); set maxmemory-policy noeviction.',
    );
    expect(await refusal('--cluster-enabled', 'yes')).toBe(
      'STORE_URL is a Redis Cluster, which cannot commit several keys at once; use a single Redis.',
    );
  });

  test('and a policy that is changed while the bot runs is told by /readyz, until it is changed back', async () => {
    const url = await startRedis();
    const world = await startWorld();
    const bot = await startBot(world, { STORE_URL: url });
    const admin = createClient({ url });
    await admin.connect();
    const readyz = async () => {
      const { status, data } = await axios.get(`${bot.url}/readyz`, { validateStatus: () => true });
      return [status, data.faults];
    };
    expect(await readyz()).toEqual([200, undefined]);
    for (const policy of ['allkeys-lru', 'volatile-ttl']) {
      await admin.configSet('maxmemory-policy', policy);
      const store = `Redis may evict approvals (maxmemory-policy ${policy}); set maxmemory-policy noeviction`;
      await expect.poll(readyz).toEqual([503, { store }]);
    }
    await admin.configSet('maxmemory-policy', 'noeviction');
    await expect.poll(readyz).toEqual([200, undefined]);
    admin.destroy();
  });

  test.each([
    [['--appendonly', 'no'], ['Redis has appendonly no: commits can be lost when it crashes']],
    [
      ['--appendonly', 'yes', '--appendfsync', 'everysec'],
      ['Redis has appendfsync everysec, not always: commits of the last second can be lost when it crashes'],
    ],
    [['--appendonly', 'yes', '--appendfsync', 'always'], []],
  ])('by writing late is warned of (%j)', async (settings, expected) => {
    const { records, warnings } = await openRedis(await startRedis(...settings), () => {});
    await records.disconnect();
    expect(warnings).toEqual(expected);
  });

  test('is told by the doctor, as the start tells it: it reads, writes and compares, and what it could lose', async () => {
    const check = async (url: string) => {
      const results: Result[] = [];
      for await (const result of checkStore(url)) results.push(result);
      return results;
    };
    expect(await check(await startRedis('--appendonly', 'no'))).toMatchObject([
      { status: 'ok', says: 'reads, writes and compares' },
      { status: 'note', says: 'Redis has appendonly no: commits can be lost when it crashes' },
    ]);
    const durable = await check(await startRedis('--appendonly', 'yes', '--appendfsync', 'always'));
    expect(durable).toMatchObject([
      { status: 'ok', says: 'reads, writes and compares, and commits are on disk' },
    ]);
  });
});
