import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { AppError, StoreError } from '../../src/lib/errors.ts';
import { DatabaseWriter } from '../../src/store/backends/sqlite/database-writer.ts';
import { openSqlite } from '../../src/store/backends/sqlite/sqlite.ts';
import { restrictFile } from '../../src/store/backends/sqlite/sqlite-files.ts';
import { openStore } from '../../src/store/open-store.ts';
import { BUILT } from '../support/build.ts';
import { describeSmallDisk, mountSmallDisk } from '../support/disk/small-disk.ts';
import { deleteRecord, listKeys, putRecord } from '../support/records.ts';
import { recordStoreContract } from './contract.ts';
import { commitOf, creationOf, newFolder, SILENT } from './support.ts';

const folder = newFolder(afterAll);
let files = 0;
const newFile = () => join(folder, `store-${++files}.db`);
/** A file in a folder of its own. */
const newFileInFolder = () => join(mkdtempSync(join(folder, 'folder-')), 'store.db');
const LARGE = 'x'.repeat(2 ** 20);
const NOT_A_DATABASE = 'not a database, but something of great value to its owner\n'.repeat(50);

/** A store that is closed with the test. */
async function opened(file = newFile(), options?: Parameters<typeof openSqlite>[1]) {
  const store = await openSqlite(file, options);
  onTestFinished(() => store.disconnect().catch(() => {}));
  return { store, file };
}

async function expectHeld(file: string, raw = 'raw'): Promise<void> {
  expect(await (await opened(file)).store.get('key')).toBe(raw);
}

/** What the thread of a store runs, in this one, and its connection. */
async function openedWriter(file = newFile()) {
  const faults: string[] = [];
  const writer = await DatabaseWriter.open({ file, besideBot: false }, (fault) => void faults.push(fault));
  onTestFinished(() => writer.close());
  const { db } = writer as unknown as { db: DatabaseSyncInstance };
  const put = (key: string, raw = 'raw') => writer.write(commitOf({ [key]: undefined }, { [key]: raw }));
  const get = (key: string) => db.prepare('SELECT raw FROM records WHERE key = ?').get(key);
  return { writer, db, file, faults, put, get };
}

/** A connection of another program. */
function openBeside(file: string, options = {}): DatabaseSyncInstance {
  const db = new DatabaseSync(file, options);
  onTestFinished(() => db.close());
  return db;
}

const APPLIED = { result: true };

async function outcome(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return error;
  }
}

const SQLITE_MODULE = JSON.stringify(join(BUILT, 'store', 'backends', 'sqlite', 'sqlite.js'));
const PUT_KEY = `await put('key', 'raw');`;

/** Another process that opens the file and runs `then`, and what it says: "holds", or why it could not. */
async function startHolder(file: string, then = '', options = {}): Promise<[ChildProcess, string]> {
  const script = `
    import { openSqlite } from ${SQLITE_MODULE};
    try {
      const store = await openSqlite(${JSON.stringify(file)}, ${JSON.stringify(options)});
      const put = (key, raw) => store.commit({ compare: [], puts: [{ key, raw }], deletes: [] });
      setInterval(() => {}, 60_000);
      ${then}
      process.stdout.write('holds');
    } catch (error) {
      process.stdout.write(error.message);
    }
  `;
  const args = ['--input-type=module', '--eval', script];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return [child, String(said[0])];
}

async function holder(file: string, then?: string, options?: object): Promise<ChildProcess> {
  const [child, said] = await startHolder(file, then, options);
  expect(said).toBe('holds');
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  child.kill(signal);
  await once(child, 'exit');
}

const inUse = (file: string) => `The database ${file} is in use by another process.`;

/** A file that another process created and closed: in this process, a closed store can keep a lock for a while. */
async function createdFile(file = newFile()): Promise<string> {
  await end(await holder(file, `${PUT_KEY} await store.disconnect();`), 'SIGTERM');
  return file;
}

/** What another process reads, or why it cannot open the file. */
async function readKey(file: string): Promise<string> {
  const [child, said] = await startHolder(file, `process.stdout.write(await store.get('key'));`);
  await end(child, 'SIGTERM');
  return said.replace('holds', '');
}

/** A file whose process wrote this and was killed: the records are in the -wal. */
async function killedFile(file = newFile(), then = PUT_KEY): Promise<string> {
  await end(await holder(file, then));
  return file;
}

describe('SQLite as a record store', () => {
  recordStoreContract(() => openSqlite(newFile()), { holdsNul: false });
});

describe('what is written to SQLite is on disk', () => {
  test('it writes ahead (WAL), waits for the disk at every commit (synchronous FULL), and others can read it', async () => {
    const { db, file, put } = await openedWriter();
    expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    const beside = openBeside(file, { readOnly: true });
    for (const one of [db, beside])
      expect(one.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    await put('record');
    expect(beside.prepare('SELECT raw FROM records WHERE key = ?').get('record')).toEqual({ raw: 'raw' });
  });

  test('kill -9 right after a commit has resolved loses nothing, and what is in the -wal is copied first', async () => {
    const keys = Array.from({ length: 20 }, (_, i) => `record/${i}`);
    const then = `await Promise.all(${JSON.stringify(keys)}.map((key) => put(key, 'left in the -wal')));`;
    const file = await killedFile(newFile(), then);
    expect(readFileSync(file, 'latin1')).not.toContain('left in the -wal');
    const { store } = await opened(file);
    expect(readFileSync(file, 'latin1')).toContain('left in the -wal');
    expect(await store.getMany(keys)).toEqual(keys.map(() => 'left in the -wal'));
  });

  test('writes that wait share one transaction', async () => {
    const { put, db, file } = await openedWriter();
    const beside = openBeside(file, { readOnly: true });
    const version = () => Number(beside.prepare('PRAGMA data_version').get()?.data_version);
    const before = version();
    const all = Promise.all(Array.from({ length: 30 }, (_, i) => put(`record-${i}`)));
    expect(db.isTransaction).toBe(false);
    expect(await all).toEqual(Array(30).fill(APPLIED));
    expect(version()).toBe(before + 1);
  });

  test('the -wal is copied into the database from time to time, and does not grow without end', async () => {
    const { put, file, writer } = await openedWriter();
    for (let count = 0; count < 100; count += 1) {
      expect(await put(`record-${count}`, 'x'.repeat(200_000))).toEqual(APPLIED);
      expect(statSync(`${file}-wal`).size).toBeLessThan(8 * 2 ** 20);
    }
    expect(statSync(file).size).toBeGreaterThan(10 * 2 ** 20);
    expect(writer.check()).toBeUndefined();
  });

  test('after a stop the database file holds everything, and nothing of what was deleted', async () => {
    const { store, file } = await opened();
    const callbacks = Array.from({ length: 40 }, (_, i) => `callback/${i}`);
    for (const key of callbacks) await putRecord(store, key, `secret-of-a-callback ${'x'.repeat(500)}`);
    await putRecord(store, 'kept', 'what is kept');
    for (const key of callbacks) await deleteRecord(store, key);
    await store.disconnect();
    const whole = readFileSync(file, 'latin1');
    expect(whole).toContain('what is kept');
    expect(whole).not.toContain('secret-of-a-callback');
    expect(existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0).toBe(0);
  });
});

describe('a write that SQLite cannot make', () => {
  test('fails with its reason, nothing of its transaction is written, and it can be made once there is room', async () => {
    const { db, put, get, faults } = await openedWriter();
    await put('before');
    const { page_count } = db.prepare('PRAGMA page_count').get() as { page_count: number };
    db.exec(`PRAGMA max_page_count = ${page_count}`);
    const outcomes = await Promise.all([put('small'), put('large', LARGE), put('small-too')]);
    const failure = { summary: 'SQLITE_FULL: database or disk is full', unsure: false };
    expect(outcomes).toEqual([{ failure }, { failure }, { failure }]);
    expect(['small', 'large', 'small-too'].map(get)).toEqual([undefined, undefined, undefined]);
    expect(get('before')).toEqual({ raw: 'raw' });
    expect(faults).toEqual([]);
    db.exec('PRAGMA max_page_count = 1000000');
    expect(await put('large', LARGE)).toEqual(APPLIED);
    expect(get('large')).toEqual({ raw: LARGE });
  });

  test('rejects with a StoreError that names the file', async () => {
    const { store, file } = await opened();
    openBeside(file).exec('BEGIN IMMEDIATE');
    const error = await outcome(() => store.commit(creationOf('record')));
    expect(error).toBeInstanceOf(StoreError);
    const message = `The database ${file} failed (SQLITE_BUSY: database is locked).`;
    expect(error).toMatchObject({ code: 'store_unavailable', unsure: false, message });
  });
});

describe('closing a store', () => {
  test('makes what was asked for in the same turn, and refuses what comes after; twice is once', async () => {
    const { store, file } = await opened();
    const before = store.commit(commitOf({}, { key: 'before' }));
    const closed = [store.disconnect(), store.disconnect()];
    const after = outcome(() => store.commit(commitOf({}, { key: 'after' })));
    const fault = outcome(() => store.fault());
    expect(await before).toBe(true);
    await Promise.all(closed);
    const message = `The database ${file} failed (database is not open).`;
    expect(await after).toMatchObject({ message, unsure: false });
    expect(await fault).toMatchObject({ message });
    for (const call of [
      () => store.get('key'),
      () => store.getMany(['key']),
      () => listKeys(store, 'index', { limit: 1 }),
      () => store.commit(creationOf('record')),
    ])
      expect(await outcome(call)).toBeInstanceOf(StoreError);
    await expectHeld(file, 'before');
  });

  test('refuses what another process keeps from being written', async () => {
    const { store, file } = await opened();
    openBeside(file).exec('BEGIN IMMEDIATE');
    const underway = outcome(() => store.commit(creationOf('record')));
    await store.disconnect();
    const message = `The database ${file} failed (database is locked).`;
    expect(await underway).toMatchObject({ message, unsure: false });
  });
});

describe('a database that others use', () => {
  test('may have its -wal emptied by another process between two commits', async () => {
    const { put, writer, file, faults } = await openedWriter();
    const beside = openBeside(file, { timeout: 1_000 });
    for (let count = 0; count < 60; count += 1) {
      expect(await put(`record-${count}`, 'x'.repeat(20_000))).toEqual(APPLIED);
      beside.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      expect(writer.check()).toBeUndefined();
    }
    expect(faults).toEqual([]);
  });

  test('is a fault once it is not a database any more: nothing is written to it', async () => {
    const { put, writer, file, faults } = await openedWriter();
    const message = 'file is not a database';
    const notadb = Object.assign(new Error(message), { errcode: 26, sqliteCodeName: 'SQLITE_NOTADB' });
    (writer as unknown as { reportFatal(error: unknown): void }).reportFatal(notadb);
    expect(writer.check()).toBe('is not a database any more');
    expect(await put('later')).toMatchObject({ failure: { unsure: false } });
    expect(faults).toEqual([expect.stringMatching(/^is not a database any more: stop the bot, restore/)]);
    expect(existsSync(file)).toBe(true);
  });

  test('has a bounded -wal also while others read it all the time', async () => {
    const { put, file } = await openedWriter();
    const reader = openBeside(file, { readOnly: true });
    for (let count = 0; count < 120; count += 1) {
      reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM records').get();
      await put(`record-${count}`, 'x'.repeat(400_000));
      reader.exec('COMMIT');
      await new Promise((resolve) => setImmediate(resolve));
      expect(statSync(`${file}-wal`).size).toBeLessThan(30 * 2 ** 20);
    }
  });
});

test('a writer that ends is reported once; what was on its way may have been made, nothing else is taken', async () => {
  const faults: string[] = [];
  const { store, file } = await opened(newFile(), { onFault: (fault) => void faults.push(fault) });
  await putRecord(store, 'key', 'raw');
  const { thread } = (store as unknown as { writer: { thread: Worker } }).writer;
  const underway = outcome(() => putRecord(store, 'key', 'again'));
  await thread.terminate();
  const message = `The database ${file} failed (it lost its writer: start the bot again).`;
  expect(await underway).toMatchObject({ message, unsure: true });
  expect(await outcome(() => putRecord(store, 'key', 'later'))).toMatchObject({ message, unsure: false });
  expect(await outcome(() => store.get('key'))).toMatchObject({ message });
  expect(await outcome(() => store.fault())).toMatchObject({ message });
  expect(faults).toEqual([`${file} lost its writer: start the bot again`]);
});

describe('a SQLite file is for one process', () => {
  test('a second process is refused after 5 s, in one sentence that names the file', async () => {
    const file = newFile();
    await holder(file);
    const started = performance.now();
    const error = await outcome(() => openSqlite(file));
    expect(performance.now() - started).toBeGreaterThan(4_500);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'store_locked', message: inUse(file) });
  });

  test('a process that starts while the former one ends waits for it', async () => {
    const file = newFile();
    await holder(file, `${PUT_KEY} setTimeout(() => process.exit(0), 1_000);`);
    await expectHeld(file);
  });
});

function linkTo(file: string): string {
  const name = newFileInFolder();
  linkSync(file, name);
  return name;
}

function mountOf(file: string): string {
  const name = newFileInFolder();
  writeFileSync(name, '');
  execFileSync('mount', ['--bind', file, name], { stdio: 'ignore' });
  onTestFinished(() => void execFileSync('umount', ['--lazy', name]));
  return name;
}

function testOtherName(kind: string, nameAgain: (file: string) => string): void {
  // Each refusal takes 5 s.
  test.runIf(process.env.CI)(
    `${kind} is refused while a bot has the file open, and not once it has ended`,
    async () => {
      const file = await createdFile();
      const other = nameAgain(file);
      const child = await holder(file, `await put('key', 'of the bot');`);
      expect((await startHolder(other))[1]).toBe(inUse(other));
      await end(child);
      // The attempt has changed nothing.
      expect(await readKey(file)).toBe('of the bot');
      await createdFile(file);
      await holder(other);
      // Now the first name is the other one.
      expect((await startHolder(file))[1]).toBe(inUse(file));
    },
  );
}

describeSmallDisk('a SQLite file with two names is for one process', () =>
  testOtherName('a bind mount of the single file', mountOf),
);

describe('a SQLite file with two names is for one process', () => {
  testOtherName('a hard link', linkTo);

  test('two that are opened at once: one of them is refused', async () => {
    const file = await createdFile();
    const said = await Promise.all([linkTo(file), linkTo(file)].map((name) => startHolder(name)));
    const refusal = expect.stringContaining('in use by another process');
    expect(said.map(([, words]) => words).sort()).toEqual([refusal, 'holds']);
  });
});

describe('a process that reads a SQLite file, such as an export', () => {
  test('does not keep the bot from starting again', async () => {
    const file = newFile();
    const bot = await holder(file, PUT_KEY);
    await holder(file, '', { besideBot: true });
    await end(bot);
    await expectHeld(file);
  });

  test('is refused under another name of the file, whose last records it would not see', async () => {
    const file = await createdFile();
    const other = linkTo(file);
    await holder(file, `await put('key', 'of the bot');`);
    const [, said] = await startHolder(other, '', { besideBot: true });
    expect(said).toContain(`was last opened as ${file}`);
  });
});

describe('a SQLite file that was moved', () => {
  test('opens with all records after a clean stop, by itself or with its folder', async () => {
    const file = await createdFile(newFileInFolder());
    const renamed = join(dirname(file), 'renamed.db');
    renameSync(file, renamed);
    expect(await readKey(renamed)).toBe('raw');
    renameSync(dirname(file), `${dirname(file)}-moved`);
    expect(await readKey(join(`${dirname(file)}-moved`, 'renamed.db'))).toBe('raw');
  });

  test('opens with all records after kill -9 when its folder was renamed', async () => {
    const file = await killedFile(newFileInFolder());
    renameSync(dirname(file), `${dirname(file)}-moved`);
    await expectHeld(join(`${dirname(file)}-moved`, 'store.db'));
  });

  test.each([
    ['renamed', renameSync],
    ['linked', linkSync],
    ['copied', copyFileSync],
  ])('and %s without its -wal is refused, in a sentence that says what to do', async (way, move) => {
    const [file, to] = [await killedFile(), newFile()];
    move(file, to);
    const lost = `The database ${to} was last opened as ${file}, and its last records are still in ${file}-wal`;
    const isCopy = way === 'copied';
    const remedy = isCopy
      ? 'use a copy made with `npm run backup`'
      : `stop every bot that uses it, then move that file to ${to}-wal`;
    const refusal = { code: 'store_unavailable', message: `${lost}: ${remedy}.` };
    expect(await outcome(() => openSqlite(to))).toMatchObject(refusal);
    if (!isCopy) renameSync(`${file}-wal`, `${to}-wal`);
    await expectHeld(isCopy ? file : to);
  });
});

describe.skipIf(process.platform === 'win32')('the files of a SQLite store', () => {
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
  const allOf = (file: string) => ['', '-wal', '-shm', '.lock'].map((end) => `${file}${end}`);
  const PRIVATE = ['600', '600', '600', '600'];

  /** Opened as a bot opens it; what it logged. */
  async function openedStore(file: string) {
    const logged: unknown[] = [];
    const warn = (fields: object, text: string) => void logged.push([text, fields]);
    const store = await openStore(`sqlite://${file}`, { ...SILENT, warn });
    onTestFinished(() => store.close());
    await putRecord(store.records, 'key', 'raw');
    return { store, logged };
  }

  test('are created for their owner only, and so are the folders', async () => {
    const parent = join(dirname(newFileInFolder()), 'new');
    const file = join(parent, 'deep', 'store.db');
    const { logged } = await openedStore(file);
    expect(allOf(file).map(modeOf)).toEqual(PRIVATE);
    expect([modeOf(parent), modeOf(dirname(file))]).toEqual(['700', '700']);
    expect(logged).toEqual([]);
  });

  test('that others may read are corrected at the next start; the folder stays, and is named', async () => {
    const file = newFileInFolder();
    await (await openedStore(file)).store.close();
    chmodSync(dirname(file), 0o755);
    for (const path of allOf(file)) {
      writeFileSync(path, '', { flag: 'a' });
      chmodSync(path, 0o644);
    }
    const { logged } = await openedStore(file);
    expect([...allOf(file), dirname(file)].map(modeOf)).toEqual([...PRIVATE, '755']);
    expect(logged).toEqual([['database folder open to other users', { folder: dirname(file) }]]);
  });

  test('are created for their owner only by a command beside the bot, too', async () => {
    const file = join(dirname(newFileInFolder()), 'new', 'store.db');
    await opened(file, { besideBot: true });
    expect([modeOf(file), modeOf(dirname(file))]).toEqual(['600', '700']);
  });

  test('are not corrected where the path names a file that is not a database', async () => {
    const file = newFile();
    writeFileSync(file, NOT_A_DATABASE);
    chmodSync(file, 0o644);
    expect(await outcome(() => openedStore(file))).toBeInstanceOf(AppError);
    expect(modeOf(file)).toBe('644');
  });

  test.runIf(process.platform === 'linux')('whose mode cannot be changed are a line in the log', () => {
    const logged: unknown[] = [];
    const log = { warn: (fields: object, text: string) => void logged.push([text, fields]) };
    // The kernel lets nobody change this one.
    restrictFile('/proc/self/status', log);
    const fields = { path: '/proc/self/status', error: expect.objectContaining({ code: 'EPERM' }) };
    expect(logged).toEqual([[expect.stringContaining('permissions not changed'), fields]]);
  });
});

describe('a SQLite file that cannot be opened', () => {
  test.each([
    ['whose folder cannot be made', (file: string) => join(file, 'store.db')],
    ['that is a folder', (file: string) => dirname(file)],
  ])('is refused in one sentence that names it: one %s', async (_, nameOther) => {
    const file = newFile();
    writeFileSync(file, 'a file');
    const path = nameOther(file);
    const error = await outcome(() => openSqlite(path));
    expect(error).toBeInstanceOf(AppError);
    const { code, message } = error as AppError;
    expect(code).toBe('store_unavailable');
    expect(message).toMatch(/^The database [^\n]+ \(STORE_URL\) cannot be opened: [^\n]+\.$/);
    expect(message).toContain(path);
  });

  test('is left as it was when it is not a database, and can be opened once that has been put right', async () => {
    const file = newFile();
    writeFileSync(file, NOT_A_DATABASE);
    expect(await outcome(() => openSqlite(file))).toMatchObject({
      code: 'store_unavailable',
      message: `The database ${file} (STORE_URL) cannot be opened: SQLITE_NOTADB: file is not a database.`,
    });
    expect(readFileSync(file, 'utf8')).toBe(NOT_A_DATABASE);
    rmSync(file);
    expect(await (await opened(file)).store.get('key')).toBeUndefined();
  });

  test.each(['mysql://localhost', 'sqlite:', 'sqlite://', '/var/lib/x.db'])(
    'is refused when %s, which is not a STORE_URL, names it, in a sentence that says what one begins with',
    async (url) => {
      const message = expect.stringMatching(/^STORE_URL .+\.?$/);
      const error = await outcome(() => openStore(url, SILENT));
      expect(error).toMatchObject({ code: 'store_unavailable', message });
    },
  );
});

describeSmallDisk('a disk that was full', () => {
  test('is written again once there is room, and is not taken for a file that others overwrote', async () => {
    const disk = mountSmallDisk('1m');
    writeFileSync(join(disk, 'filler'), 'x'.repeat(400_000));
    const { store } = await opened(join(disk, 'store.db'));
    const fill = async () => {
      for (let number = 0; ; number += 1) await putRecord(store, `record-${number}`, 'x'.repeat(20_000));
    };
    expect(await outcome(fill)).toMatchObject({ message: expect.stringContaining('SQLITE_FULL') });
    rmSync(join(disk, 'filler'));
    await putRecord(store, 'key', 'raw');
    expect(await store.get('key')).toBe('raw');
    expect(await store.get('record-0')).toHaveLength(20_000);
  });
});
