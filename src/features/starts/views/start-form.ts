import type { KnownBlock, ModalView } from '@slack/types';
import type { Crew, InputSettings } from '../../../approval/model/crew/crew.ts';
import { type Field, type FieldValues, findValueFault } from '../../../approval/model/fields.ts';
import type { StartRefusal } from '../../../approval/starts/can-start.ts';
import { getOwn } from '../../../lib/own-member.ts';
import { keepLanguage } from '../../../slack/app/button-values.ts';
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
/** A modal takes 100 blocks. */
const MOST_FIELDS = 95;
/** A block's id has at most 255 characters. */
const LONGEST_NAME = 200;
const LISTED_MAX = 1_900;
/** Slack's limit for the choices of a select. */
const CREWS_SHOWN = 100;

/** What a form shows of a crew. */
type FormCrew = Pick<Crew, 'name' | 'starts' | 'inputs'>;

/** Asks which crew to start. Pure. */
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

/** Stands there until CrewAI has said which inputs a crew has. Pure. */
export function buildLoadingForm(texts: Texts, { name }: FormCrew, draft: StartDraft): ModalView {
  return buildStartModal(texts, {}, draft, [
    section(startsTexts(texts).askingForInputs(`*${escapeLine(name, 64)}*`)),
  ]);
}

/** What is known of a run when its form is built. */
export interface KnownInputs {
  /** The names of the inputs; undefined: CrewAI did not say. */
  names: readonly string[] | 'not_reached' | undefined;
  /** Those that a run needs; undefined: CrewAI did not say which, so a crew needs all of them. */
  required?: readonly string[] | undefined;
  /** What its program says of the values. */
  fields?: readonly Field[] | undefined;
  /** Those of an earlier run. */
  before?: Readonly<Record<string, unknown>> | undefined;
  /** Those that CrewAI missed then. */
  missing?: readonly string[] | undefined;
}

/** Asks for the inputs of a run: one field for each if possible, or all of them as JSON, which is never too long for Slack. Pure. */
export function buildStartForm(
  texts: Texts,
  crew: FormCrew,
  draft: StartDraft,
  known: KnownInputs,
  { asJson = false } = {},
): ModalView {
  const submit = { callback_id: STARTS_FORMS.startRun, submit: plain(startsTexts(texts).start) };
  const title = section(startsTexts(texts).startCrew(`*${escapeLine(crew.name, 64)}*`));
  const fields = (asJson ? undefined : buildFields(texts, crew, known)) ?? buildJsonField(texts, crew, known);
  return buildStartModal(texts, submit, draft, [title, ...fields]);
}

/** A field for each input; undefined where they are asked for as JSON. */
function buildFields(texts: Texts, crew: FormCrew, known: KnownInputs): KnownBlock[] | undefined {
  const { before, missing } = known;
  if (known.fields)
    return buildFieldInputs(texts, known.fields, inputBlock, keepFitting(known.fields, before));
  const names = listFormInputs(crew, known);
  const isFlow = crew.starts === 'flow';
  // A Flow that does not say which of its inputs are required names every field of its state.
  if (names === undefined || (isFlow && known.required === undefined) || !canBeFields(names))
    return undefined;
  if (names.length === 0) return [section(startsTexts(texts).noInputs)];
  const fields = names.map((name) => {
    const settings = getOwn(crew.inputs, name) ?? {};
    const isMissing = missing?.includes(name);
    const optional = isOptional(known, name) && !isMissing;
    const given = getOwn(before, name);
    // An optional input that was left out before is left out again.
    const value = given ?? (optional && before ? undefined : settings.default);
    const written = isFlow && value != null && typeof value !== 'string' ? JSON.stringify(value) : value;
    const text = typeof written === 'string' && written !== '' ? cleanTyped(written) : undefined;
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

/** Of the inputs of an earlier run, those that its program still takes. */
function keepFitting(fields: readonly Field[], before: KnownInputs['before'] = {}): FieldValues {
  const given = fields.map((field) => [field, getOwn(before as FieldValues, field.name)] as const);
  const fitting = given.flatMap(([field, value]) =>
    value !== undefined && findValueFault(field, value) === undefined ? [[field.name, value] as const] : [],
  );
  return Object.fromEntries(fitting);
}

/** The inputs to ask for: CrewAI gives each run of a Flow its own id. */
function listFormInputs({ starts }: FormCrew, { names }: KnownInputs): readonly string[] | undefined {
  if (!isNamed(names)) return undefined;
  return starts === 'flow' ? names.filter((name) => name !== 'id') : names;
}

function isOptional({ required }: KnownInputs, name: string): boolean {
  return required !== undefined && !required.includes(name);
}

function isNamed(names: KnownInputs['names']): names is readonly string[] {
  return names !== undefined && names !== 'not_reached';
}

function canBeFields(names: readonly string[]): boolean {
  return (
    names.length <= MOST_FIELDS &&
    names.every((name) => name.length <= LONGEST_NAME && clean(name) === name && name.trim() !== '')
  );
}

/** `text`: what the field begins with. */
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

function buildJsonField(texts: Texts, crew: FormCrew, known: KnownInputs): KnownBlock[] {
  const { names, before } = known;
  // Of a thousand inputs only the first are shown.
  const listed = (listFormInputs(crew, known) ?? []).slice(0, LISTED_MAX / 4);
  const fields = listed.map((name) => {
    const shown = truncate(name, 60);
    return isOptional(known, name) ? startsTexts(texts).optionalInput(shown) : shown;
  });
  const presets = Object.entries(crew.inputs ?? {}).flatMap(([name, { default: preset }]) =>
    preset === undefined ? [] : [[name, preset] as const],
  );
  const text = JSON.stringify(before ?? Object.fromEntries(presets), null, 2);
  return [
    ...context(
      introduceInputs(texts, crew, names, escapeLine(fields.join(', ').slice(0, 2 * LISTED_MAX), LISTED_MAX)),
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
  listed: string,
): string {
  if (names === 'not_reached') return `:warning: ${startsTexts(texts).inputsNotReached}`;
  if (names === undefined) return startsTexts(texts).inputsUnknown;
  return starts === 'flow' ? startsTexts(texts).stateFields(listed) : startsTexts(texts).inputs(listed);
}

function buildStartModal(
  texts: Texts,
  more: Pick<ModalView, 'callback_id' | 'submit'>,
  draft: StartDraft,
  blocks: KnownBlock[],
): ModalView {
  return {
    type: 'modal',
    title: plain(startsTexts(texts).startTitle),
    close: plain(texts.actions.cancel),
    private_metadata: keepLanguage(texts, writeDraft(draft)),
    ...more,
    blocks,
  };
}

/** Why a person cannot start a run. */
export function describeStartRefusal(texts: Texts, refusal: StartRefusal): string {
  const { refused } = startsTexts(texts);
  return refusal.code === 'unknown_crew'
    ? refused.unknown_crew(escapeLine(refusal.crew, 64))
    : refused[refusal.code];
}
