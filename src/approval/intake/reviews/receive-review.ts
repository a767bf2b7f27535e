import type { Crew } from '../../model/crew/crew.ts';
import type { FlowReview } from '../../model/run/flow-review.ts';
import type { Receipt } from '../../model/run/webhook.ts';
import { CONFLICT, retryConflicts } from '../../update.ts';
import { commitPlan, type IntakeParts } from '../commit-plan.ts';
import { loadRun } from '../load-run.ts';
import { buildReviewId, planReview } from './plan-review.ts';

/** Records a Flow's review. CrewAI never sends it again: rejects with a StoreError when nothing can be answered with 2xx. */
export function receiveReview(
  parts: IntakeParts,
  crew: Crew,
  asked: FlowReview,
  callbackAllowed: boolean,
): Promise<Receipt> {
  const { log, clock } = parts;
  const at = clock.now();
  const { executionId } = asked;
  return parts.serialize(`${crew.name}/${executionId}`, () =>
    retryConflicts(executionId, async () => {
      const run = await loadRun(parts, crew.name, executionId, {
        approvalId: buildReviewId(crew.name, asked),
      });
      const plan = planReview({ crew, at, callbackAllowed }, asked, run);
      if ((await commitPlan(parts, run, plan)) === CONFLICT) return CONFLICT;
      const { approval, round } = plan.receipt;
      if (plan.fact) log.info({ crew: crew.name, execution: executionId, approval, round }, plan.fact);
      return plan.receipt;
    }),
  );
}
