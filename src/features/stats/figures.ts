import type { App } from '../../approval/app.ts';
import type { Approval } from '../../approval/model/approval.ts';
import type { Decision } from '../../approval/model/round.ts';
import {
  countWaiting,
  listSources,
  type Source,
  searchLists,
} from '../../approval/queries/list-approvals.ts';
import {
  findCrewsInScope,
  type Listing,
  type LookUpRefusal,
  MAX_COUNTED,
} from '../../approval/queries/look-up.ts';
import { findMedian } from '../../lib/median.ts';

const DAY = 24 * 60 * 60_000;

/** Decisions of all people, of a crew or of a person. Times from output to decision, in milliseconds. */
export interface Figures {
  decisions: number;
  median: number;
  p90: number;
}

export interface Stats {
  /** Beginning of the first day, in UTC. */
  since: number;
  all: Figures;
  /** Number of approvals with a decision to approve or to request a revision. A choice of another option does not count. */
  approvals: number;
  /** Requests for a revision per decided approval. */
  revisionsPerApproval: number;
  byCrew: (Figures & { crew: string })[];
  byPerson: (Figures & { person: string })[];
}

/** Returns the beginning, in UTC, of a period of this many days that ends today. */
export function computePeriodStart(now: number, days: number): number {
  return (Math.floor(now / DAY) - days + 1) * DAY;
}

/** A person's decision. `took`: time from the output to the decision, in milliseconds. */
export interface CountedDecision {
  crew: string;
  approval: string;
  by: string;
  action: Decision['action'];
  at: number;
  took: number;
}

/** Lists the decisions of people on an approval since this time. Decisions by a rule do not count. Pure. */
export function listDecisions({ id, crew, rounds }: Approval, since: number): CountedDecision[] {
  return rounds.flatMap(({ decision, receivedAt }) => {
    if (!decision || decision.rule || decision.at < since) return [];
    const { by, action, at } = decision;
    return [{ crew, approval: id, by, action, at, took: at - receivedAt }];
  });
}

/** Computes the figures of decisions. `since`: beginning of the first day. Pure. */
export function computeStats(decisions: readonly CountedDecision[], since: number): Stats {
  const withoutChoices = decisions.filter(({ action }) => action !== 'choose');
  const approvals = new Set(withoutChoices.map(({ approval }) => approval)).size;
  const revisions = decisions.filter(({ action }) => action === 'request_revision').length;
  return {
    since,
    all: computeFigures(decisions),
    approvals,
    revisionsPerApproval: approvals === 0 ? 0 : revisions / approvals,
    byCrew: groupBy(decisions, ({ crew }) => crew).map(([crew, group]) => ({
      crew,
      ...computeFigures(group),
    })),
    byPerson: groupBy(decisions, ({ by }) => by).map(([person, group]) => ({
      person,
      ...computeFigures(group),
    })),
  };
}

function computeFigures(decisions: readonly { took: number }[]): Figures {
  const times = decisions.map(({ took }) => took).sort((a, b) => a - b);
  return { decisions: decisions.length, median: findMedian(times) ?? 0, p90: findNearestRank(times, 0.9) };
}

function findNearestRank(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** Groups by key, the largest group first. */
function groupBy<T>(items: readonly T[], key: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
}

/**
 * Gathers the figures of a period, the number of waiting approvals and the number of started runs. `isIncomplete`: not all decisions
 * were read in time. Rejects with a StoreError.
 */
export async function gatherFigures(
  app: App,
  person: string,
  days: number,
): Promise<
  | { stats: Stats; waiting: NonNullable<Listing['total']>; runs: number; isIncomplete: boolean }
  | LookUpRefusal
> {
  const crewNames = await findCrewsInScope(app, person);
  if (!Array.isArray(crewNames)) return crewNames;
  const now = app.clock.now();
  const since = computePeriodStart(now, days);
  const [source] = listSources(app, { kind: 'history', since }, crewNames, person) as [Source];
  const decisions: CountedDecision[] = [];
  const { why } = await searchLists(app, source, undefined, now + STATS_TIME, async (approval) => {
    decisions.push(...listDecisions(approval, since));
    return 'go_on';
  });
  const waiting = await countWaiting(app, crewNames, MAX_COUNTED);
  const runs = await countRuns(app, crewNames, since);
  return {
    stats: await app.giveWay(() => computeStats(decisions, since)),
    waiting,
    runs,
    isIncomplete: why === 'late',
  };
}
const STATS_TIME = 8000;

/** Counts the starts from Slack since this time, also those that started no run, up to MAX_COUNTED. */
async function countRuns({ store, giveWay }: App, crews: readonly string[], since: number): Promise<number> {
  await giveWay();
  const latest = await store.list('starts', crews, { limit: MAX_COUNTED, reverse: true });
  return latest.filter(({ place }) => Number(place.split('/')[1]) >= since).length;
}
