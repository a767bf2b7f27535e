import { RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { FORMATTED } from '../../src/store/formats/step.ts';
import { openStore } from '../../src/store/open-store.ts';
import { eachRecord, type RawRecord, type RecordStore } from '../../src/store/record-store.ts';
import { SWEPT_KEY } from '../../src/store/sweep.ts';
import { CHANNELS, clickOnce, MOST_P99, type Times } from './clicks.ts';
import { connect } from './support/actions.ts';
import type { Measurement } from './support/measurement.ts';
import { SILENT } from './support/nothing-stored.ts';
import type { Running } from './support/process.ts';
import { figure, type Row, row } from './support/report.ts';
import { fill } from './support/seed.ts';
import { percentile } from './support/statistics.ts';
import { inStore, postgresVersion, redisVersion, type StoreName } from './support/stores.ts';
import { withBot } from './support/world.ts';

const SECOND = 1_000;
const AT_ONCE = 500;
/** The sweep of all records, in seconds. */
const MOST_SWEEP = 120;

/** Clicks while a store of an earlier format is written anew, and how long that takes. */
export const upgrade: Measurement = async ({ built, quick, input, progress }) => {
  const many = quick ? 10_000 : 100_000;
  const stores: StoreName[] = ['SQLite'];
  if ((await postgresVersion()) !== undefined) stores.push('Postgres');
  if ((await redisVersion()) !== undefined) stores.push('Redis');
  const rows: Row[] = [];
  const named = (store: string) => input.some((part) => store.toLowerCase().includes(part.toLowerCase()));
  for (const store of stores.filter((one) => input.length === 0 || named(one))) {
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
        below: quick ? undefined : MOST_SWEEP,
        reference: `${times.length} clicks meanwhile`,
      }),
      row(`${store}, click to ack meanwhile, p50`, [ack(times, 0.5)], 'ms', {
        reference: `afterwards ${figure(ack(idle, 0.5))} ms`,
      }),
      row(`${store}, click to ack meanwhile, p99`, [ack(times, 0.99)], 'ms', {
        below: MOST_P99,
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

/** A store whose records are of the format before this build's, the format itself raised: a bot sweeps it from its start. */
async function fillFormer(url: string, count: number): Promise<void> {
  const { records, close } = await openStore(url, SILENT);
  try {
    await fill(records, count, { allWait: true });
    for (const kind of FORMATTED) await makeFormer(records, kind);
    await records.commit({ compare: [], puts: [], deletes: [SWEPT_KEY] });
  } finally {
    await close();
  }
}

async function makeFormer(records: RecordStore, kind: string): Promise<void> {
  const [now, former] = [RECORD_VERSION, RECORD_VERSION - 1].map((v) => `{"value":{"v":${v},`) as [
    string,
    string,
  ];
  let puts: RawRecord[] = [];
  const write = async () => {
    await records.commit({ compare: [], puts, deletes: [] });
    puts = [];
  };
  for await (const { key, raw } of eachRecord(records, kind)) {
    if (!raw.startsWith(now)) throw new Error(`${key} does not begin with its format`);
    puts.push({ key, raw: former + raw.slice(now.length) });
    if (puts.length === AT_ONCE) await write();
  }
  await write();
}
