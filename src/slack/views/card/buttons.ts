import type { Button, ConfirmationDialog, KnownBlock, Overflow, StaticSelect } from '@slack/types';
import { canBeUndone } from '../../../approval/lifecycle/card-key.ts';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Review } from '../../../approval/model/review.ts';
import type { Round } from '../../../approval/model/round.ts';
import { targetOf, writeChoice, writeTarget } from '../../app/button-values.ts';
import { ACTIONS, MENU, OPTION_BUTTONS } from '../../app/ids.ts';
import { actions, button, plain } from '../text/elements.ts';
import { clean } from '../text/escape.ts';
import { CLOSE_LABEL, CLOSE_WARNING } from '../text/sentences.ts';
import { truncate } from '../text/truncate.ts';
import { canRetryRound } from './state.ts';

/** The buttons of a round, in any message or view. `cut`: not all of its output is shown. */
export function buildRoundButtons(approval: Approval, round: Round, cut: boolean): KnownBlock[] {
  const value = writeTarget(targetOf(approval, round.number));
  const about = describeRound(approval, round);
  const reading = buildReadingButtons(approval, round, cut);
  if (round.number !== currentRound(approval).number) return actions(reading);
  switch (round.status) {
    case 'waiting': {
      const deciding = round.review
        ? buildOptionElements(approval, round, round.review)
        : [
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

/** Slack's limit for the options of a select. https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element */
const OPTIONS_LISTED = 100;
/** Longest label of a button or option, in characters. */
const LONGEST_LABEL = 75;

/** What a Flow can be answered with: a button for each option, a list of many, and free text. */
export function buildOptionElements(
  approval: Approval,
  round: Round,
  review: Review,
): (Button | StaticSelect)[] {
  const { options, callbackUrl, outcomesOnly } = review;
  if (callbackUrl === undefined) return [];
  const target = targetOf(approval, round.number);
  const about = describeRound(approval, round);
  const isCut = options.length > OPTIONS_LISTED;
  const other =
    outcomesOnly && !isCut
      ? []
      : [button(ACTIONS.otherAnswer, 'Other answer…', writeTarget(target), { about })];
  if (options.length > OPTION_BUTTONS.length) {
    const list: StaticSelect = {
      type: 'static_select',
      action_id: ACTIONS.chooseFromList,
      placeholder: plain(
        isCut ? `Choose one of the first ${OPTIONS_LISTED} of ${options.length} answers` : 'Choose an answer',
      ),
      options: listOptionLabels(options).map((label, index) => ({
        text: plain(label),
        value: writeChoice(String(index), target),
      })),
    };
    return [list, ...other];
  }
  const buttons = labelOptions(options).map((label, index) =>
    button(OPTION_BUTTONS[index] as string, label, writeChoice(String(index), target), { about }),
  );
  return [...buttons, ...other];
}

/** The labels of the options that a select takes. */
export function listOptionLabels(options: readonly string[]): string[] {
  return labelOptions(options).slice(0, OPTIONS_LISTED);
}

/** The options as labels, numbered where one of them is cut or looks like another. */
export function labelOptions(options: readonly string[]): string[] {
  const lines = options.map((option) => clean(option).replace(/\s+/g, ' ').trim() || '(blank)');
  const numbered = new Set(lines).size < lines.length || lines.some((line) => line.length > LONGEST_LABEL);
  return lines.map((line, index) => truncate(numbered ? `${index + 1}. ${line}` : line, LONGEST_LABEL));
}

function buildMenu(approval: Approval, round: Round): Overflow {
  const target = targetOf(approval, round.number);
  const choices = [
    ...(round.review
      ? buildNoteChoice(round.review)
      : [[MENU.approveWithNote, 'Approve with a note'] as const]),
    round.claim ? [MENU.release, 'Unclaim'] : [MENU.claim, "I'm on it"],
    [MENU.assign, 'Assign to…'],
    [MENU.giveUp, CLOSE_LABEL],
    ...(round.review?.stateHash === undefined ? [] : [[MENU.details, 'Details'] as const]),
  ] as const;
  return {
    type: 'overflow',
    action_id: ACTIONS.more,
    options: choices.map(([what, label]) => ({ text: plain(label), value: writeChoice(what, target) })),
  };
}

/** A note for people goes with an option; without options, the free text says it all. */
function buildNoteChoice({ options, callbackUrl }: Review) {
  return options.length === 0 || callbackUrl === undefined
    ? []
    : [[MENU.chooseWithNote, 'Choose with a note…'] as const];
}
