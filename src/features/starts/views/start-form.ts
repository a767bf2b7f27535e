import type { KnownBlock, ModalView } from '@slack/types';
import type { Crew, InputSettings } from '../../../approval/model/crew/crew.ts';
import { type Field, type FieldValues, findValueFault } from '../../../approval/model/fields.ts';
import type { StartRefusal } from '../../../approval/starts/can-start.ts';
import { getOwn } from '../../../lib/own-member.ts';
import { appendLanguage } from '../../../slack/app/button-values.ts';
import type { Texts } from '../../../slack/texts/texts.ts';
import { buildFieldInputs, type FieldInput } from '../../../slack/views/modals/field-inputs.ts';
import { context, plain, section } from '../../../slack/views/text/elements.ts';
import { clean, cleanTyped, escapeLine } from '../../../slack/views/text/escape.ts';
import { truncate } from '../../../slack/views/text/truncate.ts';
import { type StartDraft, writeDraft } from '../draft.ts';
import { CREW, INPUTS_JSON, inputBlock, STARTS_FORMS } from '../ids.ts';
import { startsTexts } from '../texts.ts';

/** Slack's limit for a text field, in characters. */
const INPUT_TEXT_MAX = 3_000;
/** Most fields in a form; a modal accepts 100 blocks. */
const MAX_FIELDS = 95;
/** Longest name of an input with its own field, in characters; a block's id has at most 255. */
const LONGEST_NAME = 200;
const MAX_INPUT_LIST_LENGTH = 1_900;
/** Slack's limit for the choices of a select. */
const CREWS_SHOWN = 100;

/** The parts of a crew that a form shows. */
type FormCrew = Pick<Crew, 'name' | 'starts' | 'inputs'>;

/** Builds the form that asks which crew to start. Pure. */
export function buildCrewChoice(texts: Texts, crews: readonly FormCrew[], draft: StartDraft): ModalView {
  const options = crews
    .slice(0, CREWS_SHOWN)
    .map(({ name }) => ({ text: plain(truncate(name, 75)), value: name }));
  return buildStartModal(
    texts,
    { callback_id: STARTS_FORMS.chooseCrew, submit: plain(startsTexts(texts).next) },
    draft,
    [
      {
        type: 'input',
        block_id: CREW.block,
        label: plain(startsTexts(texts).crew),
        element: { type: 'static_select', action_id: CREW.action, options },
      },
    ],
  );
}

/** Builds the form that is shown until CrewAI has named the crew's inputs. Pure. */
export function buildLoadingForm(texts: Texts, { name }: FormCrew, draft: StartDraft): ModalView {
  return buildStartModal(texts, {}, draft, [
    section(startsTexts(texts).askingForInputs(`*${escapeLine(name, 64)}*`)),
  ]);
}

/** Known facts about the inputs of a run when its form is built. */
export interface KnownInputs {
  /** Names of the inputs; undefined: CrewAI did not say. */
  names: readonly string[] | 'not_reached' | undefined;
  /** Names of the required inputs; undefined: CrewAI did not say, so a crew needs all of them. */
  required?: readonly string[] | undefined;
  /** Fields that the crew's program declared. */
  fields?: readonly Field[] | undefined;
  /** Inputs of an earlier run. */
  before?: Readonly<Record<string, unknown>> | undefined;
  /** Names of the inputs that the earlier run lacked. */
  missing?: readonly string[] | undefined;
}

/**
 * Builds the form for a run's inputs: a field for each if possible, else one for all as JSON, which fits any inputs into
 * Slack's limits. Pure.
 */
export function buildStartForm(
  texts: Texts,
  crew: FormCrew,
  draft: StartDraft,
  knownInputs: KnownInputs,
  { asJson = false } = {},
): ModalView {
  const submit = { callback_id: STARTS_FORMS.startRun, submit: plain(startsTexts(texts).start) };
  const title = section(startsTexts(texts).startCrew(`*${escapeLine(crew.name, 64)}*`));
  const fields =
    (asJson ? undefined : buildFields(texts, crew, knownInputs)) ?? buildJsonField(texts, crew, knownInputs);
  return buildStartModal(texts, submit, draft, [title, ...fields]);
}

/** Builds a field for each input; undefined: ask for the inputs as JSON. */
function buildFields(texts: Texts, crew: FormCrew, knownInputs: KnownInputs): KnownBlock[] | undefined {
  const { before, missing } = knownInputs;
  if (knownInputs.fields)
    return buildFieldInputs(texts, knownInputs.fields, inputBlock, keepFitting(knownInputs.fields, before));
  const names = listFormInputs(crew, knownInputs);
  const isFlow = crew.starts === 'flow';
  // A Flow that does not name its required inputs lists every field of its state.
  if (names === undefined || (isFlow && knownInputs.required === undefined) || !canBeFields(names))
    return undefined;
  if (names.length === 0) return [section(startsTexts(texts).noInputs)];
  const fields = names.map((name) => {
    const settings = getOwn(crew.inputs, name) ?? {};
    const isMissing = missing?.includes(name);
    const optional = isOptionalInput(knownInputs, name) && !isMissing;
    const earlierValue = getOwn(before, name);
    // An optional input that was left out of the earlier run is left out again.
    const value = earlierValue ?? (optional && before ? undefined : settings.default);
    const prefilled = isFlow && value != null && typeof value !== 'string' ? JSON.stringify(value) : value;
    const text = typeof prefilled === 'string' && prefilled !== '' ? cleanTyped(prefilled) : undefined;
    const isLong = text !== undefined && text.length > INPUT_TEXT_MAX;
    const hint = isMissing
      ? startsTexts(texts).inputNeeded
      : isLong
        ? startsTexts(texts).valueTooLong
        : undefined;
    return describeInput(name, settings, { hint, optional, text: isLong ? undefined : text });
  });
  const inputs = buildFieldInputs(texts, fields, inputBlock);
  return isFlow ? [...context(startsTexts(texts).writeJson), ...inputs] : inputs;
}

/** Returns the inputs of an earlier run that the program still accepts. */
function keepFitting(fields: readonly Field[], before: KnownInputs['before'] = {}): FieldValues {
  const fieldValues = fields.map((field) => [field, getOwn(before as FieldValues, field.name)] as const);
  const fitting = fieldValues.flatMap(([field, value]) =>
    value !== undefined && findValueFault(field, value) === undefined ? [[field.name, value] as const] : [],
  );
  return Object.fromEntries(fitting);
}

/** Lists the inputs to ask for. CrewAI gives each run of a Flow its own `id`. */
function listFormInputs({ starts }: FormCrew, { names }: KnownInputs): readonly string[] | undefined {
  if (!isNamed(names)) return undefined;
  return starts === 'flow' ? names.filter((name) => name !== 'id') : names;
}

function isOptionalInput({ required }: KnownInputs, name: string): boolean {
  return required !== undefined && !required.includes(name);
}

function isNamed(names: KnownInputs['names']): names is readonly string[] {
  return names !== undefined && names !== 'not_reached';
}

function canBeFields(names: readonly string[]): boolean {
  return (
    names.length <= MAX_FIELDS &&
    names.every((name) => name.length <= LONGEST_NAME && clean(name) === name && name.trim() !== '')
  );
}

/** `text`: initial text of the field. */
function describeInput(
  name: string,
  { label, choices, multiline = false }: InputSettings,
  { text, hint, optional }: { text: string | undefined; hint: string | undefined; optional: boolean },
): FieldInput {
  return {
    name,
    kind: choices ? 'choice' : 'text',
    multiline: multiline || text?.includes('\n') === true,
    ...(hint === undefined ? {} : { hint }),
    ...(label === undefined ? {} : { title: label }),
    ...(optional ? {} : { required: true as const }),
    ...(choices ? { choices: choices.map((choice) => ({ value: choice, label: choice })) } : {}),
    ...(text === undefined ? {} : { default: text }),
  };
}

function buildJsonField(texts: Texts, crew: FormCrew, knownInputs: KnownInputs): KnownBlock[] {
  const { names, before } = knownInputs;
  // Show only the first inputs: there can be a thousand.
  const inputNames = (listFormInputs(crew, knownInputs) ?? []).slice(0, MAX_INPUT_LIST_LENGTH / 4);
  const fields = inputNames.map((name) => {
    const shownName = truncate(name, 60);
    return isOptionalInput(knownInputs, name) ? startsTexts(texts).optionalInput(shownName) : shownName;
  });
  const presets = Object.entries(crew.inputs ?? {}).flatMap(([name, { default: preset }]) =>
    preset === undefined ? [] : [[name, preset] as const],
  );
  const text = JSON.stringify(before ?? Object.fromEntries(presets), null, 2);
  return [
    ...context(
      introduceInputs(
        texts,
        crew,
        names,
        escapeLine(fields.join(', ').slice(0, 2 * MAX_INPUT_LIST_LENGTH), MAX_INPUT_LIST_LENGTH),
      ),
    ),
    {
      type: 'input',
      block_id: INPUTS_JSON.block,
      label: plain(startsTexts(texts).inputsAsJson),
      hint: plain(startsTexts(texts).inputsAsJsonHint),
      element: {
        type: 'plain_text_input',
        action_id: INPUTS_JSON.action,
        multiline: true,
        max_length: INPUT_TEXT_MAX,
        ...(text.length <= INPUT_TEXT_MAX ? { initial_value: text } : {}),
      },
    },
  ];
}

function introduceInputs(
  texts: Texts,
  { starts }: FormCrew,
  names: KnownInputs['names'],
  inputList: string,
): string {
  if (names === 'not_reached') return `:warning: ${startsTexts(texts).inputsNotReached}`;
  if (names === undefined) return startsTexts(texts).inputsUnknown;
  return starts === 'flow' ? startsTexts(texts).stateFields(inputList) : startsTexts(texts).inputs(inputList);
}

function buildStartModal(
  texts: Texts,
  modalParts: Pick<ModalView, 'callback_id' | 'submit'>,
  draft: StartDraft,
  blocks: KnownBlock[],
): ModalView {
  return {
    type: 'modal',
    title: plain(startsTexts(texts).startTitle),
    close: plain(texts.actions.cancel),
    private_metadata: appendLanguage(texts, writeDraft(draft)),
    ...modalParts,
    blocks,
  };
}

/** Explains why a person cannot start a run. */
export function describeStartRefusal(texts: Texts, refusal: StartRefusal): string {
  const { refused } = startsTexts(texts);
  return refusal.code === 'unknown_crew'
    ? refused.unknown_crew(escapeLine(refusal.crew, 64))
    : refused[refusal.code];
}
