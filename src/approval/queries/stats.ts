import type { Approval } from '../model/approval.ts';
import type { Decision } from '../model/decision.ts';

const DAY = 24 * 60 * 60_000;

/** How long people took and what they decided, of some crew or person. Times are in milliseconds. */
export interface Figures {
  decisions: number;
  median: number;
  p90: number;
}

export interface Stats {
  /** The period, by days in UTC: the first one begins then. */
  since: number;
  days: { from: number; decisions: number }[];
  all: Figures;
  /** Those of crews that were decided: a Flow's answer is not a request for a revision. */
  approvals: number;
  /** Requests for a revision per approval that was decided. */
  revisionsPerApproval: number;
  byCrew: (Figures & { crew: string })[];
  byPerson: (Figures & { person: string })[];
}

/** When the first of so many days begins, today being the last. */
export function periodStart(now: number, days: number): number {
  return (Math.floor(now / DAY) - days + 1) * DAY;
}

/** One decision of a person, and how long after its output it was made. */
export interface Made {
  crew: string;
  approval: string;
  by: string;
  action: Decision['action'];
  at: number;
  took: number;
}

/** What people decided on an approval since then; rules do not count. Pure. */
export function listDecisions({ id, crew, rounds }: Approval, since: number): Made[] {
  return rounds.flatMap(({ decision, receivedAt }) => {
    if (!decision || decision.rule || decision.at < since) return [];
    const { by, action, at } = decision;
    return [{ crew, approval: id, by, action, at, took: at - receivedAt }];
  });
}

/** Figures of what was decided from `since` on, the beginning of a day. Pure. */
export function computeStats(made: readonly Made[], since: number, now: number): Stats {
  const ofCrews = made.filter(({ action }) => action !== 'choose');
  const approvals = new Set(ofCrews.map(({ approval }) => approval)).size;
  const revisions = made.filter(({ action }) => action === 'request_revision').length;
  const days = Math.floor(now / DAY) - Math.floor(since / DAY) + 1;
  return {
    since,
    days: Array.from({ length: days }, (_, day) => {
      const from = since + day * DAY;
      return { from, decisions: made.filter(({ at }) => at >= from && at < from + DAY).length };
    }),
    all: figures(made),
    approvals,
    revisionsPerApproval: approvals === 0 ? 0 : revisions / approvals,
    byCrew: groupBy(made, ({ crew }) => crew).map(([crew, own]) => ({ crew, ...figures(own) })),
    byPerson: groupBy(made, ({ by }) => by).map(([person, own]) => ({ person, ...figures(own) })),
  };
}

function figures(made: readonly { took: number }[]): Figures {
  const times = made.map(({ took }) => took).sort((a, b) => a - b);
  return { decisions: made.length, median: median(times), p90: nearestRank(times, 0.9) };
}

function median(sorted: readonly number[]): number {
  return (nearestRank(sorted, 0.5) + (sorted[Math.floor(sorted.length / 2)] ?? 0)) / 2;
}

function nearestRank(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** The largest first. */
function groupBy<T>(all: readonly T[], key: (one: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(key(one));
    if (group) group.push(one);
    else groups.set(key(one), [one]);
  }
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
}
