import { UNKNOWN_BUTTON } from '../../views/text/sentences.ts';
import type { ListenerContext } from '../context.ts';
import { type ButtonArgs, readClick } from './read-click.ts';

/** A person clicked a button that this version does not have. */
export async function rejectUnknownButton(
  { reply }: ListenerContext,
  { ack, body, action }: ButtonArgs,
): Promise<void> {
  await ack();
  await reply(readClick(body, action.value).place, UNKNOWN_BUTTON);
}
