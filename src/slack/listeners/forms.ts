import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import type { View } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { adoptClickedCard, checkDecider, recordRefusedReader } from '../../approval/decide.ts';
import type { Ask } from '../../approval/lifecycle/events.ts';
import { type Approval, currentRound, findRound } from '../../approval/model/approval.ts';
import {
  type FieldValue,
  type FieldValues,
  labelChoices,
  nameField,
  type Field as RoundField,
  type ValueFault,
} from '../../approval/model/fields.ts';
import { isBlankText, outputText } from '../../approval/model/output.ts';
import { canBeAnswered, type Decision, listOptions, needsValues } from '../../approval/model/round.ts';
import { ALLOW, BLOCK } from '../../approval/model/tool-call.ts';
import { loadOutput } from '../../approval/notify/post-note.ts';
import { type Answer, isOnCard, type Target } from '../../approval/read-round.ts';
import { withTimeout } from '../../lib/time.ts';
import type { ReplyPlace } from '../api/reply.ts';
import { readModalTarget, readOptionIndex } from '../app/button-values.ts';
import {
  ASSIGNEE,
  type CALLBACKS,
  EDITED,
  FEEDBACK,
  OPTION,
  PEOPLE_NOTE,
  readValueOption,
  valueBlock,
} from '../app/ids.ts';
import { textsOf } from '../app/languages.ts';
import { currentCardLink, isNoteSent, type SlackApp } from '../slack-app.ts';
import type { Sentence, Texts } from '../texts/texts.ts';
import {
  buildApproveModal,
  buildAssignModal,
  buildBlockModal,
  buildChoiceModal,
  buildEditModal,
  buildGiveUpModal,
  buildNotDoneModal,
  buildOtherAnswerModal,
  buildRevisionModal,
  buildValuesModal,
  type Typed,
} from '../views/modals/decision-modals.ts';
import { cleanTyped } from '../views/text/escape.ts';
import { describeReadingRefusal, describeRefusal } from '../views/text/sentences.ts';
import { decideInTime, explainStoreFailure, findPlaceBesideCard, replyIfCardIsLate } from './click.ts';
import { describeValueFaults, readEnteredFields } from './read-fields.ts';

/** A field of a modal by its ids. */
interface Field {
  block: string;
  action: string;
}

/** The initial content of a form: the clicked option, or a text for its field. */
interface Begin {
  option?: number;
  text?: string;
}

/** A modal in which a person decides: what it shows, what is asked for when it is submitted. */
interface DecisionForm {
  build?(
    app: SlackApp,
    texts: Texts,
    approval: Approval,
    target: Target,
    begin?: Begin,
  ): Promise<View> | View;
  /** The fields that have to be in it: a form of another version can lack them. */
  fields: readonly Field[];
  /** Sentence about a blank text; undefined: no text is required. */
  missing?: Sentence;
  readAsk(entered: Entered): Ask;
  /** Why what was entered cannot be taken, where only the output says it. */
  check?(app: SlackApp, target: Target, entered: Entered): Promise<Sentence | undefined>;
}

/** True if the form of a decision asks for values: one person may have entered some that others have to agree to. */
function takesValues(
  approval: Approval,
  { round: number }: Target,
  choice: Pick<Decision, 'action' | 'option'>,
): boolean {
  const round = findRound(approval, number);
  return round !== undefined && needsValues(round.question, choice);
}

type OpenableForm = DecisionForm & Required<Pick<DecisionForm, 'build'>>;

const outputOf = (app: SlackApp, approval: Approval) => loadOutput(app, approval, currentRound(approval));

/** The forms by what is done with them: the name of the modal's callback. */
export const FORMS = {
  revision: {
    build: async (app, texts, approval, target, begin) =>
      buildRevisionModal(texts, approval, target, await outputOf(app, approval), begin?.text),
    fields: [FEEDBACK],
    missing: ({ refusals }) => refusals.feedbackMissing,
    readAsk: ({ feedback, note }) => ({ type: 'decide', action: 'request_revision', feedback, note }),
  },
  approveWithNote: {
    build: async (app, texts, approval, target) =>
      takesValues(approval, target, { action: 'approve' })
        ? buildValuesModal(texts, approval, target, await outputOf(app, approval))
        : buildApproveModal(
            texts,
            approval,
            target,
            await outputOf(app, approval),
            isNoteSent(app, approval),
          ),
    fields: [FEEDBACK],
    missing: ({ refusals }) => refusals.noteMissing,
    readAsk: ({ feedback, note, forPeople }) => ({
      type: 'decide',
      action: 'approve',
      ...(forPeople ? { note: feedback } : { feedback, note }),
    }),
  },
  /** The note stays in the thread, unless the program that asked takes a text. */
  chooseWithNote: {
    build: async (app, texts, approval, target, begin) =>
      takesValues(approval, target, { action: 'choose', option: begin?.option })
        ? buildValuesModal(texts, approval, target, await outputOf(app, approval), begin?.option)
        : buildChoiceModal(texts, approval, target, await outputOf(app, approval), begin?.option),
    fields: [FEEDBACK, OPTION],
    missing: ({ refusals }) => refusals.choiceNoteMissing,
    readAsk: ({ feedback, note, option, forPeople }) => ({
      type: 'decide',
      action: 'choose',
      option,
      ...(forPeople ? { note: feedback } : { feedback, note }),
    }),
  },
  /** Sends values with an option or an approval. The round has the fields. */
  enterValues: {
    build: async (app, texts, approval, target) => {
      const option = findRound(approval, target.round)?.entered?.option;
      return buildValuesModal(texts, approval, target, await outputOf(app, approval), option);
    },
    fields: [],
    readAsk: ({ feedback, note, values, option }) => ({
      type: 'decide',
      ...(option === -1 ? { action: 'approve' } : { action: 'choose', option }),
      feedback,
      note,
      values,
    }),
  },
  /** The agent reads the reason. */
  block: {
    build: (_, texts, approval, target) => buildBlockModal(texts, approval, target),
    fields: [FEEDBACK],
    missing: ({ refusals }) => refusals.reasonMissing,
    readAsk: ({ feedback, note }) => ({ type: 'decide', action: 'choose', option: BLOCK, feedback, note }),
  },
  /** Allows a call on the last page of its arguments. People turn the pages one by one, so they have seen all. */
  allowRead: {
    fields: [],
    readAsk: () => ({ type: 'decide', action: 'choose', option: ALLOW, hasRead: true }),
  },
  /** A pause takes the text as feedback, a program as the output. */
  edit: {
    build: async (app, texts, approval, target) =>
      buildEditModal(texts, approval, target, await outputOf(app, approval)),
    fields: [EDITED],
    // A field changes line ends, and cannot hold some characters.
    check: async (app, target, { edited }) => {
      const approval = (await app.store.approval(target.approvalId))?.record;
      const round = approval && findRound(approval, target.round);
      const shown = round && cleanTyped(outputText(await loadOutput(app, approval, round)));
      return shown === edited ? ({ refusals }) => refusals.decide.nothing_edited : undefined;
    },
    readAsk: ({ edited, option, note }) =>
      option === -1
        ? { type: 'decide', action: 'approve', edited, note }
        : { type: 'decide', action: 'choose', option, edited, note },
  },
  otherAnswer: {
    build: async (app, texts, approval, target) =>
      buildOtherAnswerModal(texts, approval, target, await outputOf(app, approval)),
    fields: [FEEDBACK],
    missing: ({ refusals }) => refusals.answerMissing,
    readAsk: ({ feedback, note }) => ({ type: 'decide', action: 'choose', feedback, note }),
  },
  assign: {
    build: (_, texts, approval, target) => buildAssignModal(texts, approval, target),
    fields: [ASSIGNEE],
    readAsk: ({ assignee }) => ({ type: 'assign', to: assignee }),
  },
  giveUp: {
    build: (_, texts, approval, target) => buildGiveUpModal(texts, approval, target),
    fields: [],
    readAsk: () => ({ type: 'give_up' }),
  },
} satisfies Record<keyof typeof CALLBACKS, DecisionForm>;

/** The click that opens a modal, and the client to open it with. */
export interface ModalRequest {
  client: WebClient;
  target: Target;
  by: string;
  place: ReplyPlace;
  begin?: Begin;
}

/** The forms that a button or an entry of a menu opens. */
export type OpenedForm = {
  [Name in keyof typeof FORMS]: (typeof FORMS)[Name] extends { build: unknown } ? Name : never;
}[keyof typeof FORMS];

/** Opens a form for a round, unless the person cannot decide it. Decides nothing. */
export async function openForm(app: SlackApp, name: OpenedForm, request: ModalRequest): Promise<void> {
  await openModal(app, request, {
    check: async (target, by) => {
      const checked = await checkDecider(app, target, by);
      return name === 'revision' ? refuseReview(checked, target.round) : checked;
    },
    build: (texts, { approval }, target) =>
      (FORMS[name] as OpenableForm).build(app, texts, approval, target, request.begin),
  });
}

/** Refuses a form for feedback if the round takes only options, before a person types for nothing. */
function refuseReview(checked: Answer, number: number): Answer {
  const round = checked.done ? findRound(checked.approval, number) : undefined;
  const options = round && listOptions(round);
  if (!checked.done || !round || !options) return checked;
  return {
    done: false,
    refusal: canBeAnswered(round)
      ? { code: 'no_such_option', options }
      : { code: 'answer_in_crewai', host: round.review?.blockedHost },
    approval: checked.approval,
  };
}

/** A trigger expires 3 s after the click, so reading the approval must leave time to open the modal. */
const READ_TIMEOUT = 1_200;

/** Opens a modal for a round if the person may use it; else replies why not, and records that refusal after the reply. */
export async function openModal(
  app: SlackApp,
  { client, target, by, place }: ModalRequest,
  {
    check,
    build,
    isReading = false,
  }: {
    check: (target: Target, by: string) => Promise<Answer>;
    /** `target`: for the modal's private_metadata, with the click on the card. */
    build: (texts: Texts, answer: Answer & { done: true }, target: Target) => Promise<View> | View;
    /** The modal only shows something. */
    isReading?: boolean;
  },
): Promise<void> {
  const { reply, links, log } = app;
  const about = { approval: target.approvalId, person: by };
  const checked = await withTimeout(READ_TIMEOUT, async () => {
    const answer = await check(target, by);
    if (!answer.done) return { answer };
    const opened = addCardClick(app, answer.approval, target, by);
    return { answer, view: await build(await place.texts(), answer, opened) };
  }).catch((error: unknown) => log.error({ ...about, error }, 'approval not read'));
  if (!checked)
    await reply(place, ({ refusals }) => (isReading ? refusals.notLookedUp : refusals.notRecorded));
  else if (!checked.answer.done) {
    const { refusal } = checked.answer;
    const describe = isReading ? describeReadingRefusal : describeRefusal;
    log.info({ ...about, round: target.round, reason: refusal.code }, 'modal not opened');
    const link = currentCardLink(checked.answer, links);
    await reply(place, (texts) => describe(texts, refusal, link));
    await recordRefusedReader(app, target, by, refusal);
  } else if (checked.view) {
    try {
      await client.views.open({ trigger_id: place.triggerId ?? '', view: checked.view });
    } catch (error) {
      log.error({ ...about, error }, 'modal not opened');
      await reply({ ...place, triggerId: undefined }, ({ refusals }) =>
        isReading ? refusals.notShown : refusals.notOpened,
      );
    }
  }
  await adoptClickedCard(app, target, by);
}

/** A click on the approval's card goes with the modal: it proves that this person sees the card. */
function addCardClick(app: SlackApp, approval: Approval, target: Target, by: string): Target {
  const { card, via } = target;
  if (via !== 'card' || !card || !isOnCard(app, approval, target, by)) return target;
  const { channel, ts } = card;
  return { ...target, openedOn: { by, at: app.clock.now(), channel, ts } };
}

export type Submission = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;

/** The texts and choices that a person entered in a modal. */
interface Entered extends Typed {
  assignee: string;
  edited: string;
  /** The index of the chosen option of a Flow; -1 without one. */
  option: number;
  /** Values of the round's fields. */
  values?: FieldValues;
  /** The modal has announced that its text stays in the thread. */
  forPeople: boolean;
}

function findField({ state }: Pick<Submission['view'], 'state'>, { block, action }: Field) {
  return state.values[block]?.[action];
}

/** True if the form was drawn with this field as an optional one. */
function mayBeBlank({ blocks }: Pick<Submission['view'], 'blocks'>, { block }: Field): boolean {
  return blocks.some((drawn) => drawn.block_id === block && 'optional' in drawn && drawn.optional === true);
}

/** The option that the values of a form go with. */
function findValueOption({ state }: Pick<Submission['view'], 'state'>): string | undefined {
  return Object.keys(state.values)
    .map(readValueOption)
    .find((option) => option !== undefined);
}

/**
 * Reads the values of a round's fields, with lines that show them to the person again, or the faults by block.
 * Rejects with a StoreError.
 */
async function readEnteredValues(
  app: SlackApp,
  target: Target,
  { state }: Submission['view'],
  option: number,
): Promise<{ values: FieldValues; lines: Sentence } | { faults: Record<string, ValueFault> }> {
  const approval = (await app.store.approval(target.approvalId))?.record;
  const fields = (approval && findRound(approval, target.round)?.question?.fields) ?? [];
  const read = readEnteredFields(state, fields, (name) =>
    valueBlock(option === -1 ? undefined : option, name),
  );
  if ('faults' in read) return read;
  const shown = fields.filter(({ hidden, name }) => !hidden && Object.hasOwn(read.values, name));
  return {
    ...read,
    lines: (texts) =>
      shown
        .map(
          (field) =>
            `${nameField(field)}: ${writeTyped(texts, field, read.values[field.name] as FieldValue)}`,
        )
        .join('\n'),
  };
}

/** A value as its form showed it. */
function writeTyped(texts: Texts, field: RoundField, value: FieldValue): string {
  const shown = labelChoices(field, value);
  if (typeof shown === 'boolean') return shown ? texts.fields.yes : texts.fields.no;
  return Array.isArray(shown) ? texts.fields.list(shown) : String(shown);
}

function readEntered(view: ViewSubmitAction['view']): Entered {
  const field = (of: Field) => findField(view, of);
  const readTyped = (of: Field) => cleanTyped(field(of)?.value ?? '');
  return {
    feedback: readTyped(FEEDBACK),
    note: readTyped(PEOPLE_NOTE).trim(),
    assignee: field(ASSIGNEE)?.selected_user ?? '',
    edited: readTyped(EDITED),
    option: readOptionIndex(field(OPTION)?.selected_option?.value ?? findValueOption(view)),
    forPeople: !(PEOPLE_NOTE.block in view.state.values),
  };
}

/** Refusals shown in a modal of their own, since a field's error cannot have a link or a mention. */
const SHOWN_IN_MODAL = new Set([
  'already_decided',
  'superseded',
  'closed',
  'other_output',
  'not_member',
  'open_card',
]);

/**
 * Records what a form was submitted for. The modal closes only if that is recorded; else it stays open with the text and
 * one sentence, or shows both.
 */
export async function submitForm(
  app: SlackApp,
  name: keyof typeof FORMS,
  submission: Submission,
): Promise<void> {
  const { ack, body, view } = submission;
  const form: DecisionForm = FORMS[name];
  if (!form.fields.every((field) => findField(view, field))) return rejectUnknownForm(app, submission);
  const entered = readEntered(view);
  // The text stays at its field; without that field the modal shows the sentence.
  const blocks = Object.keys(view.state.values);
  const textField =
    [FEEDBACK.block, EDITED.block].find((block) => blocks.includes(block)) ??
    blocks.find((block) => readValueOption(block) !== undefined);
  // A form of an earlier version does not say its language: the decision does not wait for it.
  const learnTexts = textsOf(submission);
  const keepOpen = async (sentence: Sentence) => {
    const said = sentence(await learnTexts());
    return textField === undefined
      ? showInModal(app, submission, said)
      : showFieldError(app, submission, textField, said);
  };
  if (form.missing !== undefined && isBlankText(entered.feedback) && !mayBeBlank(view, FEEDBACK))
    return keepOpen(form.missing);
  const target = readModalTarget(view.private_metadata);
  if (!target) {
    app.log.warn({ person: body.user.id, form: view.callback_id }, 'form value not readable');
    return keepOpen(({ refusals }) => refusals.decide.unknown);
  }
  target.via = 'modal';
  let lines: Sentence = () => '';
  const by = body.user.id;
  const unfit = await withTimeout(READ_TIMEOUT, async () => {
    if (name !== 'enterValues') return form.check?.(app, target, entered);
    const read = await readEnteredValues(app, target, view, entered.option);
    if ('faults' in read) return read;
    entered.values = read.values;
    lines = read.lines;
    return undefined;
  }).catch((error: unknown) => explainStoreFailure(app, error));
  if (typeof unfit === 'object') {
    const errors = describeValueFaults(await learnTexts(), unfit.faults);
    const [sentence = ''] = Object.values(errors);
    return ackOrReply(app, submission, { response_action: 'errors', errors }, sentence);
  }
  if (unfit !== undefined) return keepOpen(unfit);
  const result = await decideInTime(app, target, by, form.readAsk(entered));
  if ('failed' in result) return keepOpen(result.failed);
  const { answer } = result;
  if (answer.done) {
    await ack();
    const place = findPlaceBesideCard(by, learnTexts, answer.approval, target.round);
    replyIfCardIsLate(app, place, answer.approval, target.round);
    return;
  }
  const texts = await learnTexts();
  const { code } = answer.refusal;
  // A field's error cannot have a mention, so the sentence names nobody.
  if (code === 'assignee_may_not')
    return showFieldError(app, submission, ASSIGNEE.block, texts.refusals.decide.assignee_may_not);
  const sentence = describeRefusal(texts, answer.refusal, currentCardLink(answer, app.links));
  const typed = { ...entered, feedback: [lines(texts), entered.feedback].filter(Boolean).join('\n') };
  if (SHOWN_IN_MODAL.has(code)) await showInModal(app, submission, sentence, typed);
  else await keepOpen(() => sentence);
}

/** Answers a form, or one with fields, that only a newer or older version of the bot knows, and shows the texts that were typed into it. */
export async function rejectUnknownForm(app: SlackApp, submission: Submission): Promise<void> {
  const { body, view } = submission;
  app.log.warn({ person: body.user.id, form: view.callback_id }, 'unknown form submitted');
  const fields = Object.values(view.state.values).flatMap((block) => Object.values(block));
  const feedback = fields.flatMap(({ value }) => value ?? []).join('\n\n');
  const { refusals } = await textsOf(submission)();
  return showInModal(app, submission, refusals.unknownForm, { feedback, note: '' });
}

/**
 * Answers a form with a sentence and keeps all that was entered: the form stays open. One without fields is replaced by the
 * sentence.
 */
export function keepFormOpen(
  texts: Texts,
  { blocks = [], title }: Submission['view'],
  sentence: Sentence,
): FormAnswer {
  const field = blocks.find(({ type }) => type === 'input')?.block_id;
  return field === undefined
    ? { response_action: 'update', view: buildNotDoneModal(texts, title.text, sentence(texts)) }
    : { response_action: 'errors', errors: { [field]: sentence(texts) } };
}

type FormAnswer = Exclude<Parameters<Submission['ack']>[0], undefined>;

function showFieldError(app: SlackApp, submission: Submission, block: string, sentence: string) {
  const answer = { response_action: 'errors', errors: { [block]: sentence } } as const;
  return ackOrReply(app, submission, answer, sentence);
}

async function showInModal(app: SlackApp, submission: Submission, sentence: string, typed?: Typed) {
  const view = buildNotDoneModal(await textsOf(submission)(), submission.view.title.text, sentence, typed);
  return ackOrReply(app, submission, { response_action: 'update', view }, sentence);
}

/** Acks with an answer; if Slack no longer accepts the ack, replies with the sentence. */
export async function ackOrReply(
  { reply }: SlackApp,
  { ack, body, context }: Submission,
  answer: Parameters<Submission['ack']>[0],
  sentence: string,
): Promise<void> {
  const place = { user: body.user.id, texts: textsOf({ context }) };
  await ack(answer).catch(() => reply(place, () => sentence));
}
