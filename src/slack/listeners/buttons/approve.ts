import type { ListenerContext } from '../context.ts';
import type { ButtonArgs } from './read-click.ts';
import { recordButtonClick } from './record-click.ts';

/** A person clicked *Approve*. */
export async function approve(context: ListenerContext, args: ButtonArgs): Promise<void> {
  await recordButtonClick(context, args, (target, by) =>
    context.decisions.decide(target, by, { action: 'approve' }),
  );
}
