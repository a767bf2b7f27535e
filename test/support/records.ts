import type { ApprovalStore } from '../../src/approval/ports.ts';
import type { RangeOptions, RecordStore } from '../../src/store/record-store.ts';

/** Writes a record, whatever it contained. */
export async function putRecord(records: RecordStore, key: string, raw: string): Promise<void> {
  await records.commit({ compare: [], puts: [{ key, raw }], deletes: [] });
}

/** Deletes a record if it exists. */
export async function deleteRecord(records: RecordStore, key: string): Promise<void> {
  await records.commit({ compare: [], puts: [], deletes: [key] });
}

/** Lists the keys of a range. */
export async function listKeys(
  records: RecordStore,
  index: string,
  options: RangeOptions,
): Promise<string[]> {
  return (await records.range(index, options)).map(({ key }) => key);
}

/** Lists the ids of a page of approvals. */
export async function listIds(
  store: ApprovalStore,
  ...asked: Parameters<ApprovalStore['list']>
): Promise<string[]> {
  return (await store.list(...asked)).map(({ id }) => id);
}
