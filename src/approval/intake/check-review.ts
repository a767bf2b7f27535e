import { type Cache, createCache } from '../../lib/cache.ts';
import type { App } from '../app.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import { type Approval, currentRound, setOrigin } from '../model/approval.ts';
import { findShownRunId } from '../model/run/program-run.ts';
import { updateApproval } from '../update.ts';
import { loadRun } from './change-run.ts';
import { listRunApprovals } from './run.ts';

/** Shortest time between two status requests about one review, in milliseconds. */
const CHECK_INTERVAL = 10 * 60_000;
const MAX_REMEMBERED = 1_000;
/** Recently checked reviews, by the store of their bot. */
const checkedReviews = new WeakMap<App['store'], Cache<true>>();

/**
 * Closes a waiting review whose Flow has ended or asked again: the review was answered in CrewAI. Asks CrewAI for the status of
 * the run, at most every ten minutes. Resolves with true if the review was closed. Rejects with a StoreError.
 */
export async function closeIfAnswered(app: App, approval: Approval): Promise<boolean> {
  const { store, crews, clock, log } = app;
  const round = currentRound(approval);
  const isCheckable =
    round.status === 'waiting' &&
    round.review &&
    findShownRunId(approval.executionId) !== undefined &&
    crews.get(approval.crew)?.starts !== undefined;
  if (!isCheckable || !takeTurn(app, `${approval.id} ${round.number}`)) return false;
  const status = await app.crewAI.status(approval.crew, approval.executionId);
  const isOver = status.kind === 'completed' || status.kind === 'failed';
  if (!isOver && !(await hasLaterReview(app, approval))) return false;
  const closed = await updateApproval(store, approval.id, (current) => {
    const event = { type: 'answered_elsewhere', at: clock.now(), round: round.number } as const;
    return setOrigin(applyEvent(current, event), current.factCount, 'crewai');
  });
  if (!closed) return false;
  log.info(
    { crew: approval.crew, execution: approval.executionId, approval: approval.id, status: status.kind },
    'review answered in CrewAI',
  );
  app.wake(closed);
  return true;
}

function takeTurn({ store, clock }: App, key: string): boolean {
  const checked =
    checkedReviews.get(store) ?? createCache<true>({ max: MAX_REMEMBERED, clock, ttl: CHECK_INTERVAL });
  checkedReviews.set(store, checked);
  if (checked.has(key)) return false;
  checked.set(key, true);
  return true;
}

/** True if another review of the same run came later. */
async function hasLaterReview(app: App, { id, crew, executionId, rounds }: Approval): Promise<boolean> {
  const { run } = await loadRun(app, crew, executionId);
  const { receivedAt = 0 } = rounds.at(-1) ?? {};
  return listRunApprovals(run).some((sibling) => {
    const round = currentRound(sibling);
    return sibling.id !== id && round.review !== undefined && round.receivedAt > receivedAt;
  });
}
