import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { openStore } from '../../src/store/open-store.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';
import { commitOf, newFolder, SILENT } from './support.ts';

const OLDER = { 'approval/A000000001': JSON.stringify({ value: { v: 3, id: 'A000000001' } }) };
const newFile = () => join(newFolder(), 'approvals.db');

/** Leaves a store behind that holds these records. */
async function leave(url: string, records: Record<string, string>): Promise<void> {
  const { records: store, close } = await openStore(url, SILENT);
  await store.commit(commitOf({}, records));
  await close();
}

async function expectRefusals(url: string): Promise<void> {
  await leave(url, OLDER);
  // It was made by this version, and is opened again.
  await (await openStore(url, SILENT)).close();
  await leave(url, { format: '3' });
  const sentence = /^The store of STORE_URL is of format 3, which an earlier version of the bot wrote/;
  for (const options of [{}, { besideBot: true }])
    await expect(openStore(url, SILENT, options)).rejects.toThrow(sentence);
}

test('a SQLite store of an earlier version is refused in one sentence, and nothing in it is changed', async () => {
  const file = newFile();
  await expectRefusals(`sqlite://${file}`);
  const database = new DatabaseSync(file);
  onTestFinished(() => database.close());
  const rows = database.prepare('SELECT key, raw FROM records ORDER BY key').all() as { key: string }[];
  const swept = { 'format/swept': String(RECORD_VERSION) };
  expect(rows).toEqual(commitOf({}, { ...OLDER, format: '3', ...swept }).puts);
});

/** As version 0.1.0 made it, with a record of its own. */
function makeStoreOf010(file: string): void {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE records (key TEXT PRIMARY KEY, raw TEXT NOT NULL) STRICT');
  const raw = JSON.stringify({ value: { v: 2, id: '3M94W2RBBY', crew: 'press', rounds: [] } });
  database.exec(`INSERT INTO records VALUES ('approval/3M94W2RBBY', '${raw}')`);
  database.close();
}

test('a SQLite store of 0.1.0 is refused, and its file is the same to the last byte', async () => {
  const file = newFile();
  makeStoreOf010(file);
  const before = readFileSync(file);
  for (const options of [{}, { besideBot: true }]) {
    const refused = openStore(`sqlite://${file}`, SILENT, options);
    await expect(refused).rejects.toThrow(
      /^The store of STORE_URL is of format 0, .* an earlier version .* an empty store\.$/,
    );
    expect(readFileSync(file).equals(before)).toBe(true);
  }
});

test.each(['approval', 'execution', 'kickoff', 'fact'])(
  'a store without a version is one of an earlier version, if only an entry of kind %s is left in it',
  async (kind) => {
    const file = newFile();
    await leave(`sqlite://${file}`, { [`${kind}/1`]: '{"value":{}}' });
    const database = new DatabaseSync(file);
    database.exec("DELETE FROM records WHERE key = 'format'");
    database.close();
    await expect(openStore(`sqlite://${file}`, SILENT)).rejects.toThrow('an earlier version');
  },
);

test('a file that a killed bot left between two states is read with its -wal', async () => {
  const [file, copy] = [newFile(), newFile()];
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0');
  database.exec('CREATE TABLE records (key TEXT PRIMARY KEY, raw TEXT NOT NULL) STRICT');
  database.exec(`INSERT INTO records VALUES ('fact/1', '{"value":{}}'); PRAGMA wal_checkpoint(TRUNCATE)`);
  database.exec(`INSERT INTO records VALUES ('format', '${RECORD_VERSION}')`);
  for (const end of ['', '-wal']) copyFileSync(`${file}${end}`, `${copy}${end}`);
  database.close();
  const { records, close } = await openStore(`sqlite://${copy}`, SILENT);
  expect(await records.get('fact/1')).toBeDefined();
  await close();
});

test('a store of a newer version is refused', async () => {
  const url = `sqlite://${newFile()}`;
  await leave(url, { format: '1000' });
  await expect(openStore(url, SILENT)).rejects.toThrow('a newer version');
});

test.each(['', 'eight', '8.5', '-8', '8 ', 'NaN'])(
  'a store whose format key was damaged is refused as such, and nothing in it is changed: "%s"',
  async (damaged) => {
    const file = newFile();
    await leave(`sqlite://${file}`, { ...OLDER, format: damaged });
    const before = readFileSync(file);
    for (const options of [{}, { besideBot: true }])
      await expect(openStore(`sqlite://${file}`, SILENT, options)).rejects.toThrow(
        `The database's format key is damaged: it holds "${damaged}" instead of a number. Nothing was changed: restore a backup of STORE_URL and start with --restored.`,
      );
    expect(readFileSync(file).equals(before)).toBe(true);
  },
);

const NEWER = RECORD_VERSION + 1;
const RECORD_OF_NEWER = new RegExp(
  `^The record (approval|execution|kickoff)/B in the store of STORE_URL is of format ${NEWER}, which a newer version of the bot wrote; this one reads up to ${RECORD_VERSION}\\. Nothing was changed: start the newer version, or `,
);

/** One record of a newer version in a store whose format is this build's. */
async function expectNewerRefused(newUrl: () => string | Promise<string>): Promise<void> {
  for (const kind of ['approval', 'execution', 'kickoff']) {
    const url = await newUrl();
    const raw = (v: number) => JSON.stringify({ value: { v, id: 'x' } });
    const others = Object.fromEntries(['A', 'C'].map((id) => [`${kind}/${id}`, raw(RECORD_VERSION)]));
    await leave(url, { ...others, [`${kind}/B`]: raw(NEWER) });
    for (const options of [{}, { besideBot: true }])
      await expect(openStore(url, SILENT, options)).rejects.toThrow(RECORD_OF_NEWER);
  }
}

const one = 'one record of a newer version stops the start';
test(`${one} on SQLite`, () => expectNewerRefused(() => `sqlite://${newFile()}`));

const sentence = 'a store of an earlier version is refused';
describeRedis('on Redis', () => {
  test(sentence, () => expectRefusals(newRedisUrl()));
  test(one, () => expectNewerRefused(newRedisUrl));
});
describePostgres('on Postgres', () => {
  test(sentence, async () => expectRefusals(await newPostgresUrl()));
  test(one, () => expectNewerRefused(newPostgresUrl));
});
