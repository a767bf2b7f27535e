import type { PageTarget } from '../../app/button-values.ts';
import { UNKNOWN_APPROVAL } from '../../views/text/sentences.ts';
import type { ListenerContext } from '../context.ts';
import { openModal } from '../open-modal.ts';
import { buildPage } from './output-modal.ts';
import { type ButtonArgs, readClick } from './read-click.ts';

/** A person clicked *Read in full*. */
export async function readInFull(context: ListenerContext, args: ButtonArgs): Promise<void> {
  await openFirstPage(context, args, 'output');
}

/** A person clicked *What changed*. */
export async function showChanges(context: ListenerContext, args: ButtonArgs): Promise<void> {
  await openFirstPage(context, args, 'changes');
}

async function openFirstPage(
  context: ListenerContext,
  { ack, body, action, client }: ButtonArgs,
  what: PageTarget['what'],
): Promise<void> {
  await ack();
  const { target, by, place } = readClick(body, action.value);
  if (!target) return context.reply(place, UNKNOWN_APPROVAL);
  await openModal(
    context,
    { client, target, by, place },
    {
      check: (clicked, person) => context.decisions.read(clicked, person),
      buildView: ({ approval }, shown) => buildPage(context, approval, { target: shown, what, page: 0 }),
    },
  );
}
