import { RECORD_VERSION } from '../../approval/model/approval.ts';
import { isObject } from '../../lib/own-member.ts';
import type { RawRecord } from '../record-store.ts';
import { toFormat8 } from './format-8.ts';
import { toFormat9 } from './format-9.ts';
import {
  FORMATTED_KINDS,
  type FormatContext,
  type FormatStep,
  type FormattedKind,
  type StoredRecord,
} from './step.ts';

/** Steps by the format that they convert to. Each converts from the previous format. */
const STEPS: ReadonlyMap<number, FormatStep> = new Map([
  [8, toFormat8],
  [9, toFormat9],
]);

/** Stores of earlier formats are refused. */
export const OLDEST_FORMAT = Math.min(...STEPS.keys()) - 1;

/** A record, converted to this build's format when it was read. */
export interface UpgradedRecord {
  value: unknown;
  /** Further records, written with the next change of this one. */
  puts: readonly RawRecord[];
}

/** Converts a record of an earlier format to this build's; undefined: no conversion is needed or possible. */
export function upgradeRecord(
  key: string,
  value: unknown,
  context: FormatContext,
): UpgradedRecord | undefined {
  const kind = kindOf(key);
  if (kind === undefined || !isObject(value) || value.v === RECORD_VERSION) return undefined;
  const format = Number(value.v);
  if (!(format >= OLDEST_FORMAT && format < RECORD_VERSION)) return undefined;
  let record: StoredRecord = value;
  const puts: RawRecord[] = [];
  for (const [to, step] of listSteps(format)) {
    puts.push(...(step.deriveRecords?.(kind, record) ?? []));
    record = { ...step.convertRecord(kind, record, context), v: to };
  }
  return { value: record, puts };
}

/** Returns the format of a record that a newer build wrote and this one cannot read; undefined: any other record. */
export function findNewerFormat(key: string, value: unknown): number | undefined {
  if (kindOf(key) === undefined || !isObject(value)) return undefined;
  const format = Number(value.v);
  return format > RECORD_VERSION ? format : undefined;
}

/** `subject`: the record or the store with this format. */
export function describeNewerFormat(subject: string, format: number): string {
  return `${subject} is of format ${format}, which a newer version of the bot wrote; this one reads up to ${RECORD_VERSION}.`;
}

function listSteps(format: number): [number, FormatStep][] {
  return [...STEPS].filter(([to]) => to > format && to <= RECORD_VERSION).sort(([a], [b]) => a - b);
}

function kindOf(key: string): FormattedKind | undefined {
  return FORMATTED_KINDS.find((kind) => key.startsWith(`${kind}/`));
}
