import type { App } from '../app.ts';
import type { ApprovalWrite } from '../ports.ts';
import { CONFLICT } from '../update.ts';
import type { LoadedRun } from './load-run.ts';
import type { RunPlan } from './run-draft.ts';

/** More approvals of one run are written in several commits, the run's record with the last. */
export const MOST_PER_COMMIT = 25;

/**
 * Stores a plan. A run of very many approvals takes several commits: each event can be applied again, so that a
 * redelivery completes what a crash interrupted. Rejects with a StoreError.
 */
export async function commitPlan(
  app: App,
  { stored }: LoadedRun,
  { execution, writes, result, kickoff }: RunPlan,
): Promise<typeof CONFLICT | undefined> {
  const first = writes.slice(0, -MOST_PER_COMMIT);
  const last = writes.slice(-MOST_PER_COMMIT);
  if (!(await saveEach(app, first))) return CONFLICT;
  const extra = { writes: last, ...(result ? { result } : {}), ...(kickoff ? { kickoff } : {}) };
  if (!(await app.store.saveExecution(stored, execution, extra))) return CONFLICT;
  for (const { next } of last) app.wake(next);
  if (kickoff) app.wakeKickoff(kickoff.next);
  return undefined;
}

/** Stores approvals one by one. False: one of them was changed by others. */
export async function saveEach(
  { store, wake }: Pick<App, 'store' | 'wake'>,
  writes: readonly ApprovalWrite[],
): Promise<boolean> {
  for (const { previous, next, outputs } of writes) {
    if (!(await store.saveApproval(previous, next, outputs ? { outputs } : {}))) return false;
    wake(next);
  }
  return true;
}
