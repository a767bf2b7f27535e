import { describe, expect, test } from 'vitest';
import { openApproval } from '../../src/approval/lifecycle/rounds.ts';
import { transition } from '../../src/approval/lifecycle/transitions.ts';
import { type Approval, addFact, currentRound } from '../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import { attachHash } from '../../src/approval/model/output.ts';
import { createRunRecord } from '../../src/approval/model/run/run-record.ts';
import type { Stored } from '../../src/approval/ports.ts';
import { readAuditTrail } from '../../src/store/audit.ts';
import { hashEntry } from '../../src/store/chain.ts';
import { checkExportedHistory, checkStoredHistory } from '../../src/store/check-history.ts';
import { buildFactKey, buildKey } from '../../src/store/keys.ts';
import type { RecordStore } from '../../src/store/record-store.ts';
import { anOutput, decideBy } from '../approval/builders.ts';
import { aStart } from '../approval/starts/records.ts';
import { putRecord } from '../support/records.ts';
import { describeEachStore } from './support.ts';

/** An entry as it is stored. */
interface Entry {
  key: string;
  value: { seq: number; approval: string; kickoff?: string; by?: string; previous?: string; hash?: string };
}

describeEachStore((each) => {
  const crew = () => `${each.press}-history`;
  const idOf = (n: number) => `H${String(each.number * 100 + n).padStart(15, '0')}`;

  /** The run opens one more approval. */
  async function open(n: number, at = each.begun + n): Promise<string> {
    const executionId = `run-${each.number}`;
    const stored = await each.store.run(crew(), executionId);
    const output = attachHash({ kind: 'text', text: `Pay ${n} EUR.` });
    const head = { id: idOf(n), crew: crew(), executionId, task: 'pay', channel: 'CAPPROVALS', urls: {} };
    const policy = { ...DEFAULT_POLICY, approvalsRequired: 2 };
    const opened = openApproval({ ...head, policy }, anOutput(output.hash, { at }));
    const run = stored?.record ?? createRunRecord({ name: crew() }, executionId);
    const next = { ...run, approvals: [...run.approvals, opened.id] };
    const approvals = [{ previous: undefined, next: opened, outputs: [output] }];
    expect(await each.store.save({ approvals, run: { previous: stored, next } })).toBe(true);
    return opened.id;
  }

  /** A run with three approvals, each opened after the one before, and decided by two people; and a start of a run. */
  async function record(): Promise<void> {
    for (const n of [1, 2, 3]) {
      const id = await open(n);
      for (const by of ['UANA', 'UBEN']) {
        const previous = (await each.store.approval(id)) as Stored<Approval>;
        const { number: round } = currentRound(previous.record);
        const event = decideBy(by, { at: each.begun + 10 + n, round, feedback: 'Paid.' });
        const decided = transition(previous.record, event) as { approval: Approval };
        expect(await each.store.save({ approvals: [{ previous, next: decided.approval }] })).toBe(true);
      }
    }
    const start = aStart({
      id: `start-${each.number}`,
      crew: crew(),
      createdAt: each.begun,
      changedAt: each.begun,
    });
    expect(await each.store.save({ start: { previous: undefined, next: start } })).toBe(true);
    const previous = await each.store.start(start.id);
    const running = { ...start, status: 'running' as const, changedAt: each.begun + 5 };
    expect(await each.store.save({ start: { previous, next: running } })).toBe(true);
  }

  const isOurs = ({ subject }: { subject: string }) =>
    Array.from({ length: 20 }, (_, n) => idOf(n)).includes(subject) || subject === `start-${each.number}`;
  const check = async () => (await checkStoredHistory(each.records)).faults.filter(isOurs);

  async function listEntries(): Promise<Entry[]> {
    const found: Entry[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await each.records.range('fact', { after, limit: 1_000 });
      for (const { key, raw } of page) found.push({ key, value: JSON.parse(raw).value });
      after = page.at(-1)?.key;
      if (page.length < 1_000) break;
    }
    return found;
  }
  const entries = async (n: number) =>
    (await listEntries()).filter(({ value }) => value.approval === idOf(n));
  const put = ({ key, value }: Entry) => putRecord(each.records, key, JSON.stringify({ value }));
  const drop = ({ key }: Entry) => each.records.commit({ compare: [], puts: [], deletes: [key] });

  describe('the history of a run', () => {
    test('fits together, and goes on to do so when its records are deleted', async () => {
      await record();
      expect(await check()).toEqual([]);
      const [first] = await entries(1);
      const [second] = await entries(2);
      expect(first?.value.previous).toBe('');
      expect(second?.value.previous).toBe(first?.value.hash);
      expect(await each.store.forget((await each.store.approval(idOf(2))) as Stored<Approval>)).toBe(true);
      expect(await check()).toEqual([]);
    });

    test.each<[string, (all: Entry[]) => Promise<unknown>, why: string]>([
      [
        'an entry is changed',
        ([, voted]) => put({ ...(voted as Entry), value: { ...(voted as Entry).value, by: 'UEVE' } }),
        'changed',
      ],
      [
        'an entry has lost its hash',
        ([, voted]) => {
          const { hash: _, ...value } = (voted as Entry).value;
          return put({ ...(voted as Entry), value });
        },
        'changed',
      ],
      ['an entry is removed', ([, voted]) => drop(voted as Entry), 'missing_before'],
      ['the first entry is removed', ([first]) => drop(first as Entry), 'missing_before'],
      ['the newest entry is removed', ([, , decided]) => drop(decided as Entry), 'cut_off'],
      [
        'an entry is inserted',
        ([, voted]) => put({ ...(voted as Entry), key: `${voted?.key}-again` }),
        'twice',
      ],
      [
        'two entries have changed places',
        async ([, voted, decided]) => {
          const [one, two] = [voted as Entry, decided as Entry];
          await put({ ...one, value: { ...one.value, seq: two.value.seq } });
          await put({ ...two, value: { ...two.value, seq: one.value.seq } });
        },
        'changed',
      ],
      [
        'all entries and the record of an approval are removed',
        async (all) => {
          for (const entry of all) await drop(entry);
          await each.records.commit({ compare: [], puts: [], deletes: [`approval/${idOf(2)}`] });
        },
        'missing_before',
      ],
    ])('shows that %s', async (_, happens, why) => {
      await record();
      await happens(await entries(2));
      const faults = await check();
      // The approval that was opened next follows the first entry, too.
      expect([...new Set(faults.map((fault) => fault.why))]).toEqual([why]);
      expect([idOf(2), idOf(3)]).toContain(faults[0]?.subject);
    });

    test('shows that the newest entry of a start is removed', async () => {
      await record();
      const start = `start-${each.number}`;
      const own = (await listEntries()).filter(({ value }) => value.kickoff === start);
      await drop(own.toSorted((a, b) => a.value.seq - b.value.seq).at(-1) as Entry);
      expect(await check()).toMatchObject([{ subject: start, why: 'cut_off' }]);
    });

    test('fits together while a bot writes, and what is forged meanwhile is found', async () => {
      await record();
      const middle = each.begun + 500_000;
      /** Entries are written while a page of them is read: its first half is from before. */
      const readDuring = (write: () => Promise<unknown>): RecordStore => ({
        get: (key) => each.records.get(key),
        getMany: (keys) => each.records.getMany(keys),
        commit: (commit) => each.records.commit(commit),
        fault: () => each.records.fault(),
        disconnect: async () => {},
        async range(index, options) {
          const before = await each.records.range(index, options);
          if (index !== 'fact') return before;
          await write();
          const later = await each.records.range(index, options);
          const split = buildKey('fact', middle);
          return [...before.filter(({ key }) => key < split), ...later.filter(({ key }) => key >= split)];
        },
      });
      const add = async (n: number, at: number) => {
        const previous = (await each.store.approval(idOf(n))) as Stored<Approval>;
        const next = addFact(previous.record, { at, what: 'reminded', round: 1 });
        expect(await each.store.save({ approvals: [{ previous, next }] })).toBe(true);
      };
      let [writes, opened] = [0, 3];
      const write = async () => {
        writes += 1;
        await add(1, middle + writes);
        // The first one is missed, and the second one seen.
        await add(2, each.begun + 100 + writes);
        await add(2, middle + writes);
        // So is the opening of an approval, and what comes after it.
        opened += 1;
        await open(opened, each.begun + 200 + writes);
        await add(opened, middle + writes);
        opened += 1;
        await open(opened, middle + writes);
      };
      const found = async (store: RecordStore) =>
        (await checkStoredHistory(store)).faults.filter(isOurs).map(({ why, subject }) => [why, subject]);
      expect(await found(readDuring(write))).toEqual([]);
      const forge = async (n: number) => {
        const { head = '', factCount } = ((await each.store.approval(idOf(n))) as Stored<Approval>).record;
        const [first] = await entries(n);
        const value = { ...first?.value, seq: factCount + 1, at: middle + 900, previous: head };
        const key = buildFactKey(idOf(n), value);
        await put({ key, value: { ...value, hash: hashEntry(value) } as Entry['value'] });
      };
      await forge(3);
      expect(await found(readDuring(write))).toEqual([['appended', idOf(3)]]);
    });

    test('is checked in an export as well, whole or of some time', async () => {
      await record();
      const lines: string[] = [];
      const period = { since: 0, until: Number.MAX_SAFE_INTEGER, crew: crew() };
      for await (const { at, origin = 'bot', ...line } of readAuditTrail(
        each.records,
        each.store,
        period,
        () => {},
      ))
        lines.push(JSON.stringify({ time: new Date(at).toISOString(), ...line, origin }));
      const checked = async (given: string[]) => {
        async function* each() {
          yield* given;
        }
        const { faults, late } = await checkExportedHistory(each());
        return [faults.map(({ why }) => why), late];
      };
      expect(lines).toHaveLength(11);
      expect(await checked(lines)).toEqual([[], 0]);
      expect(await checked(lines.filter((line) => !line.includes('"received"')))).toEqual([[], 3]);
      expect(await checked(lines.map((line) => line.replace('"UBEN"', '"UEVE"')))).toEqual([
        ['changed', 'changed', 'changed'],
        0,
      ]);
      const voted = lines.findIndex((line) => line.includes('"voted"'));
      expect(await checked(lines.filter((_, at) => at !== voted))).toEqual([['missing_before'], 0]);
    });
  });
});
