import { setImmediate } from 'node:timers/promises';
import Keyv from 'keyv';
import type { z } from 'zod';
import { approvalSchema } from '../approval/model/approval.ts';
import { rebuildRunRecord, runRecordSchema } from '../approval/model/run/run-record.ts';
import { startSchema } from '../approval/model/run/start.ts';
import type { Log, Stored } from '../approval/ports.ts';
import { createCache } from '../lib/cache.ts';
import { StoreError } from '../lib/errors.ts';
import { describeNewerFormat, findNewerFormat, upgradeRecord } from './formats/formats.ts';
import type { FormatContext } from './formats/step.ts';
import { APPROVAL_INDEXES, buildUnreadableKey, readKey, START_INDEXES } from './keys.ts';
import { eachRecord, type RawRecord, type RecordStore } from './record-store.ts';

/** Maximum number of reads of an unreadable record that other writers keep changing. */
const MAX_READS = 100;
/** Number of parsed records in the cache, enough for the records in current use. */
const MAX_PARSED = 256;
/** Number of records that are parsed without a pause. */
const PARSED_AT_ONCE = 100;
/** Number of records that are checked without a pause. None is in the cache, so a click waits about 5 ms for them. */
const CHECKED_AT_ONCE = 50;
/** Length of the longest record in the cache, in characters. */
const LONGEST_PARSED = 32 * 1024;

/** Schemas of the records to check before they are written, by kind of key. */
const CHECKED: Readonly<Record<string, z.ZodType | undefined>> = {
  approval: approvalSchema,
  execution: runRecordSchema,
  kickoff: startSchema,
};

export function serializeRecord(key: string, value: unknown): RawRecord {
  return { key, raw: JSON.stringify({ value }) };
}

/**
 * Reads records of each known format (formats.ts). Sets aside a record that does not parse, which is absent from then on. Rejects
 * with a StoreError for a record of a newer format. Caches the parsed records because parsing takes longer than reading, and
 * records are read several times between two changes. A cached record is frozen, and used only if its text in the store is equal.
 */
export function createRecordReader(records: RecordStore, log: Log, context: FormatContext = {}) {
  const parsedRecords = new Keyv<Stored<unknown>>({ store: createCache({ max: MAX_PARSED }) });
  // Without serializers, the cache returns the same object.
  parsedRecords.serialize = undefined;
  parsedRecords.deserialize = undefined;

  async function parseRecord<T>(key: string, raw: string, schema: z.ZodType<T>): Promise<Stored<T>> {
    const { value } = JSON.parse(raw) as { value?: unknown };
    const newerFormat = findNewerFormat(key, value);
    if (newerFormat !== undefined)
      throw new StoreError(describeNewerFormat(`The record ${key}`, newerFormat));
    const upgraded = upgradeRecord(key, value, context);
    const record = schema.parse(upgraded ? upgraded.value : value);
    const stored: Stored<T> = { raw, record, ...(upgraded ? { upgraded: upgraded.puts } : {}) };
    if (raw.length <= LONGEST_PARSED) await parsedRecords.set(key, deepFreeze(stored));
    return stored;
  }

  async function readRecord<T>(
    key: string,
    schema: z.ZodType<T>,
    firstRaw?: string,
  ): Promise<Stored<T> | undefined> {
    for (let attempts = 0; attempts < MAX_READS; attempts += 1) {
      const raw = attempts === 0 && firstRaw !== undefined ? firstRaw : await records.get(key);
      if (raw === undefined) return undefined;
      const cached = await parsedRecords.get(key);
      if (cached?.raw === raw) return cached as Stored<T>;
      // Without a pause, a list of large outputs would be one long turn of the event loop.
      if (raw.length > LONGEST_PARSED) await setImmediate();
      try {
        return await parseRecord(key, raw, schema);
      } catch (error) {
        if (error instanceof StoreError) throw error;
        if (await setAside(records, key, raw)) {
          log.error({ key, error, movedTo: buildUnreadableKey(key) }, 'unreadable record set aside');
        }
      }
    }
    throw new StoreError(`The record ${key} cannot be read and was changed again and again.`);
  }

  /**
   * Reads all keys at once. Returns the records in the order of the keys, without absent ones. `known`: records as read before, in
   * the order of the keys: an unchanged one is not parsed again.
   */
  async function readRecords<T>(
    keys: readonly string[],
    schema: z.ZodType<T>,
    known: readonly (Stored<T> | undefined)[] = [],
  ): Promise<Stored<T>[]> {
    const raws = await records.getMany(keys);
    const storedRecords: Stored<T>[] = [];
    for (const [index, key] of keys.entries()) {
      // Parsing hundreds of records must not delay a click.
      if (index % PARSED_AT_ONCE === PARSED_AT_ONCE - 1) await setImmediate();
      const raw = raws[index];
      const knownRecord = known[index];
      const isUnchanged = knownRecord !== undefined && knownRecord.raw === raw;
      const stored =
        raw === undefined ? undefined : isUnchanged ? knownRecord : await readRecord(key, schema, raw);
      if (stored) storedRecords.push(stored);
    }
    return storedRecords;
  }

  /**
   * Checks records before they are written. Rejects if one of them could not be read later, so that nothing is lost. Caches the
   * records for the next reader.
   */
  async function requireReadable(puts: readonly RawRecord[]): Promise<void> {
    let checkedCount = 0;
    for (const { key, raw } of puts) {
      const schema = CHECKED[key.slice(0, key.indexOf('/'))];
      if (!schema) continue;
      await parseRecord<unknown>(key, raw, schema);
      checkedCount += 1;
      if (checkedCount % CHECKED_AT_ONCE === 0) await setImmediate();
    }
  }

  return { readRecord, readRecords, requireReadable };
}

function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}

/** Moves an unreadable record to another key, where it is kept but not read again. False: the record has changed in between. */
async function setAside(records: RecordStore, key: string, raw: string): Promise<boolean> {
  const [id = '', crew = ''] = readKey(key);
  const puts = [{ key: buildUnreadableKey(key), raw }];
  const deletes: string[] = [];
  // The old record may have narrowed the approvers. The run gets a new record, so that the next webhook does not widen them.
  if (key.startsWith('execution/')) puts.push(serializeRecord(key, rebuildRunRecord(crew, id)));
  else deletes.push(key);
  for (const index of listIndexes(key)) deletes.push(...(await findIndexEntries(records, index, id)));
  return records.commit({ compare: [{ key, previousRaw: raw }], puts, deletes });
}

/** Lists the indexes that may have entries of a record. No entry may stay: some lists are counted without reading the records. */
function listIndexes(key: string): readonly string[] {
  if (key.startsWith('approval/')) return APPROVAL_INDEXES;
  return key.startsWith('kickoff/') ? START_INDEXES : [];
}

/** Finds a record's entries in an index without reading the record. */
async function findIndexEntries(records: RecordStore, index: string, id: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of eachRecord(records, index)) if (readKey(key).at(-1) === id) keys.push(key);
  return keys;
}
