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

/** Content of a person's home tab. */
export interface Inbox {
  /** Approvals that wait for the person, oldest first. Those on the tab have their output and deciders. */
  waiting: { approval: Approval; output?: Output; deciders?: NamedDeciders | undefined }[];
  /**
   * Number of approvals that wait for other people, in crews that this person may look up; those on which the person has voted
   * included.
   */
  others: number;
  /** Number of waiting approvals for which the person's rights are not known. */
  unchecked: number;
  /** Number of waiting approvals that were checked, if there are more. */
  lookedAt?: number;
  decided: { approval: Approval; round: Round }[];
  /** Decisions that allow further calls of a tool, if this person may end that. */
  permissions: { approval: Approval; round: Round }[];
  /** The person may start a run. */
  starts?: true;
  away: Whereabouts;
}

const CHUNK = 200;
/** Most approvals to check until the tab is full: most of them may wait for others. */
const MOST_LOOKED_AT = 1_000;
const OUTPUTS_IN_INBOX = 15;
const DECIDED_LATELY = 10;
const PERMISSIONS_LOOKED_AT = 50;

/**
 * Loads the approvals that wait for a person, oldest first, and their latest decisions. `loadOutput`: loads the output of a
 * round. Rejects with a StoreError.
 */
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
      // Approvals that are not shown are only counted.
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
