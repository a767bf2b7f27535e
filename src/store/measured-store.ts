import { performance } from 'node:perf_hooks';
import type { Approval } from '../approval/model/approval.ts';
import type { ApprovalStore, Changes, ListName, Meter } from '../approval/ports.ts';

/** Wraps a store so that its operations are timed and its saves are reported. `heard`: called with each approval that was saved. */
export function measureStore(
  store: ApprovalStore,
  meter: Meter,
  heard: (approval: Approval) => void = () => {},
): ApprovalStore {
  const timed = Object.fromEntries(
    Object.entries(store).map(([method, work]) => [
      method,
      async (...args: unknown[]) => {
        const began = performance.now();
        let failed = true;
        try {
          const result = await (work as (...args: unknown[]) => Promise<unknown>)(...args);
          failed = false;
          return result;
        } finally {
          meter.store(nameOperation(method, args), performance.now() - began, failed);
        }
      },
    ]),
  ) as unknown as ApprovalStore;
  return {
    ...timed,
    async save(changes) {
      const saved = await timed.save(changes);
      if (!saved) return false;
      for (const { previous, next } of changes.approvals ?? []) {
        meter.saved(previous?.record, next);
        heard(next);
      }
      const { kickoff } = changes;
      if (kickoff) meter.startSaved(kickoff.previous?.record, kickoff.next);
      return true;
    },
  };
}

/** The names of operations are labels of metrics, which dashboards rely on. */
function nameOperation(method: string, [first]: readonly unknown[]): string {
  if (method === 'list') return first as ListName;
  if (method !== 'save') return method;
  const { execution, kickoff, alias } = first as Changes;
  if (alias) return execution ? 'mergeExecution' : 'saveAlias';
  if (execution) return 'saveExecution';
  return kickoff ? 'saveKickoff' : 'saveApproval';
}
