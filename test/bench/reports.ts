import { CHANNELS, clickOnce, type Times } from './clicks.ts';
import { connect } from './support/actions.ts';
import { type Measurement, rounds } from './support/measurement.ts';
import type { Taken } from './support/process.ts';
import { figure, type Row, row } from './support/report.ts';
import { fillStore } from './support/seed.ts';
import { median, percentile } from './support/statistics.ts';
import { inStore, postgresVersion, redisVersion, type StoreName } from './support/stores.ts';
import { withBot, writeReportOf } from './support/world.ts';

const FEW = 100;
const MANY = 10_000;
/** Limit in seconds. */
const MAX_SECONDS = 20;
/** Limit in MB. */
const MAX_MB = 200;

/**
 * Measures the time and memory of `npm run report` for many approvals, beside an idle bot and beside a bot whose people
 * click, and those clicks.
 */
export const reports: Measurement = async ({ built, quick, input, progress }) => {
  const many = quick ? 2_000 : MANY;
  const stores: StoreName[] = ['SQLite'];
  if ((await redisVersion()) !== undefined) stores.push('Redis');
  if ((await postgresVersion()) !== undefined) stores.push('Postgres');
  const rows: Row[] = [];
  const isSelected = (store: string) =>
    input.some((part) => store.toLowerCase().includes(part.toLowerCase()));
  for (const store of stores.filter((one) => input.length === 0 || isSelected(one))) {
    const measure = (count: number) =>
      inStore(store, (url) =>
        withBot(
          built,
          { channels: CHANNELS, env: { STORE_URL: url }, prepare: () => fillStore(url, count) },
          async (world, bot) => {
            progress(`${store}: ${count} approvals`);
            const alone = await rounds(quick ? 1 : 3, () => writeReportOf(built, world, url));
            if (count === FEW) return { alone };
            progress(`${store}: ${count} approvals, beside clicks`);
            connect(world, bot);
            let isWritten = false;
            const underway = writeReportOf(built, world, url).finally(() => {
              isWritten = true;
            });
            const clicks: Times[] = [];
            for (let index = 0; !isWritten; index += 1) clicks.push(await clickOnce(world, bot, index));
            return { alone, loaded: await underway, clicks };
          },
        ),
      );
    const few = (await measure(FEW)).alone;
    const { alone, loaded, clicks = [] } = await measure(many);
    if (!loaded) continue;
    const middle = (runs: readonly Taken[], which: keyof Taken) =>
      figure(median(runs.map((run) => run[which])));
    const acks = clicks.map(({ ack }) => ack);
    const what = `report of ${figure(many)} approvals, ${store}`;
    const times = alone.map(({ time }) => time);
    const peaks = alone.map(({ peak }) => peak);
    rows.push(
      row(what, times, 's', {
        atMost: MAX_SECONDS,
        reference: `${middle(alone, 'cpu')} s of a processor; ${FEW} approvals ${middle(few, 'time')} s`,
      }),
      row(`${what}, most memory`, peaks, 'MB', {
        atMost: MAX_MB,
        reference: `${FEW} approvals ${middle(few, 'peak')} MB`,
      }),
      row(`${what}, beside clicks`, [loaded.time], 's', {
        atMost: MAX_SECONDS,
        reference: `${figure(loaded.cpu)} s of a processor; ${clicks.length} clicks, ack p50 ${figure(percentile(acks, 0.5))} ms, p99 ${figure(percentile(acks, 0.99))} ms`,
      }),
      row(`${what}, beside clicks, most memory`, [loaded.peak], 'MB', { atMost: MAX_MB }),
    );
  }
  return rows;
};
