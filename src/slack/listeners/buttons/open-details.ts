import type { ListenerContext } from '../context.ts';
import { showDetails } from '../show-details.ts';
import { type ButtonArgs, readClick } from './read-click.ts';

/** A person clicked *Open* in a list. */
export async function openDetails(
  context: ListenerContext,
  { ack, body, action, client }: ButtonArgs,
): Promise<void> {
  await ack();
  const { target, place } = readClick(body, action.value);
  await showDetails(context, client, target, place);
}
