import { describe, expect, test } from 'vitest';
import { approvalSchema, currentRound, RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { describeUpgrade, openStore } from '../../src/store/open-store.ts';
import { eachRecord, type RecordStore } from '../../src/store/record-store.ts';
import { SWEPT_KEY } from '../../src/store/sweep.ts';
import { FORMER, FormerApprovals, makeFormer, writeAll } from '../support/former-store.ts';
import { scaleLimit } from '../support/limits.ts';
import { approves, ready, roots } from '../support/process-steps.ts';
import { describeEachServer } from '../support/servers.ts';
import { runToEnd, type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { startWorld, type World } from '../support/world.ts';

const MANY = 4_000;
/** Approvals that wait, of which each process decides some. */
const OPEN = 6;
const DECIDED_AT_ONCE = 2;
const SWEPT = 'all records are of the current format';
const QUIET = { info() {}, warn() {}, error() {} };

/** The sweep comes to these last. */
const openIds = Array.from({ length: OPEN }, (_, n) => ({
  id: `ZZZZ${String(n).padStart(12, '0')}`,
  executionId: `z-open-${n}`,
}));
const keyOf = ({ id }: { id: string }) => `approval/${id}`;

async function withStore<T>(url: string, work: (records: RecordStore) => Promise<T>): Promise<T> {
  const { records, close } = await openStore(url, QUIET, { besideBot: true });
  return work(records).finally(close);
}

/** A store of the former format with many approvals that are over, and some that wait, with their cards in Slack. */
async function fillFormer(world: World, url: string): Promise<void> {
  const former = new FormerApprovals();
  const made = await openStore(url, QUIET);
  await writeAll(
    made.records,
    openIds.map((ids) => former.cardless(ids)),
  );
  await made.close();
  // The cards are as the build of today draws them.
  const bot = await spawnBot(world, { STORE_URL: url });
  await expect.poll(() => roots(world).filter(ready).length, { timeout: scaleLimit(30_000) }).toBe(OPEN);
  bot.signal('SIGTERM');
  await bot.ended;

  const { records, close } = await openStore(url, QUIET);
  for (const ids of openIds) {
    const { value } = JSON.parse((await records.get(keyOf(ids))) as string);
    await writeAll(records, [former.cardless(ids, currentRound(approvalSchema.parse(value)).card)]);
  }
  await writeAll(
    records,
    (function* () {
      for (let n = 0; n < MANY; n += 1)
        yield former.settled(n, { id: `0000${String(n).padStart(12, '0')}`, executionId: `run-${n}` });
    })(),
  );
  await makeFormer(records);
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

/** Decides some of the approvals that wait, which are still of the former format. */
async function decideSome(world: World, url: string, process: number): Promise<void> {
  const some = openIds.slice(process * DECIDED_AT_ONCE, (process + 1) * DECIDED_AT_ONCE);
  const cards = await withStore(url, async (records) => {
    const raws = await records.getMany(some.map(keyOf));
    return raws.map((raw) => {
      const { v, rounds } = JSON.parse(raw as string).value;
      expect(v).toBe(FORMER);
      return rounds[0].card as { ts: string };
    });
  });
  await Promise.all(cards.map((card) => approves(world, card)));
}

/** A kill and a stop in the middle of the sweep, each after decisions; the third process ends it. */
async function expectSwept(world: World, url: string, args: string[]): Promise<void> {
  let bot = await spawnBot(world, { STORE_URL: url }, args);
  let before = 0;
  for (const [process, signal] of (['SIGKILL', 'SIGTERM'] as const).entries()) {
    await decideSome(world, url, process);
    await expect.poll(async () => (await readProgress(bot)).migrated, { interval: 20 }).toBeGreaterThan(500);
    const { migrating, migrated } = await readProgress(bot);
    expect(migrating).toBe(1);
    expect((await (await fetch(`${bot.url}/readyz`)).json()).warnings.migration).toMatch(/rewritten so far/);
    before += migrated;
    bot.signal(signal);
    await bot.ended;
    expect(await withStore(url, (records) => records.get(SWEPT_KEY))).toBeUndefined();
    bot = await bot.restart();
  }
  await decideSome(world, url, 2);
  const { migrated } = await bot.logs('the end of the sweep', ({ msg }) => msg === SWEPT, 120_000);
  // The kill and the stop came between two of its figures, and nothing is written twice.
  expect(Number(migrated)).toBeLessThanOrEqual(2 * (MANY + OPEN) - before);
  expect(Number(migrated)).toBeGreaterThan(0);
  bot.signal('SIGTERM');
  expect(await bot.ended).toMatchObject({ code: 0 });

  await withStore(url, async (records) => {
    const versions = { approval: 0, execution: 0 };
    for (const kind of ['approval', 'execution'] as const)
      for await (const { raw } of eachRecord(records, kind)) {
        const { value } = JSON.parse(raw);
        expect(value.v).toBe(RECORD_VERSION);
        if (kind === 'approval') approvalSchema.parse(value);
        versions[kind] += 1;
      }
    expect(versions).toEqual({ approval: MANY + OPEN, execution: MANY + OPEN });
    for (const raw of await records.getMany(openIds.map(keyOf))) {
      const { status, decision } = currentRound(approvalSchema.parse(JSON.parse(raw as string).value));
      expect([status, decision?.by]).toEqual(['approved', 'UANA']);
    }
    expect(await records.range('unreadable', { limit: 1 })).toEqual([]);
  });
  const sent = world.platform.resumes.map(({ body }) => (body as { executionId?: string }).executionId);
  expect(sent.filter(Boolean).sort()).toEqual(openIds.map(({ executionId }) => executionId));
}

const STORY = `${MANY} approvals are migrated behind the work, also after a kill -9 and a stop, and those that wait are decided meanwhile`;

describe(`a store of format ${FORMER} on SQLite`, () => {
  test(STORY, { timeout: scaleLimit(400_000) }, async () => {
    const world = await startWorld();
    const url = world.settings.STORE_URL as string;
    await fillFormer(world, url);
    await expectSwept(world, url, []);
  });
});

describeEachServer(`a store of format ${FORMER} on`, (newUrl) => {
  test(`is refused in one sentence; with --upgrade, ${STORY}`, { timeout: scaleLimit(400_000) }, async () => {
    const world = await startWorld();
    const url = await newUrl();
    await fillFormer(world, url);
    const { code, stderr } = await runToEnd({ ...world.settings, STORE_URL: url, PORT: '0' }, world.folder);
    expect([code, stderr]).toEqual([1, `${describeUpgrade(FORMER)}\n`]);
    await expectSwept(world, url, ['--upgrade']);
  });
});
