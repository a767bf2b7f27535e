import type { KnownBlock, ModalView } from '@slack/types';
import { buildCardFacts } from '../../../approval/card-facts.ts';
import { type Approval, findRound } from '../../../approval/model/approval.ts';
import { parseValues } from '../../../approval/model/fields.ts';
import { formatOutput, isBlankText, type Output } from '../../../approval/model/output.ts';
import { isPause, listOptions, needsValues } from '../../../approval/model/round.ts';
import { appendLanguage, modalTarget, type OpenedRound, writeTarget } from '../../app/button-values.ts';
import {
  ASSIGNEE,
  CALLBACKS,
  EDITED,
  FEEDBACK,
  OPTION,
  PEOPLE_NOTE,
  UNREAD,
  valueBlock,
} from '../../app/ids.ts';
import type { Texts } from '../../texts/texts.ts';
import {
  areOptionsCut,
  buildOptionChoices,
  numberOptions,
  OPTIONS_LISTED,
  writeOptions,
} from '../card/options.ts';
import { buildJsonLines, buildPreformatted } from '../output/json.ts';
import { convertPart } from '../output/mrkdwn.ts';
import {
  addHiddenMessage,
  buildBeginning,
  buildOutputBlocks,
  type Cut,
  describeCut,
  MESSAGES,
  PREVIEWS,
} from '../output/output-blocks.ts';
import { writeOutput } from '../output/write-output.ts';
import { addCuts, layOut } from '../parts/lay-out.ts';
import { buildReadModal, context, plain, section } from '../text/elements.ts';
import { clean, cleanTyped } from '../text/escape.ts';
import { writeTask } from '../text/names.ts';
import { keepEnd, packLines, splitText, truncate } from '../text/truncate.ts';
import { buildFieldInputs } from './field-inputs.ts';

/** Slack's limit for a text field, in characters. */
export const FEEDBACK_MAX = 3_000;
const END_MAX = 1_200;
/** https://docs.slack.dev/reference/views/modal-views */
const MODAL_TITLE_MAX = 24;

/** Builds the form that asks what should change, below the end of the output. `text`: prefilled feedback. Pure. */
export function buildRevisionModal(
  texts: Texts,
  approval: Approval,
  target: OpenedRound,
  output: Output,
  text?: string,
): ModalView {
  const hint = isProgramRound(approval, target) ? texts.forms.programTextHint : texts.forms.feedbackHint;
  return buildModal(
    texts,
    CALLBACKS.revision,
    approval,
    target,
    texts.actions.requestRevision,
    texts.forms.send,
    [
      section(texts.forms.revisionQuestion(writeTaskOf(texts, approval), target.round)),
      ...buildOutputEnd(texts, output),
      buildField(FEEDBACK, texts.forms.feedback, hint, { text }),
      buildPeopleNoteField(texts),
    ],
  );
}

/** Builds the form for a note to an approval. `isSent`: CrewAI or the program gets the note, else it stays in the thread. Pure. */
export function buildApproveModal(
  texts: Texts,
  approval: Approval,
  target: OpenedRound,
  output: Output,
  isSent: boolean,
): ModalView {
  const isOfProgram = isProgramRound(approval, target);
  const sentHint = isOfProgram ? texts.forms.programTextHint : texts.forms.noteSentHint;
  return buildModal(
    texts,
    CALLBACKS.approveWithNote,
    approval,
    target,
    texts.actions.approveWithNote,
    texts.actions.approve,
    [
      section(texts.forms.approvalQuestion(writeTaskOf(texts, approval), target.round)),
      buildField(FEEDBACK, texts.forms.note, isSent ? sentHint : texts.forms.noteKeptHint),
      ...(isSent ? [buildPeopleNoteField(texts)] : []),
      ...buildUnreadBox(texts, approval, output, target),
    ],
  );
}

/** Builds the form for an answer in free text to a Flow. Pure. */
export function buildOtherAnswerModal(
  texts: Texts,
  approval: Approval,
  target: OpenedRound,
  output: Output,
): ModalView {
  const { options = [] } = findRound(approval, target.round)?.review ?? {};
  const hint = options.length === 0 ? texts.forms.answerUnchangedHint : texts.forms.answerInterpretedHint;
  return buildModal(
    texts,
    CALLBACKS.otherAnswer,
    approval,
    target,
    texts.forms.answerFormTitle,
    texts.forms.send,
    [
      section(texts.forms.answerQuestion(writeTaskOf(texts, approval), target.round)),
      buildField(FEEDBACK, texts.forms.answer, hint),
      buildPeopleNoteField(texts),
      ...buildUnreadBox(texts, approval, output, target),
    ],
  );
}

/** Builds the form for an option and a note to people, or a text to the program that asked. `chosen`: selected option. Pure. */
export function buildChoiceModal(
  texts: Texts,
  approval: Approval,
  target: OpenedRound,
  output: Output,
  chosen?: number,
): ModalView {
  const round = findRound(approval, target.round);
  const isSent = round?.question !== undefined && round.question.freeText !== 'none';
  const noteHint = round?.question ? texts.forms.programNoteHint : texts.forms.choiceNoteHint;
  const options = (round && listOptions(round)) ?? [];
  return buildModal(
    texts,
    CALLBACKS.chooseWithNote,
    approval,
    target,
    texts.forms.choiceTitle,
    texts.forms.send,
    [
      ...buildOptionField(texts, options, {
        chosen,
        isListed: (option) => !needsValues(round?.question, { action: 'choose', option }),
      }),
      buildField(FEEDBACK, texts.forms.note, isSent ? texts.forms.programTextHint : noteHint, {
        // This is the only form with all options, so people must be able to choose without a note.
        optional: options.length > OPTIONS_LISTED,
      }),
      ...(isSent ? [buildPeopleNoteField(texts)] : []),
      ...buildUnreadBox(texts, approval, output, target),
    ],
  );
}

/** Builds the form for the values of an option (`chosen`) or of an approval. Pure. */
export function buildValuesModal(
  texts: Texts,
  approval: Approval,
  target: OpenedRound,
  output: Output,
  chosen?: number,
): ModalView {
  const { question, entered } = findRound(approval, target.round) ?? {};
  const { fields = [], options = [], freeText = 'none' } = question ?? {};
  const labels = writeOptions(
    texts,
    options.map((option) => option.label),
  );
  const label = labels[chosen ?? -1] ?? texts.actions.approve;
  const title = truncate(label, MODAL_TITLE_MAX);
  const note = buildField(FEEDBACK, texts.forms.note, texts.forms.programTextHint, {
    optional: freeText === 'optional',
  });
  return buildModal(texts, CALLBACKS.enterValues, approval, target, title, texts.forms.send, [
    ...(title === label ? [] : [{ type: 'section', text: plain(label) } as const]),
    section(texts.fields.question(writeTaskOf(texts, approval))),
    ...buildFieldInputs(
      texts,
      fields,
      (name) => valueBlock(chosen, name),
      entered?.option === chosen ? parseValues(entered?.values) : {},
    ),
    ...(freeText === 'none' ? [] : [note]),
    buildPeopleNoteField(texts),
    ...buildUnreadBox(texts, approval, output, target),
  ]);
}

/** Builds the form that asks why a tool must not run. Pure. */
export function buildBlockModal(texts: Texts, approval: Approval, target: OpenedRound): ModalView {
  return buildModal(texts, CALLBACKS.block, approval, target, texts.actions.block, texts.actions.block, [
    section(texts.forms.blockQuestion(writeTaskOf(texts, approval))),
    buildField(FEEDBACK, texts.forms.reason, texts.forms.reasonHint),
    buildPeopleNoteField(texts),
  ]);
}

function isProgramRound(approval: Approval, { round }: OpenedRound): boolean {
  return findRound(approval, round)?.question !== undefined;
}

/** Builds the form to edit the output, or a sentence if the output is blank or too long for a field. Pure. */
export function buildEditModal(
  texts: Texts,
  approval: Approval,
  target: OpenedRound,
  output: Output,
): ModalView {
  const round = findRound(approval, target.round);
  const text = formatOutput(output);
  const question = texts.forms.editQuestion(writeTaskOf(texts, approval), target.round);
  const isOfProgram = isProgramRound(approval, target);
  const title = isOfProgram ? texts.forms.editTitle : texts.forms.editPauseTitle;
  if (text.length > FEEDBACK_MAX || isBlankText(text)) {
    const sentence = isBlankText(text)
      ? texts.forms.nothingToEdit
      : texts.forms.tooLongToEdit(text.length, FEEDBACK_MAX);
    return buildReadModal(texts, title, [section(sentence)]);
  }
  const options = round && listOptions(round);
  const hint = isOfProgram ? texts.forms.editProgramHint : texts.forms.editPauseHint;
  return buildModal(texts, CALLBACKS.edit, approval, target, title, texts.forms.send, [
    section(question),
    ...(options ? buildOptionField(texts, options) : []),
    {
      type: 'input',
      block_id: EDITED.block,
      label: plain(texts.forms.editedText),
      hint: plain(hint),
      element: {
        type: 'plain_text_input',
        action_id: EDITED.action,
        multiline: true,
        min_length: 1,
        max_length: FEEDBACK_MAX,
        initial_value: cleanTyped(text),
      },
    },
    buildPeopleNoteField(texts),
    ...buildUnreadBox(texts, approval, undefined, target),
  ]);
}

/** Characters of all options above their field together. Longer ones are only listed in the field. */
const OPTIONS_WHOLE = 40_000;

function buildOptionField(
  texts: Texts,
  options: readonly string[],
  selection: Parameters<typeof buildOptionChoices>[2] = {},
): KnownBlock[] {
  const wholeOptions = areOptionsCut(texts, options)
    ? packLines(numberOptions(texts, options), FEEDBACK_MAX)
    : [];
  const isShort = options.length <= OPTIONS_LISTED && wholeOptions.join('').length <= OPTIONS_WHOLE;
  return [
    ...(isShort ? wholeOptions : []).map((text): KnownBlock => ({ type: 'section', text: plain(text) })),
    {
      type: 'input',
      block_id: OPTION.block,
      label: plain(texts.forms.answer),
      element: {
        type: 'static_select',
        action_id: OPTION.action,
        ...buildOptionChoices(texts, options, selection),
      },
    },
  ];
}

/** Builds the form that asks who should decide. Pure. */
export function buildAssignModal(texts: Texts, approval: Approval, target: OpenedRound): ModalView {
  return buildModal(texts, CALLBACKS.assign, approval, target, texts.actions.assign, texts.forms.ask, [
    section(texts.forms.assignQuestion(writeTaskOf(texts, approval), target.round)),
    {
      type: 'input',
      block_id: ASSIGNEE.block,
      label: plain(texts.forms.person),
      element: { type: 'users_select', action_id: ASSIGNEE.action, focus_on_load: true },
    },
  ]);
}

/** Builds the form that asks for confirmation before a round is closed without a decision. Pure. */
export function buildGiveUpModal(texts: Texts, approval: Approval, target: OpenedRound): ModalView {
  const question = texts.forms.closeQuestion(writeTaskOf(texts, approval), target.round);
  return buildModal(texts, CALLBACKS.giveUp, approval, target, texts.actions.close, texts.actions.close, [
    section(
      `${question} ${isProgramRound(approval, target) ? texts.actions.closeWarningProgram : texts.actions.closeWarning}`,
    ),
  ]);
}

function writeTaskOf(texts: Texts, { task }: Approval): string {
  return `*${writeTask(texts, task, 150)}*`;
}

/** Texts that a person typed into a form. */
export interface TypedTexts {
  feedback: string;
  note: string;
  /** The edited output. */
  edited?: string;
}

/** Builds the modal that replaces a form: why nothing was done, and the whole typed text, so that people can copy it. Pure. */
export function buildSentenceModal(
  texts: Texts,
  title: string,
  sentence: string,
  typed?: TypedTexts,
): ModalView {
  return buildReadModal(texts, title, [
    section(sentence),
    ...buildTypedBlocks(texts.forms.youWrote, typed?.feedback || typed?.edited),
    ...buildTypedBlocks(texts.forms.yourPeopleNote, typed?.note),
  ]);
}

function buildTypedBlocks(label: string, typed = ''): KnownBlock[] {
  const parts = splitText(clean(typed).trim(), FEEDBACK_MAX).filter((part) => !isBlankText(part));
  const blocks = parts.map((part): KnownBlock => ({ type: 'section', text: plain(part) }));
  return blocks.length === 0 ? [] : [...context(label), ...blocks];
}

function buildModal(
  texts: Texts,
  callback_id: string,
  approval: Approval,
  target: OpenedRound,
  title: string,
  submit: string,
  blocks: KnownBlock[],
): ModalView {
  return {
    type: 'modal',
    callback_id,
    private_metadata: appendLanguage(texts, writeTarget(modalTarget(approval, target))),
    title: plain(title),
    submit: plain(submit),
    close: plain(texts.actions.cancel),
    blocks,
  };
}

function buildField(
  { block, action }: { block: string; action: string },
  label: string,
  hint: string,
  { optional = false, text }: { optional?: boolean; text?: string | undefined } = {},
): KnownBlock {
  return {
    type: 'input',
    block_id: block,
    optional,
    label: plain(label),
    hint: plain(hint),
    element: {
      type: 'plain_text_input',
      action_id: action,
      multiline: true,
      ...(optional ? {} : { min_length: 1, focus_on_load: true }),
      max_length: FEEDBACK_MAX,
      ...(text === undefined ? {} : { initial_value: cleanTyped(text) }),
    },
  };
}

function buildPeopleNoteField(texts: Texts): KnownBlock {
  return buildField(PEOPLE_NOTE, texts.forms.peopleNote, texts.forms.peopleNoteHint, { optional: true });
}

/**
 * Finds how much of an output, its message and its description was shown in the place where a form was opened: a list shows the
 * least. `output`: undefined if the form itself shows all of the output.
 */
function findCut(
  texts: Texts,
  approval: Approval,
  output: Output | undefined,
  target: OpenedRound,
): Cut | undefined {
  const round = findRound(approval, target.round);
  const message = round && !isPause(round) ? round.description : undefined;
  const { via, drawn } = target;
  // The place says itself what it showed: a claim since then does not change that. The form of an edit shows no message.
  if (drawn?.hash !== undefined && (output || drawn.place === 'last_page')) return drawn.part;
  if (via === 'home' || via === 'list' || via === 'look_up') {
    const outputCut =
      via === 'look_up'
        ? addHiddenMessage(output && buildOutputBlocks(texts, output, 'plain').cut, message)
        : addHiddenMessage(
            output && buildBeginning(texts, output, PREVIEWS[via]).cut,
            message,
            MESSAGES[via],
          );
    return addCuts(outputCut, round && layOut(texts, { facts: buildCardFacts(approval, round) }, via).cut);
  }
  // The card also counts as cut if only the question's message is cut. That proves nothing about the output.
  const isOutputCut = target.isCut === true && addHiddenMessage(undefined, message) === undefined;
  return addHiddenMessage(output && findOutputCut(texts, output, isOutputCut), message);
}

function findOutputCut(texts: Texts, output: Output, isCut: boolean): Cut | undefined {
  const { cut } = buildOutputBlocks(texts, output, 'whole');
  if (cut || !isCut) return cut;
  return buildOutputBlocks(texts, output, 'plain').cut ?? buildOutputBlocks(texts, output, 'bare').cut;
}

/** Builds the checkbox that people must tick if not all of an output was shown. */
function buildUnreadBox(
  texts: Texts,
  approval: Approval,
  output: Output | undefined,
  target: OpenedRound,
): KnownBlock[] {
  const cut = findCut(texts, approval, output, target);
  if (!cut) return [];
  return [
    {
      type: 'input',
      block_id: UNREAD.block,
      label: plain(describeCut(texts, cut)),
      element: {
        type: 'checkboxes',
        action_id: UNREAD.action,
        options: [{ text: plain(texts.forms.decideAnyway), value: 'anyway' }],
      },
    },
  ];
}

function buildOutputEnd(texts: Texts, output: Output): KnownBlock[] {
  const lines = output.kind === 'json' ? buildJsonLines(output) : undefined;
  if (lines) return [...context(texts.forms.output), lines];
  const wholeText = writeOutput(texts, output).trimEnd();
  const tail = wholeText.slice(-2 * END_MAX);
  const text = clean(tail).trim();
  if (text === '') return [];
  const end = keepEnd(text, END_MAX);
  const hiddenLength = wholeText.length - tail.length + text.length - end.length;
  return [
    ...context(hiddenLength > 0 ? texts.forms.outputEnd(hiddenLength) : texts.forms.output),
    // A reviser must judge the original text, so do not read JSON as Markdown.
    output.kind === 'json' ? buildPreformatted(end) : section(convertPart(texts, end, 2_900)),
  ];
}
