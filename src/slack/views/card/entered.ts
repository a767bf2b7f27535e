import type { KnownBlock } from '@slack/types';
import type { CardFacts, EnteredFact } from '../../../approval/card-facts.ts';
import { type FieldValue, nameField } from '../../../approval/model/fields.ts';
import type { Texts } from '../../texts/texts.ts';
import { formatDate, plain, section } from '../text/elements.ts';
import { clean, cleanLine, escapeLine } from '../text/escape.ts';
import { packLines, truncate } from '../text/truncate.ts';
import { isQuotedWhole, quote } from './state.ts';

/** Characters of a value in one line with its name, and of a value below its name. */
const LONGEST_IN_LINE = 200;
const LONGEST_SHOWN = 1_000;
/** Characters of all values on a card, so that the beginning of the output still has room. */
export const ENTERED_MAX = 4_500;
/** https://docs.slack.dev/reference/block-kit/blocks/section-block */
const LONGEST_SECTION = 2_900;

/** Builds the blocks of the entered values: a line each, with a longer text below its name; none if nobody was asked for values. */
export function buildEntered(texts: Texts, entered: readonly EnteredFact[] | undefined): KnownBlock[] {
  if (!entered) return [];
  if (entered.length === 0) return [section(texts.fields.nothing)];
  const standsAlone = (fact: EnteredFact) => isLongValue(texts, fact) || isFormatted(texts, fact);
  const orderedFacts = [...entered.filter((fact) => !standsAlone(fact)), ...entered.filter(standsAlone)];
  const values = takeValues(texts, orderedFacts, ENTERED_MAX);
  const hiddenCount = orderedFacts.length - values.length;
  const lines = values.filter((_, at) => !standsAlone(orderedFacts[at] as EnteredFact));
  return [
    ...packLines(lines, LONGEST_SECTION).map(section),
    ...orderedFacts.slice(lines.length, values.length).map((fact) => buildAlone(texts, fact)),
    ...(hiddenCount > 0 ? [section(texts.lists.andMore(hiddenCount))] : []),
  ];
}

/**
 * Builds a block for one value. Uses plain text if Slack would draw marks in the value as bold, code or emoji, because then the
 * value could look like more than a value.
 */
function buildAlone(texts: Texts, fact: EnteredFact): KnownBlock {
  if (!isFormatted(texts, fact)) return section(describeValue(texts, fact));
  const value = clean(readEnteredText(texts, fact) ?? '');
  // Without quote marks, a second line could look like another field.
  const writtenValue = value.includes('\n') ? `\n${value.replace(/^/gm, '> ')}` : ` ${value}`;
  const text = `${cleanLine(nameField(fact))}:${writtenValue}`;
  return { type: 'section', text: plain(truncate(text, LONGEST_SHOWN)) };
}

/** Marks that Slack's mrkdwn would not show as entered. */
const FORMATTED = /[*_~`]|:[a-z0-9_+-]+:/i;

function isFormatted(texts: Texts, fact: EnteredFact): boolean {
  return FORMATTED.test(readEnteredText(texts, fact) ?? '') && fact.kind !== 'time';
}

/**
 * Returns an entered text, or choices by their labels; undefined: a value of another kind. Puts each choice in its own line if a
 * label contains a comma.
 */
function readEnteredText(texts: Texts, { value }: EnteredFact): string | undefined {
  if (!Array.isArray(value)) return typeof value === 'string' ? value : undefined;
  return value.some((label) => label.includes(',')) ? value.join('\n') : texts.fields.list(value);
}

/** True if a card does not show all entered values exactly, to the last character. */
export function isEnteredCut(texts: Texts, entered: readonly EnteredFact[] = []): boolean {
  const isWhole = (fact: EnteredFact) => {
    const text = readEnteredText(texts, fact);
    if (text === undefined) return true;
    if (isFormatted(texts, fact)) return false;
    return isLongValue(texts, fact)
      ? text === text.trim() && isQuotedWhole(text, LONGEST_SHOWN)
      : Array.isArray(fact.value) || text === cleanLine(text);
  };
  return takeValues(texts, entered, ENTERED_MAX).length < entered.length || !entered.every(isWhole);
}

/** Writes the entered values as mrkdwn, as many as fit in `max` characters. */
export function writeEntered(texts: Texts, entered: readonly EnteredFact[] = [], max: number): string {
  const values = takeValues(texts, entered, max);
  const hiddenCount = entered.length - values.length;
  return [...values, ...(hiddenCount > 0 ? [texts.lists.andMore(hiddenCount)] : [])].join('\n');
}

function takeValues(texts: Texts, entered: readonly EnteredFact[], max: number): string[] {
  const values: string[] = [];
  let room = max;
  for (const fact of entered) {
    const text = describeValue(texts, fact);
    room -= text.length;
    if (room < 0) break;
    values.push(text);
  }
  return values;
}

/**
 * Lets the buttons open the form with the entered values: people can agree to the values of another person only where all values
 * are shown.
 */
export function askForEntered(facts: CardFacts): CardFacts {
  const form = facts.question?.form;
  if (!facts.question || !form) return facts;
  return { ...facts, question: { ...facts.question, form: { ...form, opens: form.asks } } };
}

function isLongValue(texts: Texts, fact: EnteredFact): boolean {
  const text = readEnteredText(texts, fact) ?? '';
  return text.includes('\n') || (text.length > LONGEST_IN_LINE && !Array.isArray(fact.value));
}

function describeValue(texts: Texts, fact: EnteredFact): string {
  const name = escapeLine(nameField(fact), 150);
  const { value } = fact;
  if (value === undefined) return texts.fields.line(name, texts.fields.hidden);
  return isLongValue(texts, fact)
    ? `${texts.fields.line(name, '')}\n${quote(readEnteredText(texts, fact) ?? '', LONGEST_SHOWN)}`
    : texts.fields.line(name, writeEnteredValue(texts, fact, value));
}

function writeEnteredValue(texts: Texts, { kind }: EnteredFact, value: FieldValue): string {
  if (typeof value === 'boolean') return value ? texts.fields.yes : texts.fields.no;
  if (typeof value === 'number') return texts.fields.number(value);
  const write = (text: string) => escapeLine(text, Number.POSITIVE_INFINITY);
  if (Array.isArray(value)) return texts.fields.list(value.map(write));
  return kind === 'time' ? formatDate(texts, Date.parse(value)) : write(value);
}
