import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { type Cell, figures, fill, measure, type Point, type Stores } from '../support/mortal/matrix.ts';
import { prepareReview } from '../support/mortal/review-story.ts';
import type { Person } from '../support/mortal/scenario.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';

// The story: a card, a revision asked for in the modal, the second card, an approval, the result. That of a review: a
// card, an option, the answer at the callback. The bot is killed once in each cell, exactly after a commit of its store,
// or before or after a call of Slack or a decision's request to CrewAI, and is started again. A commit that was not made
// leaves what the point before it has left, so a kill before a commit is no point of its own.
const whole = Boolean(process.env.CI);
const timeout = 10 * 60_000;
const AT_ONCE = 6;
const converges = 'each webhook has its card, each decision arrives once, each card ends true';
const answeredOnce = 'each review has its card, and CrewAI one answer';
const live: Stores = { dialect: 'live', make: () => undefined };
const documented: Stores = { ...live, dialect: 'documented' };
const redis: Stores = { dialect: 'live', make: newRedisUrl };
const postgres: Stores = { dialect: 'live', make: newPostgresUrl, drop: dropDatabase };
const review = (stores: Stores): Stores => ({ ...stores, dialect: 'documented', prepare: prepareReview });
const table: Record<string, unknown>[] = [];

afterAll(() => {
  const rows = [...table.slice(0, 1).map(Object.keys), ...table.map((row) => Object.values(row))];
  console.log(rows.map((row) => `| ${row.join(' | ')} |`).join('\n'));
});

/** At once: a hundred at the end of the file would take longer than a hook may. */
async function dropDatabase(url: string): Promise<void> {
  const server = new pg.Client(url.replace(/[^/]+$/, 'postgres'));
  await server.connect();
  await server.query(`DROP DATABASE ${url.split('/').at(-1)} WITH (FORCE)`);
  await server.end();
}

type Choose = (points: Point[]) => Point[];
const all: Choose = (points) => points;
const everySecond: Choose = (points) => points.filter((_, index) => index % 2 === 0);
/** SQLite has every commit; two stores on servers share them between them: 0 or 1. */
const everySecondCommit =
  (first: 0 | 1): Choose =>
  (points) =>
    points.filter(({ kind, number }) => kind !== 'commit' || number % 2 === first);
/** The start of a bot is the same for a crew. */
const fromItsWebhook =
  (choose: Choose): Choose =>
  (points) =>
    choose(points.slice(points.findIndex(({ kind }) => kind === 'commit')));
/** Every kind of point once: enough for whoever changes something. */
const some: Choose = (points) => {
  const after = points.filter(({ moment }) => moment === 'after');
  const commits = points.filter(({ kind }) => kind === 'commit');
  return [
    after.find(({ kind }) => kind === 'resume') as Point,
    ...commits.slice(commits.length / 2, commits.length / 2 + 2),
    after.find(({ what }) => what === 'chat.postMessage') as Point,
  ];
};

async function expectConvergence(
  store: string,
  stores: Stores,
  choose: Choose,
  ways: readonly Person[] = ['hasty'],
): Promise<Cell[]> {
  const points = choose(await measure(stores, ways));
  const { cells, failures } = await fill(stores, points, AT_ONCE);
  table.push(figures(`${store}, ${stores.prepare ? 'review' : stores.dialect}`, cells, failures));
  expect(failures.join('\n\n')).toBe('');
  expect(cells).toHaveLength(points.length);
  // The last commit of a story is in some runs one with that before it.
  expect(cells.filter(({ reached }) => !reached).length).toBeLessThan(Math.max(3, points.length / 10));
  return cells;
}

/** Only what may have been lost on the way was sent again. */
function expectNothingTwiceWithoutNeed(cells: readonly Cell[]): void {
  const called = cells.filter(({ point }) => point.moment === 'before' && /^chat/.test(point.what));
  expect(called.length).toBeGreaterThan(0);
  expect(called.filter(({ twins }) => twins > 0)).toEqual([]);
  const resumed = cells.filter(({ point }) => point.kind === 'resume' || point.kind === 'callback');
  // A webhook of the run can prove a decision before it is sent again.
  for (const { point, secondSends } of resumed)
    expect(secondSends, `${point.moment} ${point.what}`).toBeLessThanOrEqual(
      point.moment === 'after' ? 1 : 0,
    );
}

// A patient person's way is tried on one store and dialect: on the others it would be the same commits again.
const BOTH: readonly Person[] = ['hasty', 'patient'];
type Row = [where: string, sentence: string, stores: Stores, choose: Choose, ways?: readonly Person[]];
const MATRIX: Record<'SQLite' | 'Redis' | 'Postgres', Row[]> = {
  SQLite: [
    ['at every point, live', converges, live, all, BOTH],
    // People use the live platform: of the documented dialect every second point is enough.
    ['at every second point, documented', converges, documented, everySecond],
    ['at every point of a review', answeredOnce, review(live), fromItsWebhook(all), BOTH],
  ],
  Redis: [
    ['at every call and every second commit', converges, redis, everySecondCommit(1)],
    [
      'at every call and every second commit of a review',
      answeredOnce,
      review(redis),
      fromItsWebhook(everySecondCommit(1)),
    ],
  ],
  Postgres: [
    ['at every call and the other commits', converges, postgres, everySecondCommit(0)],
    [
      'at every call and the other commits of a review',
      answeredOnce,
      review(postgres),
      fromItsWebhook(everySecondCommit(0)),
    ],
  ],
};

for (const [store, describeStore] of [
  ['SQLite', describe],
  ['Redis', describeRedis],
  ['Postgres', describePostgres],
] as const) {
  describeStore(`killed and started again, on ${store}`, () => {
    test.runIf(whole).each(MATRIX[store])('%s: %s', { timeout }, async (_, __, stores, choose, ways) =>
      expectNothingTwiceWithoutNeed(await expectConvergence(store, stores, choose, ways)),
    );
  });
}

test.skipIf(whole)(
  `killed at some points and started again, on SQLite: ${converges}`,
  { timeout },
  async () => {
    const cells = await expectConvergence('SQLite', live, some);
    expect(cells.every(({ reached }) => reached)).toBe(true);
  },
);
