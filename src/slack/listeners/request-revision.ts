import { currentRound } from '../../approval/model/approval.ts';
import { buildRevisionModal } from '../views/modals/decision-modals.ts';
import { describeRefusal } from '../views/text/sentences.ts';
import { type ButtonArgs, readClick } from './card-buttons.ts';
import { type ListenerContext, openModal } from './context.ts';

/** Opens the modal at once, unless this round cannot be decided by this person any more. It decides nothing. */
export function createRequestRevision(context: ListenerContext) {
  const { service, tell } = context;
  return async ({ ack, body, action, client }: ButtonArgs): Promise<void> => {
    await ack();
    const { target, by, place } = readClick(body, action.value);
    if (!target) return tell(place, describeRefusal({ code: 'unknown' }, undefined));
    await openModal(
      context,
      { client, target, by, place },
      {
        look: service.check,
        // What can be decided is the current round.
        view: async ({ approval }, shown) =>
          buildRevisionModal(approval, shown, await service.output(approval, currentRound(approval))),
      },
    );
  };
}
