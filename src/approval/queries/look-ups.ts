import { bindParts } from '../../lib/bind.ts';
import { sleep } from '../../lib/sleep.ts';
import { findVisibleCrews } from '../access/can-look-up.ts';
import type { Deciders } from '../access/deciders.ts';
import { type Approval, currentRound, needsPerson } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Output } from '../model/output.ts';
import type { Execution } from '../model/run/execution.ts';
import type { RunStatus } from '../model/run/run-status.ts';
import { loadOutput } from '../notify/post-note.ts';
import type { ApprovalStore, Clock, CrewAI, Entry, Log, PeopleDirectory, Slice } from '../ports.ts';
import { loadApproval, loadApprovals } from './load-approvals.ts';
import { computeStats, listDecisions, type Made, periodStart, type Stats } from './stats.ts';

/** What can be listed in pages. */
export type ListQuery =
  | { kind: 'waiting'; crew?: string; mine?: boolean }
  /** `since`: milliseconds since 1970. */
  | { kind: 'history'; crew?: string; person?: string; since?: number }
  /** `person`: one of those who decided. */
  | { kind: 'find'; words: string; person?: string };

export interface Listing {
  approvals: Approval[];
  /** By approval: the outputs of those that wait for a decision which the asker may make. */
  outputs: ReadonlyMap<string, Output>;
  /** How many wait in all, as far as they were counted. */
  total?: { count: number; more: boolean };
  /** Where the next page begins; absent on the last. */
  next?: string;
  /** Not all was looked at: the next page goes on there. */
  stopped: boolean;
}

/** Why nothing is shown: people are told in one sentence. */
export type LookUpRefusal =
  | { code: 'may_not_look' }
  | { code: 'cannot_check' }
  | { code: 'unknown_crew'; crew: string; crews: string[] }
  /** More than one execution begins with what was given. */
  | { code: 'ambiguous'; text: string };

export interface RunReport {
  executionId: string;
  /** What each crew that may have this run says of it. */
  said: { crew: string; status: RunStatus }[];
  approvals: Approval[];
}

export const PAGE = 10;
const CHUNK = 25;
/** More is not counted beside a list: it takes as long with 100,000 approvals as with 100. */
const MOST_BESIDE_LIST = 100;
/** Nor in figures. */
const MOST_COUNTED = 1_000;
const SHORTEST_PREFIX = 6;
/** Of other crews some may begin so too. */
const MOST_ALIKE = 50;
/** A person waits for it: Slack takes an answer for 3 s. */
const LOOKED_FOR = 1_500;
const STATS_FOR = 8_000;
/** A list that took longer asks Slack for nothing more: the ack would be late. */
const ASKS_WITHIN = 1_000;
const MOST_ASKED = 10;

/** A list that is looked through, and what of it is kept. */
interface Source {
  read: (slice: Slice) => Promise<Entry[]>;
  reverse: boolean;
  keeps: (approval: Approval) => boolean | Promise<boolean>;
  /** Nothing beyond it is wanted. */
  ends?: (approval: Approval) => boolean;
}

/** What createLookUps needs. */
export interface LookUpParts {
  store: ApprovalStore;
  crews: ReadonlyMap<string, Crew>;
  /** CrewAI. */
  crewAI: CrewAI;
  people: PeopleDirectory;
  deciders: Pick<Deciders, 'canSee' | 'checkRight' | 'learnRights'>;
  clock: Clock;
  log: Log;
}

/** What people ask of approvals: every answer holds only what this person may see. */
export function createLookUps(parts: LookUpParts) {
  return bindParts(parts, { list, named, status, stats });
}

/** The crews that an answer may be about: all that a person may see, or the one that they name. */
async function scope(parts: LookUpParts, person: string, crew?: string): Promise<string[] | LookUpRefusal> {
  const { names, unchecked } = await findVisibleCrews(parts, person);
  if (names.length === 0) return { code: unchecked ? 'cannot_check' : 'may_not_look' };
  if (crew === undefined) return names;
  const named = names.find((name) => name.toLowerCase() === crew.toLowerCase());
  return named === undefined ? { code: 'unknown_crew', crew, crews: names } : [named];
}

/** A page of a list, beyond `after` (a former `next`). Rejects with a StoreError. */
async function list(
  parts: LookUpParts,
  person: string,
  query: ListQuery,
  after?: string,
): Promise<Listing | LookUpRefusal> {
  const { clock } = parts;
  const among = await scope(parts, person, 'crew' in query ? query.crew : undefined);
  if (!Array.isArray(among)) return among;
  const began = clock.now();
  const counts = query.kind === 'waiting' && !query.mine;
  const [page, total] = await Promise.all([
    collect(parts, sourcesOf(parts, query, among, person), after),
    counts ? countWaiting(parts, among, MOST_BESIDE_LIST) : undefined,
  ]);
  const asks = clock.now() - began < ASKS_WITHIN;
  // What was decided is only opened: its row is about a round that may not be the current one.
  const outputs = query.kind === 'history' ? new Map() : await decidable(parts, page.approvals, person, asks);
  return { ...page, outputs, ...(total ? { total } : {}) };
}

/** The outputs of those that wait for a decision and that this person may decide. `asks`: Slack is asked what is not known. */
async function decidable(
  parts: LookUpParts,
  approvals: readonly Approval[],
  person: string,
  asks: boolean,
): Promise<Map<string, Output>> {
  const { deciders, store } = parts;
  const waiting = approvals.filter((approval) => currentRound(approval).status === 'waiting');
  if (asks && waiting.length > 0) await deciders.learnRights(person, waiting);
  const outputs = new Map<string, Output>();
  for (const approval of waiting) {
    if ((await deciders.checkRight(approval, person)) !== 'yes') continue;
    outputs.set(approval.id, await loadOutput(store, approval, currentRound(approval)));
  }
  return outputs;
}

async function countWaiting(
  parts: LookUpParts,
  among: readonly string[],
  most: number,
): Promise<NonNullable<Listing['total']>> {
  const { store } = parts;
  const counted = (await store.waiting(among, { limit: most + 1 })).length;
  return { count: Math.min(counted, most), more: counted > most };
}

function sourcesOf(parts: LookUpParts, query: ListQuery, among: string[], person: string): Source[] {
  const { deciders, store } = parts;
  switch (query.kind) {
    case 'waiting': {
      const keeps = (approval: Approval) => !query.mine || deciders.canSee(approval, person);
      return [{ read: (slice) => store.waiting(among, slice), reverse: false, keeps }];
    }
    case 'history': {
      const { person: by, since = 0 } = query;
      const read = (slice: Slice) => (by ? store.decidedBy(by, slice) : store.decided(among, slice));
      const at = ({ rounds }: Approval) =>
        rounds.findLast(({ decision }) => decision && (!by || decision.by === by))?.decision?.at ?? 0;
      const ends = (approval: Approval) => at(approval) < since;
      return [{ read, reverse: true, keeps: ({ crew }) => among.includes(crew), ends }];
    }
    case 'find': {
      const matches = (approval: Approval) => contains(approval, query.words, query.person);
      return [
        { read: (slice) => store.waiting(among, slice), reverse: false, keeps: matches },
        {
          read: (slice) => store.created(among, slice),
          reverse: true,
          keeps: (approval) => !needsPerson(approval) && matches(approval),
        },
      ];
    }
  }
}

/** A page of what several lists hold, one after the other. */
async function collect(
  parts: LookUpParts,
  sources: Source[],
  after: string | undefined,
): Promise<Omit<Listing, 'outputs' | 'total'>> {
  const { clock } = parts;
  const until = clock.now() + LOOKED_FOR;
  const [, begins = '0', place] = /^(\d)(\/\d{15}\/[0-9A-Z]{10,16})?$/.exec(after ?? '') ?? [];
  const approvals: Approval[] = [];
  let beyond = place;
  for (let index = Number(begins); index < sources.length; index += 1) {
    const walked = await walk(parts, sources[index] as Source, beyond, until, async (approval) => {
      if (approvals.length === PAGE) return 'enough';
      approvals.push(approval);
      return 'go_on';
    });
    if (walked.why !== 'end') {
      return { approvals, next: `${index}${walked.place ?? ''}`, stopped: walked.why === 'late' };
    }
    beyond = undefined;
  }
  return { approvals, stopped: false };
}

/**
 * Visits what is kept of a list in chunks, giving way to everything else in between, until the list ends, the
 * visitor has enough (what it was shown last is not counted as seen) or it is late.
 */
async function walk(
  parts: LookUpParts,
  source: Source,
  after: string | undefined,
  until: number,
  visit: (approval: Approval) => Promise<'go_on' | 'enough'>,
): Promise<{ why: 'end' | 'enough' | 'late'; place?: string | undefined }> {
  const { clock } = parts;
  let place = after;
  for (;;) {
    const entries = await source.read({ limit: CHUNK, after: place, reverse: source.reverse });
    const loaded = await loadEntries(parts, entries);
    const begun = clock.now();
    for (const { approval, place: here } of loaded) {
      if (source.ends?.(approval)) return { why: 'end' };
      if (await source.keeps(approval)) {
        if ((await visit(approval)) === 'enough') return { why: 'enough', place };
      }
      place = here;
      // One look can take a second, while Slack does not say who may decide.
      const late = clock.now() - begun >= LOOKED_FOR && here !== entries.at(-1)?.place;
      if (late) return { why: 'late', place };
    }
    place = entries.at(-1)?.place ?? place;
    if (entries.length < CHUNK) return { why: 'end' };
    if (clock.now() >= until) return { why: 'late', place };
    await sleep(clock, 0);
  }
}

/** The approvals that an approval's or execution's id names, or the first six or more characters of one. Rejects with a StoreError. */
async function named(parts: LookUpParts, person: string, text: string): Promise<Approval[] | LookUpRefusal> {
  const { store } = parts;
  const among = await scope(parts, person);
  if (!Array.isArray(among)) return among;
  const byId =
    text.length < SHORTEST_PREFIX ? [] : await store.approvalsBeginning(text.toUpperCase(), MOST_ALIKE);
  const approvals = (await loadApprovals(parts, byId)).filter(({ crew }) => among.includes(crew));
  if (approvals.length > 0) return approvals;
  const known = await runs(parts, text, among);
  return Array.isArray(known)
    ? loadApprovals(
        parts,
        known.flatMap((run) => run.approvals),
      )
    : known;
}

/** The one execution that is meant, of these crews: two of them can have one of that id. */
async function runs(
  parts: LookUpParts,
  text: string,
  among: readonly string[],
): Promise<Execution[] | LookUpRefusal> {
  const { store } = parts;
  const alike = (await store.executionsBeginning(text, MOST_ALIKE)).filter(({ crew }) =>
    among.includes(crew),
  );
  const whole = alike.filter(({ executionId }) => executionId === text);
  const meant = whole.length > 0 || text.length < SHORTEST_PREFIX ? whole : alike;
  if (new Set(meant.map(({ executionId }) => executionId)).size > 1) return { code: 'ambiguous', text };
  const records = await Promise.all(meant.map((e) => store.execution(e.crew, e.executionId)));
  return records.flatMap((stored) => (stored ? [stored.record] : []));
}

/** What CrewAI says of a run, beside what is known of its approvals. Rejects with a StoreError. */
async function status(parts: LookUpParts, person: string, text: string): Promise<RunReport | LookUpRefusal> {
  const { crewAI } = parts;
  const among = await scope(parts, person);
  if (!Array.isArray(among)) return among;
  const known = await runs(parts, text, among);
  if (!Array.isArray(known)) return known;
  const executionId = known[0]?.executionId ?? text;
  const asked = known.length > 0 ? known.map(({ crew }) => crew) : among.slice(0, MOST_ASKED);
  const approvals = await loadApprovals(
    parts,
    known.flatMap((run) => run.approvals),
  );
  const said = await Promise.all(
    asked.map(async (crew) => {
      // A run goes on under another id after each decision.
      const run = known.find((one) => one.crew === crew);
      const status = await crewAI.status(crew, run?.continuedAs ?? executionId);
      return {
        crew,
        status: told(
          status,
          approvals.filter((approval) => approval.crew === crew),
        ),
      };
    }),
  );
  // Of several crews most do not know it: what they say tells nothing.
  const knowing = said.filter(({ status: { kind } }) => kind !== 'not_found');
  return { executionId, said: knowing.length > 0 ? knowing : said.slice(0, 1), approvals };
}

/** Figures of so many days, and how many wait now. Rejects with a StoreError. */
async function stats(
  parts: LookUpParts,
  person: string,
  days: number,
): Promise<{ stats: Stats; waiting: NonNullable<Listing['total']>; stopped: boolean } | LookUpRefusal> {
  const { clock } = parts;
  const among = await scope(parts, person);
  if (!Array.isArray(among)) return among;
  const now = clock.now();
  const since = periodStart(now, days);
  const [source] = sourcesOf(parts, { kind: 'history', since }, among, person) as [Source];
  const made: Made[] = [];
  const { why } = await walk(parts, source, undefined, now + STATS_FOR, async (approval) => {
    made.push(...listDecisions(approval, since));
    return 'go_on';
  });
  const waiting = await countWaiting(parts, among, MOST_COUNTED);
  return { stats: computeStats(made, since, now), waiting, stopped: why === 'late' };
}

async function loadEntries(
  parts: LookUpParts,
  entries: Entry[],
): Promise<{ approval: Approval; place: string }[]> {
  const loaded = await Promise.all(entries.map(({ id }) => loadApproval(parts, id)));
  return entries.flatMap(({ place }, index) => {
    const approval = loaded[index];
    return approval ? [{ approval, place }] : [];
  });
}

export type LookUps = ReturnType<typeof createLookUps>;

/** The live platform forgets a run while it waits for a person. */
function told(status: RunStatus, approvals: readonly Approval[]): RunStatus {
  const waits = status.kind === 'not_found' && status.live && approvals.some(needsPerson);
  return waits ? { kind: 'other', state: 'PAUSED' } : status;
}

/** Whether task, crew, agent, execution, an approver or feedback contain all of the words, in any case. */
function contains(approval: Approval, words: string, person: string | undefined): boolean {
  const { id, task, crew, executionId, rounds } = approval;
  const made = rounds.flatMap(({ decision, votes }) => [...votes, ...(decision ? [decision] : [])]);
  if (person !== undefined && !made.some(({ by }) => by === person)) return false;
  const agents = rounds.map(({ agent }) => agent);
  const texts = [...agents, ...made.flatMap(({ by, feedback }) => [by, feedback])];
  const all = [id, task, crew, executionId, ...texts].filter(Boolean).join('\n').toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
