import type { Policy } from '../../approval/model/crew/task-rules.ts';
import type { RawRecord } from '../record-store.ts';

/** Kinds of keys whose records hold their format. */
export const FORMATTED = ['execution', 'approval', 'kickoff'] as const;
export type FormattedKind = (typeof FORMATTED)[number];

/** A record as it is stored. */
export type StoredRecord = Readonly<Record<string, unknown>>;

/** Facts that a record alone does not hold. */
export interface FormatContext {
  /** Returns the strictest rules of a crew on deadlines and votes; undefined: the crew is not known. */
  strictestPolicy?: (crew: string) => Policy | undefined;
}

/**
 * The step to a format from the one before. Pure. A new format is needed if older records could no longer be read, or would mean
 * something else. Records are converted when they are read, and written with their next change; the sweep converts the rest. Each
 * commit compares the store's format (store-format.ts), so builds of two formats never serve one store. Facts of the history
 * never change: their readers know each form. The fields that the seal of a record covers (record-checks.ts) stay the same.
 */
export interface FormatStep {
  /** Converts a record of the previous format. */
  up(kind: FormattedKind, record: StoredRecord, context: FormatContext): StoredRecord;
  /** Returns further records that result from a record of the previous format. */
  also?(kind: FormattedKind, record: StoredRecord): readonly RawRecord[];
}
