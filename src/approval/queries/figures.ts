import type { App } from '../app.ts';
import { countWaiting, type Source, sourcesOf, walk } from './list-approvals.ts';
import { type Listing, type LookUpRefusal, MOST_COUNTED, scope } from './look-up.ts';
import { computeStats, listDecisions, type Made, periodStart, type Stats } from './stats.ts';

/** Figures of so many days, and how many wait now. Rejects with a StoreError. */
export async function gatherFigures(
  app: App,
  person: string,
  days: number,
): Promise<
  { stats: Stats; waiting: NonNullable<Listing['total']>; runs: number; stopped: boolean } | LookUpRefusal
> {
  const among = await scope(app, person);
  if (!Array.isArray(among)) return among;
  const now = app.clock.now();
  const since = periodStart(now, days);
  const [source] = sourcesOf(app, { kind: 'history', since }, among, person) as [Source];
  const made: Made[] = [];
  const { why } = await walk(app, source, undefined, now + STATS_FOR, async (approval) => {
    made.push(...listDecisions(approval, since));
    return 'go_on';
  });
  const waiting = await countWaiting(app, among, MOST_COUNTED);
  const runs = await countRuns(app, among, since);
  return { stats: computeStats(made, since, now), waiting, runs, stopped: why === 'late' };
}
const STATS_FOR = 8000;

/** How many runs were started from Slack since then, as far as they are counted. */
async function countRuns({ store }: App, crews: readonly string[], since: number): Promise<number> {
  const latest = await store.list('kickoffs', crews, { limit: MOST_COUNTED, reverse: true });
  return latest.filter(({ place }) => Number(place.split('/')[1]) >= since).length;
}
