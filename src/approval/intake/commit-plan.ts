import type { Approval } from '../model/approval.ts';
import type { Dialects } from '../model/crew/dialect.ts';
import type { Kickoff } from '../model/run/kickoff.ts';
import type { ApprovalStore, ApprovalWrite, Clock, Log } from '../ports.ts';
import { CONFLICT } from '../update.ts';
import type { LoadedRun } from './load-run.ts';
import type { RunPlan } from './run-draft.ts';

/** What intake needs. */
export interface IntakeParts {
  store: ApprovalStore;
  dialects: Dialects;
  /** Whether a decision of the crew is being sent. */
  underway: (crew: string) => boolean;
  clock: Clock;
  log: Log;
  /** Webhooks of one run are planned one after another: each plan is made from the whole run. */
  serialize: <T>(run: string, work: () => Promise<T>) => Promise<T>;
  /** Called with each approval that changed, as it was stored. */
  wake: (approval: Approval) => void;
  /** Called with each start of a run that changed. */
  wakeKickoff: (kickoff: Kickoff) => void;
}

/** More approvals of one run are written in several commits, the run's record with the last. */
export const MOST_PER_COMMIT = 25;

/**
 * Stores a plan. A run of very many approvals takes several commits: each event can be applied again, so that a
 * redelivery completes what a crash interrupted. Rejects with a StoreError.
 */
export async function commitPlan(
  parts: IntakeParts,
  { stored }: LoadedRun,
  { execution, writes, result, kickoff }: RunPlan,
): Promise<typeof CONFLICT | undefined> {
  const first = writes.slice(0, -MOST_PER_COMMIT);
  const last = writes.slice(-MOST_PER_COMMIT);
  if (!(await saveEach(parts, first))) return CONFLICT;
  const extra = { writes: last, ...(result ? { result } : {}), ...(kickoff ? { kickoff } : {}) };
  if (!(await parts.store.saveExecution(stored, execution, extra))) return CONFLICT;
  for (const { next } of last) parts.wake(next);
  if (kickoff) parts.wakeKickoff(kickoff.next);
  return undefined;
}

/** Stores approvals one by one. False: one of them was changed by others. */
export async function saveEach(
  { store, wake }: Pick<IntakeParts, 'store' | 'wake'>,
  writes: readonly ApprovalWrite[],
): Promise<boolean> {
  for (const { previous, next, outputs } of writes) {
    if (!(await store.saveApproval(previous, next, outputs ? { outputs } : {}))) return false;
    wake(next);
  }
  return true;
}
