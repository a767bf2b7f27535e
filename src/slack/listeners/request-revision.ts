import { within } from '../deadline.ts';
import { revisionModal } from '../views/revision-modal.ts';
import { NOT_OPENED, NOT_RECORDED, refusalSentence } from '../views/sentences.ts';
import { type ButtonArgs, readClick } from './card-buttons.ts';
import { currentCardLink, type ListenerContext } from './context.ts';

/** A trigger lasts 3 s from the click: the look at the record must leave time to open the modal. */
const CHECK_DEADLINE = 1_000;

/** Opens the modal at once, unless this round cannot be decided by this person any more. Records nothing. */
export function createRequestRevision({ service, tell, links, log }: ListenerContext) {
  return async ({ ack, body, action, client }: ButtonArgs): Promise<void> => {
    await ack();
    const { target, by, place } = readClick(body, action);
    if (!target) return tell(place, refusalSentence({ code: 'unknown' }, undefined));
    const about = { approval: target.approvalId, person: by };
    const answer = await within(CHECK_DEADLINE, () => service.check(target, by)).catch((error: unknown) =>
      log.error({ ...about, error }, 'an approval could not be looked at'),
    );
    if (!answer) return tell(place, NOT_RECORDED);
    if (!answer.done) await tell(place, refusalSentence(answer.refusal, currentCardLink(answer, links)));
    else {
      const view = revisionModal(answer.approval, target.round);
      await client.views.open({ trigger_id: body.trigger_id, view }).catch((error: unknown) => {
        log.error({ ...about, error }, 'the revision modal could not be opened');
        return tell(place, NOT_OPENED);
      });
    }
    await service.adopt(target);
  };
}
