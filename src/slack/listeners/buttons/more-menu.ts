import type { AllMiddlewareArgs, BlockAction, OverflowAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { currentRound } from '../../../approval/model/approval.ts';
import { readChoice, writeTarget } from '../../app/button-values.ts';
import { MENU } from '../../app/ids.ts';
import {
  buildApproveModal,
  buildAssignModal,
  buildChoiceModal,
  buildGiveUpModal,
} from '../../views/modals/decision-modals.ts';
import { UNKNOWN_BUTTON } from '../../views/text/sentences.ts';
import { isNoteSent, type ListenerContext } from '../context.ts';
import { type ModalRequest, openModal } from '../open-modal.ts';
import { showDetails } from '../show-details.ts';
import { readClick } from './read-click.ts';
import { recordClick } from './record-click.ts';

export type MenuArgs = SlackActionMiddlewareArgs<BlockAction<OverflowAction>> & AllMiddlewareArgs;

/** A person chose in the menu beside the buttons: a claim is recorded at once, the other choices open a modal. */
export async function chooseFromMenu(
  context: ListenerContext,
  { ack, body, action, client }: MenuArgs,
): Promise<void> {
  const choice = readChoice(action.selected_option.value);
  const click = readClick(body, choice && writeTarget(choice.target));
  const { target, by, place } = click;
  switch (choice?.what) {
    case MENU.claim:
    case MENU.release: {
      const type = choice.what;
      return recordClick(context, ack, click, (on) => context.decisions.claim(on, by, type));
    }
    case MENU.approveWithNote:
    case MENU.chooseWithNote:
    case MENU.assign:
    case MENU.giveUp:
      await ack();
      if (target) await openChosenModal(context, choice.what, { client, target, by, place });
      return;
    case MENU.details:
      await ack();
      return showDetails(context, client, target, place);
    default:
      await ack();
      await context.reply(place, UNKNOWN_BUTTON);
  }
}

async function openChosenModal(context: ListenerContext, what: string, request: ModalRequest): Promise<void> {
  await openModal(context, request, {
    check: (target, by) => context.decisions.check(target, by),
    buildView: ({ approval }, target) => {
      if (what === MENU.assign) return buildAssignModal(approval, target);
      if (what === MENU.giveUp) return buildGiveUpModal(approval, target);
      if (what === MENU.chooseWithNote)
        return buildChoiceModal(approval, target, currentRound(approval).review?.options ?? []);
      return buildApproveModal(approval, target, isNoteSent(context, approval));
    },
  });
}
