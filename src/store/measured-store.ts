import { performance } from 'node:perf_hooks';
import type { ApprovalStore, ApprovalWrite, Meter } from '../approval/ports.ts';

/** Wraps a store so that its operations are timed and its saves are reported. */
export function measureStore(store: ApprovalStore, meter: Meter): ApprovalStore {
  const timed = Object.fromEntries(
    Object.entries(store).map(([operation, work]) => [
      operation,
      async (...args: unknown[]) => {
        const began = performance.now();
        let failed = true;
        try {
          const result = await (work as (...args: unknown[]) => Promise<unknown>)(...args);
          failed = false;
          return result;
        } finally {
          meter.store(operation, performance.now() - began, failed);
        }
      },
    ]),
  ) as unknown as ApprovalStore;
  const countWrites = (writes: readonly ApprovalWrite[] = []) => {
    for (const { previous, next } of writes) meter.saved(previous?.record, next);
  };
  return {
    ...timed,
    async saveApproval(previous, next, extra) {
      const saved = await timed.saveApproval(previous, next, extra);
      if (saved) meter.saved(previous?.record, next);
      return saved;
    },
    async saveExecution(previous, next, extra) {
      const saved = await timed.saveExecution(previous, next, extra);
      if (saved) countWrites(extra?.writes);
      return saved;
    },
    async mergeExecution(merge) {
      const saved = await timed.mergeExecution(merge);
      if (saved) countWrites(merge.writes);
      return saved;
    },
  };
}
