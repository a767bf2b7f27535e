import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { describeIf } from '../describe-if.ts';
import { scaleLimit } from '../limits.ts';

/** The database file or its write-ahead log, in which a commit is synced. */
type Part = 'db' | 'wal';

/** Selects the writes to a file by their number, from 0. */
export type Reached = Partial<Record<Part, (write: number) => boolean>>;

export interface Disk {
  file: string;
  /** Environment of a bot on this disk. */
  settings: Record<string, string>;
  /** Makes the next fsyncs wait until `release`. */
  hold(part: Part): void;
  /** Resolves once an fsync waits. */
  held(part: Part): Promise<unknown>;
  release(part: Part): void;
  /** Lets the next fsync fail with EIO and lose its writes, as on Linux. Afterwards the disk works again. */
  failOnce(part: Part): void;
  /** Makes every fsync take this much longer. */
  slowDown(milliseconds: number): void;
  /** Number of fsyncs that have ended. */
  syncs(): number;
  /**
   * Simulates a power cut after the process was killed: writes since the last fsync of each file are lost, except those
   * in `reached`, which got to the disk by chance.
   */
  cutPower(reached?: Reached): void;
}

const SOURCE = join(import.meta.dirname, 'disk.c');
const compiles =
  process.platform === 'linux' && spawnSync('cc', ['--version'], { stdio: 'ignore' }).status === 0;
/** Timeouts, in milliseconds. */
const HELD_WITHIN = scaleLimit(15_000);
const TIME = scaleLimit(60_000);
let library = '';

/** `describe` for tests with disks. Compiles their library first. */
export function describeDisk(name: string, body: () => void): void {
  describeIf(compiles, `no C compiler (cc) on Linux: "${name}" is skipped`)(name, { timeout: TIME }, () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'crew-approvals-disk-'));
      library = join(folder, 'disk.so');
      execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl', '-lpthread']);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    body();
  });
}

/** Makes a disk in the test's folder, for the database of a bot that was not started yet. */
export function makeDisk(folder: string): Disk {
  const data = join(realpathSync(folder), 'data');
  const control = join(folder, 'disk');
  for (const path of [data, control]) mkdirSync(path);
  const file = join(data, 'approvals.db');
  const at = (verb: string, part: string) => join(control, `${verb}.${part}`);
  const order = (verb: string, part: string, text = '') => writeFileSync(at(verb, part), text);
  const parts = { db: file, wal: `${file}-wal`, journal: `${file}-journal` };

  return {
    file,
    settings: {
      STORE_URL: `sqlite://${file}`,
      LD_PRELOAD: library,
      DISK_DATABASE: file,
      DISK_CONTROL: control,
    },
    hold: (part) => order('hold', part),
    held: (part) => vi.waitUntil(() => existsSync(at('held', part)), { timeout: HELD_WITHIN, interval: 5 }),
    release: (part) => rmSync(at('hold', part)),
    failOnce: (part) => order('fail-once', part),
    slowDown(milliseconds) {
      for (const part of ['db', 'wal']) order('delay', part, String(milliseconds));
    },
    syncs: () => sizeOf(at('synced', 'db')) + sizeOf(at('synced', 'wal')),
    cutPower(reached = {}) {
      for (const [part, path] of Object.entries(parts)) {
        if (existsSync(at('durable', part)) && existsSync(path)) {
          const writes = readWrites(path, at('unsynced', part));
          const lucky = writes.filter((_, index) => reached[part as Part]?.(index));
          const bytes = applyWrites(readFileSync(at('durable', part)), lucky);
          for (const copy of [at('durable', part), path]) writeFileSync(copy, bytes);
        } else rmSync(path, { force: true });
        for (const verb of ['hold', 'held', 'unsynced']) rmSync(at(verb, part), { force: true });
      }
      rmSync(`${file}-shm`, { force: true });
    },
  };
}

interface DiskWrite {
  offset: number;
  bytes: Buffer;
}

/** Reads the writes to a file since its last fsync, in order. */
function readWrites(file: string, ranges: string): DiskWrite[] {
  if (!existsSync(ranges)) return [];
  const bytes = readFileSync(file);
  const lines = readFileSync(ranges, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [offset = 0, length = 0] = line.split(' ').map(Number);
    return { offset, bytes: bytes.subarray(offset, offset + length) };
  });
}

function applyWrites(bytes: Buffer, writes: readonly DiskWrite[]): Buffer {
  const size = Math.max(bytes.length, ...writes.map((write) => write.offset + write.bytes.length));
  const applied = Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);
  for (const write of writes) write.bytes.copy(applied, write.offset);
  return applied;
}

const sizeOf = (path: string) => (existsSync(path) ? statSync(path).size : 0);
