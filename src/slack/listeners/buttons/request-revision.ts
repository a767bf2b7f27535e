import { UNKNOWN_APPROVAL } from '../../views/text/sentences.ts';
import type { ListenerContext } from '../context.ts';
import { openRevisionModal } from '../open-revision-modal.ts';
import { type ButtonArgs, readClick } from './read-click.ts';

/** A person clicked *Request revision*: opens the modal, unless they cannot decide this round. Decides nothing. */
export async function requestRevision(
  context: ListenerContext,
  { ack, body, action, client }: ButtonArgs,
): Promise<void> {
  await ack();
  const { target, by, place } = readClick(body, action.value);
  if (!target) return context.reply(place, UNKNOWN_APPROVAL);
  await openRevisionModal(context, { client, target, by, place });
}
