import type { ModalView } from '@slack/types';
import { slackErrorOf } from '../../api/client.ts';
import { type PageTarget, readPage } from '../../app/button-values.ts';
import { buildNotDoneModal } from '../../views/modals/decision-modals.ts';
import { NOT_LOOKED_UP } from '../../views/text/sentences.ts';
import type { ListenerContext } from '../context.ts';
import { buildPage } from './output-modal.ts';
import { type ButtonArgs, readClick } from './read-click.ts';

/** A person turned a page in the modal of an output. */
export async function turnOutputPage(
  context: ListenerContext,
  { ack, body, action, client }: ButtonArgs,
): Promise<void> {
  const { reply, log } = context;
  await ack();
  const page = readPage(action.value);
  const shown = body.view;
  if (!page || !shown) return reply(readClick(body, undefined).place, NOT_LOOKED_UP);
  const next =
    (await readNextPage(context, page, body.user.id)) ?? buildNotDoneModal(shown.title.text, NOT_LOOKED_UP);
  await client.views.update({ view_id: shown.id, hash: shown.hash, view: next }).catch((error: unknown) => {
    // An earlier click has turned the page.
    if (slackErrorOf(error) === 'hash_conflict') return;
    log.warn({ error }, 'page not turned');
    return reply({ user: body.user.id }, NOT_LOOKED_UP);
  });
}

/** Undefined if the person may not read the output, or it could not be read. */
async function readNextPage(
  context: ListenerContext,
  page: PageTarget,
  person: string,
): Promise<ModalView | undefined> {
  try {
    const answer = await context.decisions.read(page.target, person);
    return answer.done ? await buildPage(context, answer.approval, page) : undefined;
  } catch (error) {
    context.log.error({ approval: page.target.approvalId, error }, 'page not turned');
    return undefined;
  }
}
