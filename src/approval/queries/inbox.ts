import { findVisibleCrews } from '../access/can-look-up.ts';
import { checkRight, learnRights } from '../access/deciders.ts';
import { nameDecidersOfAll } from '../access/name-deciders.ts';
import type { App } from '../app.ts';
import { readAway, type Whereabouts } from '../away.ts';
import { type Approval, currentRound, hasVoted } from '../model/approval.ts';
import type { Output } from '../model/output.ts';
import type { Round } from '../model/round.ts';
import { hasPermission } from '../model/tool-call.ts';
import type { NamedDeciders } from '../ports.ts';
import { mayStart } from '../starts/can-start.ts';
import { loadApprovals } from './list-approvals.ts';

/** What a person's home tab shows. */
export interface Inbox {
  /** The output of those that are shown, and who can decide them. */
  waiting: { approval: Approval; output?: Output; deciders?: NamedDeciders | undefined }[];
  /** How many wait for other people, of crews that this person may look up: also those on which they have voted. */
  others: number;
  /** Of how many it cannot be said. */
  unchecked: number;
  /** The number of waiting approvals that were checked, when there are more. */
  lookedAt?: number;
  decided: { approval: Approval; round: Round }[];
  /** Decisions that let further calls of a tool through, where this person may end that. */
  permissions: { approval: Approval; round: Round }[];
  /** They may start a crew. */
  starts?: true;
  away: Whereabouts;
}

const CHUNK = 200;
/** Where most of it waits for others, as many are looked at until the tab is full. */
const MOST_LOOKED_AT = 1_000;
const OUTPUTS_IN_INBOX = 15;
const DECIDED_LATELY = 10;
const PERMISSIONS_LOOKED_AT = 50;

/** Loads what waits for a person, oldest first, and what they decided lately. `loadOutput`: that of a round. Rejects with a StoreError. */
export async function loadInbox(
  app: App,
  person: string,
  loadOutput: (approval: Approval, round: Round) => Promise<Output>,
): Promise<Inbox> {
  const { store, crews, people } = app;
  const { names: seen } = await findVisibleCrews(app, person);
  const mine: Inbox['waiting'] = [];
  let [unchecked, others, lookedAt] = [0, 0, 0];
  let after: string | undefined;
  let more = true;
  while (more && (lookedAt === 0 || (mine.length < OUTPUTS_IN_INBOX && lookedAt < MOST_LOOKED_AT))) {
    const entries = await store.list('waiting', [...crews.keys()], { limit: CHUNK + 1, after });
    const all = await loadApprovals(
      app,
      entries.slice(0, CHUNK).map(({ id }) => id),
    );
    await learnRights(app, person, all);
    for (const approval of all) {
      const may = await checkRight(app, approval, person);
      const isMine = may === 'yes' && !hasVoted(approval, person);
      if (may === 'cannot_check' || may === 'open_card') unchecked += 1;
      else if (!isMine && seen.includes(approval.crew)) others += 1;
      if (!isMine) continue;
      // What is not shown is only counted.
      const shown = mine.length < OUTPUTS_IN_INBOX;
      const output = shown ? await loadOutput(approval, currentRound(approval)) : undefined;
      mine.push({ approval, ...(output ? { output } : {}) });
    }
    lookedAt += Math.min(entries.length, CHUNK);
    more = entries.length > CHUNK;
    after = entries[CHUNK - 1]?.place;
  }
  const shown = mine.slice(0, OUTPUTS_IN_INBOX).map(({ approval }) => approval);
  const deciders = await nameDecidersOfAll(app, shown);
  const latest = await store.list('decidedBy', [person], { limit: DECIDED_LATELY, reverse: true });
  const lately = await loadApprovals(
    app,
    latest.map(({ id }) => id),
  );
  const decided = lately
    .filter(({ crew }) => seen.includes(crew))
    .flatMap((approval) => {
      const round = approval.rounds.findLast(({ decision }) => decision?.by === person);
      return round ? [{ approval, round }] : [];
    });
  return {
    waiting: mine.map((one) => ({ ...one, deciders: deciders.get(one.approval.id) })),
    others,
    unchecked,
    ...(more ? { lookedAt } : {}),
    decided,
    permissions: await loadPermissions(app, person),
    away: await readAway(app, person),
    ...(mayStart(people, crews, person) ? { starts: true } : {}),
  };
}

async function loadPermissions(app: App, person: string): Promise<Inbox['permissions']> {
  const entries = await app.store.list('permitting', [...app.crews.keys()], {
    limit: PERMISSIONS_LOOKED_AT,
    reverse: true,
  });
  if (entries.length === 0) return [];
  const approvals = await loadApprovals(
    app,
    entries.map(({ id }) => id),
  );
  await learnRights(app, person, approvals);
  const rights = await Promise.all(approvals.map((approval) => checkRight(app, approval, person)));
  return approvals
    .filter((_, at) => rights[at] === 'yes')
    .flatMap((approval) =>
      approval.rounds.filter((round) => hasPermission(approval, round)).map((round) => ({ approval, round })),
    );
}
