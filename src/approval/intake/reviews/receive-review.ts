import type { App } from '../../app.ts';
import type { Crew } from '../../model/crew/crew.ts';
import type { FlowReview } from '../../model/run/flow-review.ts';
import type { Receipt } from '../../model/run/webhook.ts';
import { changeRun } from '../change-run.ts';
import { applyReview, buildReviewId } from './apply-review.ts';

/** Records a Flow's review. CrewAI never sends it again: rejects with a StoreError when nothing can be answered with 2xx. */
export async function receiveReview(app: App, crew: Crew, asked: FlowReview): Promise<Receipt> {
  const at = app.clock.now();
  const { executionId } = asked;
  const callbackAllowed = app.crewAI.mayCallBack(crew.name, asked.callbackUrl);
  const reads = { approvalId: buildReviewId(crew.name, asked) };
  const { receipt, fact } = await changeRun(app, crew, executionId, reads, (run) =>
    applyReview({ crew, at, callbackAllowed }, asked, run),
  );
  const { approval, round } = receipt;
  const about = { crew: crew.name, execution: executionId };
  if (fact) app.log.info({ ...about, approval, round }, fact);
  if (!callbackAllowed) {
    const { host } = new URL(asked.callbackUrl);
    app.log.warn({ ...about, host }, 'host of a review not allowed');
    app.alarm({ kind: 'callback_host_not_allowed', crew: crew.name, host });
  }
  return receipt;
}
