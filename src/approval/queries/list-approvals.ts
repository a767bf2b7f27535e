import { canReadOutput, canSeeOutsideChannel, checkRight, learnRights } from '../access/deciders.ts';
import { nameDecidersOfAll } from '../access/name-deciders.ts';
import type { App } from '../app.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import type { Output } from '../model/output.ts';
import { needsPerson } from '../model/round.ts';
import { loadOutputInTurn } from '../notify/post-note.ts';
import type { ListEntry, Slice } from '../ports.ts';
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
  const approvals: Approval[] = [];
  for (let at = 0; at < ids.length; at += READ_AT_ONCE) {
    // Look-ups of many approvals let other work run first. A look-up of one approval does not wait.
    if (ids.length > 1) await giveWay();
    const stored = await store.approvals(ids.slice(at, at + READ_AT_ONCE));
    approvals.push(...stored.map(({ record }) => record).filter(({ crew }) => crews.has(crew)));
  }
  return approvals;
}

/** Most deciders named in a row, which has little room. */
const MAX_NAMED = 2;

/** Lists a page. `after`: `next` of the page before. Rejects with a StoreError. */
export async function listApprovals(
  app: App,
  person: string,
  query: ListQuery,
  after?: string,
): Promise<Listing | LookUpRefusal> {
  const startedAt = app.clock.now();
  const crews = await findCrewsInScope(app, person, 'crew' in query ? query.crew : undefined);
  if (!Array.isArray(crews)) return crews;
  const isCounted = query.kind === 'waiting' && !query.mine;
  const [page, total] = await Promise.all([
    collectPage(app, listSources(app, query, crews, person), after),
    isCounted ? countWaiting(app, crews, MAX_BESIDE_LIST) : undefined,
  ]);
  // A row of the history may be about an earlier round, so it has no buttons and needs no output.
  const outputs =
    query.kind === 'history'
      ? new Map()
      : await loadDecidableOutputs(app, page.approvals, person, canAskSlack(app, startedAt));
  const decidableApprovals = page.approvals.filter(({ id }) => outputs.has(id));
  const deciders = await nameDecidersOfAll(app, decidableApprovals, {
    max: MAX_NAMED,
    mayAskSlack: canAskSlack(app, startedAt),
  });
  return { ...page, outputs, deciders, ...(total ? { total } : {}) };
}

/** True if there is time to ask Slack for unknown facts. `began`: when the person asked. */
export function canAskSlack({ clock }: Pick<App, 'clock'>, began: number): boolean {
  return clock.now() - began < TIME_TO_ASK;
}

/** Loads the outputs of the waiting approvals that this person may decide. `mayAskSlack`: asks Slack for unknown facts. */
async function loadDecidableOutputs(
  app: App,
  approvals: readonly Approval[],
  person: string,
  mayAskSlack: boolean,
): Promise<Map<string, Output>> {
  const waiting = approvals.filter((approval) => currentRound(approval).status === 'waiting');
  if (mayAskSlack && waiting.length > 0) await learnRights(app, person, waiting);
  const outputs = new Map<string, Output>();
  for (const approval of waiting) {
    if ((await checkRight(app, approval, person)) !== 'yes') continue;
    outputs.set(approval.id, await loadOutputInTurn(app, approval, currentRound(approval)));
  }
  return outputs;
}
export async function countWaiting(
  app: App,
  crews: readonly string[],
  max: number,
): Promise<NonNullable<Listing['total']>> {
  await app.giveWay();
  const count = (await app.store.list('waiting', crews, { limit: max + 1 })).length;
  return { count: Math.min(count, max), more: count > max };
}
export function listSources(app: App, query: ListQuery, crews: string[], person: string): Source[] {
  const { store } = app;
  switch (query.kind) {
    case 'waiting': {
      const keeps = (approval: Approval) => !query.mine || canSeeOutsideChannel(app, approval, person);
      return [{ read: (slice) => store.list('waiting', crews, slice), reverse: false, keeps }];
    }
    case 'history': {
      const { person: by, since = 0 } = query;
      const read = (slice: Slice) =>
        by ? store.list('decidedBy', [by], slice) : store.list('decided', crews, slice);
      const findDecidedAt = ({ rounds }: Approval) =>
        rounds.findLast(({ decision }) => decision && (!by || decision.by === by))?.decision?.at ?? 0;
      const ends = (approval: Approval) => findDecidedAt(approval) < since;
      return [{ read, reverse: true, keeps: ({ crew }) => crews.includes(crew), ends }];
    }
    case 'find': {
      const matches = async (approval: Approval) =>
        containsWords(approval, query) ||
        // A search must not reveal outputs that the person cannot read.
        (containsWords(approval, query, 'output') && (await canReadOutput(app, approval, person)));
      return [
        { read: (slice) => store.list('waiting', crews, slice), reverse: false, keeps: matches },
        {
          read: (slice) => store.list('created', crews, slice),
          reverse: true,
          keeps: async (approval) => !needsPerson(currentRound(approval)) && (await matches(approval)),
        },
      ];
    }
  }
}
/** Collects a page from several lists, one after another. */
async function collectPage(
  app: App,
  sources: Source[],
  after: string | undefined,
): Promise<Omit<Listing, 'outputs' | 'deciders' | 'total'>> {
  const until = app.clock.now() + LONGEST_SEARCH;
  const [, firstSource = '0', place] = /^(\d)(\/\d{15}\/[0-9A-Z]{10,16})?$/.exec(after ?? '') ?? [];
  const approvals: Approval[] = [];
  let afterPlace = place;
  for (let index = Number(firstSource); index < sources.length; index += 1) {
    const outcome = await searchLists(app, sources[index] as Source, afterPlace, until, async (approval) => {
      if (approvals.length === ROWS_PER_PAGE) return 'enough';
      approvals.push(approval);
      return 'go_on';
    });
    if (outcome.why !== 'end') {
      return { approvals, next: `${index}${outcome.place ?? ''}`, stopped: outcome.why === 'late' };
    }
    afterPlace = undefined;
  }
  return { approvals, stopped: false };
}
/**
 * Calls `visit` for each approval of a list that `source.keeps` accepts. Stops at the end of the list, at an
 * approval for which `source.ends` is true, when `visit` returns 'enough', after `until`, or if one chunk's checks take longer
 * than LONGEST_SEARCH. `place`: where the next search begins, with the approval for which `visit` returned 'enough'.
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
    const entries = await source.read({ limit: CHUNK_SIZE, after: place, reverse: source.reverse });
    const loadedEntries = await loadEntries(app, entries);
    const startedAt = clock.now();
    for (const { approval, place: entryPlace } of loadedEntries) {
      if (source.ends?.(approval)) return { why: 'end' };
      if (await source.keeps(approval)) {
        if ((await visit(approval)) === 'enough') return { why: 'enough', place };
      }
      place = entryPlace;
      // `source.keeps` can take a second if Slack does not respond.
      const isLate = clock.now() - startedAt >= LONGEST_SEARCH && entryPlace !== entries.at(-1)?.place;
      if (isLate) return { why: 'late', place };
    }
    place = entries.at(-1)?.place ?? place;
    if (entries.length < CHUNK_SIZE) return { why: 'end' };
    if (clock.now() >= until) return { why: 'late', place };
  }
}

async function loadEntries(app: App, entries: ListEntry[]): Promise<{ approval: Approval; place: string }[]> {
  const places = new Map(entries.map(({ id, place }) => [id, place]));
  const approvals = await loadApprovals(app, [...places.keys()]);
  return approvals.map((approval) => ({ approval, place: places.get(approval.id) ?? '' }));
}

/**
 * True if id, task, crew, run, agents, feedback and the ids of voters and deciders together contain all of the words, ignoring
 * case. `person`, if given, must have voted or decided. `output`: the beginnings of the outputs are searched, too.
 */
function containsWords(
  approval: Approval,
  { words, person }: Extract<ListQuery, { kind: 'find' }>,
  output?: 'output',
): boolean {
  const { id, task, crew, executionId, rounds } = approval;
  const decisions = rounds.flatMap(({ decision, votes }) => [...votes, ...(decision ? [decision] : [])]);
  if (person !== undefined && !decisions.some(({ by }) => by === person)) return false;
  const agents = rounds.map(({ agent }) => agent);
  const outputs = output ? rounds.map(({ excerpt }) => excerpt) : [];
  const texts = [...agents, ...outputs, ...decisions.flatMap(({ by, feedback }) => [by, feedback])];
  const searchedText = [id, task, crew, executionId, ...texts].filter(Boolean).join('\n').toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => searchedText.includes(word));
}
/** A list to search, and the approvals to keep. */
export interface Source {
  read: (slice: Slice) => Promise<ListEntry[]>;
  reverse: boolean;
  keeps: (approval: Approval) => boolean | Promise<boolean>;
  /** True if this approval and all later ones are not wanted. */
  ends?: (approval: Approval) => boolean;
}
const CHUNK_SIZE = 25;
/** Most approvals counted beside a list: the count takes as long with 100,000 approvals as with 100. */
const MAX_BESIDE_LIST = 100;
/** Time for a search, and for the checks of one chunk in it, in milliseconds. The whole look-up must end within REPLY_TIMEOUT. */
const LONGEST_SEARCH = 1500;
/**
 * Time for new requests to Slack, in milliseconds. Slack can take a second to respond, and a later response would come after
 * REPLY_TIMEOUT. After one request that timed out, there is time for a second.
 */
const TIME_TO_ASK = 1150;
