import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { type Cell, figures, fill, measure, type Point, type Stores } from '../support/mortal/matrix.ts';
import { prepareReview } from '../support/mortal/review-story.ts';
import type { Person } from '../support/mortal/scenario.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';
import { DIALECTS } from '../support/world.ts';

// The story: a card, a revision asked for in the modal, the second card, an approval, the result. That of a review: a
// card, an option, the answer at the callback. The bot dies once in each cell, exactly before or after a commit of its
// store, a call of Slack or a decision's request to CrewAI, and is started again.
const whole = Boolean(process.env.CI);
const timeout = 10 * 60_000;
const converges = 'each webhook has its card, each decision arrives once, each card ends true';
type Dialect = Stores['dialect'];
const sqlite = (dialect: Dialect): Stores => ({ dialect, make: () => undefined });
const redis: Stores = { dialect: 'live', make: newRedisUrl };
const postgres: Stores = { dialect: 'live', make: newPostgresUrl, drop: dropDatabase };
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

async function expectConvergence(
  store: string,
  stores: Stores,
  atOnce: number,
  {
    ways = ['hasty'],
    choose = (all) => all,
  }: { ways?: Person[]; choose?: (points: Point[]) => Point[] } = {},
): Promise<Cell[]> {
  const points = choose(await measure(stores, ways));
  const { cells, failures } = await fill(stores, points, atOnce);
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

/** SQLite has every commit; two stores on servers share them between them: 0 or 1. */
const everySecondCommit = (first: 0 | 1) => (points: Point[]) =>
  points.filter(({ kind, number }) => kind !== 'commit' || number % 2 === first);

describe('killed at a point of a run and started again, on SQLite', () => {
  test.skipIf(whole)(`at some points: ${converges}`, { timeout }, async () => {
    const some = (points: Point[]) => {
      const after = points.filter(({ moment }) => moment === 'after');
      const commits = points.filter(({ kind }) => kind === 'commit');
      const middle = commits.length / 2;
      return [
        after.find(({ kind }) => kind === 'resume') as Point,
        ...commits.slice(middle, middle + 2),
        after.find(({ what }) => what === 'chat.postMessage') as Point,
      ];
    };
    const cells = await expectConvergence('sqlite', sqlite('live'), 4, { choose: some });
    expect(cells.every(({ reached }) => reached)).toBe(true);
  });

  test.runIf(whole).each(DIALECTS)(
    `at every point (documented: every second one), %s: ${converges}`,
    { timeout },
    async (dialect) => {
      // The way of a patient Slack on one store and dialect: on the others it would be the same commits again.
      const ways: Person[] = dialect === 'live' ? ['hasty', 'patient'] : ['hasty'];
      // People use the live platform: of the documented dialect every second point is enough.
      const half = (points: Point[]) => points.filter((_, index) => index % 2 === 0);
      const choose = dialect === 'live' ? {} : { choose: half };
      await expectConvergence('sqlite', sqlite(dialect), 6, { ways, ...choose }).then(
        expectNothingTwiceWithoutNeed,
      );
    },
  );
});

describeRedis('killed at a point of a run and started again, on Redis', () => {
  test.runIf(whole)(`at every call and every second commit: ${converges}`, { timeout }, async () => {
    const choose = everySecondCommit(1);
    expectNothingTwiceWithoutNeed(await expectConvergence('redis', redis, 12, { choose }));
  });
});

describePostgres('killed at a point of a run and started again, on Postgres', () => {
  test.runIf(whole)(`at every call and every second commit: ${converges}`, { timeout }, async () => {
    const choose = everySecondCommit(0);
    expectNothingTwiceWithoutNeed(await expectConvergence('postgres', postgres, 12, { choose }));
  });
});

const review = (stores: Stores): Stores => ({ ...stores, prepare: prepareReview });
const answeredOnce = 'each review has its card, and CrewAI one answer';
/** The start of a bot is the same for a crew. */
const fromItsWebhook = (points: Point[]) => points.slice(points.findIndex(({ kind }) => kind === 'commit'));
const everySecondCommitOfReview = (first: 0 | 1) => (points: Point[]) =>
  everySecondCommit(first)(fromItsWebhook(points));

describe('killed at a point of a review of a Flow and started again', () => {
  test.runIf(whole)(`at every point, on SQLite: ${answeredOnce}`, { timeout }, async () => {
    const ways: Person[] = ['hasty', 'patient'];
    await expectConvergence('sqlite', review(sqlite('documented')), 6, { ways, choose: fromItsWebhook }).then(
      expectNothingTwiceWithoutNeed,
    );
  });
});

describeRedis('killed at a point of a review of a Flow and started again, on Redis', () => {
  test.runIf(whole)(`at every call and every second commit: ${answeredOnce}`, { timeout }, async () => {
    const choose = everySecondCommitOfReview(1);
    expectNothingTwiceWithoutNeed(await expectConvergence('redis', review(redis), 12, { choose }));
  });
});

describePostgres('killed at a point of a review of a Flow and started again, on Postgres', () => {
  test.runIf(whole)(`at every call and every second commit: ${answeredOnce}`, { timeout }, async () => {
    const choose = everySecondCommitOfReview(0);
    expectNothingTwiceWithoutNeed(await expectConvergence('postgres', review(postgres), 12, { choose }));
  });
});
