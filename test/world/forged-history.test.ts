import { beforeAll, describe, expect, test } from 'vitest';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { readAuditTrail } from '../../src/store/audit.ts';
import { chainEntries, hashEntry } from '../../src/store/chain.ts';
import { checkExportedHistory, checkStoredHistory } from '../../src/store/check-history.ts';
import { createEventOutbox } from '../../src/store/event-outbox.ts';
import { buildFactKey } from '../../src/store/keys.ts';
import type { RawRecord, RecordStore } from '../../src/store/record-store.ts';
import { type Manifest, STORY_WITHIN, tellStory } from '../fixtures/stores/story.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { readManifestOf, readStoreOf } from './fixture-store.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a forger writes has no shape.
type Anything = any;
type Forged = Awaited<ReturnType<typeof copy>>;
/** What no entry says by itself. */
const OTHER = 'rules, options, texts, votes or facts';
const log = { info() {}, warn() {}, error() {} };

let written: RawRecord[];
let manifest: Pick<Manifest, 'approvals' | 'starts'>;
beforeAll(async () => {
  const story = await tellStory();
  [written, manifest] = [story.records, story.manifest];
}, STORY_WITHIN);
const idOf = (name: string): string => manifest.approvals[name]?.id ?? '';
const startOf = (name: string): string => manifest.starts[name]?.id ?? '';

/** A store with these records, for somebody who can write it. */
async function copy(puts: readonly RawRecord[] = written) {
  const { records } = createMemoryRecords();
  await records.commit({ compare: [], puts, deletes: [] });
  const read = async (key: string) => JSON.parse((await records.get(key)) as string).value as Anything;
  const write = (key: string, value: unknown) =>
    records.commit({ compare: [], puts: [{ key, raw: JSON.stringify({ value }) }], deletes: [] });
  return {
    records,
    read,
    write,
    drop: (...deletes: string[]) => records.commit({ compare: [], puts: [], deletes }),
    async edit(key: string, change: (value: Anything) => unknown) {
      const value = await read(key);
      await write(key, change(value) ?? value);
    },
    /** The entries of an approval or a start, in their order. */
    async entries(id: string): Promise<{ key: string; value: Anything }[]> {
      const facts = await records.range('fact', { limit: 100_000 });
      const all = facts.map(({ key, raw }) => ({ key, value: JSON.parse(raw).value }));
      return all.filter(({ value }) => (value.kickoff ?? value.approval) === id);
    },
    async lines(period: { since?: number; until?: number; crew?: string } = {}) {
      const lines: Anything[] = [];
      const whole = { since: 0, until: Number.MAX_SAFE_INTEGER, ...period };
      const store = createApprovalStore(records, log);
      for await (const { at, origin = 'bot', ...line } of readAuditTrail(records, store, whole, () => {}))
        lines.push(JSON.parse(JSON.stringify({ time: new Date(at).toISOString(), ...line, origin })));
      return lines;
    },
  };
}

async function* serialize(lines: readonly object[]) {
  for (const line of lines) yield JSON.stringify(line);
}
const approvalKey = (name: string) => `approval/${idOf(name)}`;
/** Sets a field by its path. */
const set = (path: string, to: unknown) => (value: Anything) => {
  const names = path.split('.');
  const last = names.pop() as string;
  names.reduce((of, name) => of[name], value)[last] = to;
};
const round = (value: Anything, number = 1) => value.rounds[number - 1];
const checkLines = (lines: readonly object[], expected?: string[]) =>
  checkExportedHistory(serialize(lines), expected);

/** What is found, without what is right. */
async function find(records: RecordStore, expected?: string[]) {
  const { faults, unreadable } = await checkStoredHistory(records, expected);
  return [...faults.map(({ why, subject, about }) => [why, subject, about].filter(Boolean)), ...unreadable];
}

/** Entries after the last one of a history, with the hashes that they should have. */
async function append(store: Forged, id: string, ...added: Anything[]): Promise<string | undefined> {
  const entries = await store.entries(id);
  const record = await store.read(`${entries[0]?.value.kickoff ? 'kickoff' : 'approval'}/${id}`);
  const last = entries.find(({ value }) => value.hash === record.head)?.value;
  const { approval, kickoff, crew, execution, task } = last;
  const said = added.map((one, index) => ({
    ...{ seq: last.seq + 1 + index, at: last.at + 1_000, approval, kickoff, crew, execution, task },
    ...one,
  }));
  const chained = chainEntries(said, { head: last.hash });
  for (const entry of chained.entries) await store.write(buildFactKey(id, entry), entry);
  return chained.head;
}

test('what the bot writes has no fault, in the store and in each export, and the newest entry can be expected', async () => {
  const store = await copy();
  const checked = await checkStoredHistory(store.records);
  expect(checked).toMatchObject({ faults: [], unreadable: [] });
  expect(await find(store.records, [checked.newest?.hash ?? ''])).toEqual([]);
  const lines = await store.lines();
  expect(await checkLines(lines)).toMatchObject({ faults: [], unreadable: [], late: 0 });
  const times = lines.map(({ time }) => Date.parse(time));
  for (const since of [...new Set(times)].filter((_, index) => index % 10 === 0)) {
    const later = await store.lines({ since });
    expect(await checkLines(later), `since ${since}`).toMatchObject({ faults: [], unreadable: [] });
    const earlier = await store.lines({ until: since });
    expect(await checkLines(earlier), `until ${since}`).toMatchObject({ faults: [], unreadable: [] });
  }
  for (const crew of ['press', 'tools', 'pair'])
    expect(await checkLines(await store.lines({ crew }))).toMatchObject({ faults: [], unreadable: [] });
});

test('a permission that ended with its run, without an entry, is no fault', async () => {
  const store = await copy();
  await store.edit(approvalKey('question_tool_allowed'), (value) => {
    value.rounds[0].permissionEnded = { at: 1 };
  });
  expect(await find(store.records)).toEqual([]);
});

test('approvals and starts that retention deleted are no fault', async () => {
  const store = await copy();
  const approvals = createApprovalStore(store.records, log);
  for (const { id } of Object.values(manifest.approvals)) {
    const stored = await approvals.approval(id);
    if (stored) await approvals.forget(stored);
  }
  for (const { id } of Object.values(manifest.starts)) {
    const stored = await approvals.start(id);
    if (stored) await approvals.forgetStart(stored);
  }
  expect(await find(store.records)).toEqual([]);
  const lines = await store.lines();
  expect(lines.filter(({ text }) => text !== undefined)).toEqual([]);
  expect((await checkLines(lines)).faults).toEqual([]);
});

test('an approval that is opened again after its record was deleted begins its history anew', async () => {
  const store = await copy();
  const approvals = createApprovalStore(store.records, log);
  const old = (await approvals.approval(idOf('approved')))?.record as Anything;
  await approvals.forget((await approvals.approval(idOf('approved'))) as Anything);
  const at = old.facts.at(-1).at + 100_000;
  const opened = { at, what: 'received', round: 1, output: old.rounds[0].hashes[0], seq: 1 };
  const { decision: _, delivery: __, ...waiting } = old.rounds[0];
  const again = { ...waiting, status: 'waiting', receivedAt: at, votes: [] };
  const next = { ...old, rounds: [again], facts: [opened], factCount: 1, head: undefined };
  const texts = written.filter(({ key }) => key.startsWith(`output/${old.id}/`));
  await store.records.commit({ compare: [], puts: texts, deletes: [] });
  expect(await approvals.save({ approvals: [{ previous: undefined, next }] })).toBe(true);
  expect(await find(store.records)).toEqual([]);
});

describe('the entries of the real bot', () => {
  test('an opening says whom it asked, and under which rules', async () => {
    const store = await copy();
    const openings = async (name: string) =>
      (await store.entries(idOf(name))).filter(({ value }) => value.asked).map(({ value }) => value.asked);
    expect(await openings('voted_twice')).toEqual([
      {
        channel: 'CAPPROVALS',
        approvers: ['UANA', 'UBEN', 'UCAT'],
        approvalsRequired: 2,
        excludeRequester: false,
        allowGuests: false,
        escalateTo: [],
        onExpiry: 'keep',
        undoWindow: 0,
      },
    ]);
    expect(await openings('expired_approved')).toMatchObject([
      { escalateTo: ['SEDITORS'], onExpiry: 'approve', expireAfter: 3_600_000 },
    ]);
    expect(await openings('question_for_ana')).toMatchObject([{ approvers: ['UANA'] }]);
    // The second round is what one of two people made of the first.
    const [first, second] = await openings('question_edited_by_one_of_two');
    expect(second).toEqual(first);
    for (const { id } of Object.values(manifest.approvals)) {
      const received = (await store.entries(id)).filter(
        ({ value }) => value.output && value.what === 'received',
      );
      expect(received.every(({ value }) => value.asked !== undefined)).toBe(true);
    }
  });

  test('a decision says its option, its rule and whose votes made it, by hashes where people or crews wrote it', async () => {
    const store = await copy();
    const decided = async (name: string) =>
      (await store.entries(idOf(name))).findLast(({ value }) => value.what === 'decided')?.value;
    const { rounds } = await store.read(approvalKey('question_answered'));
    const { option } = rounds[0].decision;
    expect(await decided('question_answered')).toMatchObject({
      option: {
        index: option,
        id: rounds[0].question.options[option].id,
        label: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    expect(JSON.stringify(await store.entries(idOf('question_answered')))).not.toContain(
      JSON.stringify(rounds[0].question.options[option].label),
    );
    expect(await decided('expired_approved')).toMatchObject({ rule: 'expiry' });
    expect(await decided('voted_twice')).toMatchObject({ votes: ['UANA', 'UBEN'] });
    expect(await decided('approved')).not.toHaveProperty('votes');
  });

  test('the values of hidden inputs are in no hash', async () => {
    const store = await copy();
    const key = `kickoff/${startOf('finished')}`;
    await store.edit(key, (start) => {
      start.hidden = Object.keys(start.inputs);
    });
    const approvals = createApprovalStore(store.records, log);
    const previous = await approvals.start(startOf('finished'));
    const hashesOf = async (value: string) => {
      const fresh = await copy([]);
      const record = previous?.record as Anything;
      const inputs = Object.fromEntries(record.hidden.map((name: string) => [name, value]));
      const next = { ...record, inputs, head: undefined, status: 'starting' };
      await createApprovalStore(fresh.records, log).save({ start: { previous: undefined, next } });
      return (await fresh.entries(record.id)).map(({ value: entry }) => entry.hash);
    };
    expect(await hashesOf('1234')).toEqual(await hashesOf('5678'));
  });
});

/** Changes in the store: what is changed, and what is found. */
const IN_STORE: Record<string, [(store: Forged) => Promise<unknown>, () => Anything[]]> = {
  'an entry is added after the newest one of an approval': [
    (store) => append(store, idOf('approved'), { what: 'given_up', by: 'UEVE', round: 1 }),
    () => [['appended', idOf('approved')]],
  ],
  'an entry is added after the newest one of a start': [
    (store) => append(store, startOf('running'), { what: 'run_failed' }),
    () => [['appended', startOf('running')]],
  ],
  'the decider in a record is another one': [
    (store) => store.edit(approvalKey('approved'), set('rounds.0.decision.by', 'UEVE')),
    () => [['record_changed', idOf('approved'), 'the decision of round 1']],
  ],
  'the choice in a record is another one': [
    (store) =>
      store.edit(approvalKey('question_received'), (value) => {
        const { decision, question } = round(value);
        decision.option = question.options.length - 1 - decision.option;
      }),
    () => [['record_changed', idOf('question_received'), 'the decision of round 1']],
  ],
  'the text of an option in a record is another one': [
    (store) =>
      store.edit(approvalKey('question_received'), (value) => {
        round(value).question.options.reverse();
      }),
    () => [['record_changed', idOf('question_received'), OTHER]],
  ],
  'feedback in a record is another one': [
    (store) => store.edit(approvalKey('revision_requested'), set('rounds.0.decision.feedback', 'No!')),
    () => [['record_changed', idOf('revision_requested'), 'the decision of round 1']],
  ],
  'an edited text in a record is another one': [
    (store) => store.edit(approvalKey('edited'), set('rounds.0.decision.edited', '# Another')),
    () => [['record_changed', idOf('edited'), 'the decision of round 1']],
  ],
  'the text of a round that one of two people edited is another one': [
    (store) =>
      store.edit(approvalKey('question_edited_by_one_of_two'), set('rounds.1.edited.text', 'Another')),
    () => [['record_changed', idOf('question_edited_by_one_of_two'), 'the edited text of round 2']],
  ],
  'a decision in a record is approved although a revision was requested': [
    (store) =>
      store.edit(approvalKey('revision_requested'), (value) => {
        Object.assign(round(value), { status: 'approved' });
        round(value).decision.action = 'approve';
      }),
    () => [['record_changed', idOf('revision_requested'), 'the status of round 1']],
  ],
  'a decided round waits again': [
    (store) =>
      store.edit(approvalKey('approved'), (value) => {
        const { decision: _, delivery: __, ...open } = round(value);
        value.rounds = [{ ...open, status: 'waiting' }];
      }),
    () => [['record_changed', idOf('approved'), 'the status of round 1']],
  ],
  'an output is another text': [
    async (store) => {
      const { rounds } = await store.read(approvalKey('approved'));
      await store.edit(
        `output/${idOf('approved')}/${rounds[0].hashes[0]}`,
        set('text', 'Pay 5,000,000 EUR.'),
      );
    },
    () => [['output_changed', idOf('approved')]],
  ],
  'an output is another text under its own hash, which the record names': [
    async (store) => {
      const other = (await store.read(approvalKey('finished'))).rounds[0].hashes[0];
      const text = await store.read(`output/${idOf('finished')}/${other}`);
      await store.write(`output/${idOf('approved')}/${other}`, text);
      await store.edit(approvalKey('approved'), set('rounds.0.hashes', [other]));
    },
    () => [['record_changed', idOf('approved'), 'the output of round 1']],
  ],
  'an output is missing': [
    async (store) => {
      const { rounds } = await store.read(approvalKey('approved'));
      await store.drop(`output/${idOf('approved')}/${rounds[0].hashes[0]}`);
    },
    () => [['output_missing', idOf('approved'), expect.any(String)]],
  ],
  'an input of a start is another one': [
    (store) => store.edit(`kickoff/${startOf('running')}`, set('inputs.topic', 'other')),
    () => [['record_changed', startOf('running'), 'who started it, or its inputs']],
  ],
  'the person who started a run is another one': [
    (store) => store.edit(`kickoff/${startOf('running')}`, set('by', 'UEVE')),
    () => [['record_changed', startOf('running'), 'who started it, or its inputs']],
  ],
  'a start that failed has finished': [
    (store) => store.edit(`kickoff/${startOf('failed')}`, set('status', 'finished')),
    () => [['record_changed', startOf('failed'), 'its crew, run or status']],
  ],
  'the result of a run with an approval is another one': [
    (store) => store.edit('result/run-finished/press', set('text', 'Nothing')),
    () => [['output_changed', 'run-finished of press']],
  ],
  'the result of a run that was started from Slack is another one': [
    (store) => store.edit('result/started-2/press', set('text', 'Nothing')),
    () => [['output_changed', 'started-2 of press']],
  ],
  'a result that came after the end of its run is another one': [
    (store) => store.edit('result/run-resulted/press', set('text', 'Nothing')),
    () => [['output_changed', 'run-resulted of press']],
  ],
  'the key of an entry is another one': [
    async (store) => {
      const [, entry] = await store.entries(idOf('approved'));
      await store.drop(entry?.key ?? '');
      await store.write((entry?.key ?? '').replace(/\d{3}\//, '999/'), entry?.value);
    },
    () => [['moved', idOf('approved')]],
  ],
  'the time of an entry is another one': [
    async (store) => {
      const [, entry] = await store.entries(idOf('approved'));
      await store.drop(entry?.key ?? '');
      const value = { ...entry?.value, at: entry?.value.at + 60_000 };
      await store.write(buildFactKey(idOf('approved'), value), value);
    },
    () => [['changed', idOf('approved')]],
  ],
  'the keys of two entries have changed places': [
    async (store) => {
      const [, one, two] = await store.entries(idOf('approved'));
      await store.write(one?.key ?? '', two?.value);
      await store.write(two?.key ?? '', one?.value);
    },
    () => [['moved', idOf('approved')]],
  ],
  // What nobody planned for.
  'the records of two approvals have changed places': [
    async (store) => {
      const [one, two] = [
        await store.read(approvalKey('approved')),
        await store.read(approvalKey('undelivered')),
      ];
      await store.write(approvalKey('approved'), two);
      await store.write(approvalKey('undelivered'), one);
    },
    () => [
      ['record_moved', idOf('approved')],
      ['record_moved', idOf('undelivered')],
    ],
  ],
  'the histories of two approvals have changed names': [
    async (store) => {
      const [one, two] = [
        await store.read(approvalKey('approved')),
        await store.read(approvalKey('undelivered')),
      ];
      await store.write(approvalKey('approved'), { ...two, id: one.id });
      await store.write(approvalKey('undelivered'), { ...one, id: two.id });
    },
    () => [
      ['cut_off', idOf('approved')],
      ['cut_off', idOf('undelivered')],
      ['output_missing', idOf('approved'), expect.any(String)],
      ['output_missing', idOf('undelivered'), expect.any(String)],
    ],
  ],
  'an approval is there twice, under another id': [
    async (store) => {
      const entries = await store.entries(idOf('question_tool_long'));
      const [, , ...rest] = [
        ...(await store.records.range(`output/${idOf('question_tool_long')}`, { limit: 9 })),
      ];
      expect(rest).toEqual([]);
      let head: string | undefined;
      const first = entries[0]?.value.previous;
      for (const { value } of entries) {
        const chained = chainEntries([{ ...value, approval: 'TWIN', previous: undefined, hash: undefined }], {
          head,
          opening: first,
        });
        head = chained.head;
        for (const entry of chained.entries) await store.write(buildFactKey('TWIN', entry), entry);
      }
    },
    () => [['opened_twice', expect.any(String)]],
  ],
  'an approval is added to a run': [
    async (store) => {
      const run = await store.read('execution/run-finished/press');
      const [first] = await store.entries(idOf('finished'));
      const { hash: _, ...said } = first?.value ?? {};
      const added = { ...said, approval: 'ADDED', at: said.at + 5_000, previous: run.opened };
      const entry = { ...added, hash: hashEntry(added) };
      await store.write(buildFactKey('ADDED', entry), entry);
    },
    () => [['opened_after', 'ADDED']],
  ],
  'the only approval of a run is removed with its record and its history': [
    async (store) => {
      for (const { key } of await store.entries(idOf('finished'))) await store.drop(key);
      await store.drop(approvalKey('finished'));
    },
    () => [['newest_missing', 'run-finished of press']],
  ],
  'the first of two approvals of a run is removed with its record and its history': [
    async (store) => {
      for (const { key } of await store.entries(idOf('question_tool_waiting'))) await store.drop(key);
      await store.drop(approvalKey('question_tool_waiting'));
    },
    () => [['missing_before', idOf('question_tool_long')]],
  ],
  'a vote is by another person': [
    (store) => store.edit(approvalKey('voted_once'), set('rounds.0.votes.0.by', 'UBEN')),
    () => [['record_changed', idOf('voted_once'), 'the vote of UBEN in round 1']],
  ],
  'a vote is added': [
    (store) =>
      store.edit(
        approvalKey('voted_once'),
        (value) => void round(value).votes.push({ ...round(value).votes[0], by: 'UBEN' }),
      ),
    () => [['record_changed', idOf('voted_once'), 'the vote of UBEN in round 1']],
  ],
  'a vote is removed': [
    (store) => store.edit(approvalKey('voted_once'), set('rounds.0.votes', [])),
    () => [['record_changed', idOf('voted_once'), OTHER]],
  ],
  'fewer people have to approve': [
    (store) => store.edit(approvalKey('voted_once'), set('policy.approvalsRequired', 1)),
    () => [['record_changed', idOf('voted_once'), OTHER]],
  ],
  'a round whose task is not certain takes fewer votes': [
    async (store) => {
      await store.edit(approvalKey('waiting_second_round'), set('rounds.1.unnamed', undefined));
    },
    () => [['record_changed', idOf('waiting_second_round'), OTHER]],
  ],
  'a permission is ended, or its end is taken back': [
    (store) =>
      store.edit(
        approvalKey('question_tool_allowed'),
        set('rounds.0.permissionEnded', { at: 1, by: 'UBEN' }),
      ),
    () => [['record_changed', idOf('question_tool_allowed'), OTHER]],
  ],
  'a card warns of no invisible characters': [
    (store) => store.edit(approvalKey('approved'), set('rounds.0.unseen', 3)),
    () => [['record_changed', idOf('approved'), OTHER]],
  ],
  'a decision is by a rule instead of a person': [
    (store) => store.edit(approvalKey('approved'), set('rounds.0.decision.rule', 'expiry')),
    () => [['record_changed', idOf('approved'), 'the decision of round 1']],
  ],
  'a decision was made at another time': [
    (store) => store.edit(approvalKey('approved'), set('rounds.0.decision.at', 1)),
    () => [['record_changed', idOf('approved'), 'the decision of round 1']],
  ],
  'an output came at another time': [
    (store) => store.edit(approvalKey('approved'), set('rounds.0.receivedAt', 1)),
    () => [['record_changed', idOf('approved'), 'the output of round 1']],
  ],
  'an approval is of another crew': [
    (store) => store.edit(approvalKey('approved'), set('crew', 'press')),
    () => [['record_changed', idOf('approved'), 'its crew, run or task']],
  ],
  'an approval is of another task': [
    (store) => store.edit(approvalKey('approved'), set('task', 'pay')),
    () => [['record_changed', idOf('approved'), 'its crew, run or task']],
  ],
  'an entry is of another crew': [
    async (store) => {
      const [, entry] = await store.entries(idOf('approved'));
      await store.write(entry?.key ?? '', { ...entry?.value, crew: 'press' });
    },
    () => [['changed', idOf('approved')]],
  ],
  'an entry is of another approval': [
    async (store) => {
      const [, entry] = await store.entries(idOf('approved'));
      await store.write(entry?.key ?? '', { ...entry?.value, approval: idOf('undelivered') });
    },
    () => [
      ['missing_before', idOf('approved')],
      ['changed', idOf('undelivered')],
    ],
  ],
  'a round is removed from a record': [
    (store) => store.edit(approvalKey('waiting_second_round'), (value) => void value.rounds.pop()),
    () => [['record_changed', idOf('waiting_second_round'), OTHER]],
  ],
  'a fact in a record is another one': [
    (store) => store.edit(approvalKey('approved'), set('facts.1.by', 'UEVE')),
    () => [['record_changed', idOf('approved'), OTHER]],
  ],
  'a person who was asked is another one': [
    (store) => store.edit(approvalKey('assigned'), set('rounds.0.assignee', 'UEVE')),
    () => [['record_changed', idOf('assigned'), OTHER]],
  ],
  'a call of a tool is added to those that were allowed': [
    (store) =>
      store.edit(approvalKey('question_tool_allowed'), (value) => {
        const { allowedCalls } = round(value);
        allowedCalls.push({ ...allowedCalls[0], id: 'call-of-eve' });
      }),
    () => [['record_changed', idOf('question_tool_allowed'), OTHER]],
  ],
  'the only people who may answer a review are others': [
    (store) =>
      store.edit(approvalKey('review_waiting'), (value) => {
        round(value).review.responders = ['eve@example.com'];
      }),
    () => [['record_changed', idOf('review_waiting'), OTHER]],
  ],
  'a record does not name its last entry': [
    (store) => store.edit(approvalKey('approved'), set('head', undefined)),
    () => [['cut_off', idOf('approved')]],
  ],
  'a record is an older one': [
    async (store) => {
      const entries = await store.entries(idOf('approved'));
      await store.edit(approvalKey('approved'), set('head', entries[0]?.value.hash));
    },
    () => [['appended', idOf('approved')]],
  ],
  'a record cannot be read': [
    (store) => store.write(approvalKey('approved'), { id: idOf('approved') }),
    () => [approvalKey('approved')],
  ],
};

describe('a check of the store', () => {
  test.each(Object.entries(IN_STORE))('finds that %s', async (_, [forge, expected]) => {
    const store = await copy();
    await forge(store);
    // In any order.
    const [found, wanted] = [await find(store.records), expected()];
    expect(found).toEqual(expect.arrayContaining(wanted));
    expect(found).toHaveLength(wanted.length);
  });
});

const IN_EXPORT: Record<string, [(lines: Anything[]) => Anything[], () => Anything[]]> = {
  'the text of a decision is another one': [
    (lines) => {
      const line = lines.find(
        ({ approval, what }) => approval === idOf('revision_requested') && what === 'decided',
      );
      line.text = 'All is well.';
      return lines;
    },
    () => [['text_changed', idOf('revision_requested')]],
  ],
  'an edited text is another one': [
    (lines) => {
      const line = lines.find(
        ({ approval, what }) => approval === idOf('question_edited') && what === 'decided',
      );
      line.edited = 'Another';
      return lines;
    },
    () => [['text_changed', idOf('question_edited')]],
  ],
  'the text of a vote is another one': [
    (lines) => {
      const line = lines.find(({ approval, what }) => approval === idOf('voted_once') && what === 'voted');
      line.text = 'Never.';
      return lines;
    },
    () => [['text_changed', idOf('voted_once')]],
  ],
  'the inputs of a start are others': [
    (lines) => {
      lines.find(({ kickoff, what }) => kickoff === startOf('running') && what === 'run_starting').text =
        '{}';
      return lines;
    },
    () => [['text_changed', startOf('running')]],
  ],
  'an entry that has no text gets one': [
    (lines) => {
      lines.find(({ approval, what }) => approval === idOf('approved') && what === 'posted').text = 'Fine.';
      return lines;
    },
    () => [['text_changed', idOf('approved')]],
  ],
  'the time of an entry is another one': [
    (lines) => {
      const line = lines.find(({ approval, what }) => approval === idOf('approved') && what === 'decided');
      line.time = new Date(Date.parse(line.time) + 1_000).toISOString();
      return lines;
    },
    () => [['changed', idOf('approved')]],
  ],
  'the rules under which people were asked are others': [
    (lines) => {
      lines.find(({ approval, asked }) => approval === idOf('voted_once') && asked).asked.approvalsRequired =
        1;
      return lines;
    },
    () => [['changed', idOf('voted_once')]],
  ],
  'the first of two approvals of a run is missing': [
    (lines) => lines.filter(({ approval }) => approval !== idOf('question_tool_waiting')),
    () => [['approval_missing', idOf('question_tool_long')]],
  ],
};

describe('a check of an export', () => {
  test.each(Object.entries(IN_EXPORT))('finds in its lines that %s', async (_, [forge, expected]) => {
    const { faults } = await checkLines(forge(await (await copy()).lines()));
    expect(faults.map(({ why, subject }) => [why, subject])).toEqual(expected());
  });

  test('an approval that opened before the export is missing in it, and nothing else', async () => {
    const store = await copy();
    const [, second] = await store.entries(idOf('question_tool_waiting'));
    const lines = await store.lines({ since: second?.value.at + 1 });
    const kept = lines.filter(({ approval }) => approval !== idOf('question_tool_waiting'));
    expect((await checkLines(kept)).faults).toEqual([]);
  });
});

describe('a check that expects an entry', () => {
  test('finds that the end of a history is cut off together with its record, or the whole store is an older one', async () => {
    const store = await copy();
    const pending = await createEventOutbox(store.records, log).pending('press', {
      after: undefined,
      limit: 99,
    });
    const event = pending.findLast(({ event: { type } }) => type === 'approval.decided')?.event
      .data as Anything;
    expect(await find(store.records, [event.hash])).toEqual([]);
    const [first] = await store.entries(event.approval);
    for (const { key, value } of await store.entries(event.approval))
      if (value.seq > 1) await store.drop(key);
    await store.edit(`approval/${event.approval}`, (value) => {
      const { decision: _, delivery: __, settledAt: ___, ...open } = round(value);
      value.rounds = [{ ...open, status: 'waiting', votes: [] }];
      Object.assign(value, { head: first?.value.hash, factCount: 1, facts: value.facts.slice(0, 1) });
    });
    const found = await find(store.records, [event.hash]);
    expect(found).toContainEqual(['not_found', event.hash]);
  });

  test('finds that an export lacks it', async () => {
    const lines = await (await copy()).lines();
    const newest = (await checkLines(lines)).newest?.hash ?? '';
    expect((await checkLines(lines, [newest])).faults).toEqual([]);
    const { faults } = await checkLines(lines.slice(0, -1), [newest]);
    expect(faults).toContainEqual({ why: 'not_found', subject: newest });
  });
});

describe('a store of format 7', () => {
  const old = () => copy(readStoreOf(7));

  test('has no fault, in the store and in an export', async () => {
    const store = await old();
    expect(await checkStoredHistory(store.records)).toMatchObject({ faults: [], unreadable: [] });
    expect(await checkLines(await store.lines())).toMatchObject({ faults: [], unreadable: [] });
  });

  test.each<[string, string, (value: Anything) => unknown, string]>([
    ['a decider', 'approved', set('rounds.0.decision.by', 'UEVE'), 'the decision of round 1'],
    ['feedback', 'revision_requested', set('rounds.0.decision.feedback', '!'), 'the decision of round 1'],
    ['a status', 'approved', set('rounds.0.status', 'given_up'), 'the status of round 1'],
    ['an output', 'approved', set('rounds.0.hashes', ['text:0']), 'the output of round 1'],
    ['a vote', 'voted_once', set('rounds.0.votes.0.feedback', '!'), 'the vote of UANA in round 1'],
    ['a task', 'approved', set('task', 'pay'), 'its crew, run or task'],
  ])('shows that %s was changed in a record', async (_, name, change, about) => {
    const store = await old();
    const id = readManifestOf(7).approvals[name]?.id ?? '';
    await store.edit(`approval/${id}`, change);
    expect(await find(store.records)).toContainEqual(['record_changed', id, about]);
  });
});
