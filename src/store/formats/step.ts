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
 * commit compares the store's format, and writes the earlier form until that is raised (store-format.ts, replicas.ts). A fact of
 * the history is never changed: its readers know each form. What the seal of a record covers (record-checks.ts) stays the same.
 */
export interface FormatStep {
  /** A record of the format before, in this one. */
  up(kind: FormattedKind, record: StoredRecord, context: FormatContext): StoredRecord;
  /** Back: what the build of the format before reads, and keeps when it writes it. Without it, all older builds are stopped first. */
  down?(kind: FormattedKind, record: StoredRecord): StoredRecord;
  /** Further records that come of one of the format before. */
  also?(kind: FormattedKind, record: StoredRecord): readonly RawRecord[];
  /** Kinds of index entries that the format before does not have. */
  newIndexes: readonly string[];
}
