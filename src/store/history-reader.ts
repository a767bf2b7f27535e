import { setImmediate } from 'node:timers/promises';
import { approvalSchema } from '../approval/model/approval.ts';
import { type Output, outputSchema } from '../approval/model/output.ts';
import { startSchema } from '../approval/model/run/start.ts';
import type { HistoryReader } from '../approval/ports.ts';
import { readEntry } from './audit.ts';
import { checkSomeHistories, checkStoredHistory, describeEntry, parseRecordValue } from './check-history.ts';
import { upgradeRecord } from './formats/formats.ts';
import { buildFactKey, buildKey, buildOutputKey } from './keys.ts';
import { formatShownInputs } from './record-checks.ts';
import { eachRecord, type RecordStore } from './record-store.ts';

/** Creates a reader of the history for reports. It leaves unreadable records in place; the approval store moves them. */
export function createHistoryReader(records: RecordStore): HistoryReader {
  const readRecordValue = async (key: string): Promise<unknown> => {
    const raw = await records.get(key);
    const value = raw === undefined ? undefined : parseRecordValue(raw);
    return upgradeRecord(key, value, {})?.value ?? value;
  };
  return {
    checkAll: (see) => checkStoredHistory(records, [], see),
    checkSome: (places) => checkSomeHistories(records, places),
    async *readPeriod({ since, until }) {
      for await (const record of eachRecord(records, 'fact', buildKey('fact', since))) {
        if (record.key >= buildKey('fact', until)) return;
        yield describeEntry(record.key, readEntry(record));
      }
    },
    async readPlaces(places) {
      const raws = await records.getMany(places);
      return places.flatMap((key, index) => {
        const raw = raws[index];
        return raw === undefined ? [] : [describeEntry(key, readEntry({ key, raw }))];
      });
    },
    listPlaces: ({ id, facts }) => facts.map((fact) => buildFactKey(id, fact)),
    placeApproval: (id) => buildKey('approval', id),
    async readApproval(id) {
      return approvalSchema.safeParse(await readRecordValue(buildKey('approval', id))).data;
    },
    async readOutputs(approvalId, hashes) {
      const raws = await records.getMany(hashes.map((hash) => buildOutputKey(approvalId, hash)));
      const outputs = new Map<string, Output>();
      for (const [index, hash] of hashes.entries()) {
        const raw = raws[index];
        // Parsing a long text takes time: clicks are answered between two texts.
        await setImmediate();
        const { data } = outputSchema.safeParse(raw === undefined ? undefined : parseRecordValue(raw));
        if (data) outputs.set(hash, data);
      }
      return outputs;
    },
    async readInputs(startId) {
      const { data } = startSchema.safeParse(await readRecordValue(buildKey('kickoff', startId)));
      return data && formatShownInputs(data);
    },
  };
}
