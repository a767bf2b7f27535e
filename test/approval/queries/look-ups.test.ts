import { beforeEach, describe, expect, test } from 'vitest';
import type { Approval } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { RECORD_VERSION } from '../../../src/approval/model/record-version.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import { newExecution } from '../../../src/approval/model/run/execution.ts';
import type { RunStatus } from '../../../src/approval/model/run/run-status.ts';
import type { ApprovalStore, Clock, CrewAI, PeopleDirectory } from '../../../src/approval/ports.ts';
import { type Listing, type ListQuery, ROWS_PER_PAGE } from '../../../src/approval/queries/look-up.ts';
import { createApprovalStore } from '../../../src/store/approval-store.ts';
import { bindLookUps, buildTestApp } from '../../support/app.ts';
import { createMemoryRecords } from '../../support/memory-records.ts';
import { anApproval, aRound } from '../builders.ts';
import { nobodyKnown, noStarts } from '../worker/worker-world.ts';

const T0 = 1_790_000_000_000;
const log = { info: () => {}, warn: () => {}, error: () => {} };

const crewOf = (name: string, approvers: string[], more: Partial<Crew> = {}): Crew => ({
  name,
  channel: `C${name.toUpperCase()}`,
  channels: [`C${name.toUpperCase()}`],
  approvers,
  // The approvals of a legal task are decided elsewhere.
  tasks: [{ match: 'legal*', approvers: [legal], channel: 'CLEGAL', policy: {} }],
  excludeRequester: false,
  allowGuests: false,
  policy: DEFAULT_POLICY,
  webhookUrls: {},
  ownUrls: {},
  approvalText: 'Approved.',
  revisionText: 'Revise this:',
  lookUps: 'members',
  approveTasks: [],
  resumeFormat: 'documented',
  ...more,
});

let store: ApprovalStore;
let now: number;
/** How long each reading of an approval takes. */
let readingTakes: number;
let turns: number;
let asked: [crew: string, executionId: string][];
let statusOf: (crew: string) => RunStatus;
let learnt: boolean;
/** Who decides the legal tasks. */
let legal: string;
/** How often Slack was asked about a person. */
let learnings: number;
/** How long each of these takes. */
let learningTakes: number;

beforeEach(() => {
  store = createApprovalStore(createMemoryRecords().records, log);
  now = T0;
  readingTakes = 0;
  turns = 0;
  asked = [];
  statusOf = () => ({ kind: 'not_found' });
  learnt = true;
  learnings = 0;
  legal = 'ULEGAL';
  learningTakes = 0;
});

function lookUps(crews = [crewOf('press', ['UANA']), crewOf('budget', ['UBEN'])]) {
  const clock: Clock = {
    now: () => now,
    after(_, callback) {
      turns += 1;
      setImmediate(callback);
      return () => {};
    },
  };
  const people: PeopleDirectory = {
    ...nobodyKnown,
    inChannel: () => (learnt ? false : undefined),
    learn: async () => {
      learnings += 1;
      now += learningTakes;
    },
  };
  const crewAI: Pick<CrewAI, 'status'> = {
    status: async (crew, executionId) => {
      asked.push([crew, executionId]);
      return statusOf(crew);
    },
  };
  const slow: ApprovalStore = {
    ...store,
    approval: (id) => {
      now += readingTakes;
      return store.approval(id);
    },
    execution: async (name, id) => {
      const known = await store.execution(name, id);
      const crew = crews.find((one) => one.name === name);
      return known ?? (crew && { record: newExecution(crew, id), raw: '' });
    },
  };
  const app = buildTestApp({
    store: slow,
    crews: new Map(crews.map((crew) => [crew.name, crew])),
    crewAI: { ...noStarts, ...crewAI },
    people,
    clock,
    log,
  });
  return bindLookUps(app);
}

const idOf = (n: number) => `A${String(n).padStart(9, '0')}`;

async function stored(n: number, more: Partial<Approval> = {}, decidedAt?: number, by = 'UANA') {
  const decision = { action: 'approve' as const, feedback: 'Fine', by, at: decidedAt ?? 0 };
  const round = aRound({
    receivedAt: T0 - 100_000 + n,
    ...(decidedAt === undefined ? {} : { status: 'approved', decision, settledAt: decidedAt }),
  });
  const approval = anApproval([round], {
    id: idOf(n),
    executionId: `run-${String(n).padStart(4, '0')}`,
    createdAt: T0 - 100_000 + n,
    ...more,
  });
  expect(await store.save({ approvals: [{ previous: undefined, next: approval }] })).toBe(true);
  return approval;
}

const shownBy = (answer: unknown) => (answer as Listing).approvals.map(({ id }) => id);

/** All pages of a list, as one who turns them sees them; `between`: what happens before each next one. */
async function pages(
  query: ListQuery,
  person = 'UANA',
  between: (page: number) => Promise<unknown> = async () => {},
) {
  const looks = lookUps();
  const all: string[][] = [];
  let after: string | undefined;
  do {
    const listing = (await looks.list(person, query, after)) as Listing;
    all.push(shownBy(listing));
    after = listing.next;
    await between(all.length);
  } while (after !== undefined && all.length < 20);
  return all;
}

describe('what waits', () => {
  test('comes in pages, the oldest first, with how many there are in all', async () => {
    for (let n = 1; n <= 23; n += 1) await stored(n);
    const all = await pages({ kind: 'waiting' });
    expect(all.map(({ length }) => length)).toEqual([ROWS_PER_PAGE, ROWS_PER_PAGE, 3]);
    expect(all.flat()).toEqual(Array.from({ length: 23 }, (_, n) => idOf(n + 1)));
    expect(await lookUps().list('UANA', { kind: 'waiting' })).toMatchObject({
      total: { count: 23, more: false },
    });
  });

  test('has no further page when the last one is full', async () => {
    for (let n = 1; n <= ROWS_PER_PAGE; n += 1) await stored(n);
    expect(await lookUps().list('UANA', { kind: 'waiting' })).not.toHaveProperty('next');
  });

  test('of which some was decided and some arrived between two pages: the rest is listed once', async () => {
    for (let n = 1; n <= 25; n += 1) await stored(n);
    const all = await pages({ kind: 'waiting' }, 'UANA', async (page) => {
      if (page !== 1) return;
      // The very last that was shown, and one that is still to come.
      for (const n of [10, 15]) {
        const read = await store.approval(idOf(n));
        await store.save({
          approvals: [
            {
              previous: read,
              next: {
                ...(read?.record as Approval),
                rounds: [aRound({ status: 'given_up', settledAt: now })],
              },
            },
          ],
        });
      }
      await stored(30);
    });
    const expected = [...Array(25).keys()].map((n) => n + 1).filter((n) => n !== 15);
    expect(all.flat()).toEqual([...expected, 30].map(idOf));
  });

  test('for me is what I may decide, and of one crew what is its own', async () => {
    await stored(1);
    await stored(2, { task: 'legal_note' });
    await stored(3, { crew: 'budget' });
    const looks = lookUps();
    expect(shownBy(await looks.list('UANA', { kind: 'waiting', mine: true }))).toEqual([idOf(1)]);
    expect(shownBy(await looks.list('UANA', { kind: 'waiting', crew: 'PRESS' }))).toEqual([idOf(1), idOf(2)]);
  });

  test('is counted up to a hundred beside the list, and to a thousand in figures', async () => {
    for (let n = 1; n <= 100; n += 1) await stored(n);
    const looks = lookUps();
    expect(await looks.list('UANA', { kind: 'waiting' })).toMatchObject({
      total: { count: 100, more: false },
    });
    await stored(101);
    expect(await looks.list('UANA', { kind: 'waiting' })).toMatchObject({
      total: { count: 100, more: true },
    });
    for (let n = 102; n <= 1_005; n += 1) await stored(n);
    expect(await looks.stats('UANA', 7)).toMatchObject({ waiting: { count: 1_000, more: true } });
  });

  test('is not waited for when Slack does not say who may decide: what was looked at is shown', async () => {
    for (let n = 1; n <= 12; n += 1) await stored(n, { task: n === 1 ? 'draft' : 'legal_note' });
    learningTakes = 1_000;
    // A group that Slack does not say the members of.
    legal = 'SLEGAL';
    const listing = (await lookUps().list('UANA', { kind: 'waiting', mine: true })) as Listing;
    expect(shownBy(listing)).toEqual([idOf(1)]);
    expect(listing.stopped).toBe(true);
    expect(listing.next).toBeDefined();
    expect(now - T0).toBeLessThan(4_000);
  });
});

describe('history', () => {
  test('is what was decided, the newest first, until then and no further', async () => {
    for (let n = 1; n <= 30; n += 1) await stored(n, {}, T0 + n);
    await stored(31);
    expect((await pages({ kind: 'history' })).flat()).toEqual(
      Array.from({ length: 30 }, (_, n) => idOf(30 - n)),
    );
    expect((await pages({ kind: 'history', since: T0 + 19 })).flat()).toHaveLength(12);
    expect(await pages({ kind: 'history', since: T0 + 100 })).toEqual([[]]);
  });

  test('of a person is by the time of their own decision, also where someone else decided later', async () => {
    await stored(1, {}, T0 + 1);
    const of = (by: string, at: number) => ({ action: 'approve' as const, feedback: '', by, at });
    await stored(2, {
      rounds: [
        { ...aRound({ status: 'revision_requested', decision: of('UANA', T0 + 2) }), number: 1 },
        { ...aRound({ status: 'approved', decision: of('UBEN', T0 + 50) }), number: 2 },
      ],
    });
    await stored(3, {}, T0 + 3, 'UBEN');
    expect((await pages({ kind: 'history', person: 'UANA' })).flat()).toEqual([idOf(2), idOf(1)]);
    expect((await pages({ kind: 'history', person: 'UANA', since: T0 + 2 })).flat()).toEqual([idOf(2)]);
    expect((await pages({ kind: 'history' })).flat()).toEqual([idOf(2), idOf(3), idOf(1)]);
  });

  test('of a page on which more was decided meanwhile goes on where it was', async () => {
    for (let n = 1; n <= 15; n += 1) await stored(n, {}, T0 + n);
    const all = await pages({ kind: 'history' }, 'UANA', async (page) => {
      if (page === 1) for (let n = 40; n < 45; n += 1) await stored(n, {}, T0 + n);
    });
    expect(all.flat()).toEqual(Array.from({ length: 15 }, (_, n) => idOf(15 - n)));
  });
});

describe('the outputs of a list', () => {
  const output = (n: number, round = 1) => ({ kind: 'text' as const, text: `Output ${n}.${round}` });

  /** It waits for a decision on its output; in its second round, if the first one was decided. */
  async function waits(n: number, more: Partial<Approval> = {}) {
    const approval = await stored(n, more);
    const round = approval.rounds.at(-1) as Round;
    const hash = `hash-${n}-${round.number}`;
    const rounds = [...approval.rounds.slice(0, -1), { ...round, hashes: [hash] }];
    const read = await store.approval(approval.id);
    const extra = { outputs: [{ hash, output: output(n, round.number) }] };
    expect(
      await store.save({ approvals: [{ previous: read, next: { ...approval, rounds }, ...extra }] }),
    ).toBe(true);
  }
  const outputsOf = async (query: ListQuery) => {
    const { outputs } = (await lookUps().list('UANA', query)) as Listing;
    return [...outputs];
  };
  const revised = { action: 'request_revision' as const, feedback: 'Shorter', by: 'UANA', at: T0 };
  const twoRounds = [
    { ...aRound({ status: 'revision_requested', decision: revised }), number: 1 },
    { ...aRound({ receivedAt: T0 }), number: 2 },
  ];

  test.each<ListQuery>([
    { kind: 'waiting' },
    { kind: 'waiting', mine: true },
    { kind: 'find', words: 'run-' },
  ])('by %j are those of the rounds that wait, where the asker may decide them', async (query) => {
    await waits(1);
    await waits(2, { task: 'legal_note' });
    await waits(3, { rounds: twoRounds });
    await stored(4, { rounds: [aRound({ status: 'sending', decision: revised })] });
    await stored(5, {}, T0);
    expect(await outputsOf(query)).toEqual([
      [idOf(1), output(1)],
      [idOf(3), output(3, 2)],
    ]);
  });

  test.each<ListQuery>([{ kind: 'history' }, { kind: 'history', person: 'UANA' }])(
    'by %j are none, also where a later round waits',
    async (query) => {
      await waits(1, { rounds: twoRounds });
      const listing = (await lookUps().list('UANA', query)) as Listing;
      expect(shownBy(listing)).toEqual([idOf(1)]);
      expect(listing.outputs.size).toBe(0);
    },
  );

  test('are asked about once a page, and not at all when the list took so long that its answer would be late', async () => {
    for (let n = 1; n <= 12; n += 1) await waits(n);
    await lookUps().list('UANA', { kind: 'waiting' });
    expect(learnings).toBe(1);
    readingTakes = 100;
    const slow = (await lookUps().list('UANA', { kind: 'waiting' })) as Listing;
    expect(learnings).toBe(1);
    expect(slow.outputs.size, 'what is known already counts').toBe(ROWS_PER_PAGE);
  });
});

describe('find', () => {
  test.each([
    ['the task', 'DRAFT_press'],
    ['the crew', 'press'],
    ['the agent', 'copywriter'],
    ['the execution', 'run-0001'],
    ["the approver's id", 'UANA'],
    ['the feedback', 'much shorter'],
    ['the id', idOf(1).toLowerCase()],
    ['several of them', 'shorter copywriter draft'],
  ])('finds by %s', async (_, words) => {
    const decision = { action: 'approve' as const, feedback: 'Much, much shorter', by: 'UANA', at: T0 };
    const rounds = [{ ...aRound({ agent: 'Copywriter', decision, status: 'approved' }), number: 1 }];
    await stored(1, { task: 'draft_press_release', rounds });
    expect((await pages({ kind: 'find', words })).flat()).toEqual([idOf(1)]);
    expect((await pages({ kind: 'find', words: `${words} nowhere` })).flat()).toEqual([]);
  });

  test('finds by the beginning of any output, but only for people who can read it', async () => {
    const rounds = [
      { ...aRound({ excerpt: 'Zebra crossings\nin town' }), number: 1 },
      { ...aRound({ excerpt: 'Traffic lights' }), number: 2 },
    ];
    await stored(1, { rounds });
    await stored(2, { task: 'legal_check', rounds });
    for (const words of ['zebra', 'TRAFFIC town', 'draft lights'])
      expect((await pages({ kind: 'find', words })).flat()).toEqual([idOf(1)]);
    expect((await pages({ kind: 'find', words: 'legal' })).flat()).toEqual([idOf(2)]);
    expect((await pages({ kind: 'find', words: 'legal zebra' })).flat()).toEqual([]);
  });

  test('finds by who decided or voted', async () => {
    const decision = { action: 'approve' as const, feedback: '', by: 'UANA', at: T0 };
    const votes = [{ ...decision, by: 'UBEN' }, decision];
    await stored(1, { rounds: [{ ...aRound({ decision, votes, status: 'approved' }), number: 1 }] });
    await stored(2);
    for (const person of ['UANA', 'UBEN'])
      expect(await pages({ kind: 'find', words: 'draft', person })).toEqual([[idOf(1)]]);
    expect(await pages({ kind: 'find', words: 'draft', person: 'UCAT' })).toEqual([[]]);
    expect(await pages({ kind: 'find', words: 'nowhere', person: 'UANA' })).toEqual([[]]);
  });

  test('tells what waits first, then the newest, each once over all pages', async () => {
    for (let n = 1; n <= 14; n += 1) await stored(n, {}, n % 2 === 0 ? T0 + n : undefined);
    const odd = [1, 3, 5, 7, 9, 11, 13].map(idOf);
    const even = [14, 12, 10, 8, 6, 4, 2].map(idOf);
    const all = await pages({ kind: 'find', words: 'draft' });
    expect(all).toEqual([[...odd, ...even.slice(0, 3)], even.slice(3)]);
  });

  test('stops after a second and a half, says so, and the next page goes on there', async () => {
    for (let n = 1; n <= 120; n += 1) await stored(n, { task: n % 60 === 0 ? 'needle' : 'draft' }, T0 + n);
    readingTakes = 40;
    const looks = lookUps();
    const found: string[] = [];
    let stops = 0;
    let after: string | undefined;
    do {
      const begun = now;
      const listing = (await looks.list('UANA', { kind: 'find', words: 'needle' }, after)) as Listing;
      expect(now - begun).toBeLessThan(1_500 + 25 * 40 + 1);
      found.push(...shownBy(listing));
      if (listing.stopped) stops += 1;
      after = listing.next;
    } while (after !== undefined);
    expect(found).toEqual([idOf(120), idOf(60)]);
    expect(stops).toBeGreaterThan(1);
  });

  test('gives way to everything else between its chunks', async () => {
    for (let n = 1; n <= 110; n += 1) await stored(n, {}, T0 + n);
    await lookUps().list('UANA', { kind: 'find', words: 'nowhere' });
    expect(turns).toBeGreaterThanOrEqual(4);
  });
});

test.each([
  '',
  '9',
  'x',
  '0/',
  '1/000001790000000/A00000000',
  "0/1'; DROP TABLE records",
  '\u0000',
  '7/../..',
])('a page that begins at %j, which nobody wrote, shows no more than a list may', async (after) => {
  await stored(1);
  await stored(2, { crew: 'budget' });
  const listing = await lookUps().list('UANA', { kind: 'waiting' }, after);
  expect(['', idOf(1)]).toContain(shownBy(listing).join());
});

describe('who may look', () => {
  const every: ListQuery[] = [
    { kind: 'waiting' },
    { kind: 'waiting', mine: true },
    { kind: 'history' },
    { kind: 'history', person: 'UBEN' },
    { kind: 'find', words: 'draft' },
  ];

  test('sees nothing of another crew in any list, count or figure', async () => {
    await stored(1);
    await stored(2, { crew: 'budget' });
    await stored(3, { crew: 'budget' }, T0 - 1, 'UBEN');
    const looks = lookUps();
    for (const query of every) {
      const listing = (await looks.list('UANA', query)) as Listing;
      expect(
        listing.approvals.filter(({ crew }) => crew !== 'press'),
        JSON.stringify(query),
      ).toEqual([]);
    }
    expect(await looks.list('UANA', { kind: 'waiting' })).toMatchObject({ total: { count: 1 } });
    expect(await looks.stats('UANA', 7)).toMatchObject({
      waiting: { count: 1 },
      stats: { all: { decisions: 0 }, byCrew: [], byPerson: [] },
    });
    expect(await looks.named('UANA', idOf(2))).toEqual([]);
    expect(await looks.named('UANA', 'run-0002')).toEqual([]);
    expect(await looks.list('UANA', { kind: 'history', crew: 'budget' })).toEqual({
      code: 'unknown_crew',
      crew: 'budget',
      crews: ['press'],
    });
  });

  test('of no crew may look up nothing, and hears so, or that it cannot be checked', async () => {
    const looks = lookUps();
    for (const [known, code] of [
      [true, 'may_not_look'],
      [false, 'cannot_check'],
    ] as const) {
      learnt = known;
      for (const query of every) expect(await looks.list('UZOE', query)).toEqual({ code });
      expect(await looks.named('UZOE', idOf(1))).toEqual({ code });
      expect(await looks.status('UZOE', 'run-1')).toEqual({ code });
      expect(await looks.stats('UZOE', 7)).toEqual({ code });
      expect(asked).toEqual([]);
    }
  });

  test('of approvals of a crew that is not in the settings any more nobody is shown anything', async () => {
    await stored(1, { crew: 'gone' });
    expect(await lookUps([crewOf('press', ['UANA'])]).named('UANA', idOf(1))).toEqual([]);
  });
});

describe('by an id', () => {
  const run = (executionId: string, crew = 'press', approvals: string[] = []) =>
    store.save({
      execution: {
        previous: undefined,
        next: {
          v: RECORD_VERSION,
          crew,
          executionId,
          metaUrls: {},
          registeredUrls: {},
          warnings: [],
          approvals,
          humanInput: false,
          hasResult: false,
        },
      },
    });

  test('an approval is found by six characters of it in any case, not by five', async () => {
    await stored(1, { id: '7XK2M9QD4T' });
    for (const text of ['7XK2M9QD4T', '7xk2m9', '7XK2M9QD']) {
      expect(await lookUps().named('UANA', text)).toMatchObject([{ id: '7XK2M9QD4T' }]);
    }
    for (const text of ['7XK2M', '7XK2M9QD4TT', '7XK2M8'])
      expect(await lookUps().named('UANA', text)).toEqual([]);
  });

  test('an execution gives all its approvals in order', async () => {
    await stored(2);
    await stored(1);
    await run('97eba64f-aaaa', 'press', [idOf(2), idOf(1)]);
    for (const text of ['97eba64f-aaaa', '97eba6'])
      expect(await lookUps().named('UANA', text)).toMatchObject([{ id: idOf(2) }, { id: idOf(1) }]);
  });

  test('more than one execution that begins so is said, a whole id wins', async () => {
    await stored(1);
    await run('run-001', 'press', [idOf(1)]);
    await run('run-001-b');
    expect(await lookUps().named('UANA', 'run-00')).toEqual({ code: 'ambiguous', text: 'run-00' });
    expect(await lookUps().status('UANA', 'run-00')).toEqual({ code: 'ambiguous', text: 'run-00' });
    expect(await lookUps().named('UANA', 'run-001')).toMatchObject([{ id: idOf(1) }]);
  });

  test('what other crews have that begins so hides nothing and makes nothing ambiguous', async () => {
    await stored(9, { id: 'RUNZZ00001', crew: 'budget' });
    for (let n = 0; n < 5; n += 1) await run(`runzz-${n}`, 'budget');
    await stored(1);
    await run('runzz-mine', 'press', [idOf(1)]);
    expect(await lookUps().named('UANA', 'runzz-')).toMatchObject([{ id: idOf(1) }]);
    expect(await lookUps().named('UANA', 'runzz')).toEqual([]);
  });
});

describe('the status of a run', () => {
  test('that is known is asked of its own crew, and comes with its approvals', async () => {
    const both = [crewOf('press', ['UANA']), crewOf('budget', ['UANA'])];
    const approval = await stored(1);
    await store.save({
      execution: {
        previous: undefined,
        next: {
          v: RECORD_VERSION,
          crew: 'press',
          executionId: approval.executionId,
          metaUrls: {},
          registeredUrls: {},
          warnings: [],
          approvals: [approval.id],
          humanInput: false,
          hasResult: false,
        },
      },
    });
    statusOf = () => ({ kind: 'completed' });
    expect(await lookUps(both).status('UANA', 'run-0001')).toMatchObject({
      executionId: 'run-0001',
      said: [{ crew: 'press', status: { kind: 'completed' } }],
      approvals: [{ id: approval.id }],
    });
    expect(asked).toEqual([['press', 'run-0001']]);
  });

  test('is told to the person who started it from Slack, without its approvals, and to nobody else', async () => {
    const approval = await stored(1);
    const thread = { kickoff: 'k', of: 'CPRESS', channel: 'CPRESS', ts: '1.0' };
    const run = newExecution({ name: 'press' }, approval.executionId);
    await store.save({
      execution: {
        previous: undefined,
        next: { ...run, approvals: [approval.id], requestedBy: 'UZOE', thread },
      },
    });
    statusOf = () => ({ kind: 'not_found', live: true });
    expect(await lookUps().status('UZOE', 'run-0001')).toEqual({
      executionId: 'run-0001',
      said: [{ crew: 'press', status: { kind: 'other', state: 'PAUSED' } }],
    });
    expect(await lookUps().status('UEVE', 'run-0001')).toEqual({ code: 'may_not_look' });
  });

  test('that is not known is asked of each crew that may be seen, and those that know it answer', async () => {
    const both = [crewOf('press', ['UANA']), crewOf('budget', ['UANA']), crewOf('secret', ['UBEN'])];
    statusOf = (crew) => (crew === 'budget' ? { kind: 'running' } : { kind: 'not_found' });
    expect(await lookUps(both).status('UANA', 'run-x')).toMatchObject({
      said: [{ crew: 'budget', status: { kind: 'running' } }],
      approvals: [],
    });
    expect(asked.map(([crew]) => crew)).toEqual(['press', 'budget']);
    statusOf = () => ({ kind: 'not_found' });
    expect(await lookUps(both).status('UANA', 'run-x')).toMatchObject({
      said: [{ status: { kind: 'not_found' } }],
    });
  });
});

test('figures stop after eight seconds and say that there is more', async () => {
  for (let n = 1; n <= 60; n += 1) await stored(n, {}, T0 - n);
  readingTakes = 200;
  expect(await lookUps().stats('UANA', 7)).toMatchObject({
    stopped: true,
    stats: { all: { decisions: 50 } },
  });
});
