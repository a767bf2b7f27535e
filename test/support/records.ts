import type { ApprovalStore } from '../../src/approval/ports.ts';
import type { RangeOptions, RecordStore } from '../../src/store/record-store.ts';

/** Writes one record, whatever it held. */
export async function putRecord(records: RecordStore, key: string, raw: string): Promise<void> {
  await records.commit({ compare: [], puts: [{ key, raw }], deletes: [] });
}

/** Deletes one record, if it is there. */
export async function deleteRecord(records: RecordStore, key: string): Promise<void> {
  await records.commit({ compare: [], puts: [], deletes: [key] });
}

/** The keys of a range. */
export async function listKeys(
  records: RecordStore,
  index: string,
  options: RangeOptions,
): Promise<string[]> {
  return (await records.range(index, options)).map(({ key }) => key);
}

/** The ids of a list. */
export async function listIds(
  store: ApprovalStore,
  ...asked: Parameters<ApprovalStore['list']>
): Promise<string[]> {
  return (await store.list(...asked)).map(({ id }) => id);
}
