import type { KnownBlock, ModalView } from '@slack/types';
import { type Approval, findRound } from '../../../approval/model/approval.ts';
import { isBlankText, type Output, outputText } from '../../../approval/model/output.ts';
import { modalTarget, type Opened, writeTarget } from '../../app/button-values.ts';
import { ASSIGNEE, CALLBACKS, FEEDBACK, OPTION, PEOPLE_NOTE } from '../../app/ids.ts';
import { en as texts } from '../../texts/en.ts';
import { listOptionLabels } from '../card/buttons.ts';
import { buildJsonLines, buildPreformatted } from '../output/json.ts';
import { convertPart } from '../output/mrkdwn.ts';
import { context, plain, section } from '../text/elements.ts';
import { clean, escapeLine } from '../text/escape.ts';
import { formatCount } from '../text/text.ts';
import { splitText, truncateStart } from '../text/truncate.ts';

/** Slack's limit for a text field, in characters. */
export const FEEDBACK_MAX = 3_000;
const END_MAX = 1_200;

/** Asks what should change, below the end of the output. Pure. */
export function buildRevisionModal(approval: Approval, target: Opened, output: Output): ModalView {
  return buildModal(CALLBACKS.revision, approval, target, 'Request revision', 'Send', [
    section(`What should change in *${escapeLine(approval.task, 150)}* (round ${target.round})?`),
    ...buildOutputEnd(output),
    buildField(FEEDBACK, 'Feedback', 'The crew gets all of this text and does the task again with it.', {
      needed: true,
    }),
    buildPeopleNoteField(),
  ]);
}

/** Asks for a note to an approval. `sent`: CrewAI gets the note as human_feedback, else it stays in the thread. Pure. */
export function buildApproveModal(approval: Approval, target: Opened, sent: boolean): ModalView {
  const hint = sent
    ? 'The crew gets all of this text, and its next tasks work with it.'
    : 'CrewAI would read any text as a request for a revision, so the note stays in the thread.';
  return buildModal(CALLBACKS.approveWithNote, approval, target, 'Approve with a note', 'Approve', [
    section(`Approve *${escapeLine(approval.task, 150)}* (round ${target.round})?`),
    buildField(FEEDBACK, 'Note', hint, { needed: true }),
    ...(sent ? [buildPeopleNoteField()] : []),
  ]);
}

const READ_BY_MODEL = "CrewAI gets all of this text, and CrewAI's model decides what it means.";

const WRITTEN_EXACTLY = 'Write one of its answers exactly as the Flow names it.';

/** Asks for an answer in free text to a Flow. Pure. */
export function buildOtherAnswerModal(approval: Approval, target: Opened): ModalView {
  const { options = [], outcomesOnly } = findRound(approval, target.round)?.review ?? {};
  const read = outcomesOnly ? WRITTEN_EXACTLY : READ_BY_MODEL;
  return buildModal(CALLBACKS.otherAnswer, approval, target, 'Other answer', 'Send', [
    section(`Answer *${escapeLine(approval.task, 150)}* (round ${target.round}) in your own words.`),
    buildField(FEEDBACK, 'Answer', options.length === 0 ? 'The Flow gets this text as it is.' : read, {
      needed: true,
    }),
    buildPeopleNoteField(),
  ]);
}

/** Asks for an option of a Flow and a note for people. Pure. */
export function buildChoiceModal(approval: Approval, target: Opened, options: readonly string[]): ModalView {
  return buildModal(CALLBACKS.chooseWithNote, approval, target, 'Choose with a note', 'Send', [
    {
      type: 'input',
      block_id: OPTION.block,
      label: plain('Answer'),
      element: {
        type: 'static_select',
        action_id: OPTION.action,
        options: listOptionLabels(options).map((label, index) => ({
          text: plain(label),
          value: String(index),
        })),
      },
    },
    buildField(FEEDBACK, 'Note', 'Shown in the thread. CrewAI gets the chosen answer alone.', {
      needed: true,
    }),
  ]);
}

/** Asks who should decide. Pure. */
export function buildAssignModal(approval: Approval, target: Opened): ModalView {
  const { round } = target;
  return buildModal(CALLBACKS.assign, approval, target, 'Assign to…', 'Ask', [
    section(`Who should decide on *${escapeLine(approval.task, 150)}* (round ${round})? Others still can.`),
    {
      type: 'input',
      block_id: ASSIGNEE.block,
      label: plain('Person'),
      element: { type: 'users_select', action_id: ASSIGNEE.action, focus_on_load: true },
    },
  ]);
}

/** Asks for a confirmation. Pure. */
export function buildGiveUpModal(approval: Approval, target: Opened): ModalView {
  return buildModal(CALLBACKS.giveUp, approval, target, texts.actions.close, texts.actions.close, [
    section(
      `Close *${escapeLine(approval.task, 150)}* (round ${target.round}) without a decision? ${texts.actions.closeWarning}`,
    ),
  ]);
}

/** What a person typed into a form. */
export interface Typed {
  feedback: string;
  note: string;
}

/** Replaces a form: why nothing was done, and the whole text that was typed, so that it can be copied. Pure. */
export function buildNotDoneModal(title: string, sentence: string, typed?: Typed): ModalView {
  return {
    type: 'modal',
    title: plain(title),
    close: plain('Close'),
    blocks: [
      section(sentence),
      ...buildTypedBlocks('What you wrote:', typed?.feedback),
      ...buildTypedBlocks('Your note for people only:', typed?.note),
    ],
  };
}

function buildTypedBlocks(label: string, typed = ''): KnownBlock[] {
  const parts = splitText(clean(typed).trim(), FEEDBACK_MAX).filter((part) => !isBlankText(part));
  const blocks = parts.map((part): KnownBlock => ({ type: 'section', text: plain(part) }));
  return blocks.length === 0 ? [] : [...context(label), ...blocks];
}

function buildModal(
  callback_id: string,
  approval: Approval,
  target: Opened,
  title: string,
  submit: string,
  blocks: KnownBlock[],
): ModalView {
  return {
    type: 'modal',
    callback_id,
    private_metadata: writeTarget(modalTarget(approval, target)),
    title: plain(title),
    submit: plain(submit),
    close: plain('Cancel'),
    blocks,
  };
}

function buildField(
  { block, action }: { block: string; action: string },
  label: string,
  hint: string,
  { needed }: { needed: boolean },
): KnownBlock {
  return {
    type: 'input',
    block_id: block,
    optional: !needed,
    label: plain(label),
    hint: plain(hint),
    element: {
      type: 'plain_text_input',
      action_id: action,
      multiline: true,
      ...(needed ? { min_length: 1, focus_on_load: true } : {}),
      max_length: FEEDBACK_MAX,
    },
  };
}

function buildPeopleNoteField(): KnownBlock {
  return buildField(PEOPLE_NOTE, 'Note for people only', 'Shown in the thread, never sent to CrewAI.', {
    needed: false,
  });
}

function buildOutputEnd(output: Output): KnownBlock[] {
  const lines = output.kind === 'json' ? buildJsonLines(output) : undefined;
  if (lines) return [...context('The output:'), lines];
  const text = clean(outputText(output)).trim();
  if (isBlankText(text)) return [];
  const end = truncateStart(text, END_MAX);
  const before = text.length - end.length;
  return [
    ...context(
      before > 0 ? `The end of the output, after ${formatCount(before)} characters:` : 'The output:',
    ),
    // A reviser has to judge what was written, so JSON is not read as Markdown.
    output.kind === 'json' ? buildPreformatted(end) : section(convertPart(end, 2_900)),
  ];
}
