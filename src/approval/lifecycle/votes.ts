import { checkValues, parseValues, writeValues } from '../model/fields.ts';
import { hashOutput, isBlankText, readOutput } from '../model/output.ts';
import {
  canBeAnswered,
  type Decision,
  listOptions,
  needsValues,
  type Round,
  type SettledStatus,
} from '../model/round.ts';
import type { DecideEvent } from './events.ts';
import type { Refusal } from './refusal.ts';

type Choice = Pick<Decision, 'action' | 'option' | 'feedback' | 'remark' | 'edited' | 'values'>;

/** Identifies the choice of a vote: votes for the same choice count together. */
export function identifyChoice({ action, option, feedback }: Choice): string {
  if (action !== 'choose') return action;
  return option === undefined ? `text: ${feedback}` : `option ${option}`;
}

/** Prefix of a text that CrewAI must use as it is: /resume takes only feedback, which a model reads. */
const USE_EXACTLY = 'Use exactly this text, word for word:';

/** True if the output can be edited: a question if its program says so, a pause always (as feedback), a review never. */
export function isEditable({ review, question }: Pick<Round, 'review' | 'question'>): boolean {
  return question ? question.editable === true : review === undefined;
}

/** Returns why an edited text is refused; undefined: the text is accepted. */
function refuseEdited(round: Round, edited: string): Refusal | undefined {
  if (!isEditable(round)) return { code: 'not_editable' };
  if (isBlankText(edited)) return { code: 'edited_blank' };
  const output = readOutput(edited);
  if (round.hashes[0]?.startsWith('json:') && output.kind !== 'json') return { code: 'edited_not_json' };
  return round.hashes.includes(hashOutput(output)) ? { code: 'nothing_edited' } : undefined;
}

/** True if the last vote decides: one request for a revision is enough; any other choice needs `required` equal votes. */
export function hasQuorum(votes: readonly Decision[], lastVote: Decision, required: number): boolean {
  if (lastVote.action === 'request_revision') return true;
  const choice = identifyChoice(lastVote);
  return votes.filter((vote) => identifyChoice(vote) === choice).length >= required;
}

/** Reads a person's choice on a round, with the text of a chosen option. Refuses a choice that the round does not offer. */
export function readChoice(round: Round, event: DecideEvent): { choice: Choice } | { refusal: Refusal } {
  const reading = readGivenAnswer(round, event);
  if ('refusal' in reading || !needsValues(round.question, reading.choice)) return reading;
  const enteredValues = checkEntered(round, reading.choice, event.values);
  return 'refusal' in enteredValues ? enteredValues : { choice: { ...reading.choice, ...enteredValues } };
}

/** Checks the values of a choice: entered by the person, or else by someone who chose the same option before. */
function checkEntered(
  { question, entered }: Round,
  { option }: Choice,
  personValues: DecideEvent['values'],
): Pick<Choice, 'values'> | { refusal: Refusal } {
  const { fields = [] } = question ?? {};
  const agreedValues = entered && entered.option === option ? parseValues(entered.values) : undefined;
  if (!personValues && !agreedValues) return { refusal: { code: 'values_required' } };
  const checkedForm = checkValues(fields, personValues ?? agreedValues ?? {});
  if ('fault' in checkedForm) return { refusal: { code: 'values_required', field: checkedForm.name } };
  return { values: writeValues(checkedForm.values) };
}

function readGivenAnswer(
  round: Round,
  { action, option, feedback, edited }: DecideEvent,
): { choice: Choice } | { refusal: Refusal } {
  const { review, question } = round;
  const options = listOptions(round);
  const refusal = edited === undefined ? undefined : refuseEdited(round, edited);
  if (refusal) return { refusal };
  if (edited !== undefined && !question)
    return { choice: { action: 'request_revision', feedback: `${USE_EXACTLY}\n\n${edited}`, edited } };
  const editedField = edited === undefined ? {} : { edited };
  if (!options && edited !== undefined) return { choice: { action: 'approve', feedback, edited } };
  // An edited text counts as the required text.
  const needsText = question?.freeText === 'required' && isBlankText(feedback) && edited === undefined;
  if (!options && action === 'approve' && needsText) return { refusal: { code: 'text_required' } };
  if (!options)
    return action === 'choose' ? { refusal: { code: 'no_such_option' } } : { choice: { action, feedback } };
  if (!canBeAnswered(round)) return { refusal: { code: 'answer_in_crewai', host: review?.blockedHost } };
  // A typed text that equals an option selects it: a card lists only the first of many options.
  const typedIndex = action === 'choose' && option === undefined ? options.indexOf(feedback.trim()) : -1;
  const chosenIndex = option ?? (typedIndex === -1 ? undefined : typedIndex);
  const text = chosenIndex === undefined ? feedback : options[chosenIndex];
  const isFreeText = chosenIndex === undefined && question !== undefined;
  if (action !== 'choose' || text === undefined || isBlankText(text) || isFreeText)
    return { refusal: { code: 'no_such_option', options } };
  const takesRemark = question && question.freeText !== 'none' && typedIndex === -1;
  const remark = takesRemark && !isBlankText(feedback) ? feedback.trim() : '';
  if (needsText || (question?.freeText === 'required' && typedIndex !== -1))
    return { refusal: { code: 'text_required' } };
  return {
    choice: {
      action,
      feedback: text,
      ...(chosenIndex === undefined ? {} : { option: chosenIndex }),
      ...(remark === '' ? {} : { remark }),
      ...editedField,
    },
  };
}

/** Returns the status of a round after CrewAI or the program accepted its decision. */
export function findAcceptedStatus({ action }: Pick<Decision, 'action'>): SettledStatus {
  const statuses = {
    approve: 'approved',
    request_revision: 'revision_requested',
    choose: 'answered',
  } as const;
  return statuses[action];
}
