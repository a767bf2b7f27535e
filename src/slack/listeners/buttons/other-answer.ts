import { buildOtherAnswerModal } from '../../views/modals/decision-modals.ts';
import { UNKNOWN_APPROVAL } from '../../views/text/sentences.ts';
import type { ListenerContext } from '../context.ts';
import { openModal } from '../open-modal.ts';
import { type ButtonArgs, readClick } from './read-click.ts';

/** A person clicked *Other answer…*: opens the modal, unless they cannot decide this round. Decides nothing. */
export async function openOtherAnswer(
  context: ListenerContext,
  { ack, body, action, client }: ButtonArgs,
): Promise<void> {
  await ack();
  const { target, by, place } = readClick(body, action.value);
  if (!target) return context.reply(place, UNKNOWN_APPROVAL);
  await openModal(
    context,
    { client, target, by, place },
    {
      check: (on, person) => context.decisions.check(on, person),
      buildView: ({ approval }, on) => buildOtherAnswerModal(approval, on),
    },
  );
}
