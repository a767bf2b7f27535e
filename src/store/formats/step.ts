import type { Policy } from '../../approval/model/crew/task-rules.ts';
import type { RawRecord } from '../record-store.ts';

/** Kinds of keys whose records contain the number of their format. */
export const FORMATTED_KINDS = ['execution', 'approval', 'kickoff'] as const;
export type FormattedKind = (typeof FORMATTED_KINDS)[number];

/** A record as it is stored. */
export type StoredRecord = Readonly<Record<string, unknown>>;

/** Information for a conversion that the record itself does not contain. */
export interface FormatContext {
  /** Returns the strictest rules of a crew on deadlines and votes; undefined: the crew is not known. */
  strictestPolicy?: (crew: string) => Policy | undefined;
}

/**
 * Converts records of one format to the next. Pure. A new format is needed if older records could no longer be read, or would
 * mean something else. Records are converted when they are read, and written with their next change; the sweep converts the
 * rest. Each commit compares the store's format (store-format.ts), so builds of two formats never serve one store. Facts of the
 * history are never converted: the code that reads them supports each form. The fields that the seal of a record covers
 * (record-checks.ts) stay the same.
 */
export interface FormatStep {
  /** Converts a record of the previous format. */
  convertRecord(kind: FormattedKind, record: StoredRecord, context: FormatContext): StoredRecord;
  /** Returns further records that result from a record of the previous format. */
  deriveRecords?(kind: FormattedKind, record: StoredRecord): readonly RawRecord[];
}
