import type { Refusal } from '../../approval/lifecycle/refusal.ts';
import { currentRound, findRound } from '../../approval/model/approval.ts';
import type { Answer } from '../../approval/read-round.ts';
import { buildRevisionModal } from '../views/modals/decision-modals.ts';
import type { ListenerContext } from './context.ts';
import { type ModalRequest, openModal } from './open-modal.ts';

/** Opens the modal for feedback beside the output of the current round, which is the only one that can be decided. */
export async function openRevisionModal(context: ListenerContext, request: ModalRequest): Promise<void> {
  const { decisions } = context;
  await openModal(context, request, {
    check: async (target, by) => refuseReview(await decisions.check(target, by), target.round),
    buildView: async ({ approval }, target) =>
      buildRevisionModal(approval, target, await decisions.output(approval, currentRound(approval))),
  });
}

/** A Flow takes only its own answers, so that no feedback is typed for nothing. */
function refuseReview(checked: Answer, number: number): Answer {
  const review = checked.done ? findRound(checked.approval, number)?.review : undefined;
  if (!checked.done || !review) return checked;
  const { options, callbackUrl, blockedHost } = review;
  const refusal: Refusal =
    callbackUrl === undefined
      ? { code: 'answer_in_crewai', host: blockedHost }
      : { code: 'no_such_option', options };
  return { done: false, refusal, approval: checked.approval };
}
