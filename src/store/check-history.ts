import { isObject } from '../lib/own-member.ts';
import { readEntry, readExportedEntry } from './audit.ts';
import { type ChainFault, type CheckedEntry, findChainFaults } from './chain.ts';
import { eachRecord, type RecordStore } from './record-store.ts';

/** What a check of histories found. */
export interface HistoryCheck {
  entries: number;
  histories: number;
  /** Histories that begin before an export. */
  late: number;
  faults: ChainFault[];
  /** Keys or lines that hold no entry. */
  unreadable: string[];
}

/** Checks all histories in a store, also while a bot writes. Rejects with a StoreError. */
export async function checkStoredHistory(records: RecordStore): Promise<HistoryCheck> {
  // Records first: what is recorded meanwhile has entries that are newer than the last one that is known here.
  const heads = new Map<string, string>();
  for (const kind of ['approval', 'kickoff'])
    for await (const { raw } of eachRecord(records, kind)) {
      const { value } = JSON.parse(raw) as { value?: unknown };
      if (isObject(value) && typeof value.id === 'string' && typeof value.head === 'string')
        heads.set(value.id, value.head);
    }
  const read = new Histories();
  for await (const record of eachRecord(records, 'fact')) read.add(readEntry(record), record.key);
  return read.check({ heads, isWhole: true });
}

/** Checks the lines of an export as JSON lines. One of some time begins in the middle of histories. */
export async function checkExportedHistory(lines: AsyncIterable<string>): Promise<HistoryCheck> {
  const read = new Histories();
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() !== '') read.add(readExportedEntry(line, number), `line ${number}`);
  }
  return read.check({ isWhole: false });
}

class Histories {
  readonly #bySubject = new Map<string, CheckedEntry[]>();
  readonly #unreadable: string[] = [];

  add(entry: CheckedEntry | undefined, place: string): void {
    if (!entry) return void this.#unreadable.push(place);
    const history = this.#bySubject.get(entry.subject);
    if (history) history.push(entry);
    else this.#bySubject.set(entry.subject, [entry]);
  }

  check(how: Parameters<typeof findChainFaults>[1]): HistoryCheck {
    const all = [...this.#bySubject.values()];
    return {
      entries: all.reduce((sum, { length }) => sum + length, 0),
      histories: all.length,
      late: how.isWhole ? 0 : all.filter((entries) => entries.every(({ seq }) => seq !== 1)).length,
      faults: findChainFaults(this.#bySubject, how),
      unreadable: this.#unreadable,
    };
  }
}
