import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createClient } from '@redis/client';
import axios from 'axios';
import { expect, onTestFinished, test } from 'vitest';
import { RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { checkStore } from '../../src/cli/doctor/check-store.ts';
import type { Result } from '../../src/cli/doctor/result.ts';
import { openRedis } from '../../src/store/backends/redis.ts';
import { describeIf } from '../support/describe-if.ts';
import { freePort } from '../support/free-port.ts';
import { expectRefusedStart } from '../support/process-steps.ts';
import { runToEnd } from '../support/spawn-bot.ts';
import { startBot, startWorld } from '../support/world.ts';
import { newFolder } from './support.ts';

const installed = spawnSync('redis-server', ['--version']).status === 0;
const missing = 'redis-server is not installed: what an evicting Redis and a cluster get is skipped';

/** A Redis of its own with these settings, which ends with the test; resolves with its URL once it answers. */
async function startRedis(settings = ''): Promise<string> {
  const folder = newFolder();
  const port = await freePort();
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const args = [...own, ...settings.split(' ').filter(Boolean)];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  // The lines of its log are also read afterwards, so that it never waits for us.
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve();
    });
    void ended.then(() => reject(new Error('redis-server has ended')));
  });
  return `redis://127.0.0.1:${port}`;
}

const describeEviction = (policy: string) =>
  `Redis may evict approvals (maxmemory-policy ${policy}); set maxmemory-policy noeviction`;

describeIf(installed, missing)('a Redis that could lose approvals', () => {
  test.each(['allkeys-lru', 'volatile-ttl', 'allkeys-random'])(
    'by evicting them (%s) is refused',
    async (policy) => {
      const refusal = { code: 'store_unavailable', message: `${describeEviction(policy)}.` };
      const url = await startRedis(`--maxmemory-policy ${policy}`);
      await expect(openRedis(url, () => {})).rejects.toMatchObject(refusal);
    },
  );

  test.each([
    ['--maxmemory-policy allkeys-lru --maxmemory 100mb', `${describeEviction('allkeys-lru')}.`],
    [
      '--cluster-enabled yes',
      'STORE_URL is a Redis Cluster, which cannot commit several keys at once; use a single Redis.',
    ],
  ])('ends the start of a bot with one sentence (%s)', async (settings, sentence) => {
    const world = await startWorld();
    const STORE_URL = await startRedis(settings);
    const ended = await runToEnd({ ...world.settings, STORE_URL }, world.folder);
    expect(expectRefusedStart(ended)).toBe(sentence);
  });

  test('by a policy that is changed while the bot runs fails /readyz, until it is changed back', async () => {
    const url = await startRedis();
    const bot = await startBot(await startWorld(), { STORE_URL: url });
    const admin = createClient({ url });
    await admin.connect();
    onTestFinished(() => admin.destroy());
    const readyz = async () => {
      const { status, data } = await axios.get(`${bot.url}/readyz`, { validateStatus: () => true });
      return [status, data.faults];
    };
    expect(await readyz()).toEqual([200, undefined]);
    for (const policy of ['allkeys-lru', 'volatile-ttl']) {
      await admin.configSet('maxmemory-policy', policy);
      await expect.poll(readyz).toEqual([503, { store: describeEviction(policy) }]);
    }
    await admin.configSet('maxmemory-policy', 'noeviction');
    await expect.poll(readyz).toEqual([200, undefined]);
  });

  test.each([
    ['--appendonly no', 'Redis has appendonly no: commits can be lost when it crashes'],
    [
      '--appendonly yes --appendfsync everysec',
      'Redis has appendfsync everysec, not always: commits of the last second can be lost when it crashes',
    ],
    ['--appendonly yes --appendfsync always', undefined],
  ])(
    'by writing late gets a warning from the start and a note from the doctor (%s)',
    async (settings, says) => {
      const url = await startRedis(settings);
      const { records, warnings } = await openRedis(url, () => {});
      await records.disconnect();
      expect(warnings).toEqual(says === undefined ? [] : [says]);
      const results: Result[] = [];
      for await (const result of checkStore(url, [])) results.push(result);
      const works = 'reads, writes and compares';
      const format = `; its records are of format ${RECORD_VERSION}`;
      expect(results).toMatchObject(
        says === undefined
          ? [{ status: 'ok', says: `${works}, and commits are on disk${format}` }]
          : [
              { status: 'ok', says: works + format },
              { status: 'note', says },
            ],
      );
    },
  );
});
