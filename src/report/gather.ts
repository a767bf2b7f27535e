import type { FoundEntry, RecordedFact } from '../approval/ports.ts';
import { dayOf, isTime } from './spans.ts';

/** The period and the crews of a report. Times in milliseconds since 1970. */
export interface Scope {
  since: number;
  /** Exclusive. */
  until: number;
  /** Names of crews; undefined: all crews. */
  crews?: ReadonlySet<string> | undefined;
}

/** The history of an approval or a start, and the places of its known entries. */
export interface Subject {
  id: string;
  isStart: boolean;
  /** Earliest time of its entries in the period. */
  from: number;
  places: string[];
}

/** A decision that allows further calls of a tool. */
export interface Permission {
  subject: string;
  round: number;
  tool: string;
  crew: string;
  allows: 'call' | 'tool';
  by: string;
  at: number;
  ended?: { at: number; by?: string | undefined };
}

/** A decision that soon after its card was posted is counted, in milliseconds. */
const QUICK = 5_000;

/** What one person did in the period. */
export interface PersonFigures extends ShownFigures {
  decisions: number;
  votes: number;
  refused: number;
}

/** How people decided, by what they were shown. */
interface ShownFigures {
  /** Decisions where the place showed only a part. */
  onPart: number;
  /** Decisions below the last page of *Read in full*. */
  onLastPage: number;
  /** Decisions within `QUICK` after the round's card was posted. */
  quick: number;
}

/** Figures of the period. */
export interface PeriodFigures extends ShownFigures {
  asked: number;
  decided: number;
  votes: number;
  revisions: number;
  expired: number;
  undone: number;
  refused: number;
  allowed: number;
  blocked: number;
  /** Calls that an earlier permission allowed. */
  letThrough: number;
  closed: number;
  notDelivered: number;
  starts: number;
  /** How long after the output people decided, in milliseconds. */
  times: number[];
  slowest?: { took: number; approval: string; round: number };
  /** Number of decisions with an earlier time than their output, because a clock was set back. */
  backwards: number;
  byPerson: Map<string, PersonFigures>;
  byRule: Map<string, number>;
  perDay: Map<string, number>;
}

/** Collects figures, permissions and the places of entries, one entry at a time, before the approvals are written. */
export class Gathering {
  readonly figures: PeriodFigures = {
    ...{ asked: 0, decided: 0, votes: 0, revisions: 0, expired: 0, undone: 0, refused: 0 },
    ...{ allowed: 0, blocked: 0, letThrough: 0, closed: 0, notDelivered: 0, starts: 0, backwards: 0 },
    ...{ onPart: 0, onLastPage: 0, quick: 0 },
    times: [],
    byPerson: new Map(),
    byRule: new Map(),
    perDay: new Map(),
  };
  readonly #scope: Scope;
  readonly #subjects = new Map<string, Subject & { isOurs: boolean }>();
  /** Time of the output, by approval and round. */
  readonly #outputTimes = new Map<string, number>();
  /** Time of the last post of a card, by approval and round. */
  readonly #postTimes = new Map<string, number>();
  readonly #permissions = new Map<string, Permission>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  see({ place, subject: id, said: fact }: FoundEntry): void {
    let subject = this.#subjects.get(id);
    if (!subject) {
      subject = { id, isStart: false, from: Number.POSITIVE_INFINITY, places: [], isOurs: false };
      this.#subjects.set(id, subject);
    }
    subject.places.push(place);
    if (!fact || (this.#scope.crews && !this.#scope.crews.has(fact.crew))) return;
    subject.isOurs = true;
    subject.isStart = fact.kickoff !== undefined;
    this.#notePermission(id, fact);
    const isInPeriod = fact.at >= this.#scope.since && fact.at < this.#scope.until && isTime(fact.at);
    if (isInPeriod) subject.from = Math.min(subject.from, fact.at);
    this.#count(id, fact, isInPeriod);
  }

  /** Returns the histories with an entry in the period, in the order of their first entries in it. */
  subjects(): Subject[] {
    const matching = [...this.#subjects.values()].filter(
      ({ isOurs, from }) => isOurs && Number.isFinite(from),
    );
    return matching.sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1));
  }

  /** Returns the permissions that were valid at some time in the period. */
  permissions(): Permission[] {
    const { since, until } = this.#scope;
    return [...this.#permissions.values()].filter(
      ({ at, ended }) => at < until && (ended === undefined || ended.at >= since),
    );
  }

  /** Counts how a person decided, by what they were shown. */
  #countShown({ at, by, seen }: RecordedFact, postedAt: number | undefined): void {
    for (const figures of [this.figures, this.#getCounts(by)]) {
      if (seen?.part) figures.onPart += 1;
      if (seen?.place === 'last_page') figures.onLastPage += 1;
      if (postedAt !== undefined && at >= postedAt && at - postedAt <= QUICK) figures.quick += 1;
    }
  }

  #notePermission(subject: string, fact: RecordedFact): void {
    const { what, round = 0, by = '', at, decided: { allows } = {}, crew, task = '' } = fact;
    const key = `${subject}/${round}`;
    if (what === 'decided' && allows)
      this.#permissions.set(key, { subject, round, tool: task, crew, allows, by, at });
    if (what === 'undone' || what === 'given_up') this.#permissions.delete(key);
    const permission = this.#permissions.get(key);
    if (what === 'permission_ended' && permission) permission.ended = { at, by };
  }

  #count(id: string, fact: RecordedFact, isInPeriod: boolean): void {
    const { figures } = this;
    const { what, round = 0, at, by, output, decided } = fact;
    const key = `${id}/${round}`;
    if (what === 'received' && output !== undefined) {
      this.#outputTimes.set(key, at);
      if (isInPeriod) figures.asked += 1;
    }
    if (what === 'posted') this.#postTimes.set(key, at);
    if (!isInPeriod) return;
    switch (what) {
      case 'decided': {
        figures.decided += 1;
        count(figures.perDay, dayOf(at));
        if (decided?.action === 'request_revision') figures.revisions += 1;
        if (decided?.call === 'allowed') figures.allowed += 1;
        if (decided?.call === 'blocked') figures.blocked += 1;
        if (by === undefined) {
          count(figures.byRule, fact.rule ?? 'expiry');
          return;
        }
        this.#getCounts(by).decisions += 1;
        this.#countShown(fact, this.#postTimes.get(key));
        const since = this.#outputTimes.get(key);
        if (since === undefined) return;
        const took = at - since;
        if (took < 0) figures.backwards += 1;
        else figures.times.push(took);
        if (took >= (figures.slowest?.took ?? 0)) figures.slowest = { took, approval: id, round };
        return;
      }
      case 'voted':
        figures.votes += 1;
        this.#getCounts(by).votes += 1;
        return;
      case 'refused_person':
        figures.refused += 1;
        this.#getCounts(by).refused += 1;
        return;
      case 'expired':
        figures.expired += 1;
        return;
      case 'undone':
        figures.undone += 1;
        return;
      case 'call_allowed':
        figures.letThrough += 1;
        return;
      case 'given_up':
      case 'withdrawn':
        figures.closed += 1;
        return;
      case 'refused':
      case 'undelivered':
        figures.notDelivered += 1;
        return;
      case 'run_starting':
        figures.starts += 1;
        return;
    }
  }

  #getCounts(by = ''): PersonFigures {
    const none = { decisions: 0, votes: 0, refused: 0, onPart: 0, onLastPage: 0, quick: 0 };
    const counts = this.figures.byPerson.get(by) ?? none;
    this.figures.byPerson.set(by, counts);
    return counts;
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
