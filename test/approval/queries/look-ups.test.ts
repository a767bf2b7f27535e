import { beforeEach, describe, expect, test } from 'vitest';
import type { App } from '../../../src/approval/app.ts';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { createRunRecord, type RunRecord } from '../../../src/approval/model/run/run-record.ts';
import { loadInbox } from '../../../src/approval/queries/inbox.ts';
import { listApprovals } from '../../../src/approval/queries/list-approvals.ts';
import { type Listing, type ListQuery, ROWS_PER_PAGE } from '../../../src/approval/queries/look-up.ts';
import { bindLookUps } from '../../support/app.ts';
import { approve, aRound, withCurrent } from '../builders.ts';
import {
  createLookUpApp,
  crewOf,
  idOf,
  listReadTurns,
  resetStage,
  state,
  stored,
  T0,
} from './look-ups-stage.ts';

beforeEach(resetStage);

const lookUps = (crews?: Crew[]) => bindLookUps(createLookUpApp(crews));

/** A run is stored, with these approvals. */
const run = (executionId: string, more: Partial<RunRecord> = {}, crew = 'press') => {
  const next = { ...createRunRecord({ name: crew }, executionId), ...more };
  return state.store.save({ run: { previous: undefined, next } });
};

const shownBy = (answer: unknown) => (answer as Listing).approvals.map(({ id }) => id);
const idsOf = (...numbers: number[]) => numbers.map(idOf);
/** The ids from one number to another, up or down. */
const range = (from: number, to: number) =>
  Array.from({ length: Math.abs(to - from) + 1 }, (_, n) => idOf(from < to ? from + n : from - n));
const storeMany = async (count: number, decidedAt = (_: number): number | undefined => undefined) => {
  for (let n = 1; n <= count; n += 1) await stored(n, {}, decidedAt(n));
};
const list = async (query: ListQuery, after?: string) =>
  (await lookUps().list('UANA', query, after)) as Listing;

/** All pages of a list for UANA; `between` happens before each next one. */
async function pages(query: ListQuery, between: (page: number) => Promise<unknown> = async () => {}) {
  const all: string[][] = [];
  let after: string | undefined;
  do {
    const listing = await list(query, after);
    all.push(shownBy(listing));
    after = listing.next;
    await between(all.length);
  } while (after !== undefined && all.length < 20);
  return all;
}

describe('the waiting list', () => {
  test('comes in pages, the oldest first, with its total', async () => {
    await storeMany(23);
    const all = await pages({ kind: 'waiting' });
    expect(all.map(({ length }) => length)).toEqual([ROWS_PER_PAGE, ROWS_PER_PAGE, 3]);
    expect(all.flat()).toEqual(range(1, 23));
    expect(await list({ kind: 'waiting' })).toMatchObject({ total: { count: 23, more: false } });
  });

  test('has no next page when the last one is full', async () => {
    await storeMany(ROWS_PER_PAGE);
    expect(await list({ kind: 'waiting' })).not.toHaveProperty('next');
  });

  test('shows the rest once when approvals are decided and arrive between two pages', async () => {
    await storeMany(25);
    const all = await pages({ kind: 'waiting' }, async (page) => {
      if (page !== 1) return;
      // The very last that was shown, and one that is still to come.
      for (const id of idsOf(10, 15)) {
        const previous = await state.store.approval(id);
        const rounds = [aRound({ status: 'given_up', settledAt: state.now })];
        await state.store.save({
          approvals: [{ previous, next: { ...(previous?.record as Approval), rounds } }],
        });
      }
      await stored(30);
    });
    expect(all.flat()).toEqual([...range(1, 14), ...range(16, 25), idOf(30)]);
  });

  test('shows only what I may decide, or one crew', async () => {
    await stored(1);
    await stored(2, { task: 'legal_note' });
    await stored(3, { crew: 'budget' });
    expect(shownBy(await list({ kind: 'waiting', mine: true }))).toEqual(idsOf(1));
    expect(shownBy(await list({ kind: 'waiting', crew: 'PRESS' }))).toEqual(idsOf(1, 2));
  });

  test('counts up to a hundred', async () => {
    await storeMany(100);
    expect(await list({ kind: 'waiting' })).toMatchObject({ total: { count: 100, more: false } });
    await stored(101);
    expect(await list({ kind: 'waiting' })).toMatchObject({ total: { count: 100, more: true } });
  });

  test('shows what it checked when Slack is slow to say who may decide', async () => {
    for (let n = 1; n <= 12; n += 1) await stored(n, { task: n === 1 ? 'draft' : 'legal_note' });
    state.learningTakes = 1_000;
    // A group that Slack does not say the members of.
    state.legal = 'SLEGAL';
    const listing = await list({ kind: 'waiting', mine: true });
    expect(listing).toMatchObject({ approvals: [{ id: idOf(1) }], stopped: true, next: expect.anything() });
    expect(state.now - T0).toBeLessThan(4_000);
  });
});

describe('the history', () => {
  test('shows what was decided since a time, the newest first', async () => {
    await storeMany(30, (n) => T0 + n);
    await stored(31);
    expect((await pages({ kind: 'history' })).flat()).toEqual(range(30, 1));
    expect((await pages({ kind: 'history', since: T0 + 19 })).flat()).toHaveLength(12);
    expect(await pages({ kind: 'history', since: T0 + 100 })).toEqual([[]]);
  });

  test('of a person is sorted by their own decisions, also where someone else decided later', async () => {
    await stored(1, {}, T0 + 1);
    const by = (by: string, at: number) => ({ ...approve, by, at });
    const first = aRound({ status: 'revision_requested', decision: by('UANA', T0 + 2) });
    const second = aRound({ number: 2, status: 'approved', decision: by('UBEN', T0 + 50) });
    await stored(2, { rounds: [first, second] });
    await stored(3, {}, T0 + 3, 'UBEN');
    expect(await pages({ kind: 'history', person: 'UANA' })).toEqual([idsOf(2, 1)]);
    expect(await pages({ kind: 'history', person: 'UANA', since: T0 + 2 })).toEqual([idsOf(2)]);
    expect(await pages({ kind: 'history' })).toEqual([idsOf(2, 3, 1)]);
  });
});

describe('the outputs of a list', () => {
  const output = (n: number, round = 1) => ({ kind: 'text' as const, text: `Output ${n}.${round}` });

  /** It waits for a decision on its output; in its second round, if the first one was decided. */
  async function waits(n: number, more: Partial<Approval> = {}) {
    const approval = await stored(n, more);
    const { number } = currentRound(approval);
    const hash = `hash-${n}-${number}`;
    const next = withCurrent(approval, { hashes: [hash] });
    const previous = await state.store.approval(approval.id);
    const outputs = [{ hash, output: output(n, number) }];
    expect(await state.store.save({ approvals: [{ previous, next, outputs }] })).toBe(true);
  }
  const revised = { action: 'request_revision' as const, feedback: 'Shorter', by: 'UANA', at: T0 };
  const twoRounds = [
    { ...aRound({ status: 'revision_requested', decision: revised }), number: 1 },
    { ...aRound({ receivedAt: T0 }), number: 2 },
  ];

  const DECIDABLE: ListQuery[] = [
    { kind: 'waiting' },
    { kind: 'waiting', mine: true },
    { kind: 'find', words: 'run-' },
  ];
  test.each(DECIDABLE)('by %j are those of the waiting rounds that the person may decide', async (query) => {
    await waits(1);
    await waits(2, { task: 'legal_note' });
    await waits(3, { rounds: twoRounds });
    await stored(4, { rounds: [aRound({ status: 'sending', decision: revised })] });
    await stored(5, {}, T0);
    expect([...(await list(query)).outputs]).toEqual([
      [idOf(1), output(1)],
      [idOf(3), output(3, 2)],
    ]);
    expect([...((await list(query)).deciders?.keys() ?? [])]).toEqual([idOf(1), idOf(3)]);
  });

  test.each<ListQuery>([{ kind: 'history' }, { kind: 'history', person: 'UANA' }])(
    'by %j are none, also where a later round waits',
    async (query) => {
      await waits(1, { rounds: twoRounds });
      const listing = await list(query);
      expect(shownBy(listing)).toEqual([idOf(1)]);
      expect(listing.outputs.size).toBe(0);
    },
  );

  test('need two looks at Slack per page, for the person and for names, and none when the answer would be late', async () => {
    for (let n = 1; n <= 12; n += 1) await waits(n);
    await list({ kind: 'waiting' });
    expect(state.learnings).toBe(2);
    state.readingTakes = 100;
    const slow = await list({ kind: 'waiting' });
    expect(state.learnings).toBe(2);
    expect(slow.outputs.size, 'what is known already counts').toBe(ROWS_PER_PAGE);
  });
});

test('a list is there within two seconds where Slack is slow, with the names that are known', async () => {
  await stored(1);
  Object.assign(state, { learnt: false, learningTakes: 1_000 });
  const { deciders } = await list({ kind: 'waiting' });
  expect(state.now - T0).toBe(2_000);
  expect(deciders?.get(idOf(1))).toBeDefined();
});

describe('find', () => {
  const find = async (words: string, person?: string) =>
    (await pages({ kind: 'find', words, ...(person ? { person } : {}) })).flat();

  test.each([
    ['the task', 'DRAFT_press'],
    ['the crew', 'press'],
    ['the agent', 'copywriter'],
    ['the run', 'run-0001'],
    ["the approver's id", 'UANA'],
    ['the feedback', 'much shorter'],
    ['the id', idOf(1).toLowerCase()],
    ['several of them', 'shorter copywriter draft'],
  ])('finds by %s', async (_, words) => {
    const decision = { action: 'approve' as const, feedback: 'Much, much shorter', by: 'UANA', at: T0 };
    const rounds = [{ ...aRound({ agent: 'Copywriter', decision, status: 'approved' }), number: 1 }];
    await stored(1, { task: 'draft_press_release', rounds });
    expect(await find(words)).toEqual([idOf(1)]);
    expect(await find(`${words} nowhere`)).toEqual([]);
  });

  test('finds by the beginning of any output, but only for people who can read it', async () => {
    const rounds = [
      { ...aRound({ excerpt: 'Zebra crossings\nin town' }), number: 1 },
      { ...aRound({ excerpt: 'Traffic lights' }), number: 2 },
    ];
    await stored(1, { rounds });
    await stored(2, { task: 'legal_check', rounds });
    for (const words of ['zebra', 'TRAFFIC town', 'draft lights'])
      expect(await find(words)).toEqual([idOf(1)]);
    expect(await find('legal')).toEqual([idOf(2)]);
    expect(await find('legal zebra')).toEqual([]);
  });

  test('finds by who decided or voted', async () => {
    const decision = { action: 'approve' as const, feedback: '', by: 'UANA', at: T0 };
    const votes = [{ ...decision, by: 'UBEN' }, decision];
    await stored(1, { rounds: [{ ...aRound({ decision, votes, status: 'approved' }), number: 1 }] });
    await stored(2);
    for (const person of ['UANA', 'UBEN']) expect(await find('draft', person)).toEqual([idOf(1)]);
    expect(await find('draft', 'UCAT')).toEqual([]);
    expect(await find('nowhere', 'UANA')).toEqual([]);
  });

  test('shows what waits first, then the newest, each once over all pages', async () => {
    await storeMany(14, (n) => (n % 2 === 0 ? T0 + n : undefined));
    expect(await pages({ kind: 'find', words: 'draft' })).toEqual([
      idsOf(1, 3, 5, 7, 9, 11, 13, 14, 12, 10),
      idsOf(8, 6, 4, 2),
    ]);
  });

  test('stops after 1.5 s, says so, and the next page continues there', async () => {
    for (let n = 1; n <= 120; n += 1) await stored(n, { task: n % 60 === 0 ? 'needle' : 'draft' }, T0 + n);
    state.readingTakes = 40;
    const found: string[] = [];
    let stops = 0;
    let after: string | undefined;
    do {
      const begun = state.now;
      const listing = await list({ kind: 'find', words: 'needle' }, after);
      expect(state.now - begun).toBeLessThan(1_500 + 25 * 40 + 1);
      found.push(...shownBy(listing));
      if (listing.stopped) stops += 1;
      after = listing.next;
    } while (after !== undefined);
    expect(found).toEqual([idOf(120), idOf(60)]);
    expect(stops).toBeGreaterThan(1);
  });

  test('yields to other work between its chunks', async () => {
    await storeMany(110, (n) => T0 + n);
    await list({ kind: 'find', words: 'nowhere' });
    expect(state.turns).toBeGreaterThanOrEqual(4);
  });
});

describe('when twelve people look something up at once, no turn of the event loop reads for two of them', () => {
  const twelve = (work: (app: App) => Promise<unknown>) => {
    const app = createLookUpApp();
    return listReadTurns(() => Promise.all(Array.from({ length: 12 }, () => work(app))));
  };
  const queries: ListQuery[] = [
    { kind: 'waiting' },
    { kind: 'waiting', mine: true },
    { kind: 'history' },
    { kind: 'find', words: 'draft' },
  ];
  test.each(queries)('list: %j', async (query) => {
    await storeMany(40, (n) => (n > 20 ? T0 + n : undefined));
    const turns = await twelve((app) => listApprovals(app, 'UANA', query));
    expect(turns.length).toBeGreaterThanOrEqual(12);
    expect(new Set(turns).size).toBe(turns.length);
  });

  test('Home', async () => {
    await storeMany(120);
    const read = async () => ({ kind: 'text' as const, text: '' });
    const turns = await twelve((app) => loadInbox(app, 'UANA', read));
    expect(turns.length).toBeGreaterThanOrEqual(36);
    expect(new Set(turns).size).toBe(turns.length);
  });
});

const FORGED = [
  '',
  '9',
  '0/',
  '1/000001790000000/A00000000',
  "0/1'; DROP TABLE records",
  '\u0000',
  '7/../..',
];
test.each(FORGED)('a forged page cursor %j shows nothing of other crews', async (after) => {
  await stored(1);
  await stored(2, { crew: 'budget' });
  expect(['', idOf(1)]).toContain(shownBy(await list({ kind: 'waiting' }, after)).join());
});

describe('a person', () => {
  const every: ListQuery[] = [
    { kind: 'waiting' },
    { kind: 'waiting', mine: true },
    { kind: 'history' },
    { kind: 'history', person: 'UBEN' },
    { kind: 'find', words: 'draft' },
  ];

  test('sees nothing of another crew in any list or count', async () => {
    await stored(1);
    await stored(2, { crew: 'budget' });
    await stored(3, { crew: 'budget' }, T0 - 1, 'UBEN');
    const looks = lookUps();
    for (const query of every) {
      const others = (await list(query)).approvals.filter(({ crew }) => crew !== 'press');
      expect(others, JSON.stringify(query)).toEqual([]);
    }
    expect(await looks.list('UANA', { kind: 'waiting' })).toMatchObject({ total: { count: 1 } });
    expect(await looks.named('UANA', idOf(2))).toEqual([]);
    expect(await looks.named('UANA', 'run-0002')).toEqual([]);
    const unknown = { code: 'unknown_crew', crew: 'budget', crews: ['press'] };
    expect(await looks.list('UANA', { kind: 'history', crew: 'budget' })).toEqual(unknown);
  });

  test('who may look up no crew gets an error, or that it cannot be checked', async () => {
    const looks = lookUps();
    for (const [known, code] of Object.entries({ yes: 'may_not_look', no: 'cannot_check' })) {
      state.learnt = known === 'yes';
      for (const query of every) expect(await looks.list('UZOE', query)).toEqual({ code });
      expect(await looks.named('UZOE', idOf(1))).toEqual({ code });
      expect(await looks.status('UZOE', 'run-1')).toEqual({ code });
    }
    expect(state.asked).toEqual([]);
  });

  test('sees no approval of a crew that was removed from the settings', async () => {
    await stored(1, { crew: 'gone' });
    expect(await lookUps([crewOf('press', ['UANA'])]).named('UANA', idOf(1))).toEqual([]);
  });
});

describe('by an id', () => {
  const named = async (text: string) => {
    const found = await lookUps().named('UANA', text);
    return Array.isArray(found) ? found.map(({ id }) => id) : found;
  };

  test('an approval is found by six characters of it in any case, not by five', async () => {
    const id = '7XK2M9QD4T';
    await stored(1, { id });
    for (const text of [id, '7xk2m9', '7XK2M9QD']) expect(await named(text)).toEqual([id]);
    for (const text of ['7XK2M', '7XK2M9QD4TT', '7XK2M8']) expect(await named(text)).toEqual([]);
  });

  test('a run gives all its approvals in order', async () => {
    await storeMany(2);
    await run('97eba64f-aaaa', { approvals: idsOf(2, 1) });
    for (const text of ['97eba64f-aaaa', '97eba6']) expect(await named(text)).toEqual(idsOf(2, 1));
  });

  test('a beginning that several executions share is ambiguous; a whole id is not', async () => {
    await stored(1);
    await run('run-001', { approvals: idsOf(1) });
    await run('run-001-b');
    const ambiguous = { code: 'ambiguous', text: 'run-00' };
    expect(await named('run-00')).toEqual(ambiguous);
    expect(await lookUps().status('UANA', 'run-00')).toEqual(ambiguous);
    expect(await named('run-001')).toEqual(idsOf(1));
  });

  test('ids of other crews hide nothing and make nothing ambiguous', async () => {
    await stored(9, { id: 'RUNZZ00001', crew: 'budget' });
    for (let n = 0; n < 5; n += 1) await run(`runzz-${n}`, {}, 'budget');
    await stored(1);
    await run('runzz-mine', { approvals: idsOf(1) });
    expect(await named('runzz-')).toEqual(idsOf(1));
    expect(await named('runzz')).toEqual([]);
  });
});

describe('the status of a run', () => {
  test('that is known is asked from its own crew, and comes with its approvals', async () => {
    const both = [crewOf('press', ['UANA']), crewOf('budget', ['UANA'])];
    const approval = await stored(1);
    await run(approval.executionId, { approvals: [approval.id] });
    state.statusOf = () => ({ kind: 'completed' });
    expect(await lookUps(both).status('UANA', 'run-0001')).toMatchObject({
      executionId: 'run-0001',
      said: [{ crew: 'press', status: { kind: 'completed' } }],
      approvals: [{ id: approval.id }],
    });
    expect(state.asked).toEqual([['press', 'run-0001']]);
  });

  test('is shown to the person who started it from Slack, without its approvals, and to no other outsider', async () => {
    const approval = await stored(1);
    const thread = { kickoff: 'k', of: 'CPRESS', channel: 'CPRESS', ts: '1.0' };
    await run(approval.executionId, { approvals: [approval.id], requestedBy: 'UZOE', thread });
    state.statusOf = () => ({ kind: 'not_found', live: true });
    expect(await lookUps().status('UZOE', 'run-0001')).toEqual({
      executionId: 'run-0001',
      said: [{ crew: 'press', status: { kind: 'other', state: 'PAUSED' } }],
    });
    expect(await lookUps().status('UEVE', 'run-0001')).toEqual({ code: 'may_not_look' });
  });

  test('that is not known is asked from each crew that the person may look up', async () => {
    const both = [crewOf('press', ['UANA']), crewOf('budget', ['UANA']), crewOf('secret', ['UBEN'])];
    state.statusOf = (crew) => (crew === 'budget' ? { kind: 'running' } : { kind: 'not_found' });
    expect(await lookUps(both).status('UANA', 'run-x')).toMatchObject({
      said: [{ crew: 'budget', status: { kind: 'running' } }],
      approvals: [],
    });
    expect(state.asked.map(([crew]) => crew)).toEqual(['press', 'budget']);
    state.statusOf = () => ({ kind: 'not_found' });
    const nowhere = { said: [{ status: { kind: 'not_found' } }] };
    expect(await lookUps(both).status('UANA', 'run-x')).toMatchObject(nowhere);
  });
});
