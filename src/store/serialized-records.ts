import Keyv from 'keyv';
import type { z } from 'zod';
import { type Output, outputSchema } from '../approval/model/output.ts';
import { NewerVersionError, RECORD_VERSION } from '../approval/model/record-version.ts';
import { rebuildExecution } from '../approval/model/run/execution.ts';
import type { Log, Stored } from '../approval/ports.ts';
import { RecordError, StoreError } from '../lib/errors.ts';
import { isObject } from '../lib/own-member.ts';
import { buildUnreadableKey, INDEXES, KICKOFF_INDEXES, readExecutionKey, readId } from './keys.ts';
import { ParsedRecords } from './parsed-records.ts';
import type { RecordStore } from './record-store.ts';

const PAGE = 1_000;
/** Tries to set aside an unreadable record while others write it. */
const MAX_TRIES = 100;

/** A record store and what turns its values into records and back. */
export interface SerializedRecords {
  records: RecordStore;
  keyv: Keyv;
  parsed: ParsedRecords;
  log: Log;
}

export function createSerializedRecords(records: RecordStore, log: Log): SerializedRecords {
  const keyv = new Keyv({
    store: records,
    useKeyPrefix: false,
    throwOnErrors: true,
    emitErrors: false,
    serialize: JSON.stringify,
    deserialize: JSON.parse,
  });
  return { records, keyv, parsed: new ParsedRecords(), log };
}

/**
 * Reads a record. One that does not parse is set aside, and is absent from then on. Rejects with a RecordError for a
 * record of a newer version.
 */
export async function readRecord<T>(
  parts: SerializedRecords,
  key: string,
  schema: z.ZodType<T>,
): Promise<Stored<T> | undefined> {
  const { records, keyv, parsed, log } = parts;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const raw = await records.get(key);
    if (raw === undefined) return undefined;
    const known = parsed.find(key, raw);
    if (known) return known as Stored<T>;
    try {
      const value = (await keyv.deserializeData<unknown>(raw))?.value;
      requireKnownVersion(value);
      return parsed.keep(key, { raw, record: schema.parse(value) });
    } catch (error) {
      if (error instanceof NewerVersionError) throw new RecordError(key, error);
      if (await setAside(parts, key, raw)) {
        log.error({ key, error, movedTo: buildUnreadableKey(key) }, 'unreadable record set aside');
      }
    }
  }
  throw new StoreError(`The record ${key} cannot be read and was changed again and again.`);
}

function requireKnownVersion(value: unknown): void {
  const version = isObject(value) ? value.v : undefined;
  if (typeof version === 'number' && version > RECORD_VERSION) throw new NewerVersionError(version);
}

export async function readOutputAt(parts: SerializedRecords, key: string): Promise<Output | undefined> {
  return (await readRecord(parts, key, outputSchema))?.record;
}

export async function serializeRecord(
  { keyv }: SerializedRecords,
  key: string,
  value: unknown,
): Promise<{ key: string; raw: string }> {
  return { key, raw: (await keyv.serializeData({ value })) as string };
}

/** Moves an unreadable record to another key, so that it is kept and not read again. False: it has changed meanwhile. */
async function setAside(parts: SerializedRecords, key: string, raw: string): Promise<boolean> {
  // An execution is rebuilt, so that the next webhook does not widen approvers that the run has narrowed.
  const run = key.startsWith('execution/') ? readExecutionKey(key) : undefined;
  const deletes = run ? [] : [key];
  for (const index of listIndexes(key)) {
    deletes.push(...(await findIndexEntries(parts.records, index, readId(key))));
  }
  const puts = [{ key: buildUnreadableKey(key), raw }];
  if (run) {
    puts.push(await serializeRecord(parts, key, rebuildExecution(run.crew, run.executionId)));
  }
  return parts.records.commit({ key, previousRaw: raw, puts, deletes });
}

/** The indexes that may have entries of a record. */
function listIndexes(key: string): readonly string[] {
  if (key.startsWith('approval/')) return INDEXES;
  return key.startsWith('kickoff/') ? KICKOFF_INDEXES : [];
}

/** A record's entries in an index, found without the record. */
async function findIndexEntries(records: RecordStore, index: string, id: string): Promise<string[]> {
  const found: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await records.range(index, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    found.push(...page.filter((key) => readId(key) === id));
    after = page.at(-1);
    if (page.length < PAGE) return found;
  }
}
