import type { Policy } from '../../approval/model/crew/task-rules.ts';
import type { RawRecord } from '../record-store.ts';

/** The kinds of keys whose records say their format. */
export const FORMATTED = ['execution', 'approval', 'kickoff'] as const;
export type FormattedKind = (typeof FORMATTED)[number];

/** A record as it is stored. */
export type StoredRecord = Readonly<Record<string, unknown>>;

/** What a record alone does not tell. */
export interface FormatContext {
  /** The strictest rules of time and number of a crew; undefined where it is not known. */
  strictestPolicy?: (crew: string) => Policy | undefined;
}

/**
 * The change of one format of the records. Pure. It goes up when a record that was stored before could not be read any more, or would
 * mean something else. Records are migrated when they are read and written with their next change; the sweep does the rest. Each
 * commit compares the store's format (store-format.ts): builds of two formats never serve one store. A fact of the history is never
 * changed: its readers know each form. What the seal of a record covers (record-checks.ts) stays the same.
 */
export interface FormatStep {
  /** A record of the format before, in this one. */
  up(kind: FormattedKind, record: StoredRecord, context: FormatContext): StoredRecord;
  /** Further records that come of one of the format before. */
  also?(kind: FormattedKind, record: StoredRecord): readonly RawRecord[];
}
