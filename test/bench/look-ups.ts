import { openStore } from '../../src/store/open-store.ts';
import { lookUps } from './look-up-calls.ts';
import type { Measurement } from './support/measurement.ts';
import { inPostgres, postgresVersion } from './support/postgres.ts';
import { inRedis, redisVersion } from './support/redis.ts';
import { figure, type Row } from './support/report.ts';
import { fill, SILENT } from './support/seed.ts';
import { median, type Spread, spread } from './support/statistics.ts';
import { databaseIn, inFolder } from './support/world.ts';

const FEW = 100;
const MANY = 100_000;
const MANY_QUICK = 10_000;
/**
 * "The same" of two medians: a tree of 100,000 keys is a level or two deeper than one of 100, and what is near a tenth
 * of a millisecond is the machine's noise.
 */
const SAME = 1.5;
const NOISE_MS = 0.1;

type Store = 'SQLite' | 'Redis' | 'Postgres';
type Times = Record<string, Spread>;

/** Listing what waits, one approval, a page of history: with few and with many stored, on each store. */
export const lookUpTimes: Measurement = async ({ quick, progress }) => {
  const stores: Store[] = ['SQLite'];
  if (await redisVersion()) stores.push('Redis');
  if (await postgresVersion()) stores.push('Postgres');
  const many = quick ? MANY_QUICK : MANY;
  const rows: Row[] = [];
  for (const store of stores) {
    progress(store);
    const calls = quick ? 50 : 150;
    const [few, withMany] = await inStore(store, (one) =>
      inStore(store, (other) => measure(one, FEW, other, many, quick ? 3 : 7, calls)),
    );
    for (const [name, measured] of Object.entries(withMany)) {
      rows.push(row(`${name}, ${store}, ${figure(many)} stored`, measured, few[name] as Spread));
    }
  }
  return rows;
};

function inStore<T>(store: Store, work: (url: string) => Promise<T>): Promise<T> {
  if (store === 'Redis') return inRedis(work);
  if (store === 'Postgres') return inPostgres(work);
  return inFolder((folder) => work(`sqlite://${databaseIn(folder)}`));
}

/** By turns with few and with many stored, so that what else the machine does meets both. */
async function measure(
  fewUrl: string,
  few: number,
  manyUrl: string,
  many: number,
  runs: number,
  count: number,
): Promise<[few: Times, many: Times]> {
  const stores = [await openStore(fewUrl, SILENT), await openStore(manyUrl, SILENT)] as const;
  try {
    const known = [await fill(stores[0].records, few), await fill(stores[1].records, many)] as const;
    const calls = [lookUps(stores[0], must(known[0][0])), lookUps(stores[1], must(known[1][0]))] as const;
    const times: [Times, Times] = [{}, {}];
    for (const name of Object.keys(calls[0]) as (keyof (typeof calls)[0])[]) {
      const found = [await calls[0][name](), await calls[1][name]()];
      if (found[0] === 0 || found[0] !== found[1]) throw new Error(`"${name}" finds ${found.join(' and ')}`);
      const taken: [number[], number[]] = [[], []];
      // The first run warms up.
      for (let run = 0; run <= runs; run += 1) {
        for (const which of [0, 1] as const) {
          const milliseconds = await medianOf(calls[which][name], count);
          if (run > 0) taken[which].push(milliseconds);
        }
      }
      times[0][name] = spread(taken[0]);
      times[1][name] = spread(taken[1]);
    }
    return times;
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('nothing was stored');
  return value;
}

/** The middle one of so many calls, in milliseconds. */
async function medianOf(call: () => Promise<number>, count: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const begun = performance.now();
    await call();
    times.push(performance.now() - begun);
  }
  return median(times);
}

function row(what: string, measured: Spread, withFew: Spread): Row {
  const most = withFew.median * SAME + NOISE_MS;
  const words = `as with ${FEW}: ${figure(withFew.median)} ms`;
  const ratio = `${figure(measured.median / withFew.median)} of it`;
  return { what, measured, unit: 'ms', budget: { words, met: measured.median <= most }, reference: ratio };
}
