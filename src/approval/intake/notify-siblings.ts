import { RecordError } from '../../lib/errors.ts';
import type { ApprovalEvent } from '../lifecycle/events.ts';
import { lastTakenAt } from '../lifecycle/run-progress.ts';
import { transition } from '../lifecycle/transitions.ts';
import type { Approval } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialects } from '../model/crew/dialect.ts';
import { setOrigin } from '../model/facts.ts';
import type { Execution } from '../model/run/execution.ts';
import type { ApprovalStore, Log } from '../ports.ts';
import { updateApproval } from '../update.ts';
import { resolveShownUrls } from './build-approval.ts';

/**
 * Tells the approvals of a run what has become known of it. All of it can be repeated. Everything rejects with a
 * StoreError.
 */
export function createRunTeller({
  store,
  dialects,
  log,
  wake,
}: {
  store: ApprovalStore;
  dialects: Dialects;
  log: Log;
  /** Called with each approval that changed, as it was stored. */
  wake: (approval: Approval) => void;
}) {
  /** `told`: those who know it already. */
  async function tellOthers(
    execution: Execution,
    except: string | undefined,
    event: ApprovalEvent,
    told = new Set<string>(),
  ) {
    for (const id of execution.approvals) {
      if (id === except || told.has(id)) continue;
      await applyToSibling(id, event);
      told.add(id);
    }
  }

  /** Its cards say which webhook URLs a decision will be sent with; once more if others became known meanwhile. */
  async function tellUrls(crew: Crew, execution: Execution, at: number, except?: string) {
    const facts = resolveShownUrls(crew, execution, dialects.of(crew.name));
    await tellOthers(execution, except, { type: 'urls_known', at, ...facts });
    const now = (await store.execution(crew.name, execution.executionId))?.record;
    if (now && JSON.stringify(resolveShownUrls(crew, now, dialects.of(crew.name))) !== JSON.stringify(facts))
      await tellUrls(crew, now, at);
  }

  async function finish(execution: Execution, at: number) {
    const { approvals, hasResult: withResult } = execution;
    for (const id of approvals)
      await applyToSibling(id, { type: 'run_finished', at, withResult, isLast: id === approvals.at(-1) });
  }

  async function fail(execution: Execution, at: number) {
    const { approvals, failure } = execution;
    if (!failure || (await isOutlived(execution))) return;
    const event = { type: 'run_failed', at, failedAt: failure.at, reason: failure.reason } as const;
    for (const id of approvals) await applyToSibling(id, { ...event, isLast: id === approvals.at(-1) });
  }

  /** What is known of the run's end; each approval hears of it once. */
  async function tellEnd(execution: Execution, at: number) {
    await fail(execution, at);
    if (execution.finishedAt !== undefined) await finish(execution, at);
  }

  /** Events come in any order: the run took a decision after it had failed, so it went on. */
  async function isOutlived({ approvals, failure }: Execution): Promise<boolean> {
    for (const id of failure ? approvals : []) {
      const approval = await siblingOf(id);
      if (failure && approval && lastTakenAt(approval) > failure.at) return true;
    }
    return false;
  }

  async function applyToSibling(id: string, event: ApprovalEvent) {
    await readable(id, () => apply(id, event));
  }

  async function siblingOf(id: string): Promise<Approval | undefined> {
    return readable(id, async () => (await store.approval(id))?.record);
  }

  /** One that cannot be read stands in no other's way. */
  async function readable<T>(id: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      log.error({ approval: id, error }, 'an approval could not be read');
      return undefined;
    }
  }

  async function apply(id: string, event: ApprovalEvent) {
    const next = await updateApproval(store, id, (approval) => applyEvent(approval, event));
    if (next) wake(next);
  }

  return { tellOthers, tellUrls, finish, fail, tellEnd, isOutlived, apply, applyToSibling, siblingOf };
}

export type RunTeller = ReturnType<typeof createRunTeller>;

/** The event: the run has come to the end of some task: whatever was decided before has moved it on. */
export function taskReportedEvent(at: number): ApprovalEvent {
  return { type: 'other_webhook', at, taskReported: true };
}

/** The approval after an event that no person asked for. */
export function applyEvent(approval: Approval, event: ApprovalEvent): Approval {
  const result = transition(approval, event);
  // Only what people ask for is ever refused.
  if ('refusal' in result || result.approval === approval) return approval;
  return setOrigin(result.approval, approval.factCount, 'webhook');
}
