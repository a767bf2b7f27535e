import { findVisibleCrews } from '../access/can-look-up.ts';
import { checkRight, learnRights } from '../access/deciders.ts';
import { nameDecidersOfAll } from '../access/name-deciders.ts';
import type { App } from '../app.ts';
import { readAway, type Whereabouts } from '../away.ts';
import { type Approval, currentRound, hasVoted } from '../model/approval.ts';
import type { Output } from '../model/output.ts';
import type { Round } from '../model/round.ts';
import { allowsFurtherCalls } from '../model/tool-call.ts';
import type { NamedDeciders } from '../ports.ts';
import { canStart } from '../starts/can-start.ts';
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
  checkedCount?: number;
  decided: { approval: Approval; round: Round }[];
  /** Decisions that allow further calls of a tool, if this person may end the permission. */
  permissions: { approval: Approval; round: Round }[];
  /** The person may start a run. */
  starts?: true;
  away: Whereabouts;
}

const CHUNK_SIZE = 200;
/** Maximum number of approvals to check if the tab is not full before: many may wait for other people. */
const MAX_APPROVALS_CHECKED = 1_000;
const OUTPUTS_IN_INBOX = 15;
const MAX_DECIDED = 10;
const MAX_PERMISSIONS_CHECKED = 50;

/**
 * Loads the approvals that wait for a person, oldest first, and the person's latest decisions. `loadOutput`: loads the output of
 * a round. Rejects with a StoreError.
 */
export async function loadInbox(
  app: App,
  person: string,
  loadOutput: (approval: Approval, round: Round) => Promise<Output>,
): Promise<Inbox> {
  const { store, crews, people } = app;
  const { names: visibleCrews } = await findVisibleCrews(app, person);
  const waiting: Inbox['waiting'] = [];
  let [unchecked, others, checkedCount] = [0, 0, 0];
  let after: string | undefined;
  let hasMore = true;
  while (
    hasMore &&
    (checkedCount === 0 || (waiting.length < OUTPUTS_IN_INBOX && checkedCount < MAX_APPROVALS_CHECKED))
  ) {
    const entries = await store.list('waiting', [...crews.keys()], { limit: CHUNK_SIZE + 1, after });
    const approvals = await loadApprovals(
      app,
      entries.slice(0, CHUNK_SIZE).map(({ id }) => id),
    );
    await learnRights(app, person, approvals);
    for (const approval of approvals) {
      const right = await checkRight(app, approval, person);
      const isMine = right === 'yes' && !hasVoted(approval, person);
      if (right === 'cannot_check' || right === 'open_card') unchecked += 1;
      else if (!isMine && visibleCrews.includes(approval.crew)) others += 1;
      if (!isMine) continue;
      // Approvals that are not shown are only counted.
      const isShown = waiting.length < OUTPUTS_IN_INBOX;
      const output = isShown ? await loadOutput(approval, currentRound(approval)) : undefined;
      waiting.push({ approval, ...(output ? { output } : {}) });
    }
    checkedCount += Math.min(entries.length, CHUNK_SIZE);
    hasMore = entries.length > CHUNK_SIZE;
    after = entries[CHUNK_SIZE - 1]?.place;
  }
  const shownApprovals = waiting.slice(0, OUTPUTS_IN_INBOX).map(({ approval }) => approval);
  const deciders = await nameDecidersOfAll(app, shownApprovals);
  const latestEntries = await store.list('decidedBy', [person], { limit: MAX_DECIDED, reverse: true });
  const latestApprovals = await loadApprovals(
    app,
    latestEntries.map(({ id }) => id),
  );
  const decided = latestApprovals
    .filter(({ crew }) => visibleCrews.includes(crew))
    .flatMap((approval) => {
      const round = approval.rounds.findLast(({ decision }) => decision?.by === person);
      return round ? [{ approval, round }] : [];
    });
  return {
    waiting: waiting.map((item) => ({ ...item, deciders: deciders.get(item.approval.id) })),
    others,
    unchecked,
    ...(hasMore ? { checkedCount } : {}),
    decided,
    permissions: await loadPermissions(app, person),
    away: await readAway(app, person),
    ...(canStart(people, crews, person) ? { starts: true } : {}),
  };
}

async function loadPermissions(app: App, person: string): Promise<Inbox['permissions']> {
  const entries = await app.store.list('permitting', [...app.crews.keys()], {
    limit: MAX_PERMISSIONS_CHECKED,
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
      approval.rounds
        .filter((round) => allowsFurtherCalls(approval, round))
        .map((round) => ({ approval, round })),
    );
}
