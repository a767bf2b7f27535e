import type { ConfirmationDialog, KnownBlock, Overflow } from '@slack/types';
import { canBeUndone } from '../../../approval/lifecycle/card-key.ts';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Round } from '../../../approval/model/round.ts';
import { targetOf, writeChoice, writeTarget } from '../../app/button-values.ts';
import { ACTIONS, MENU } from '../../app/ids.ts';
import { actions, button, plain } from '../text/elements.ts';
import { CLOSE_LABEL, CLOSE_WARNING } from '../text/sentences.ts';
import { canRetryRound } from './state.ts';

/** The buttons of a round, in any message or view. `cut`: not all of its output is shown. */
export function buildRoundButtons(approval: Approval, round: Round, cut: boolean): KnownBlock[] {
  const value = writeTarget(targetOf(approval, round.number));
  const about = describeRound(approval, round);
  const reading = buildReadingButtons(approval, round, cut);
  if (round.number !== currentRound(approval).number) return actions(reading);
  switch (round.status) {
    case 'waiting': {
      const deciding = [
        button(ACTIONS.approve, 'Approve', value, { style: 'primary', about }),
        button(ACTIONS.requestRevision, 'Request revision', value, { about }),
      ];
      return [{ type: 'actions', elements: [...deciding, ...reading, buildMenu(approval, round)] }];
    }
    case 'sending':
      return actions([
        canBeUndone(round) ? button(ACTIONS.undo, 'Undo', value, { about }) : undefined,
        ...reading,
      ]);
    case 'refused':
    case 'undelivered':
      return actions([
        canRetryRound(round) ? button(ACTIONS.retry, 'Retry', value, { style: 'primary', about }) : undefined,
        button(ACTIONS.giveUp, CLOSE_LABEL, value, { about, confirm: CLOSE_CONFIRM }),
        ...reading,
      ]);
    default:
      return actions(reading);
  }
}

const CLOSE_CONFIRM: ConfirmationDialog = {
  title: plain(`${CLOSE_LABEL}?`),
  text: plain(CLOSE_WARNING),
  confirm: plain(CLOSE_LABEL),
  deny: plain('Cancel'),
  style: 'danger',
};

/** What a button is about, for screen readers. */
export function describeRound({ task, crew }: Approval, { number }: Round): string {
  return number > 1 ? `${task}, round ${number}, crew ${crew}` : `${task}, crew ${crew}`;
}

export function buildReadingButtons(approval: Approval, round: Round, cut: boolean) {
  const value = writeTarget(targetOf(approval, round.number));
  const about = describeRound(approval, round);
  return [
    ...(cut ? [button(ACTIONS.readInFull, 'Read in full', value, { about })] : []),
    ...(round.number > 1 ? [button(ACTIONS.whatChanged, 'What changed', value, { about })] : []),
  ];
}

function buildMenu(approval: Approval, round: Round): Overflow {
  const target = targetOf(approval, round.number);
  const choices = [
    [MENU.approveWithNote, 'Approve with a note'],
    round.claim ? [MENU.release, 'Unclaim'] : [MENU.claim, "I'm on it"],
    [MENU.assign, 'Assign to…'],
    [MENU.giveUp, CLOSE_LABEL],
  ] as const;
  return {
    type: 'overflow',
    action_id: ACTIONS.more,
    options: choices.map(([what, label]) => ({ text: plain(label), value: writeChoice(what, target) })),
  };
}
