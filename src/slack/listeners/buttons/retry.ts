import type { ListenerContext } from '../context.ts';
import type { ButtonArgs } from './read-click.ts';
import { recordButtonClick } from './record-click.ts';

/** A person clicked *Retry*. */
export async function retry(context: ListenerContext, args: ButtonArgs): Promise<void> {
  await recordButtonClick(context, args, (target, by) => context.decisions.retry(target, by));
}
