import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { approvalSchema, RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { runRecordSchema } from '../../src/approval/model/run/run-record.ts';
import type { Log } from '../../src/approval/ports.ts';
import { StoreError } from '../../src/lib/errors.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { backUpDatabase } from '../../src/store/backends/sqlite/copy-database.ts';
import { checkStoredHistory } from '../../src/store/check-history.ts';
import { OLDEST_FORMAT } from '../../src/store/formats/formats.ts';
import { buildIndexKeys, readKey } from '../../src/store/keys.ts';
import { openStore } from '../../src/store/open-store.ts';
import { eachRecord, type RecordStore } from '../../src/store/record-store.ts';
import { StoreFormat } from '../../src/store/store-format.ts';
import { SWEPT_KEY, Sweep } from '../../src/store/sweep.ts';
import { createSystemClock } from '../../src/store/system-clock.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';
import { newFolder, SILENT } from './support.ts';

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'stores');
const FORMATS = Array.from({ length: RECORD_VERSION - OLDEST_FORMAT }, (_, n) => OLDEST_FORMAT + n);
const clock = createSystemClock();

function newFile(format: number): string {
  const file = join(newFolder(), 'approvals.db');
  writeFileSync(file, gunzipSync(readFileSync(join(FOLDER, `format-${format}.db.gz`))));
  return file;
}

function readFixture(format: number): { key: string; raw: string }[] {
  const database = new DatabaseSync(newFile(format));
  try {
    return database.prepare('SELECT key, raw FROM records ORDER BY key').all() as {
      key: string;
      raw: string;
    }[];
  } finally {
    database.close();
  }
}

async function fill(records: RecordStore, puts: readonly { key: string; raw: string }[]): Promise<void> {
  for (let at = 0; at < puts.length; at += 100)
    await records.commit({ compare: [], puts: puts.slice(at, at + 100), deletes: [] });
}

async function readAll(records: RecordStore, kind: string) {
  const all: { key: string; value: { v?: number } & Record<string, unknown> }[] = [];
  for await (const { key, raw } of eachRecord(records, kind)) all.push({ key, value: JSON.parse(raw).value });
  return all;
}

/** Each record is of this format and read as it is, each entry of an index is there, and no history has a fault. */
async function expectMigrated(records: RecordStore, before: readonly { key: string }[]): Promise<void> {
  const count = (kind: string) => before.filter(({ key }) => key.startsWith(`${kind}/`)).length;
  for (const kind of ['approval', 'execution', 'kickoff']) {
    const all = await readAll(records, kind);
    expect(all).toHaveLength(count(kind));
    expect(all.filter(({ value }) => value.v !== RECORD_VERSION)).toEqual([]);
  }
  for (const { key, value } of await readAll(records, 'approval')) {
    const approval = approvalSchema.parse(value);
    for (const entry of buildIndexKeys(approval)) expect(await records.get(entry), key).toBeDefined();
  }
  for (const { value } of await readAll(records, 'execution')) runRecordSchema.parse(value);
  // Nothing counts as idle since 1970, so that retention deletes no run that was only registered.
  const idle = (await readAll(records, 'idle')).map(({ key }) => Number(readKey(key)[0]));
  expect(idle.filter((from) => from < Date.parse('2020-01-01'))).toEqual([]);
  expect(await readAll(records, 'aliasof')).toHaveLength(count('alias'));
  expect(await records.get(SWEPT_KEY)).toBe(String(RECORD_VERSION));
  expect(await checkStoredHistory(records)).toMatchObject({ faults: [], unreadable: [] });
}

describe.each(FORMATS)('a store of format %i', (format) => {
  test('on SQLite is raised after a backup of it was made, and swept', async () => {
    const file = newFile(format);
    const before = readFixture(format);
    const { records, close } = await openStore(`sqlite://${file}`, SILENT);
    onTestFinished(close);
    const backup = new DatabaseSync(`${file}.format-${format}`, { readOnly: true });
    expect(backup.prepare('SELECT key, raw FROM records ORDER BY key').all()).toEqual(before);
    backup.close();
    await new Sweep(records, { clock, log: SILENT }).run();
    await expectMigrated(records, before);
  });

  test('has what is still in its -wal in the backup', () => {
    const file = newFile(format);
    const database = new DatabaseSync(file);
    onTestFinished(() => database.close());
    database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0');
    database.exec("INSERT INTO records VALUES ('zz/1', 'late')");
    const backup = new DatabaseSync(backUpDatabase(file, format), { readOnly: true });
    onTestFinished(() => backup.close());
    expect(backup.prepare("SELECT raw FROM records WHERE key = 'zz/1'").get()).toEqual({ raw: 'late' });
  });

  test('of which no backup can be written is left as it is', async () => {
    const file = newFile(format);
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(`${file}.format-${format}.part`, 'in the way'), { recursive: true });
    await expect(openStore(`sqlite://${file}`, SILENT)).rejects.toThrow(
      /no backup of it could be written .* Nothing was changed\.$/,
    );
    const database = new DatabaseSync(file, { readOnly: true });
    onTestFinished(() => database.close());
    expect(database.prepare('SELECT key, raw FROM records ORDER BY key').all()).toEqual(readFixture(format));
  });

  test('is read beside a bot without a change', async () => {
    const file = newFile(format);
    const { records, close } = await openStore(`sqlite://${file}`, SILENT, { besideBot: true });
    onTestFinished(close);
    expect(await records.get('format')).toBe(String(format));
    expect(existsSync(`${file}.format-${format}`)).toBe(false);
    const store = createApprovalStore(records, SILENT);
    const ids = (await readAll(records, 'approval')).map(({ value }) => String(value.id));
    expect(await store.approvals(ids)).toHaveLength(ids.length);
    expect(await checkStoredHistory(records)).toMatchObject({ faults: [], unreadable: [] });
  });

  test('is migrated wherever the sweep was killed', async () => {
    const before = readFixture(format);
    const total = await countCommits(before);
    for (let killedAfter = 0; killedAfter < total; killedAfter += 1) {
      const memory = createMemoryRecords();
      await fill(memory.records, before);
      let commits = 0;
      const killed: RecordStore = {
        ...memory.records,
        commit(commit) {
          commits += 1;
          if (commits > killedAfter) throw new StoreError('killed');
          return memory.records.commit(commit);
        },
      };
      const sweep = new Sweep(killed, { clock, log: { ...SILENT, error: () => sweep.stop() } });
      await sweep.run();
      await new Sweep(memory.records, { clock, log: SILENT }).run();
      await expectMigrated(memory.records, before);
    }
  });

  test('is swept to its end by the next bot, wherever one was stopped, which never says that all was swept', async () => {
    const before = readFixture(format);
    const total = await countCommits(before);
    // The last commit says that all was swept.
    for (let stoppedAt = 1; stoppedAt < total; stoppedAt += 1) {
      const memory = createMemoryRecords();
      await fill(memory.records, before);
      let commits = 0;
      const records: RecordStore = {
        ...memory.records,
        commit(commit) {
          commits += 1;
          if (commits === stoppedAt) sweep.stop();
          return memory.records.commit(commit);
        },
      };
      const sweep = new Sweep(records, { clock, log: SILENT });
      await sweep.run();
      expect(commits).toBe(stoppedAt);
      const swept = before.find(({ key }) => key === SWEPT_KEY)?.raw;
      expect(await memory.records.get(SWEPT_KEY)).toBe(swept);
      await new Sweep(memory.records, { clock, log: SILENT }).run();
      await expectMigrated(memory.records, before);
    }
  });

  test('has the records of a commit written alone where one of them was changed meanwhile', async () => {
    const before = readFixture(format);
    const memory = createMemoryRecords();
    await fill(memory.records, before);
    const store = createApprovalStore(memory.records, SILENT);
    const commits: string[][] = [];
    const records: RecordStore = {
      ...memory.records,
      async commit(commit) {
        const keys = commit.compare.map(({ key }) => key);
        if (commits.push(keys) === 1) {
          const [executionId = '', crew = ''] = readKey(keys[0] ?? '');
          const previous = await store.run(crew, executionId);
          if (!previous) throw new Error(`${keys[0]} is lost`);
          expect(await store.save({ run: { previous, next: previous.record } })).toBe(true);
        }
        return memory.records.commit(commit);
      },
    };
    const sweep = new Sweep(records, { clock, log: SILENT });
    await sweep.run();
    const [joint = []] = commits;
    expect(joint).toHaveLength(10);
    // The first one fails again, since it has its new form already.
    expect(commits.slice(1, 11)).toEqual(joint.map((key) => [key]));
    const formatted = before.filter(({ key }) => /^(?:execution|approval|kickoff)\//.test(key));
    expect(sweep.progress.migrated).toBe(formatted.length - 1);
    await expectMigrated(memory.records, before);
  });

  test('is migrated by two processes at once, while a third one changes it', async () => {
    const before = readFixture(format);
    const { records } = createMemoryRecords();
    await fill(records, before);
    const store = createApprovalStore(records, SILENT);
    const ids = (await readAll(records, 'approval')).map(({ value }) => String(value.id));
    const change = async (id: string): Promise<void> => {
      const previous = await store.approval(id);
      if (!previous) throw new Error(`${id} is lost`);
      const next = { ...previous.record, tasksNoted: [...previous.record.tasksNoted, 'changed meanwhile'] };
      if (!(await store.save({ approvals: [{ previous, next }] }))) await change(id);
    };
    const sweeps = [1, 2].map(() => new Sweep(records, { clock, log: SILENT }).run());
    await Promise.all([...sweeps, ...ids.map(change)]);
    await expectMigrated(records, before);
    for (const { value } of await readAll(records, 'approval'))
      expect(value.tasksNoted).toContain('changed meanwhile');
  });

  test('has a damaged record set aside and named, and the rest is migrated', async () => {
    const { records } = createMemoryRecords();
    const before = readFixture(format);
    await fill(records, before);
    const damaged = before.find(({ key }) => key.startsWith('approval/'))?.key as string;
    await records.commit({
      compare: [],
      puts: [{ key: damaged, raw: `{"value":{"v":${format},"rounds":7}}` }],
      deletes: [],
    });
    const named: unknown[] = [];
    const log: Log = { ...SILENT, error: (about: object) => void named.push(about) };
    await new Sweep(records, { clock, log }).run();
    expect(named).toMatchObject([{ key: damaged, movedTo: `unreadable/${damaged}` }]);
    expect((await readAll(records, 'approval')).filter(({ value }) => value.v !== RECORD_VERSION)).toEqual(
      [],
    );
  });
});

async function countCommits(puts: readonly { key: string; raw: string }[]): Promise<number> {
  const memory = createMemoryRecords();
  await fill(memory.records, puts);
  const filled = memory.commits();
  await new Sweep(memory.records, { clock, log: SILENT }).run();
  return memory.commits() - filled;
}

const SERVERS = 'is refused in one sentence, and raised with --upgrade';
async function expectUpgrade(url: string): Promise<void> {
  const empty = await openStore(url, SILENT);
  await fill(
    { ...empty.records, commit: (commit) => empty.records.commit(commit) },
    readFixture(7).filter(({ key }) => key !== 'format'),
  );
  await empty.records.commit({ compare: [], puts: [{ key: 'format', raw: '7' }], deletes: [SWEPT_KEY] });
  await empty.close();
  await expect(openStore(url, SILENT)).rejects.toThrow(/of format 7, .* npm start -- --upgrade$/);
  const { records, format, close } = await openStore(url, SILENT, { upgrade: true });
  expect(format.isRaised()).toBe(true);
  await new Sweep(records, { clock, log: SILENT }).run();
  await expectMigrated(records, readFixture(7));
  await close();
}
describeRedis('a store of format 7 on Redis', () => test(SERVERS, () => expectUpgrade(newRedisUrl())));
describePostgres('a store of format 7 on Postgres', () =>
  test(SERVERS, async () => expectUpgrade(await newPostgresUrl())),
);

test('after a newer version has raised the format, nothing is written any more, and that is told once', async () => {
  const { records } = createMemoryRecords();
  await fill(records, [{ key: 'format', raw: String(RECORD_VERSION) }]);
  const faults: string[] = [];
  const kept = new StoreFormat(records, RECORD_VERSION, (fault) => faults.push(fault)).keep();
  expect(await kept.commit({ compare: [], puts: [{ key: 'a/1', raw: '1' }], deletes: [] })).toBe(true);
  await fill(records, [{ key: 'format', raw: String(RECORD_VERSION + 1) }]);
  for (const key of ['a/2', 'a/3'])
    await expect(kept.commit({ compare: [], puts: [{ key, raw: '1' }], deletes: [] })).rejects.toThrow(
      `format ${RECORD_VERSION + 1} now`,
    );
  expect(faults).toHaveLength(1);
  expect(await kept.fault()).toContain(`format ${RECORD_VERSION + 1}`);
  expect(await records.get('a/2')).toBeUndefined();
});

test('after the format key was damaged under a bot, nothing is written any more, and that is told once', async () => {
  const { records } = createMemoryRecords();
  await fill(records, [{ key: 'format', raw: String(RECORD_VERSION) }]);
  const faults: string[] = [];
  const kept = new StoreFormat(records, RECORD_VERSION, (fault) => faults.push(fault)).keep();
  await fill(records, [{ key: 'format', raw: 'eight' }]);
  for (const key of ['a/1', 'a/2'])
    await expect(kept.commit({ compare: [], puts: [{ key, raw: '1' }], deletes: [] })).rejects.toThrow(
      'Nothing was stored: its format key is damaged.',
    );
  expect(faults).toEqual(['its format key is damaged']);
  expect(await kept.fault()).toBe('its format key is damaged');
});

test('what reads beside a bot sets no record of a newer format aside, and says why it cannot read it', async () => {
  const file = join(newFolder(), 'approvals.db');
  const bot = await openStore(`sqlite://${file}`, SILENT);
  onTestFinished(bot.close);
  const { records, close } = await openStore(`sqlite://${file}`, SILENT, { besideBot: true });
  onTestFinished(close);
  // Meanwhile the bot was replaced by a newer one.
  const raw = `{"value":{"v":${RECORD_VERSION + 1},"id":"A1"}}`;
  await bot.records.commit({
    compare: [],
    puts: [
      { key: 'approval/A1', raw },
      { key: 'format', raw: String(RECORD_VERSION + 1) },
    ],
    deletes: [],
  });
  const reading = createApprovalStore(records, SILENT).approval('A1');
  await expect(reading).rejects.toThrow(
    `The record approval/A1 is of format ${RECORD_VERSION + 1}, which a newer version of the bot wrote; this one reads up to ${RECORD_VERSION}.`,
  );
  expect(await records.get('approval/A1')).toBe(raw);
});

/** A store of format 7 that no sweep has reached, with its runs that have other ids. */
async function openUnswept() {
  const { records } = createMemoryRecords();
  await fill(records, readFixture(7));
  const store = createApprovalStore(records, SILENT);
  const listed = (await readAll(records, 'execution')).map(
    ({ value }) => value as { crew: string; executionId: string; otherIds?: string[] },
  );
  const runs = listed.filter(({ otherIds }) => otherIds !== undefined && otherIds.length > 0);
  expect(runs.length).toBeGreaterThan(5);
  const keysOf = async (kind: string) => (await readAll(records, kind)).map(({ key }) => key);
  return { records, store, runs, keysOf };
}

test('a run of format 7 that is deleted before the sweep reached it leaves none of its other ids', async () => {
  const { records, store, runs, keysOf } = await openUnswept();
  for (const { crew, executionId } of runs) {
    const stored = await store.run(crew, executionId);
    expect(stored && (await store.forgetRun(stored))).toBe(true);
  }
  await new Sweep(records, { clock, log: SILENT }).run();
  expect([...(await keysOf('alias')), ...(await keysOf('aliasof'))]).toEqual([]);
});

test('a run of format 7 that is merged into another one before the sweep takes its other ids along', async () => {
  const { records, store, runs, keysOf } = await openUnswept();
  for (const { crew, executionId, otherIds = [] } of runs) {
    const from = await store.run(crew, executionId);
    if (!from) throw new Error(`${executionId} is lost`);
    const id = `first-of-${executionId}`;
    const next = { ...from.record, executionId: id };
    const alias = { crew, id: executionId, executionId: id, from };
    expect(await store.save({ run: { previous: undefined, next }, alias })).toBe(true);
    for (const other of [executionId, ...otherIds]) expect(await store.originalId(crew, other)).toBe(id);
    const merged = await store.run(crew, id);
    expect(merged && (await store.forgetRun(merged))).toBe(true);
  }
  await new Sweep(records, { clock, log: SILENT }).run();
  expect([...(await keysOf('alias')), ...(await keysOf('aliasof'))]).toEqual([]);
});

test('a store that does not say that all was swept is looked through again', async () => {
  const { records } = createMemoryRecords();
  await fill(records, readFixture(7));
  await new Sweep(records, { clock, log: SILENT }).run();
  await records.commit({ compare: [], puts: [], deletes: [SWEPT_KEY] });
  const sweep = new Sweep(records, { clock, log: SILENT });
  await sweep.run();
  expect(sweep.progress).toEqual({ migrated: 0, running: false });
  expect(await records.get(SWEPT_KEY)).toBe(String(RECORD_VERSION));
});

test('a disk that is full stops the sweep, which goes on once there is space', async () => {
  const memory = createMemoryRecords();
  const before = readFixture(7);
  await fill(memory.records, before);
  const fakeClock = createFakeClock();
  const failed: string[] = [];
  const log = { ...SILENT, error: (_: object, fact: string) => void failed.push(fact) };
  const sweep = new Sweep(memory.records, { clock: fakeClock, log });
  memory.fails('writes');
  const done = sweep.run();
  await fakeClock.advance(25_000);
  expect(failed).toEqual(Array(3).fill('records of earlier formats not migrated; retrying'));
  expect(sweep.describe()).toBe('0 records of an earlier format have been rewritten so far');
  memory.works();
  await fakeClock.advance(10_000);
  await done;
  await expectMigrated(memory.records, before);
});

test('one damaged record of ten thousand is set aside, and the others are migrated', async () => {
  const { records } = createMemoryRecords();
  const [sample] = readFixture(7).filter(({ key }) => key.startsWith('kickoff/'));
  const value = JSON.parse(sample?.raw ?? '').value;
  const puts = Array.from({ length: 10_000 }, (_, n) => {
    const id = `many-${n}`;
    const raw = n === 5_000 ? '{"value":{"v":7' : JSON.stringify({ value: { ...value, id } });
    return { key: `kickoff/${id}`, raw };
  });
  await records.commit({ compare: [], puts, deletes: [] });
  const errors: unknown[] = [];
  const log = { ...SILENT, error: (about: object) => void errors.push(about) };
  await new Sweep(records, { clock, log }).run();
  expect(errors).toMatchObject([{ key: 'kickoff/many-5000', movedTo: 'unreadable/kickoff/many-5000' }]);
  const left = await readAll(records, 'kickoff');
  expect(left).toHaveLength(9_999);
  expect(left.filter((one) => one.value.v !== RECORD_VERSION)).toEqual([]);
});

test('a store that was emptied under a bot takes writes again, and is opened at the next start', async () => {
  const { records } = createMemoryRecords();
  const format = String(RECORD_VERSION);
  await fill(records, [{ key: 'format', raw: format }]);
  const kept = new StoreFormat(records, RECORD_VERSION, expect.unreachable).keep();
  await records.commit({ compare: [], puts: [], deletes: ['format'] });
  const put = () => kept.commit({ compare: [], puts: [{ key: 'approval/1', raw: '1' }], deletes: [] });
  expect(await put()).toBe(false);
  expect(await put()).toBe(true);
  expect(await records.get('format')).toBe(format);
});
