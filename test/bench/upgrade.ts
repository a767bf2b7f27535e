import { openStore } from '../../src/store/open-store.ts';
import type { RawRecord } from '../../src/store/record-store.ts';
import { SWEPT_KEY } from '../../src/store/sweep.ts';
import { FormerApprovals, writeAll } from '../support/former-store.ts';
import { CHANNELS, clickOnce, MAX_P99, type Times } from './clicks.ts';
import { connect } from './support/actions.ts';
import type { Measurement } from './support/measurement.ts';
import { SILENT } from './support/nothing-stored.ts';
import type { Running } from './support/process.ts';
import { figure, type Row, row } from './support/report.ts';
import { percentile } from './support/statistics.ts';
import { inStore, postgresVersion, redisVersion, type StoreName } from './support/stores.ts';
import { withBot } from './support/world.ts';

const SECOND = 1_000;
/** Percentage of waiting approvals. */
const WAITING_IN_100 = 20;
/** Limit of the sweep of all records, in seconds. */
const MAX_SWEEP_SECONDS = 120;

/** Measures clicks while a store of an earlier format is rewritten, and the time that takes. */
export const upgrade: Measurement = async ({ built, quick, input, progress }) => {
  const many = quick ? 10_000 : 100_000;
  const stores: StoreName[] = ['SQLite'];
  if ((await postgresVersion()) !== undefined) stores.push('Postgres');
  if ((await redisVersion()) !== undefined) stores.push('Redis');
  const rows: Row[] = [];
  const isSelected = (store: string) =>
    input.some((part) => store.toLowerCase().includes(part.toLowerCase()));
  for (const store of stores.filter((one) => input.length === 0 || isSelected(one))) {
    progress(`${store}: ${many} approvals`);
    const { seconds, times, idle } = await inStore(store, (url) =>
      withBot(
        built,
        { channels: CHANNELS, env: { STORE_URL: url }, prepare: () => fillFormer(url, many) },
        async (world, bot) => {
          connect(world, bot);
          const began = performance.now();
          const during: Times[] = [];
          for (let index = 0; await isMigrating(bot); index += 1)
            during.push(await clickOnce(world, bot, index));
          const taken = (performance.now() - began) / SECOND;
          const after: Times[] = [];
          for (let index = 0; index < Math.min(during.length, 200); index += 1)
            after.push(await clickOnce(world, bot, index));
          return { seconds: taken, times: during, idle: after };
        },
      ),
    );
    const ack = (of: readonly Times[], share: number) =>
      percentile(
        of.map(({ ack: taken }) => taken),
        share,
      );
    rows.push(
      row(`${store}, ${figure(many)} approvals written anew`, [seconds], 's', {
        below: quick ? undefined : MAX_SWEEP_SECONDS,
        reference: `${times.length} clicks meanwhile`,
      }),
      row(`${store}, click to ack meanwhile, p50`, [ack(times, 0.5)], 'ms', {
        reference: `afterwards ${figure(ack(idle, 0.5))} ms`,
      }),
      row(`${store}, click to ack meanwhile, p99`, [ack(times, 0.99)], 'ms', {
        below: MAX_P99,
        reference: `afterwards ${figure(ack(idle, 0.99))} ms`,
      }),
    );
  }
  return rows;
};

async function isMigrating(bot: Running): Promise<boolean> {
  const metrics = await (await fetch(`${bot.url}/metrics`)).text();
  return /^crew_approvals_migrating 1$/m.test(metrics);
}

/**
 * Fills a store with records of the former format, as its build wrote them. The store's format is already raised, so
 * the bot sweeps the store from its start.
 */
async function fillFormer(url: string, count: number): Promise<void> {
  const { records, close } = await openStore(url, SILENT);
  try {
    await writeAll(records, copyFormer(count));
    await records.commit({ compare: [], puts: [], deletes: [SWEPT_KEY] });
  } finally {
    await close();
  }
}

function* copyFormer(count: number): Generator<RawRecord[]> {
  const former = new FormerApprovals();
  for (let n = 0; n < count; n += 1) {
    const ids = { id: String(n).padStart(16, '0'), executionId: `run-${n}` };
    yield n % 100 < WAITING_IN_100 ? former.waiting(n, ids) : former.settled(n, ids);
  }
}
