import type { KnownBlock, ModalView } from '@slack/types';
import type { Approval } from '../../../approval/model/approval.ts';
import { isBlankText, type Output, outputText } from '../../../approval/model/output.ts';
import { modalTarget, type Opened, writeTarget } from '../../app/button-values.ts';
import { ASSIGNEE, CALLBACKS, FEEDBACK, PEOPLE_NOTE } from '../../app/ids.ts';
import { buildJsonLines, buildPreformatted } from '../output/json.ts';
import { convertPart } from '../output/mrkdwn.ts';
import { context, plain, section } from '../text/elements.ts';
import { clean, escapeLine } from '../text/escape.ts';
import { formatCount } from '../text/text.ts';
import { splitText, truncateStart } from '../text/truncate.ts';

/** Slack's own limit of a text field, and so ours of a feedback. */
export const FEEDBACK_MAX = 3_000;
const END_MAX = 1_200;

/** Asks what should change, beside the end of what is judged. Pure. */
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

/** Takes a note with an approval. `sent`: CrewAI gets it as human_feedback, else it stays in the thread. Pure. */
export function buildApproveModal(approval: Approval, target: Opened, sent: boolean): ModalView {
  const hint = sent
    ? 'The crew gets all of this text; its next tasks work with it.'
    : "This crew's platform would take any text for a revision, so the note stays in the thread.";
  return buildModal(CALLBACKS.approveWithNote, approval, target, 'Approve with a note', 'Approve', [
    section(`Approve *${escapeLine(approval.task, 150)}* (round ${target.round})?`),
    buildField(FEEDBACK, 'Note', hint, { needed: true }),
    ...(sent ? [buildPeopleNoteField()] : []),
  ]);
}

/** Asks whom to ask. Pure. */
export function buildAssignModal(approval: Approval, target: Opened): ModalView {
  const { round } = target;
  return buildModal(CALLBACKS.assign, approval, target, 'Assign to…', 'Ask', [
    section(`Who should decide on *${escapeLine(approval.task, 150)}* (round ${round})? Others still may.`),
    {
      type: 'input',
      block_id: ASSIGNEE.block,
      label: plain('Person'),
      element: { type: 'users_select', action_id: ASSIGNEE.action, focus_on_load: true },
    },
  ]);
}

/** Asks whether it is meant. Pure. */
export function buildGiveUpModal(approval: Approval, target: Opened): ModalView {
  return buildModal(CALLBACKS.giveUp, approval, target, 'Close without a decision', 'Give up', [
    section(
      `Give up on *${escapeLine(approval.task, 150)}* (round ${target.round})? CrewAI is not notified and its run keeps waiting. This approval can no longer be decided in Slack.`,
    ),
  ]);
}

/** What a person typed into a form. */
export interface Typed {
  feedback: string;
  note: string;
}

/** Instead of a form: why nothing was done, with all the text that was typed, as it was typed: to be copied. Pure. */
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
  if (lines) return [...context('What it says:'), lines];
  const text = clean(outputText(output)).trim();
  if (isBlankText(text)) return [];
  const end = truncateStart(text, END_MAX);
  const before = text.length - end.length;
  return [
    ...context(before > 0 ? `Its end, after ${formatCount(before)} characters:` : 'What it says:'),
    // JSON is never taken for Markdown: a reviser has to judge what was written.
    output.kind === 'json' ? buildPreformatted(end) : section(convertPart(end, 2_900)),
  ];
}
