import type { AllMiddlewareArgs, BlockAction, OverflowAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { Target } from '../../approval/decisions.ts';
import type { Place } from '../api/reply.ts';
import { readChoice, writeTarget } from '../app/button-values.ts';
import { MENU } from '../app/ids.ts';
import { buildApproveModal, buildAssignModal, buildGiveUpModal } from '../views/modals/decision-modals.ts';
import { UNKNOWN_BUTTON } from '../views/text/sentences.ts';
import { carryOut, readClick } from './card-buttons.ts';
import { type ListenerContext, openModal, sendsNote } from './context.ts';

type MenuArgs = SlackActionMiddlewareArgs<BlockAction<OverflowAction>> & AllMiddlewareArgs;

/** The menu beside the buttons: a soft claim is recorded at once, the others ask in a modal. */
export function createMoreMenu(context: ListenerContext) {
  const { service, tell } = context;

  async function openFor(
    what: string,
    at: { client: MenuArgs['client']; target: Target; by: string; place: Place },
  ): Promise<void> {
    await openModal(context, at, {
      look: service.check,
      view: ({ approval }, target) => {
        if (what === MENU.assign) return buildAssignModal(approval, target);
        if (what === MENU.giveUp) return buildGiveUpModal(approval, target);
        return buildApproveModal(approval, target, sendsNote(context, approval));
      },
    });
  }

  return async ({ ack, body, action, client }: MenuArgs): Promise<void> => {
    const choice = readChoice(action.selected_option.value);
    const value = choice && writeTarget(choice.target);
    const { target, by, place } = readClick(body, value);
    switch (choice?.what) {
      case MENU.claim:
      case MENU.release: {
        const type = choice.what;
        return carryOut(context, { ack, target, by, place }, (on) => service.claim(on, by, type));
      }
      case MENU.approveWithNote:
      case MENU.assign:
      case MENU.giveUp:
        await ack();
        if (target) await openFor(choice.what, { client, target, by, place });
        return;
      default:
        await ack();
        await tell(place, UNKNOWN_BUTTON);
    }
  };
}
