import type { HistoryCheck, HistoryFault } from '../approval/ports.ts';

type Tell = (fault: HistoryFault) => string;
const entry =
  (what: string): Tell =>
  ({ place, subject }) =>
    `The entry ${place} of ${subject} ${what}.`;
const compare = 'Compare it with an export, signed events or a backup from before.';

/** Describes each kind of fault: what was found and where; some also say what to do. */
const SENTENCES: Readonly<Record<HistoryFault['why'], Tell>> = {
  changed: entry(`was changed. ${compare.slice(0, -1)}`),
  moved: entry('has a key that does not match its time and number: the key was changed'),
  text_changed: entry('does not have the text that was recorded: the text was changed'),
  missing_before: entry('does not follow the entry before it: an entry was removed, inserted or moved'),
  approval_missing: entry('follows an approval of its run that is missing: its lines were removed'),
  twice: entry('has the same place as another entry: one of them was inserted'),
  appended: entry('is newer than the last entry that its record names: it was added'),
  cut_off: ({ place, subject }) =>
    place === undefined
      ? `The history of ${subject} is missing. ${compare}`
      : `The entry ${place} of ${subject} is not the last entry: newer ones were removed.`,
  newest_missing: ({ subject }) =>
    `The approval that the run ${subject} opened last is missing: its record and its history were removed.`,
  opened_twice: entry(
    'opens an approval in the same place of its run as another approval: one of them was added',
  ),
  opened_after: entry('opens an approval that its run does not know: it was added'),
  record_moved: ({ place }) =>
    `The record ${place} belongs to another approval or start: it was moved or copied.`,
  record_changed: ({ subject, about }) =>
    `The record of ${subject} does not match its history (${about}): the record was changed. The history shows what was decided.`,
  output_changed: ({ place }) => `${place} is not the text that was recorded: it was changed.`,
  output_missing: ({ subject, about }) => `The text ${about} of ${subject} is missing: it was removed.`,
  not_found: ({ subject }) =>
    `The entry with the hash ${subject} was not found: entries were removed, or this is a different or older history.`,
};

/** Describes a fault: what was found and where, and for some what to do. */
export function describeHistoryFault(fault: HistoryFault): string {
  return SENTENCES[fault.why](fault);
}

/** Describes a key of the store, or a line of an export, that does not hold an entry or a record. */
export function describeUnreadable(place: string): string {
  return `${place} cannot be read: it was changed.`;
}

/** Describes the faults: at most `limit` one by one, then the number of further ones. */
export function describeFaults({ faults, unreadable }: HistoryCheck, limit: number): string[] {
  const sentences = [...unreadable.map(describeUnreadable), ...faults.map(describeHistoryFault)];
  const remainder = sentences.length > limit ? [`… and ${sentences.length - limit} more.`] : [];
  return [...sentences.slice(0, limit), ...remainder];
}

/** Summarizes how much was checked, and whether it matches. */
export function summarizeCheck(check: HistoryCheck): string {
  const count = countFaults(check);
  const checkedEntries = `${check.entries} entries of ${check.histories} histories`;
  return count === 0
    ? `${checkedEntries}: nothing was changed.`
    : `${count} ${count === 1 ? 'problem' : 'problems'} found in ${checkedEntries}.`;
}

export function countFaults({ faults, unreadable }: HistoryCheck): number {
  return faults.length + unreadable.length;
}

/** `document`: the export or report that begins later than the histories. */
export function describeLate(late: number, document: 'export' | 'report'): string {
  return `${late} of the histories begin before this ${document}.`;
}

/** Describes the newest entry, for a later check. */
export function describeNewest({ hash }: { hash: string }): string {
  return `Newest entry: ${hash}. Keep it elsewhere, and pass it to the next check with --expect.`;
}
