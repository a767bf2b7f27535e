import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DatabaseSync } from '@photostructure/sqlite';
import { RECORD_VERSION } from '../../src/approval/model/approval.ts';
import type { RawRecord } from '../../src/store/record-store.ts';
import type { Manifest } from '../fixtures/stores/story.ts';
import { newFolder } from '../store/support.ts';

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'stores');

/** Reads all records of the fixture store of a format. */
export function readWholeStore(format: number): RawRecord[] {
  const file = join(newFolder(), 'approvals.db');
  writeFileSync(file, gunzipSync(readFileSync(join(FOLDER, `format-${format}.db.gz`))));
  const database = new DatabaseSync(file);
  const rows = database.prepare('SELECT key, raw FROM records').all() as unknown as RawRecord[];
  database.close();
  return rows;
}

/** Reads the fixture store of a format. Its records count as records of the current format. */
export function readStoreOf(format: number): RawRecord[] {
  const version = `"v":${format}`;
  return readWholeStore(format).map(({ key, raw }) => ({
    key,
    raw: raw.replace(version, `"v":${RECORD_VERSION}`),
  }));
}

/** Finds the crews file with which the bot of a format was started. */
export function crewsFileOf(format: number): string {
  return join(FOLDER, `format-${format}.crews.yml`);
}

export function readManifestOf(format: number): Manifest {
  return JSON.parse(readFileSync(join(FOLDER, `format-${format}.json`), 'utf8')) as Manifest;
}
