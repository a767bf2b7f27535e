import type { ModalView } from '@slack/types';
import { slackErrorOf } from '../../api/client.ts';
import { type PageTarget, readPage } from '../../app/button-values.ts';
import { buildNotDoneModal } from '../../views/modals/decision-modals.ts';
import { describeRefusal, NOT_LOOKED_UP, NOT_YOUR_STATE } from '../../views/text/sentences.ts';
import { currentCardLink, type ListenerContext } from '../context.ts';
import { buildPage } from './output-modal.ts';
import { type ButtonArgs, readClick } from './read-click.ts';

/** A person turned a page in the modal of an output, or opened the state of a Flow from the details. */
export async function turnOutputPage(
  context: ListenerContext,
  { ack, body, action, client }: ButtonArgs,
): Promise<void> {
  const { reply, log } = context;
  await ack();
  const page = readPage(action.value);
  const shown = body.view;
  if (!page || !shown) return reply(readClick(body, undefined).place, NOT_LOOKED_UP);
  const next = await readNextPage(context, page, body.user.id).catch((error: unknown) => {
    log.error({ approval: page.target.approvalId, error }, 'page not turned');
    return NOT_LOOKED_UP;
  });
  const view = typeof next === 'string' ? buildNotDoneModal(shown.title.text, next) : next;
  await client.views.update({ view_id: shown.id, hash: shown.hash, view }).catch((error: unknown) => {
    // An earlier click has turned the page.
    if (slackErrorOf(error) === 'hash_conflict') return;
    log.warn({ error }, 'page not turned');
    return reply({ user: body.user.id }, NOT_LOOKED_UP);
  });
}

/** The page, or why the person does not get it. Rejects if it could not be read. */
async function readNextPage(
  context: ListenerContext,
  page: PageTarget,
  person: string,
): Promise<ModalView | string> {
  const { decisions, links } = context;
  const answer = await (page.what === 'state' ? decisions.readState : decisions.read)(page.target, person);
  if (answer.done) return buildPage(context, answer.approval, page);
  return page.what === 'state' && answer.refusal.code === 'not_approver'
    ? NOT_YOUR_STATE
    : describeRefusal(answer.refusal, currentCardLink(answer, links));
}
