import { canReadOutput, canSeeOutside, checkRight, learnRights } from '../access/deciders.ts';
import { nameDecidersOfAll } from '../access/name-deciders.ts';
import type { App } from '../app.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import type { Output } from '../model/output.ts';
import { needsPerson } from '../model/round.ts';
import { loadOutputInTurn } from '../notify/post-note.ts';
import type { Entry, Slice } from '../ports.ts';
import {
  findCrewsInScope,
  type Listing,
  type ListQuery,
  type LookUpRefusal,
  ROWS_PER_PAGE,
} from './look-up.ts';

/** Number of records to read in one turn of the event loop: about 5 ms. */
export const READ_AT_ONCE = 50;

/** Loads approvals in this order, without those that are missing or whose crew is not configured. Rejects with a StoreError. */
export async function loadApprovals(
  { store, crews, giveWay }: Pick<App, 'store' | 'crews' | 'giveWay'>,
  ids: readonly string[],
): Promise<Approval[]> {
  const found: Approval[] = [];
  for (let at = 0; at < ids.length; at += READ_AT_ONCE) {
    // A decision that a person types is about one approval: it must not wait behind look-ups.
    if (ids.length > 1) await giveWay(() => {});
    const read = await store.approvals(ids.slice(at, at + READ_AT_ONCE));
    found.push(...read.map(({ record }) => record).filter(({ crew }) => crews.has(crew)));
  }
  return found;
}

/** Most deciders named in a row, which has little room. */
const MOST_NAMED = 2;

/** Lists a page. `after`: `next` of the page before. Rejects with a StoreError. */
export async function listApprovals(
  app: App,
  person: string,
  query: ListQuery,
  after?: string,
): Promise<Listing | LookUpRefusal> {
  const began = app.clock.now();
  const among = await findCrewsInScope(app, person, 'crew' in query ? query.crew : undefined);
  if (!Array.isArray(among)) return among;
  const counts = query.kind === 'waiting' && !query.mine;
  const [page, total] = await Promise.all([
    collect(app, sourcesOf(app, query, among, person), after),
    counts ? countWaiting(app, among, MOST_BESIDE_LIST) : undefined,
  ]);
  // Rows of the history can only be opened: such a row may be about an earlier round.
  const outputs =
    query.kind === 'history'
      ? new Map()
      : await loadDecidableOutputs(app, page.approvals, person, canAskSlack(app, began));
  const named = page.approvals.filter(({ id }) => outputs.has(id));
  const deciders = await nameDecidersOfAll(app, named, { most: MOST_NAMED, asks: canAskSlack(app, began) });
  return { ...page, outputs, deciders, ...(total ? { total } : {}) };
}

/** True if there is time to ask Slack for unknown facts. `began`: when the person asked. */
export function canAskSlack({ clock }: Pick<App, 'clock'>, began: number): boolean {
  return clock.now() - began < ASKS_WITHIN;
}

/** Loads the outputs of the waiting approvals that this person may decide. `asks`: asks Slack for unknown facts. */
async function loadDecidableOutputs(
  app: App,
  approvals: readonly Approval[],
  person: string,
  asks: boolean,
): Promise<Map<string, Output>> {
  const waiting = approvals.filter((approval) => currentRound(approval).status === 'waiting');
  if (asks && waiting.length > 0) await learnRights(app, person, waiting);
  const outputs = new Map<string, Output>();
  for (const approval of waiting) {
    if ((await checkRight(app, approval, person)) !== 'yes') continue;
    outputs.set(approval.id, await loadOutputInTurn(app, approval, currentRound(approval)));
  }
  return outputs;
}
export async function countWaiting(
  app: App,
  among: readonly string[],
  most: number,
): Promise<NonNullable<Listing['total']>> {
  await app.giveWay(() => {});
  const counted = (await app.store.list('waiting', among, { limit: most + 1 })).length;
  return { count: Math.min(counted, most), more: counted > most };
}
export function sourcesOf(app: App, query: ListQuery, among: string[], person: string): Source[] {
  const { store } = app;
  switch (query.kind) {
    case 'waiting': {
      const keeps = (approval: Approval) => !query.mine || canSeeOutside(app, approval, person);
      return [{ read: (slice) => store.list('waiting', among, slice), reverse: false, keeps }];
    }
    case 'history': {
      const { person: by, since = 0 } = query;
      const read = (slice: Slice) =>
        by ? store.list('decidedBy', [by], slice) : store.list('decided', among, slice);
      const at = ({ rounds }: Approval) =>
        rounds.findLast(({ decision }) => decision && (!by || decision.by === by))?.decision?.at ?? 0;
      const ends = (approval: Approval) => at(approval) < since;
      return [{ read, reverse: true, keeps: ({ crew }) => among.includes(crew), ends }];
    }
    case 'find': {
      const matches = async (approval: Approval) =>
        contains(approval, query) ||
        // A search must not reveal outputs that the person cannot read.
        (contains(approval, query, 'output') && (await canReadOutput(app, approval, person)));
      return [
        { read: (slice) => store.list('waiting', among, slice), reverse: false, keeps: matches },
        {
          read: (slice) => store.list('created', among, slice),
          reverse: true,
          keeps: async (approval) => !needsPerson(currentRound(approval)) && (await matches(approval)),
        },
      ];
    }
  }
}
/** Collects a page from several lists, one after another. */
async function collect(
  app: App,
  sources: Source[],
  after: string | undefined,
): Promise<Omit<Listing, 'outputs' | 'deciders' | 'total'>> {
  const until = app.clock.now() + LONGEST_SEARCH;
  const [, begins = '0', place] = /^(\d)(\/\d{15}\/[0-9A-Z]{10,16})?$/.exec(after ?? '') ?? [];
  const approvals: Approval[] = [];
  let beyond = place;
  for (let index = Number(begins); index < sources.length; index += 1) {
    const walked = await searchLists(app, sources[index] as Source, beyond, until, async (approval) => {
      if (approvals.length === ROWS_PER_PAGE) return 'enough';
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
 * Visits the approvals of a list that the source keeps, in chunks, each read in its own turn of the event loop. Stops at the end
 * of the list, when the visitor has enough (the last approval it got counts as not seen), or when it is late.
 */
export async function searchLists(
  app: App,
  source: Source,
  after: string | undefined,
  until: number,
  visit: (approval: Approval) => Promise<'go_on' | 'enough'>,
): Promise<{ why: 'end' | 'enough' | 'late'; place?: string | undefined }> {
  const { clock } = app;
  let place = after;
  for (;;) {
    const entries = await source.read({ limit: CHUNK, after: place, reverse: source.reverse });
    const loaded = await loadEntries(app, entries);
    const begun = clock.now();
    for (const { approval, place: here } of loaded) {
      if (source.ends?.(approval)) return { why: 'end' };
      if (await source.keeps(approval)) {
        if ((await visit(approval)) === 'enough') return { why: 'enough', place };
      }
      place = here;
      // One check can take a second if Slack does not respond.
      const late = clock.now() - begun >= LONGEST_SEARCH && here !== entries.at(-1)?.place;
      if (late) return { why: 'late', place };
    }
    place = entries.at(-1)?.place ?? place;
    if (entries.length < CHUNK) return { why: 'end' };
    if (clock.now() >= until) return { why: 'late', place };
  }
}

async function loadEntries(app: App, entries: Entry[]): Promise<{ approval: Approval; place: string }[]> {
  const places = new Map(entries.map(({ id, place }) => [id, place]));
  const approvals = await loadApprovals(app, [...places.keys()]);
  return approvals.map((approval) => ({ approval, place: places.get(approval.id) ?? '' }));
}

/**
 * True if id, task, crew, run, agents, approvers and feedback together contain all of the words, ignoring case. `output`: the
 * outputs are searched, too.
 */
function contains(
  approval: Approval,
  { words, person }: Extract<ListQuery, { kind: 'find' }>,
  output?: 'output',
): boolean {
  const { id, task, crew, executionId, rounds } = approval;
  const made = rounds.flatMap(({ decision, votes }) => [...votes, ...(decision ? [decision] : [])]);
  if (person !== undefined && !made.some(({ by }) => by === person)) return false;
  const agents = rounds.map(({ agent }) => agent);
  const outputs = output ? rounds.map(({ excerpt }) => excerpt) : [];
  const texts = [...agents, ...outputs, ...made.flatMap(({ by, feedback }) => [by, feedback])];
  const all = [id, task, crew, executionId, ...texts].filter(Boolean).join('\n').toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
/** A list to search, and the approvals to keep. */
export interface Source {
  read: (slice: Slice) => Promise<Entry[]>;
  reverse: boolean;
  keeps: (approval: Approval) => boolean | Promise<boolean>;
  /** True if this approval and all later ones are not wanted. */
  ends?: (approval: Approval) => boolean;
}
const CHUNK = 25;
/** Most approvals counted beside a list: the count takes as long with 100,000 approvals as with 100. */
const MOST_BESIDE_LIST = 100;
/** Longest search, in milliseconds: a person is waiting, and Slack accepts an answer for 3 s. */
const LONGEST_SEARCH = 1500;
/**
 * Time after which the bot asks Slack for nothing more, in milliseconds: an answer takes up to a second and would be late. After
 * one request that timed out there is time for another.
 */
const ASKS_WITHIN = 1150;
