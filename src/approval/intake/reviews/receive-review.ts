import type { App } from '../../app.ts';
import type { Crew } from '../../model/crew/crew.ts';
import type { FlowReview } from '../../model/run/flow-review.ts';
import type { Receipt } from '../../model/run/webhook.ts';
import { CONFLICT, retryConflicts } from '../../update.ts';
import { commitPlan, loadRun } from '../run-draft.ts';
import { buildReviewId, planReview } from './plan-review.ts';

/** Records a Flow's review. CrewAI never sends it again: rejects with a StoreError when nothing can be answered with 2xx. */
export function receiveReview(app: App, crew: Crew, asked: FlowReview): Promise<Receipt> {
  const { log, clock, crewAI, alarm } = app;
  const at = clock.now();
  const { executionId } = asked;
  const callbackAllowed = crewAI.mayCallBack(crew.name, asked.callbackUrl);
  return app.serialize(`${crew.name}/${executionId}`, () =>
    retryConflicts(executionId, async () => {
      const run = await loadRun(app, crew.name, executionId, {
        approvalId: buildReviewId(crew.name, asked),
      });
      const plan = planReview({ crew, at, callbackAllowed }, asked, run);
      if ((await commitPlan(app, run, plan)) === CONFLICT) return CONFLICT;
      const { approval, round } = plan.receipt;
      const about = { crew: crew.name, execution: executionId };
      if (plan.fact) log.info({ ...about, approval, round }, plan.fact);
      if (!callbackAllowed) {
        const { host } = new URL(asked.callbackUrl);
        log.warn({ ...about, host }, 'host of a review not allowed');
        alarm({ kind: 'callback_host_not_allowed', crew: crew.name, host });
      }
      return plan.receipt;
    }),
  );
}
