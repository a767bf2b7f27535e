import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { afterAll, afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { AppError, StoreError } from '../../src/lib/errors.ts';
import { DatabaseWriter } from '../../src/store/backends/sqlite/database-writer.ts';
import { openSqlite } from '../../src/store/backends/sqlite/sqlite.ts';
import { restrictFile } from '../../src/store/backends/sqlite/sqlite-files.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { RecordStore } from '../../src/store/record-store.ts';
import { BUILT } from '../support/build.ts';
import { describeSmallDisk, mountSmallDisk } from '../support/disk/small-disk.ts';
import { deleteRecord, listKeys, putRecord } from '../support/records.ts';
import { recordStoreContract } from './contract.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'crew-approvals-store-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  vi.restoreAllMocks();
});
let files = 0;
const newFile = () => join(folder, `store-${++files}.db`);

/** A store that is closed with the test. */
async function opened(file = newFile()): Promise<{ store: RecordStore; file: string }> {
  const store = await openSqlite(file);
  onTestFinished(() => store.disconnect().catch(() => {}));
  return { store, file };
}

/** What the thread of a store runs, in this one, and its connection. */
async function openedWriter(file = newFile()) {
  const faults: string[] = [];
  const writer = await DatabaseWriter.open({ file, beside: false }, (fault) => void faults.push(fault));
  onTestFinished(() => writer.close());
  const { db } = writer as unknown as { db: DatabaseSyncInstance };
  const put = (key: string, raw = 'raw') =>
    writer.write({ compare: [{ key, previousRaw: undefined }], deletes: [], puts: [{ key, raw }] });
  const get = (key: string) => db.prepare('SELECT raw FROM records WHERE key = ?').get(key);
  return { writer, db, file, faults, put, get };
}

const APPLIED = { result: true };

const write = (key: string, raw = 'raw') => ({
  compare: [{ key, previousRaw: undefined }],
  puts: [
    { key, raw },
    { key: `index/${key}`, raw: '1' },
  ],
  deletes: [],
});

async function outcome(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return error;
  }
}

const SQLITE_MODULE = JSON.stringify(join(BUILT, 'store', 'backends', 'sqlite', 'sqlite.js'));

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
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return [child, String(said[0])];
}

async function holder(file: string, then?: string, options?: object): Promise<ChildProcess> {
  const [child, said] = await startHolder(file, then, options);
  expect(said).toBe('holds');
  return child;
}

/** A file that another process created and closed: in this process, a closed store can keep a lock for a while. */
async function createdFile(file = newFile()): Promise<string> {
  const child = await holder(file, `await put('key', 'raw'); await store.disconnect();`);
  child.kill();
  await once(child, 'exit');
  return file;
}

/** What another process reads, or why it cannot open the file. */
async function readKey(file: string): Promise<string> {
  const [child, said] = await startHolder(file, `process.stdout.write(await store.get('key'));`);
  child.kill();
  await once(child, 'exit');
  return said.replace('holds', '');
}

/** A process that wrote `key` and was killed: the record is in the -wal. */
async function killedHolder(file: string): Promise<void> {
  const child = await holder(file, `await put('key', 'raw');`);
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('SQLite as a record store', () => {
  recordStoreContract(() => openSqlite(newFile()), { holdsNul: false });
});

test('a range gives nothing of another index, whatever key it goes on after', async () => {
  const { store } = await opened();
  await Promise.all(['a/1', 'b/1', 'c/1'].map((key) => putRecord(store, key, 'raw')));
  expect(await listKeys(store, 'b', { after: 'a', limit: 10 })).toEqual(['b/1']);
  expect(await listKeys(store, 'b', { after: 'd', limit: 10, reverse: true })).toEqual(['b/1']);
});

describe('what is written to SQLite is on disk', () => {
  test('it writes ahead (WAL) and waits for the disk at every commit (synchronous FULL)', async () => {
    const { db, file } = await openedWriter();
    expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    const beside = new DatabaseSync(file, { readOnly: true });
    expect(beside.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    beside.close();
  });

  test('it is on disk once the commit has resolved: kill -9 right after it loses nothing', async () => {
    const file = newFile();
    const child = await holder(
      file,
      `await Promise.all(Array.from({ length: 20 }, (_, i) => {
        const key = 'record/' + String(i).padStart(2, '0');
        return store.commit({ compare: [{ key, previousRaw: undefined }], puts: [{ key, raw: 'raw' }], deletes: [] });
      }));`,
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { store } = await opened(file);
    expect(await listKeys(store, 'record', { limit: 100 })).toHaveLength(20);
    expect(await store.get('record/19')).toBe('raw');
  });

  test('writes that wait share one transaction', async () => {
    const { put, db, file } = await openedWriter();
    const beside = new DatabaseSync(file, { readOnly: true });
    const version = () =>
      (beside.prepare('PRAGMA data_version').get() as { data_version: number }).data_version;
    const before = version();
    const all = Promise.all(Array.from({ length: 30 }, (_, i) => put(`record-${i}`)));
    expect(db.isTransaction).toBe(false);
    expect(await all).toEqual(Array(30).fill(APPLIED));
    expect(version()).toBe(before + 1);
    beside.close();
  });

  test('what was committed is read at once, in the order of the commits', async () => {
    const { store } = await opened();
    let previousRaw: string | undefined;
    for (let count = 0; count < 200; count += 1) {
      const raw = String(count);
      expect(
        await store.commit({
          compare: [{ key: 'count', previousRaw }],
          puts: [{ key: 'count', raw }],
          deletes: [],
        }),
      ).toBe(true);
      expect(await store.get('count')).toBe(raw);
      previousRaw = raw;
    }
  });

  test('the -wal is copied into the database from time to time, and does not grow without end', async () => {
    const { put, file, writer } = await openedWriter();
    const large = 'x'.repeat(200_000);
    const sizes: number[] = [];
    for (let count = 0; count < 100; count += 1) {
      expect(await put(`record-${count}`, large)).toEqual(APPLIED);
      sizes.push(statSync(`${file}-wal`).size);
    }
    expect(Math.max(...sizes)).toBeLessThan(8 * 2 ** 20);
    expect(statSync(file).size).toBeGreaterThan(10 * 2 ** 20);
    expect(writer.check()).toBeUndefined();
  });

  test('what a killed process left in the -wal is in the database file before it is read', async () => {
    const file = newFile();
    const child = await holder(file, `await put('key', 'left in the -wal');`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(readFileSync(file, 'latin1')).not.toContain('left in the -wal');
    const { store } = await opened(file);
    expect(readFileSync(file, 'latin1')).toContain('left in the -wal');
    expect(await store.get('key')).toBe('left in the -wal');
  });

  test('it is readable beside the bot, by an export or a doctor', async () => {
    const { store, file } = await opened();
    await store.commit(write('record'));
    const beside = new DatabaseSync(file, { readOnly: true });
    expect(beside.prepare('SELECT raw FROM records WHERE key = ?').get('record')).toEqual({ raw: 'raw' });
    beside.close();
  });

  test('what was committed when the store is closed is kept, and so is what was on its way', async () => {
    const { store, file } = await opened();
    const underway = store.commit(write('record'));
    await store.disconnect();
    expect(await underway).toBe(true);
    const again = await opened(file);
    expect(await again.store.get('record')).toBe('raw');
  });
});

describe('a write that SQLite cannot make', () => {
  function fillDisk(db: DatabaseSyncInstance): void {
    const { page_count } = db.prepare('PRAGMA page_count').get() as { page_count: number };
    db.exec(`PRAGMA max_page_count = ${page_count}`);
  }

  test('fails with its reason, and nothing of its whole transaction is written', async () => {
    const { db, put, get, faults } = await openedWriter();
    await put('before');
    fillDisk(db);
    const outcomes = await Promise.all([put('small'), put('large', 'x'.repeat(2 ** 20)), put('small-too')]);
    const failure = { summary: 'SQLITE_FULL: database or disk is full', unsure: false };
    expect(outcomes).toEqual([{ failure }, { failure }, { failure }]);
    for (const key of ['small', 'large', 'small-too']) expect(get(key)).toBeUndefined();
    expect(get('before')).toEqual({ raw: 'raw' });
    expect(faults).toEqual([]);
  });

  test('is made again once there is room', async () => {
    const { db, put, get } = await openedWriter();
    await put('before');
    fillDisk(db);
    const large = 'x'.repeat(2 ** 20);
    expect(await put('large', large)).toHaveProperty('failure');
    db.exec('PRAGMA max_page_count = 1000000');
    expect(await put('large', large)).toEqual(APPLIED);
    expect(get('large')).toEqual({ raw: large });
  });

  test('rejects with a StoreError that names the file', async () => {
    const { store, file } = await opened();
    const holding = new DatabaseSync(file);
    onTestFinished(() => holding.close());
    holding.exec('BEGIN IMMEDIATE');
    const error = await outcome(() => store.commit(write('record')));
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({
      code: 'store_unavailable',
      unsure: false,
      message: `The database ${file} failed (SQLITE_BUSY: database is locked).`,
    });
  });

  test('rejects with a StoreError once the database is closed, and so does every other call', async () => {
    const { store } = await opened();
    await store.disconnect();
    const calls = {
      get: () => store.get('key'),
      getMany: () => store.getMany(['key']),
      range: () => listKeys(store, 'index', { limit: 1 }),
      commit: () => store.commit(write('record')),
    };
    for (const [name, call] of Object.entries(calls)) {
      expect(await outcome(call), name).toBeInstanceOf(StoreError);
    }
  });
});

describe('closing a store', () => {
  test('makes what was asked for in the same turn, and refuses what comes after; twice is once', async () => {
    const { store, file } = await opened();
    const before = store.commit(write('before'));
    const closed = [store.disconnect(), store.disconnect()];
    const after = outcome(() => store.commit(write('after')));
    const fault = outcome(() => store.fault());
    expect(await before).toBe(true);
    await Promise.all(closed);
    const message = `The database ${file} failed (database is not open).`;
    expect(await after).toMatchObject({ message, unsure: false });
    expect(await fault).toMatchObject({ message });
    const again = await opened(file);
    expect(await again.store.get('before')).toBe('raw');
    expect(await again.store.get('after')).toBeUndefined();
  });

  test('refuses what another process keeps from being written', async () => {
    const { store, file } = await opened();
    const holding = new DatabaseSync(file);
    onTestFinished(() => holding.close());
    holding.exec('BEGIN IMMEDIATE');
    const underway = outcome(() => store.commit(write('record')));
    await store.disconnect();
    expect(await underway).toMatchObject({
      message: `The database ${file} failed (database is locked).`,
      unsure: false,
    });
  });
});

describe('a database that others write to', () => {
  test('may have its -wal emptied by another process between two commits', async () => {
    const { put, writer, file, faults } = await openedWriter();
    const beside = new DatabaseSync(file, { timeout: 1_000 });
    for (let count = 0; count < 60; count += 1) {
      expect(await put(`record-${count}`, 'x'.repeat(20_000))).toEqual(APPLIED);
      beside.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      expect(writer.check()).toBeUndefined();
    }
    beside.close();
    expect(faults).toEqual([]);
  });

  test('that is not a database any more is a fault: nothing is written to it', async () => {
    const { put, writer, file, faults } = await openedWriter();
    for (let count = 0; count < 5; count += 1) await put(`record-${count}`, 'x'.repeat(200_000));
    const notadb = Object.assign(new Error('file is not a database'), {
      errcode: 26,
      sqliteCodeName: 'SQLITE_NOTADB',
    });
    (writer as unknown as { reportFatal(error: unknown): void }).reportFatal(notadb);
    expect(writer.check()).toBe('is not a database any more');
    expect(await put('later')).toMatchObject({ failure: { unsure: false } });
    expect(faults).toEqual([expect.stringMatching(/^is not a database any more: stop the bot, restore/)]);
    expect(existsSync(file)).toBe(true);
  });

  test('its -wal is bounded also while others read it all the time', async () => {
    const { put, file } = await openedWriter();
    const reader = new DatabaseSync(file, { readOnly: true });
    const sizes: number[] = [];
    for (let count = 0; count < 120; count += 1) {
      reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM records').get();
      await put(`record-${count}`, 'x'.repeat(400_000));
      reader.exec('COMMIT');
      await new Promise((resolve) => setImmediate(resolve));
      sizes.push(statSync(`${file}-wal`).size);
    }
    reader.close();
    expect(Math.max(...sizes)).toBeLessThan(30 * 2 ** 20);
  });
});

describe('a writer that ends', () => {
  test('is reported once; what was on its way may have been made, nothing else is taken or read', async () => {
    const faults: string[] = [];
    const file = newFile();
    const store = await openSqlite(file, { onFault: (fault) => void faults.push(fault) });
    onTestFinished(() => store.disconnect());
    await putRecord(store, 'key', 'raw');
    const { thread } = (store as unknown as { writer: { thread: Worker } }).writer;
    const underway = outcome(() => putRecord(store, 'key', 'again'));
    await thread.terminate();
    const lost = `The database ${file} failed (it lost its writer: start the bot again).`;
    expect(await underway).toMatchObject({ message: lost, unsure: true });
    expect(await outcome(() => putRecord(store, 'key', 'later'))).toMatchObject({
      message: lost,
      unsure: false,
    });
    expect(await outcome(() => store.get('key'))).toMatchObject({ message: lost });
    expect(await outcome(() => store.fault())).toMatchObject({ message: lost });
    expect(faults).toEqual([`${file} lost its writer: start the bot again`]);
  });
});

describe('a SQLite file is for one process', () => {
  test('a second process is refused after 5 s, in one sentence that names the file', async () => {
    const file = newFile();
    await holder(file);
    const started = performance.now();
    const error = await outcome(() => openSqlite(file));
    const waited = performance.now() - started;
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({
      code: 'store_locked',
      message: `The database ${file} is in use by another process.`,
    });
    expect(waited).toBeGreaterThan(4_500);
  });

  test('kill -9 frees it', async () => {
    const file = newFile();
    const child = await holder(file, `await put('key', 'raw');`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { store } = await opened(file);
    expect(await store.get('key')).toBe('raw');
  });

  test('a process that starts while the former one ends waits for it', async () => {
    const file = newFile();
    await holder(file, 'setTimeout(() => process.exit(0), 1_000);');
    const { store } = await opened(file);
    await putRecord(store, 'key', 'raw');
    expect(await store.get('key')).toBe('raw');
  });

  test('closing it frees it', async () => {
    const { store, file } = await opened();
    await store.disconnect();
    expect((await opened(file)).store).toBeDefined();
  });
});

/** Another name of a file, in a folder of its own. */
const OTHER_NAMES = {
  'a hard link': (file: string) => {
    const name = newFileInFolder();
    linkSync(file, name);
    return name;
  },
  'a bind mount of the single file': (file: string) => {
    const name = newFileInFolder();
    writeFileSync(name, '');
    execFileSync('mount', ['--bind', file, name]);
    onTestFinished(() => void execFileSync('umount', ['--lazy', name]));
    return name;
  },
};

function newFileInFolder(): string {
  return join(mkdtempSync(join(folder, 'folder-')), 'store.db');
}

function canMount(): boolean {
  const point = mkdtempSync(join(folder, 'mount-'));
  try {
    execFileSync('mount', ['--bind', point, point], { stdio: 'ignore' });
    execFileSync('umount', ['--lazy', point]);
    return true;
  } catch {
    return false;
  }
}

const mounts = canMount();
if (!mounts) console.warn('nothing can be mounted: a database behind a bind mount is not tested');

describe('a SQLite file with two names is for one process', () => {
  for (const [kind, nameAgain] of Object.entries(OTHER_NAMES))
    test.skipIf(kind !== 'a hard link' && !mounts)(
      `${kind} is refused while a bot has the file open, and not once the bot has ended`,
      async () => {
        const file = await createdFile();
        const other = nameAgain(file);
        const child = await holder(file, `await put('key', 'of the bot');`);
        expect((await startHolder(other))[1]).toBe(`The database ${other} is in use by another process.`);
        child.kill('SIGKILL');
        await once(child, 'exit');
        // The attempt has changed nothing.
        expect(await readKey(file)).toBe('of the bot');
        await createdFile(file);
        const next = await holder(other);
        // Now the first name is the other one.
        expect((await startHolder(file))[1]).toBe(`The database ${file} is in use by another process.`);
        next.kill();
      },
    );

  test('two that are opened at once: one of them is refused', async () => {
    const file = await createdFile();
    const others = [OTHER_NAMES['a hard link'](file), OTHER_NAMES['a hard link'](file)];
    const said = await Promise.all(others.map(async (name) => (await startHolder(name))[1]));
    expect(said.sort()).toEqual([expect.stringContaining('in use by another process'), 'holds']);
  });
});

describe('a process that reads a SQLite file, such as an export', () => {
  test('does not keep the bot from starting again', async () => {
    const file = newFile();
    const bot = await holder(file, `await put('key', 'raw');`);
    await holder(file, '', { beside: true });
    bot.kill('SIGKILL');
    await once(bot, 'exit');
    const { store } = await opened(file);
    expect(await store.get('key')).toBe('raw');
  });

  test('is refused under another name of the file, whose last records it would not see', async () => {
    const file = await createdFile();
    const other = OTHER_NAMES['a hard link'](file);
    await holder(file, `await put('key', 'of the bot');`);
    const [, said] = await startHolder(other, '', { beside: true });
    expect(said).toContain(`was last opened as ${file}`);
  });
});

describe('a SQLite file that was moved', () => {
  const moved = (file: string, to: string, remedy: string) => ({
    code: 'store_unavailable',
    message: `The database ${to} was last opened as ${file}, and its last records are still in ${file}-wal: ${remedy}.`,
  });
  const moveLog = (to: string) => `stop every bot that uses it, then move that file to ${to}-wal`;

  test('opens with all records after a clean stop, by itself or with its folder', async () => {
    const file = await createdFile(newFileInFolder());
    const renamed = join(dirname(file), 'renamed.db');
    renameSync(file, renamed);
    expect(await readKey(renamed)).toBe('raw');
    renameSync(dirname(file), `${dirname(file)}-moved`);
    expect(await readKey(join(`${dirname(file)}-moved`, 'renamed.db'))).toBe('raw');
  });

  test('opens with all records after kill -9 when its folder was renamed', async () => {
    const file = newFileInFolder();
    await killedHolder(file);
    renameSync(dirname(file), `${dirname(file)}-moved`);
    const { store } = await opened(join(`${dirname(file)}-moved`, 'store.db'));
    expect(await store.get('key')).toBe('raw');
  });

  test.each([
    ['renamed', renameSync],
    ['linked', linkSync],
  ])('and %s without its -wal is refused until the -wal is moved as the sentence says', async (_, move) => {
    const file = newFile();
    await killedHolder(file);
    const to = newFile();
    move(file, to);
    expect(await outcome(() => openSqlite(to))).toMatchObject(moved(file, to, moveLog(to)));
    renameSync(`${file}-wal`, `${to}-wal`);
    const { store } = await opened(to);
    expect(await store.get('key')).toBe('raw');
  });

  test('and is a copy without its -wal is refused, since the copy lacks records', async () => {
    const file = newFile();
    await killedHolder(file);
    const to = newFile();
    copyFileSync(file, to);
    const remedy = 'use a copy made with `npm run backup`';
    expect(await outcome(() => openSqlite(to))).toMatchObject(moved(file, to, remedy));
    const { store } = await opened(file);
    expect(await store.get('key')).toBe('raw');
  });
});

describe.skipIf(process.platform === 'win32')('the files of a SQLite store', () => {
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
  const modes = (file: string) => ['', '-wal', '-shm', '.lock'].map((end) => modeOf(`${file}${end}`));
  const PRIVATE = ['600', '600', '600', '600'];

  /** Opened as a bot opens it; what it logged. */
  async function openedStore(file: string) {
    const logged: unknown[] = [];
    const warn = (fields: object, text: string) => void logged.push([text, fields]);
    const store = await openStore(`sqlite://${file}`, { ...quiet, warn });
    onTestFinished(() => store.close());
    await putRecord(store.records, 'key', 'raw');
    return { store, logged };
  }

  test('are created for their owner only, and so are the folders', async () => {
    const parent = join(mkdtempSync(join(folder, 'folder-')), 'new');
    const file = join(parent, 'deep', 'store.db');
    const { logged } = await openedStore(file);
    expect(modes(file)).toEqual(PRIVATE);
    expect([modeOf(parent), modeOf(dirname(file))]).toEqual(['700', '700']);
    expect(logged).toEqual([]);
  });

  test('that others may read are corrected at the next start; the folder stays, and is named', async () => {
    const file = newFileInFolder();
    await (await openedStore(file)).store.close();
    chmodSync(dirname(file), 0o755);
    for (const end of ['', '-wal', '-shm', '.lock']) {
      writeFileSync(`${file}${end}`, '', { flag: 'a' });
      chmodSync(`${file}${end}`, 0o644);
    }
    const { logged } = await openedStore(file);
    expect(modes(file)).toEqual(PRIVATE);
    expect(modeOf(dirname(file))).toBe('755');
    expect(logged).toEqual([['database folder open to other users', { folder: dirname(file) }]]);
  });

  test('are created for their owner only by a command beside the bot, too', async () => {
    const file = join(mkdtempSync(join(folder, 'folder-')), 'new', 'store.db');
    const store = await openSqlite(file, { beside: true });
    onTestFinished(() => store.disconnect());
    expect([modeOf(file), modeOf(dirname(file))]).toEqual(['600', '700']);
  });

  test('are not corrected where the path names a file that is not a database', async () => {
    const file = newFile();
    writeFileSync(file, 'not a database\n'.repeat(100));
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
  test('a folder that is missing is made', async () => {
    const file = join(folder, 'new', 'deep', 'store.db');
    await opened(file);
    expect(existsSync(file)).toBe(true);
  });

  test('is refused in one sentence that names it, when its folder cannot be made', async () => {
    const inTheWay = newFile();
    writeFileSync(inTheWay, 'a file');
    const file = join(inTheWay, 'store.db');
    const error = await outcome(() => openSqlite(file));
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'store_unavailable' });
    expect((error as AppError).message).toMatch(
      /^The database [^\n]+ \(STORE_URL\) cannot be opened: [^\n]+\.$/,
    );
    expect((error as AppError).message).toContain(file);
  });

  test('is refused in one sentence that names it, when it is a folder', async () => {
    const error = await outcome(() => openSqlite(folder));
    expect(error).toMatchObject({ code: 'store_unavailable' });
    expect((error as AppError).message).toContain(folder);
  });

  test('is refused in one sentence that names it, when it is no database, and is left as it was', async () => {
    const file = newFile();
    const precious = 'not a database, but something of great value to its owner\n'.repeat(50);
    writeFileSync(file, precious);
    const error = await outcome(() => openSqlite(file));
    expect(error).toMatchObject({
      code: 'store_unavailable',
      message: `The database ${file} (STORE_URL) cannot be opened: SQLITE_NOTADB: file is not a database.`,
    });
    expect(readFileSync(file, 'utf8')).toBe(precious);
  });

  test('can be opened once it has been put right: the failed opening keeps no lock', async () => {
    const file = newFile();
    writeFileSync(file, 'not a database\n'.repeat(100));
    expect(await outcome(() => openSqlite(file))).toBeInstanceOf(AppError);
    rmSync(file);
    const { store } = await opened(file);
    expect(await store.get('key')).toBeUndefined();
  });

  test.each(['mysql://localhost', 'sqlite:', 'sqlite://', '/var/lib/x.db'])(
    'a STORE_URL that is none (%s) is refused in a sentence that says what it wants',
    async (url) => {
      const error = await outcome(() => openStore(url, quiet));
      expect(error).toMatchObject({
        code: 'store_unavailable',
        message: expect.stringMatching(/^STORE_URL .+\.?$/),
      });
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
    await putRecord(store, 'after', 'raw');
    expect(await store.get('after')).toBe('raw');
    expect(await store.get('record-0')).toHaveLength(20_000);
  });
});

test('after a stop the database file holds everything, and nothing of what was deleted', async () => {
  const file = newFile();
  const store = await openSqlite(file);
  for (let i = 0; i < 40; i += 1)
    await putRecord(store, `callback/${i}`, `secret-of-a-callback ${'x'.repeat(500)}`);
  await putRecord(store, 'kept', 'what is kept');
  for (let i = 0; i < 40; i += 1) await deleteRecord(store, `callback/${i}`);
  await store.disconnect();
  const whole = readFileSync(file, 'latin1');
  expect(whole).toContain('what is kept');
  expect(whole).not.toContain('secret-of-a-callback');
  expect(existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0).toBe(0);
});
