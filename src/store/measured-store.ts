import { performance } from 'node:perf_hooks';
import type { Approval } from '../approval/model/approval.ts';
import type { ApprovalStore, Changes, ListName, Meter } from '../approval/ports.ts';

/** Wraps a store to time its operations and report its saves. `onSaved`: called with each saved approval. */
export function createMeasuredStore(
  store: ApprovalStore,
  meter: Meter,
  onSaved: (approval: Approval) => void = () => {},
): ApprovalStore {
  const timedStore = Object.fromEntries(
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
    ...timedStore,
    async save(changes) {
      const isSaved = await timedStore.save(changes);
      if (!isSaved) return false;
      for (const { previous, next } of changes.approvals ?? []) {
        meter.saved(previous?.record, next);
        onSaved(next);
      }
      const { start } = changes;
      if (start) meter.startSaved(start.previous?.record, start.next);
      return true;
    },
  };
}

/** Metric labels of the operations that have another name in the code. Dashboards rely on these labels. */
const OPERATIONS: Readonly<Record<string, string>> = {
  run: 'execution',
  runsBeginning: 'executionsBeginning',
  start: 'kickoff',
  forgetStart: 'forgetKickoff',
  starts: 'kickoffs',
  dueStarts: 'dueKickoffs',
} satisfies Partial<Record<keyof ApprovalStore | ListName, string>>;

function nameOperation(method: string, [argument]: readonly unknown[]): string {
  const name = method === 'list' ? (argument as ListName) : method;
  if (method !== 'save') return OPERATIONS[name] ?? name;
  const { run, start, alias } = argument as Changes;
  if (alias) return run ? 'mergeExecution' : 'saveAlias';
  if (run) return 'saveExecution';
  return start ? 'saveKickoff' : 'saveApproval';
}
