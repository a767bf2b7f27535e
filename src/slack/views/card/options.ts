import type { StaticSelect } from '@slack/types';
import type { CardFacts, CardQuestion } from '../../../approval/card-facts.ts';
import { areAlike } from '../../../approval/model/round.ts';
import { OPTION_BUTTONS } from '../../app/ids.ts';
import type { Texts } from '../../texts/texts.ts';
import { packPages, SECTION_MAX } from '../output/sections.ts';
import { plain } from '../text/elements.ts';
import { cleanLine, escapeLine } from '../text/escape.ts';
import { packLines, truncate } from '../text/truncate.ts';

/** Slack's limit for the options of a select. https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element */
export const OPTIONS_LISTED = 100;
/** Longest label of a button or option, in characters. */
const LONGEST_LABEL = 75;
/** Slack may cut the text of a longer button. https://docs.slack.dev/reference/block-kit/block-elements/button-element */
const SHOWN_ON_BUTTON = 30;
/** Options in the list of all options on a card. */
const MAX_ON_CARD = 10;
const CHARACTERS_ON_CARD = 2_500;

/** Label length in a select of more than 100 options, in characters: a view of 1,000 options must stay below 250 kB. */
const LABEL_IN_GROUP = 40;

/** Returns the labels of the options that fit into one list, the first 100. */
export function listOptionLabels(texts: Texts, options: readonly string[]): string[] {
  return labelOptions(texts, options).slice(0, OPTIONS_LISTED);
}

/** Builds the choices of a select in a form: all options by their index, in groups of 100 if there are more. */
export function buildOptionChoices(
  texts: Texts,
  options: readonly string[],
  {
    chosen,
    isListed = () => true,
  }: { chosen?: number | undefined; isListed?: (option: number) => boolean } = {},
): Pick<StaticSelect, 'options' | 'option_groups' | 'initial_option'> {
  const isGrouped = options.length > OPTIONS_LISTED;
  const labels = labelOptions(texts, options, isGrouped ? LABEL_IN_GROUP : LONGEST_LABEL);
  const choices = labels.flatMap((label, at) =>
    isListed(at) ? [{ text: plain(label), value: String(at) }] : [],
  );
  const initialChoice = choices.find(({ value }) => value === String(chosen));
  const initialOption = initialChoice ? { initial_option: initialChoice } : {};
  if (!isGrouped) return { options: choices, ...initialOption };
  const groups = Array.from({ length: Math.ceil(choices.length / OPTIONS_LISTED) }, (_, group) => {
    const begin = group * OPTIONS_LISTED;
    const groupChoices = choices.slice(begin, begin + OPTIONS_LISTED);
    return { label: plain(`${begin + 1}–${begin + groupChoices.length}`), options: groupChoices };
  });
  return { option_groups: groups, ...initialOption };
}

/** Writes the options as labels. `longest`: in characters. */
export function labelOptions(texts: Texts, options: readonly string[], longest = LONGEST_LABEL): string[] {
  return writeOptions(texts, options, longest).map((line) => truncate(line, longest));
}

/** Writes the options whole, with numbers if one is too long for a label or two look alike. */
export function writeOptions(texts: Texts, options: readonly string[], longest = LONGEST_LABEL): string[] {
  const lines = options.map((option) => writeOption(texts, option));
  const isNumbered = areAlike(options) || lines.some((line) => line.length > longest);
  return isNumbered ? numberOptions(texts, options) : lines;
}

/** Writes an option whole, in one line: further lines would look like other options. */
export function writeOption(texts: Texts, option: string): string {
  return cleanLine(option) || texts.actions.blankOption;
}

/** True if the button or list entry of some option does not show it whole, or is missing. */
export function areOptionsCut(texts: Texts, options: readonly string[]): boolean {
  const shownLength = options.length > OPTION_BUTTONS.length ? LONGEST_LABEL : SHOWN_ON_BUTTON;
  const labels = labelOptions(texts, options);
  return (
    options.length > OPTIONS_LISTED ||
    labels.some((label, index) => label !== options[index] || label.length > shownLength)
  );
}

/** Writes all options whole, each with its number. `next`: what the program does after each option. */
export function numberOptions(
  texts: Texts,
  options: readonly string[],
  next: readonly (string | undefined)[] = [],
): string[] {
  return options.map((option, index) => {
    const line = `${index + 1}. ${writeOption(texts, option)}`;
    const nextStep = next[index];
    return nextStep === undefined ? line : `${line} → ${cleanLine(nextStep)}`;
  });
}

/** Writes all options whole as a list for a card; undefined: a card has no room for them. */
export function listWholeOptions(texts: Texts, options: readonly string[]): string | undefined {
  if (options.length > MAX_ON_CARD) return undefined;
  const list = numberOptions(texts, options)
    .map((line) => escapeLine(line, Number.POSITIVE_INFINITY))
    .join('\n');
  return list.length <= CHARACTERS_ON_CARD ? list : undefined;
}

/** True if a place does not show all options of a question whole, with what follows each. Only the card can list long ones. */
export function hidesOptions(texts: Texts, { question }: CardFacts, onCard: boolean): boolean {
  const { options = [], canBeAnswered, tool, next } = question ?? {};
  if (!canBeAnswered || tool) return false;
  const areWhole =
    !areOptionsCut(texts, options) || (onCard && listWholeOptions(texts, options) !== undefined);
  return !areWhole || listNext(texts, options, next).more > 0;
}

/** Packs all options, whole, with what follows each, into the sections of pages. */
export function packOptions(
  texts: Texts,
  { options = [], next }: Pick<CardQuestion, 'options' | 'next'>,
): string[][] {
  return packPages(packLines(numberOptions(texts, options, next), SECTION_MAX));
}

/** Lists the pages of options after those of the output, if all has to be shown and a card does not list the options whole. */
export function listOptionPages(texts: Texts, facts: CardFacts): string[][] {
  const { question, mustBeWhole } = facts;
  return question && mustBeWhole && hidesOptions(texts, facts, true) ? packOptions(texts, question) : [];
}

/** Lines on a card that say what follows an option. */
const MAX_NEXT = 10;
const NEXT_ON_CARD = 2_300;

/** Lists what the program does after each option: as many whole lines as fit on a card, and how many more there are. */
export function listNext(
  texts: Texts,
  options: readonly string[],
  next: readonly (string | undefined)[] = [],
): { shown: string; more: number } {
  const lines = labelOptions(texts, options).flatMap((label, at) => {
    const nextStep = next[at];
    return nextStep === undefined ? [] : [escapeLine(`${label} → ${nextStep}`, Number.POSITIVE_INFINITY)];
  });
  const [shown = ''] = packLines(lines.slice(0, MAX_NEXT), NEXT_ON_CARD);
  return { shown, more: shown === '' ? 0 : lines.length - shown.split('\n').length };
}
