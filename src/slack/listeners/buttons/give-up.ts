import type { ListenerContext } from '../context.ts';
import type { ButtonArgs } from './read-click.ts';
import { recordButtonClick } from './record-click.ts';

/** A person clicked *Give up*. */
export async function giveUp(context: ListenerContext, args: ButtonArgs): Promise<void> {
  await recordButtonClick(context, args, (target, by) => context.decisions.giveUp(target, by));
}
