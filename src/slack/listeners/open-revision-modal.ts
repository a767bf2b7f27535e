import { currentRound } from '../../approval/model/approval.ts';
import { buildRevisionModal } from '../views/modals/decision-modals.ts';
import type { ListenerContext } from './context.ts';
import { type ModalRequest, openModal } from './open-modal.ts';

/** Opens the modal for feedback beside the output of the current round, which is the only one that can be decided. */
export async function openRevisionModal(context: ListenerContext, request: ModalRequest): Promise<void> {
  const { decisions } = context;
  await openModal(context, request, {
    check: (target, by) => decisions.check(target, by),
    buildView: async ({ approval }, target) =>
      buildRevisionModal(approval, target, await decisions.output(approval, currentRound(approval))),
  });
}
