import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, test } from 'vitest';
import { approvalSchema, RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { describeUpgrade, openStore } from '../../src/store/open-store.ts';
import { eachRecord, type RawRecord } from '../../src/store/record-store.ts';
import { SWEPT_KEY } from '../../src/store/sweep.ts';
import { scaleLimit } from '../support/limits.ts';
import { approves, startRunWithCard } from '../support/process-steps.ts';
import { describeEachServer } from '../support/servers.ts';
import { runToEnd, type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { startWorld, type World } from '../support/world.ts';

const FORMER = 7;
const MANY = 4_000;
const SWEPT = 'all records are of the current format';
const FIXTURE = join(import.meta.dirname, '..', 'fixtures', 'stores', `format-${FORMER}.db.gz`);

/** As many approvals as asked, each with its run, as the build of the former format left one that is over. */
function copyFormer(folder: string, count: number): RawRecord[] {
  const file = join(folder, 'fixture.db');
  writeFileSync(file, gunzipSync(readFileSync(FIXTURE)));
  const database = new DatabaseSync(file, { readOnly: true });
  const read = (key: string) => database.prepare('SELECT raw FROM records WHERE key = ?').get(key)?.raw;
  const approval = JSON.parse(String(read('approval/7ETE4ZY9CSME0W0C'))).value;
  const runRecord = JSON.parse(String(read(`execution/${approval.executionId}/${approval.crew}`))).value;
  database.close();
  return Array.from({ length: count }, (_, n) => {
    const [id, executionId] = [`COPY${String(n).padStart(12, '0')}`, `run-${n}`];
    return [
      { key: `approval/${id}`, raw: JSON.stringify({ value: { ...approval, id, executionId } }) },
      {
        key: `execution/${executionId}/${approval.crew}`,
        raw: JSON.stringify({ value: { ...runRecord, executionId, approvals: [id] } }),
      },
    ];
  }).flat();
}

async function fillFormer(url: string, folder: string): Promise<void> {
  const { records, close } = await openStore(url, { info() {}, warn() {}, error() {} });
  const puts = copyFormer(folder, MANY);
  for (let at = 0; at < puts.length; at += 1_000)
    await records.commit({ compare: [], puts: puts.slice(at, at + 1_000), deletes: [] });
  const format = { key: 'format', raw: String(FORMER) };
  await records.commit({ compare: [], puts: [format], deletes: [SWEPT_KEY] });
  await close();
}

async function readProgress({ url }: SpawnedBot) {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const read = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)?.[1]);
  return {
    migrating: read('crew_approvals_migrating'),
    migrated: read('crew_approvals_records_migrated'),
  };
}

/** Two kills in the middle of the sweep, each after a decision; the third process ends it. */
async function expectSwept(world: World, url: string, args: string[]): Promise<void> {
  let bot = await spawnBot(world, { STORE_URL: url }, args);
  let before = 0;
  for (let kill = 1; kill <= 2; kill += 1) {
    const { card } = await startRunWithCard(world, bot);
    await approves(world, card);
    await expect.poll(async () => (await readProgress(bot)).migrated, { interval: 20 }).toBeGreaterThan(500);
    const { migrating, migrated } = await readProgress(bot);
    expect(migrating).toBe(1);
    expect((await (await fetch(`${bot.url}/readyz`)).json()).warnings.migration).toMatch(
      /written anew so far/,
    );
    before += migrated;
    await bot.kill();
    bot = await bot.restart();
  }
  const { migrated } = await bot.logs('the end of the sweep', ({ msg }) => msg === SWEPT, 120_000);
  // The kills came between two of its figures, and nothing is written twice.
  expect(Number(migrated)).toBeLessThanOrEqual(2 * MANY - before);
  expect(Number(migrated)).toBeGreaterThan(0);
  bot.signal('SIGTERM');
  expect(await bot.ended).toMatchObject({ code: 0 });

  const { records, close } = await openStore(url, { info() {}, warn() {}, error() {} });
  const versions = { approval: 0, execution: 0 };
  for (const kind of ['approval', 'execution'] as const)
    for await (const { raw } of eachRecord(records, kind)) {
      const { value } = JSON.parse(raw);
      expect(value.v).toBe(RECORD_VERSION);
      if (kind === 'approval') approvalSchema.parse(value);
      versions[kind] += 1;
    }
  expect(versions).toEqual({ approval: MANY + 2, execution: MANY + 2 });
  expect(await records.range('unreadable', { limit: 1 })).toEqual([]);
  await close();
}

const STORY = `${MANY} approvals are decided beside the sweep, which goes on after each kill -9`;

describe(`a store of format ${FORMER} on SQLite`, () => {
  test(STORY, { timeout: scaleLimit(400_000) }, async () => {
    const world = await startWorld();
    const url = world.settings.STORE_URL as string;
    await fillFormer(url, world.folder);
    await expectSwept(world, url, []);
  });
});

describeEachServer(`a store of format ${FORMER} on`, (newUrl) => {
  test(`is refused in one sentence; with --upgrade, ${STORY}`, { timeout: scaleLimit(400_000) }, async () => {
    const world = await startWorld();
    const url = await newUrl();
    await fillFormer(url, world.folder);
    const { code, stderr } = await runToEnd({ ...world.settings, STORE_URL: url, PORT: '0' }, world.folder);
    expect([code, stderr]).toEqual([1, `${describeUpgrade(FORMER)}\n`]);
    await expectSwept(world, url, ['--upgrade']);
  });
});
