import type { Approval } from '../../src/approval/model/approval.ts';
import { findNamedApprovals } from '../../src/approval/queries/find-runs.ts';
import { listApprovals } from '../../src/approval/queries/list-approvals.ts';
import type { ListQuery } from '../../src/approval/queries/look-up.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { type OpenStore, openStore } from '../../src/store/open-store.ts';
import { nobodyKnown } from '../approval/worker/worker-world.ts';
import { crew } from '../crewai/records.ts';
import { buildTestApp } from '../support/app.ts';
import { type Context, type Measurement, rounds } from './support/measurement.ts';
import { SILENT } from './support/nothing-stored.ts';
import { figure, row } from './support/report.ts';
import { fill } from './support/seed.ts';
import { median } from './support/statistics.ts';
import { inStore, postgresVersion, redisVersion, type StoreName } from './support/stores.ts';
import { APPROVER, CREW } from './support/world.ts';

const FEW = 100;
/**
 * Two medians up to this ratio count as the same: a tree of 100,000 keys is a level or two deeper than one of 100, and
 * differences near a tenth of a millisecond are the machine's noise.
 */
const SAME = 1.5;
const NOISE_MS = 0.1;

/**
 * Measures the list of waiting approvals, one approval and a page of history, with few and with many stored, on each
 * store.
 */
export const lookUpTimes: Measurement = async (context) => {
  const stores: StoreName[] = ['SQLite'];
  if (await redisVersion()) stores.push('Redis');
  if (await postgresVersion()) stores.push('Postgres');
  const many = context.quick ? 10_000 : 100_000;
  const rows = await rounds(stores.length, async (index) => {
    const store = stores[index] as StoreName;
    context.progress(store);
    const times = await inStore(store, (few) =>
      inStore(store, (other) => measure(context, [few, FEW], [other, many])),
    );
    return times.map(({ name, times: [few, withMany] }) => {
      const [usual, measured] = [median(few), median(withMany)];
      const words = `as with ${FEW}: ${figure(usual)} ms`;
      return row(`${name}, ${store}, ${figure(many)} stored`, withMany, 'ms', {
        budget: { words, met: measured <= usual * SAME + NOISE_MS },
        reference: `${figure(measured / usual)} of it`,
      });
    });
  });
  return rows.flat();
};

type Sized = [url: string, count: number];
interface Times {
  name: string;
  times: [few: number[], many: number[]];
}

/** Alternates between few and many stored, so that other work of the machine affects both. */
async function measure({ quick }: Context, ...sized: [few: Sized, many: Sized]): Promise<Times[]> {
  const [runs, calls] = quick ? [3, 50] : [7, 150];
  const stores = await rounds(2, (which) => openStore((sized[which] as Sized)[0], SILENT));
  try {
    const lookUps = await rounds(2, async (which) => {
      const store = stores[which] as OpenStore;
      const [known] = await fill(store.records, (sized[which] as Sized)[1]);
      return buildLookUps(store, known as Approval);
    });
    return await rounds(lookUps[0]?.length ?? 0, async (index) => {
      const [few, many] = lookUps.map((all) => all[index]) as [LookUp, LookUp];
      const found = [await few.find(), await many.find()];
      if (found[0] === 0 || found[0] !== found[1])
        throw new Error(`"${few.name}" finds ${found.join(' and ')}`);
      const times = await rounds(runs + 1, async () => [
        await timeCalls(few.find, calls),
        await timeCalls(many.find, calls),
      ]);
      // The first run warms up.
      const timesOf = (which: number) => times.slice(1).map((both) => both[which] as number);
      return { name: few.name, times: [timesOf(0), timesOf(1)] };
    });
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

/** Measures the median duration of this many calls, in milliseconds. */
async function timeCalls(call: () => Promise<number>, count: number): Promise<number> {
  const times = await rounds(count, async () => {
    const begun = performance.now();
    await call();
    return performance.now() - begun;
  });
  return median(times);
}

interface LookUp {
  name: string;
  /** Returns the number of approvals found. */
  find: () => Promise<number>;
}

/** Builds the look-ups of people. Only this part of the benchmarks knows the calls for them. */
function buildLookUps({ records, clock }: OpenStore, known: Approval): LookUp[] {
  const store = createApprovalStore(records, SILENT);
  const channel = 'C00000';
  const crews = new Map([
    [CREW, { ...crew, name: CREW, channel, channels: [channel], approvers: [APPROVER] }],
  ]);
  const app = buildTestApp({ store, crews, people: nobodyKnown, clock, log: SILENT });
  const list = (query: ListQuery) => async () => {
    const page = await listApprovals(app, APPROVER, query);
    if ('code' in page) throw new Error(page.code);
    return page.approvals.length;
  };
  const findNamed = (text: string) => async () => {
    const found = await findNamedApprovals(app, APPROVER, text);
    if (!Array.isArray(found)) throw new Error(found.code);
    return found.length;
  };
  return [
    { name: 'list what waits', find: list({ kind: 'waiting' }) },
    { name: 'look up one approval by its id', find: findNamed(known.id) },
    { name: 'look up one run by the beginning of its id', find: findNamed(known.executionId.slice(0, 13)) },
    { name: 'one page of history', find: list({ kind: 'history' }) },
  ];
}
