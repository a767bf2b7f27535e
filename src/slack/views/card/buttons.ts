import type { Button, ConfirmationDialog, KnownBlock, Overflow, StaticSelect } from '@slack/types';
import type { CardFacts, CardQuestion } from '../../../approval/card-facts.ts';
import { ALLOW, ALLOW_CALL, BLOCK } from '../../../approval/model/tool-call.ts';
import { type ButtonTarget, writeChoice, writeTarget } from '../../app/button-values.ts';
import { ACTIONS, MENU, OPTION_BUTTONS, OPTION_FORM_BUTTONS } from '../../app/ids.ts';
import type { Texts } from '../../texts/texts.ts';
import { type Cut, describeCut } from '../output/output-blocks.ts';
import { addCuts } from '../parts/lay-out.ts';
import { describeDrawn } from '../parts/shown.ts';
import { actions, button, context, plain } from '../text/elements.ts';
import { humanizeName } from '../text/names.ts';
import { truncate } from '../text/truncate.ts';
import { askForEntered, isEnteredCut } from './entered.ts';
import { hidesOptions, labelOptions, listOptionLabels, OPTIONS_LISTED } from './options.ts';

/** Facts for buttons. `drawn`: written into their values. */
type ButtonFacts = CardFacts & Pick<ButtonTarget, 'drawn'>;

/**
 * Builds the buttons of a round, for any message or view. `cut`: shown part of the output; undefined: all of it. Only the card
 * shows the arguments of a tool whole: elsewhere, people allow the tool below the last page of its arguments.
 */
export function buildRoundButtons(
  texts: Texts,
  cardFacts: CardFacts,
  outputCut: Cut | undefined,
  place: 'card' | 'home' | 'look_up',
): KnownBlock[] {
  const onCard = place === 'card';
  const cut = addCuts(outputCut, findOptionsCut(texts, cardFacts, onCard));
  const facts: ButtonFacts = {
    ...(onCard && !isEnteredCut(texts, cardFacts.entered) ? cardFacts : askForEntered(cardFacts)),
    ...(cardFacts.status === 'waiting' ? { drawn: describeDrawn(texts, cardFacts, place, cut) } : {}),
  };
  const { isCurrent, status, undelivered } = facts;
  const isWhole = cut === undefined && (onCard || !facts.question?.tool);
  const value = writeTarget(facts);
  const about = texts.actions.about({ ...facts, task: humanizeName(facts.task) });
  const lastingButtons = buildLastingButtons(texts, facts, !isWhole);
  if (!isCurrent) return actions(lastingButtons);
  switch (status) {
    case 'waiting': {
      const allOptions = buildOptionsButton(texts, facts, onCard);
      return [
        {
          type: 'actions',
          elements: [
            ...buildDecidingElements(texts, facts, cut, isWhole),
            ...(allOptions ? [allOptions] : []),
            ...lastingButtons,
            buildMenu(facts, listMenuEntries(texts, facts, isWhole)),
          ],
        },
        ...context(onCard && canAnswerOnPages(facts, cut) ? texts.card.decideOnLastPage : undefined),
      ];
    }
    case 'sending': {
      const canBeUndone = undelivered?.undoUntil !== undefined;
      return actions([
        canBeUndone ? button(ACTIONS.undo, texts.actions.undo, value, { about }) : undefined,
        undelivered?.isForProgram && !canBeUndone
          ? button(ACTIONS.giveUp, texts.actions.close, value, {
              about,
              confirm: buildCloseConfirm(texts, texts.actions.closeWarningProgram),
            })
          : undefined,
        ...lastingButtons,
      ]);
    }
    case 'refused':
    case 'undelivered':
      return actions([
        undelivered?.canRetry
          ? button(ACTIONS.retry, texts.actions.retry, value, { style: 'primary', about })
          : undefined,
        button(ACTIONS.giveUp, texts.actions.close, value, {
          about,
          confirm: buildCloseConfirm(texts, texts.actions.closeWarning),
        }),
        ...lastingButtons,
      ]);
    default:
      return actions(lastingButtons);
  }
}

/**
 * Builds the ways to decide below the last page of an output, for a person who has opened all pages: Slack asks nothing before a
 * decision. Values that another person entered are agreed to in their form. `drawn`: what the pages show.
 */
export function buildLastPageButtons(
  texts: Texts,
  cardFacts: CardFacts,
  drawn: NonNullable<ButtonTarget['drawn']>,
): KnownBlock[] {
  const facts: ButtonFacts = { ...askForEntered(cardFacts), drawn };
  const allOptions = buildOptionsButton(texts, facts, true);
  const entries = listDecidingEntries(texts, facts, true);
  const elements = [
    ...buildDecidingElements(texts, facts, undefined, true),
    ...(allOptions ? [allOptions] : []),
    ...(entries.length > 0 ? [buildMenu(facts, entries)] : []),
  ];
  return elements.length > 0 ? [{ type: 'actions', elements }] : [];
}

// https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object
const LONGEST_CONFIRM = 30;

function buildCloseConfirm(texts: Texts, warning: string): ConfirmationDialog {
  return {
    title: plain(texts.actions.closeQuestion),
    text: plain(warning),
    confirm: plain(texts.actions.close),
    deny: plain(texts.actions.cancel),
    style: 'danger',
  };
}

/**
 * Builds the buttons to approve and to request a revision, or to choose an option of a question. If not all of the output is
 * shown, Slack asks before a click that lets the run continue. `isWhole`: all is shown, and the arguments of a tool as on a card.
 */
export function buildDecidingElements(
  texts: Texts,
  facts: ButtonFacts,
  cut: Cut | undefined,
  isWhole = cut === undefined && !facts.question?.tool,
): (Button | StaticSelect)[] {
  const { question } = facts;
  if (question?.tool && question.options) return buildToolButtons(texts, facts, question.tool, isWhole);
  const mustReadFirst = facts.mustBeWhole && !isWhole;
  if (question?.options)
    return mustReadFirst
      ? []
      : buildOptionElements(texts, facts, { ...question, options: question.options }, cut);
  const value = writeTarget(facts);
  const about = texts.actions.about({ ...facts, task: humanizeName(facts.task) });
  const confirm = buildUnreadConfirm(texts, texts.actions.approve, cut);
  // A form has its own checkbox for an output that is not shown whole.
  const approve =
    question?.remark === 'required' || question?.form?.opens[0]
      ? button(ACTIONS.approveWithText, texts.actions.approve, value, { style: 'primary', about })
      : button(ACTIONS.approve, texts.actions.approve, writeTarget(markAsked(facts, confirm)), {
          style: 'primary',
          about,
          confirm,
        });
  const revise = button(ACTIONS.requestRevision, texts.actions.requestRevision, value, { about });
  return mustReadFirst ? [revise] : [approve, revise];
}

/** True if people can answer below the last page only: something is cut that they must be shown, and it is not lost. */
function canAnswerOnPages({ question, mustBeWhole }: CardFacts, cut: Cut | undefined): boolean {
  const needsWhole = question?.tool !== undefined || mustBeWhole === true;
  return needsWhole && cut !== undefined && cut.of > 0;
}

/** Notes in the values of an element that Slack asks before it sends the click. */
function markAsked<Facts extends ButtonFacts>(facts: Facts, confirm: ConfirmationDialog | undefined): Facts {
  return confirm && facts.drawn ? { ...facts, drawn: { ...facts.drawn, asked: true } } : facts;
}

/** Builds the question that Slack asks before it sends a click; undefined: the whole output is shown. */
function buildUnreadConfirm(
  texts: Texts,
  label: string,
  cut: Cut | undefined,
): ConfirmationDialog | undefined {
  if (!cut) return undefined;
  return {
    title: plain(texts.actions.unreadTitle),
    text: plain(`${describeCut(texts, cut)} ${texts.actions.unreadAnyway(label)}`),
    confirm: plain(truncate(label, LONGEST_CONFIRM)),
    deny: plain(texts.actions.cancel),
  };
}

/** Builds the buttons for one call and for further equal calls. An entry of the menu allows all calls of the tool. */
function buildToolButtons(
  texts: Texts,
  facts: ButtonFacts,
  tool: NonNullable<CardQuestion['tool']>,
  isWhole: boolean,
): Button[] {
  const about = texts.actions.about(facts);
  const choose = (option: number, label: string, style?: 'primary' | 'danger') =>
    button(OPTION_BUTTONS[option] as string, label, writeChoice(String(option), facts), {
      about,
      ...(style ? { style } : {}),
    });
  return [
    ...(isWhole ? [choose(ALLOW, texts.actions.allow, 'primary')] : []),
    choose(BLOCK, texts.actions.block, 'danger'),
    ...(isWhole && tool.allows.includes('call') ? [choose(ALLOW_CALL, texts.actions.allowCall)] : []),
  ];
}

/** Builds the button that shows all options and what follows them; undefined: the card or the buttons show them whole. */
function buildOptionsButton(texts: Texts, facts: ButtonFacts, onCard: boolean): Button | undefined {
  if (!hidesOptions(texts, facts, onCard)) return undefined;
  const about = texts.actions.about({ ...facts, task: humanizeName(facts.task) });
  return button(ACTIONS.readOptions, texts.actions.allAnswers, writeTarget(facts), { about });
}

/** Counts the options as not shown if they have to be shown whole and the place hides a part of them. */
function findOptionsCut(texts: Texts, facts: CardFacts, onCard: boolean): Cut | undefined {
  const { options = [] } = facts.question ?? {};
  return facts.mustBeWhole && hidesOptions(texts, facts, onCard)
    ? { shown: 0, of: options.join('').length }
    : undefined;
}

/** Builds the buttons that do not depend on the state of the round: end a permission, read. */
export function buildLastingButtons(texts: Texts, facts: ButtonFacts, isCut: boolean) {
  const value = writeTarget(facts);
  const about = texts.actions.about({ ...facts, task: humanizeName(facts.task) });
  const isEdited = facts.decision?.edited !== undefined && facts.decision.action !== 'request_revision';
  return [
    ...(facts.hasPermission ? [buildEndPermissionButton(texts, facts)] : []),
    ...(isCut ? [button(ACTIONS.readInFull, texts.actions.readInFull, value, { about })] : []),
    ...((facts.round > 1 && !facts.isSameOutput) || isEdited
      ? [button(ACTIONS.whatChanged, texts.actions.whatChanged, value, { about })]
      : []),
  ];
}

export function buildEndPermissionButton(texts: Texts, facts: ButtonFacts): Button {
  const about = texts.actions.about({ ...facts, task: humanizeName(facts.task) });
  return button(ACTIONS.endPermission, texts.actions.endPermission, writeTarget(facts), { about });
}

type CardChoice = CardQuestion & { options: readonly string[] };

/** Builds the ways to answer: a button for each option, or a list if there are many, and free text. */
function buildOptionElements(
  texts: Texts,
  facts: ButtonFacts,
  { canBeAnswered, options, styles, hasFreeText, remark, form }: CardChoice,
  cut: Cut | undefined,
): (Button | StaticSelect)[] {
  if (!canBeAnswered) return [];
  const about = texts.actions.about({ ...facts, task: humanizeName(facts.task) });
  const isListCut = options.length > OPTIONS_LISTED;
  const otherButtons = [
    ...(isListCut
      ? [button(ACTIONS.writeFromList, texts.actions.moreAnswers, writeChoice('', facts), { about })]
      : []),
    ...(hasFreeText
      ? [button(ACTIONS.otherAnswer, texts.actions.otherAnswer, writeTarget(facts), { about })]
      : []),
  ];
  if (options.length > OPTION_BUTTONS.length) {
    const isForm = remark === 'required' || form !== undefined;
    const confirm = isForm ? undefined : buildUnreadConfirm(texts, texts.actions.send, cut);
    const list: StaticSelect = {
      type: 'static_select',
      action_id: isForm ? ACTIONS.writeFromList : ACTIONS.chooseFromList,
      ...(confirm ? { confirm } : {}),
      placeholder: plain(
        isListCut ? texts.actions.chooseFirst(OPTIONS_LISTED, options.length) : texts.actions.chooseAnswer,
      ),
      options: listOptionLabels(texts, options).map((label, index) => ({
        text: plain(label),
        value: writeChoice(String(index), markAsked(facts, confirm)),
      })),
    };
    return [list, ...otherButtons];
  }
  // If a text or values are required, the click opens the form.
  const opensForm = (index: number) => remark === 'required' || form?.opens[index] === true;
  const areAllDanger = options.every((_, index) => styles?.[index] === 'danger');
  const buttons = labelOptions(texts, options).map((label, index) => {
    const style = styles?.[index];
    // No question before a danger option, which stops something, unless all options are danger, and none before a form.
    const needsConfirm = (style !== 'danger' || areAllDanger) && !opensForm(index);
    const confirm = needsConfirm ? buildUnreadConfirm(texts, label, cut) : undefined;
    const value = writeChoice(String(index), markAsked(facts, confirm));
    const ids = opensForm(index) ? OPTION_FORM_BUTTONS : OPTION_BUTTONS;
    return button(ids[index] as string, label, value, { about, ...(style ? { style } : {}), confirm });
  });
  return [...buttons, ...otherButtons];
}

/**
 * Slack's limit (https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element). The card's menu is full: a
 * review with a note and a state, a tool that people can allow for its run, and an editable question with a note each have five
 * entries. Make a sixth entry a button in *Details* or in the thread, or let it replace one of these.
 */
export const MAX_MENU_ENTRIES = 5;

type MenuEntry = readonly [entry: (typeof MENU)[keyof typeof MENU], label: string];

function buildMenu(facts: ButtonFacts, entries: readonly MenuEntry[]): Overflow {
  return {
    type: 'overflow',
    action_id: ACTIONS.more,
    options: entries.map(([entry, label]) => ({ text: plain(label), value: writeChoice(entry, facts) })),
  };
}

function listMenuEntries(texts: Texts, facts: ButtonFacts, isWhole: boolean): MenuEntry[] {
  const { question, waiting } = facts;
  return [
    ...listDecidingEntries(texts, facts, isWhole),
    waiting?.claimedBy ? [MENU.release, texts.actions.release] : [MENU.claim, texts.actions.claim],
    [MENU.assign, texts.actions.assign],
    [MENU.giveUp, texts.actions.close],
    ...(question?.hasState ? [[MENU.details, texts.actions.details] as const] : []),
  ];
}

/** Lists the entries that decide, at once or in a form. */
function listDecidingEntries(texts: Texts, facts: ButtonFacts, isWhole: boolean): MenuEntry[] {
  const { question } = facts;
  if (facts.mustBeWhole && !question?.tool && !isWhole) return [];
  return [
    ...(question?.tool
      ? buildToolChoices(texts, question.tool, isWhole)
      : question?.options
        ? buildNoteChoice(texts, { ...question, options: question.options })
        : question?.form
          ? []
          : [[MENU.approveWithNote, texts.actions.approveWithNote] as const]),
    ...(question?.form?.again === undefined ? [] : [[MENU.enterOther, texts.fields.enterOther] as const]),
    ...(facts.canBeEdited
      ? [[MENU.edit, question ? texts.actions.edit : texts.actions.editPause] as const]
      : []),
  ];
}

function buildToolChoices(texts: Texts, { allows }: NonNullable<CardQuestion['tool']>, isWhole: boolean) {
  return [
    [MENU.block, texts.actions.blockWithReason] as const,
    ...(isWhole && allows.includes('tool') ? [[MENU.allowTool, texts.actions.allowTool] as const] : []),
  ];
}

/** Builds the entry for an option with a note. No entry without options: the free text needs no note. */
function buildNoteChoice(texts: Texts, { options, canBeAnswered, remark, form }: CardChoice) {
  const isForm = remark === 'required' || form?.asks.every(Boolean);
  return options.length === 0 || !canBeAnswered || isForm
    ? []
    : [[MENU.chooseWithNote, texts.actions.chooseWithNote] as const];
}
