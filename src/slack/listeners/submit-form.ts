import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { findRound } from '../../approval/model/approval.ts';
import {
  type Field,
  type FieldValue,
  type FieldValues,
  labelChoices,
  nameField,
  type ValueFault,
} from '../../approval/model/fields.ts';
import { isBlankText } from '../../approval/model/output.ts';
import type { DrawnPlace } from '../../approval/model/seen.ts';
import type { RequestResult, Target } from '../../approval/read-round.ts';
import { withTimeout } from '../../lib/time.ts';
import { isOfLaterVersion, readModalTarget, readOptionIndex } from '../app/button-values.ts';
import {
  ASSIGNEE,
  EDITED,
  FEEDBACK,
  OPTION,
  PEOPLE_NOTE,
  readValueOption,
  UNREAD,
  valueBlock,
} from '../app/ids.ts';
import { textsOf } from '../app/languages.ts';
import { currentCardLink, type SlackApp } from '../slack-app.ts';
import type { Sentence, Texts } from '../texts/texts.ts';
import { buildSentenceModal, type TypedTexts } from '../views/modals/decision-modals.ts';
import { cleanTyped } from '../views/text/escape.ts';
import { describeRefusal } from '../views/text/sentences.ts';
import { decideInTime, explainStoreFailure, findPlaceBesideCard, replyIfCardIsLate } from './click.ts';
import { type DecisionForm, FORMS, type FormInput, type ModalField, READ_TIMEOUT } from './forms.ts';
import { describeValueFaults, readEnteredFields } from './read-fields.ts';

export type Submission = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;

/** Refusals shown in a separate modal, since a field's error cannot have a link or a mention. */
const SHOWN_IN_MODAL = new Set([
  'already_decided',
  'superseded',
  'closed',
  'other_output',
  'read_first',
  'card_changed',
  'not_member',
  'open_card',
]);

/**
 * Records the decision of a submitted form. The modal closes only if the decision is recorded; else it stays open with the text and
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
  const input = readInput(view);
  if (form.missing !== undefined && isBlankText(input.feedback) && !isOptionalField(view, FEEDBACK))
    return showProblem(app, submission, form.missing);
  if (lacksTick(view)) {
    const { refusals } = await textsOf(submission)();
    return showFieldError(app, submission, UNREAD.block, refusals.boxNotTicked);
  }
  const by = body.user.id;
  const target = readModalTarget(view.private_metadata);
  if (!target) {
    app.log.warn({ person: by, form: view.callback_id }, 'form value not readable');
    const isLater = isOfLaterVersion(view.private_metadata);
    return showProblem(app, submission, ({ refusals }) =>
      isLater ? refusals.laterVersion : refusals.decide.unknown,
    );
  }
  target.via = 'modal';
  if (target.drawn) recordFormShown(target.drawn, name, view);

  const checked = await withTimeout(READ_TIMEOUT, () => checkInput(app, name, target, view, input)).catch(
    (error: unknown) => ({ problem: explainStoreFailure(app, error) }),
  );
  if ('faults' in checked) return showValueFaults(app, submission, checked.faults);
  if ('problem' in checked) return showProblem(app, submission, checked.problem);

  const result = await decideInTime(app, target, by, form.readRequest(checked.input));
  if ('failed' in result) return showProblem(app, submission, result.failed);
  const { answer } = result;
  if (!answer.done) return showRefusal(app, submission, answer, checked);
  // On a form above a page, this closes the page, too.
  await (view.previous_view_id ? ack({ response_action: 'clear' }) : ack());
  const place = findPlaceBesideCard(by, textsOf(submission), answer.approval, target.round);
  replyIfCardIsLate(app, place, answer.approval, target.round);
}

/** Adds what the form showed or asked to the record of what the place showed. */
function recordFormShown(drawn: DrawnPlace, name: keyof typeof FORMS, view: Submission['view']): void {
  if (asksForTick(view)) drawn.asked = true;
  // The form of an edit has the whole output. It has the checkbox if a part of the description is missing.
  else if (name === 'edit') delete drawn.part;
}

/** Input that can be recorded. `lines`: shows its values to the person again. */
interface CheckedInput {
  input: FormInput;
  lines?: Sentence;
}

/** Checks the input against the round, and reads the values of its fields. Rejects with a StoreError. */
async function checkInput(
  app: SlackApp,
  name: keyof typeof FORMS,
  target: Target,
  view: Submission['view'],
  input: FormInput,
): Promise<CheckedInput | { problem: Sentence } | { faults: Record<string, ValueFault> }> {
  if (name === 'enterValues') {
    const entered = await readEnteredValues(app, target, view, input.option);
    return 'faults' in entered
      ? entered
      : { input: { ...input, values: entered.values }, lines: entered.lines };
  }
  const form: DecisionForm = FORMS[name];
  const problem = await form.check?.(app, target, input);
  return problem === undefined ? { input } : { problem };
}

function readInput(view: Submission['view']): FormInput {
  const field = (ids: ModalField) => findField(view, ids);
  const readTyped = (ids: ModalField) => cleanTyped(field(ids)?.value ?? '');
  return {
    feedback: readTyped(FEEDBACK),
    note: readTyped(PEOPLE_NOTE).trim(),
    assignee: field(ASSIGNEE)?.selected_user ?? '',
    edited: readTyped(EDITED),
    option: readOptionIndex(field(OPTION)?.selected_option?.value ?? findValueOption(view)),
    forPeople: !(PEOPLE_NOTE.block in view.state.values),
  };
}

function findField({ state }: Pick<Submission['view'], 'state'>, { block, action }: ModalField) {
  return state.values[block]?.[action];
}

/** True if the form was drawn with this field as an optional one. */
function isOptionalField({ blocks }: Pick<Submission['view'], 'blocks'>, { block }: ModalField): boolean {
  return blocks.some((drawn) => drawn.block_id === block && 'optional' in drawn && drawn.optional === true);
}

/** True if the form asked for a tick that is missing. Slack's clients require it, but the bot cannot rely on them. */
function lacksTick({ blocks, state }: Pick<Submission['view'], 'blocks' | 'state'>): boolean {
  return asksForTick({ blocks }) && !findField({ state }, UNREAD)?.selected_options?.length;
}

/** True if the form asked to confirm that not all was shown. */
function asksForTick({ blocks }: Pick<Submission['view'], 'blocks'>): boolean {
  return blocks.some(({ block_id }) => block_id === UNREAD.block);
}

/** Finds the option that the values of a form belong to. */
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
  const entered = readEnteredFields(state, fields, (name) =>
    valueBlock(option === -1 ? undefined : option, name),
  );
  if ('faults' in entered) return entered;
  const { values } = entered;
  const visible = fields.filter(({ hidden, name }) => !hidden && Object.hasOwn(values, name));
  const writeLine = (texts: Texts, field: Field) =>
    `${nameField(field)}: ${writeFieldValue(texts, field, values[field.name] as FieldValue)}`;
  return { values, lines: (texts) => visible.map((field) => writeLine(texts, field)).join('\n') };
}

/** Writes a value as its form showed it. */
function writeFieldValue(texts: Texts, field: Field, value: FieldValue): string {
  const label = labelChoices(field, value);
  if (typeof label === 'boolean') return label ? texts.fields.yes : texts.fields.no;
  return Array.isArray(label) ? texts.fields.list(label) : String(label);
}

/** Shows why a decision was not recorded, with all that the person typed. */
async function showRefusal(
  app: SlackApp,
  submission: Submission,
  answer: RequestResult & { done: false },
  { input, lines = () => '' }: CheckedInput,
): Promise<void> {
  const texts = await textsOf(submission)();
  const { code } = answer.refusal;
  // A field's error cannot have a mention, so the sentence names nobody.
  if (code === 'assignee_may_not')
    return showFieldError(app, submission, ASSIGNEE.block, texts.refusals.decide.assignee_may_not);
  const sentence = describeRefusal(texts, answer.refusal, currentCardLink(answer, app.links));
  if (!SHOWN_IN_MODAL.has(code)) return showProblem(app, submission, () => sentence);
  const feedback = [lines(texts), input.feedback].filter(Boolean).join('\n');
  return showInModal(app, submission, sentence, { ...input, feedback });
}

/** Keeps a form open and shows a sentence at its text field; a form without one shows the sentence instead. */
async function showProblem(app: SlackApp, submission: Submission, problem: Sentence): Promise<void> {
  const blocks = Object.keys(submission.view.state.values);
  const textField =
    [FEEDBACK.block, EDITED.block].find((block) => blocks.includes(block)) ??
    blocks.find((block) => readValueOption(block) !== undefined);
  const sentence = problem(await textsOf(submission)());
  return textField === undefined
    ? showInModal(app, submission, sentence)
    : showFieldError(app, submission, textField, sentence);
}

/** Keeps a form open and shows at each field why its value is not valid. */
async function showValueFaults(
  app: SlackApp,
  submission: Submission,
  faults: Record<string, ValueFault>,
): Promise<void> {
  const errors = describeValueFaults(await textsOf(submission)(), faults);
  const [sentence = ''] = Object.values(errors);
  return ackOrReply(app, submission, { response_action: 'errors', errors }, sentence);
}

/**
 * Answers a form that this version of the bot does not know, or whose fields it does not know, and shows the texts that the person typed.
 */
export async function rejectUnknownForm(app: SlackApp, submission: Submission): Promise<void> {
  const { body, view } = submission;
  app.log.warn({ person: body.user.id, form: view.callback_id }, 'unknown form submitted');
  const fields = Object.values(view.state.values).flatMap((block) => Object.values(block));
  const feedback = fields.flatMap(({ value }) => value ?? []).join('\n\n');
  const { refusals } = await textsOf(submission)();
  const sentence = isOfLaterVersion(view.private_metadata) ? refusals.laterVersion : refusals.unknownForm;
  return showInModal(app, submission, sentence, { feedback, note: '' });
}

/**
 * Answers a form with a sentence and keeps all that was entered: the form stays open. One without fields is replaced by the
 * sentence.
 */
export function buildKeepOpenResponse(
  texts: Texts,
  { blocks = [], title }: Submission['view'],
  sentence: Sentence,
): FormAnswer {
  const field = blocks.find(({ type }) => type === 'input')?.block_id;
  return field === undefined
    ? { response_action: 'update', view: buildSentenceModal(texts, title.text, sentence(texts)) }
    : { response_action: 'errors', errors: { [field]: sentence(texts) } };
}

type FormAnswer = Exclude<Parameters<Submission['ack']>[0], undefined>;

function showFieldError(app: SlackApp, submission: Submission, block: string, sentence: string) {
  const answer = { response_action: 'errors', errors: { [block]: sentence } } as const;
  return ackOrReply(app, submission, answer, sentence);
}

async function showInModal(app: SlackApp, submission: Submission, sentence: string, typed?: TypedTexts) {
  const view = buildSentenceModal(await textsOf(submission)(), submission.view.title.text, sentence, typed);
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
