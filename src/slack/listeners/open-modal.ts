import type { View } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Approval } from '../../approval/model/approval.ts';
import type { Answer, Target } from '../../approval/read-round.ts';
import { withTimeout } from '../../lib/deadline.ts';
import type { ReplyPlace } from '../api/reply.ts';
import { describeRefusal, NOT_OPENED, NOT_RECORDED } from '../views/text/sentences.ts';
import { currentCardLink, type ListenerContext } from './context.ts';

/** A trigger expires 3 s after the click, so reading the approval must leave time to open the modal. */
const READ_TIMEOUT = 1_200;

/** Who clicked what, and the client to open the modal with. */
export interface ModalRequest {
  client: WebClient;
  target: Target;
  by: string;
  place: ReplyPlace;
}

interface ModalParts {
  check: (target: Target, by: string) => Promise<Answer>;
  /** `target`: for the modal's private_metadata, with the click on the card. */
  buildView: (answer: Answer & { done: true }, target: Target) => Promise<View> | View;
}

type OpeningContext = Pick<ListenerContext, 'decisions' | 'reply' | 'links' | 'clock' | 'log'>;

/** Opens a modal for a round if the person may use it; else replies why not, and records that refusal after the reply. */
export async function openModal(
  context: OpeningContext,
  request: ModalRequest,
  parts: ModalParts,
): Promise<void> {
  const { decisions, reply, links } = context;
  const { target, by, place } = request;
  const checked = await checkInTime(context, target, by, parts);
  if (!checked) await reply(place, NOT_RECORDED);
  else if (!checked.answer.done) {
    const { refusal } = checked.answer;
    await reply(place, describeRefusal(refusal, currentCardLink(checked.answer, links)));
    await decisions.keepRefused(target, by, refusal);
  } else if (checked.view) await openView(context, request, checked.view);
  await decisions.adopt(target, by);
}

/** Undefined if the store failed or was late. */
async function checkInTime(
  context: OpeningContext,
  target: Target,
  by: string,
  { check, buildView }: ModalParts,
): Promise<{ answer: Answer; view: View | undefined } | undefined> {
  try {
    return await withTimeout(READ_TIMEOUT, async () => {
      const answer = await check(target, by);
      if (!answer.done) return { answer, view: undefined };
      return { answer, view: await buildView(answer, addCardClick(context, answer.approval, target, by)) };
    });
  } catch (error) {
    context.log.error({ approval: target.approvalId, person: by, error }, 'approval not read');
    return undefined;
  }
}

/** A click on the approval's card goes with the modal: it proves that this person sees the card. */
function addCardClick(
  { decisions, clock }: OpeningContext,
  approval: Approval,
  target: Target,
  by: string,
): Target {
  const { card, via } = target;
  if (via !== 'card' || !card || !decisions.isOnCard(approval, target, by)) return target;
  const { channel, ts } = card;
  return { ...target, openedOn: { by, at: clock.now(), channel, ts } };
}

async function openView(
  { reply, log }: OpeningContext,
  { client, target, by, place }: ModalRequest,
  view: View,
): Promise<void> {
  try {
    await client.views.open({ trigger_id: place.triggerId ?? '', view });
  } catch (error) {
    log.error({ approval: target.approvalId, person: by, error }, 'modal not opened');
    await reply({ ...place, triggerId: undefined }, NOT_OPENED);
  }
}
