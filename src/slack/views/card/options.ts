import { lookAlike } from '../../../approval/model/round.ts';
import { OPTION_BUTTONS } from '../../app/ids.ts';
import { texts } from '../../texts/texts.ts';
import { cleanLine, escapeLine } from '../text/escape.ts';
import { truncate } from '../text/truncate.ts';

/** Slack's limit for the options of a select. https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element */
export const OPTIONS_LISTED = 100;
/** Longest label of a button or option, in characters. */
const LONGEST_LABEL = 75;
/** Slack may cut the text of a button beyond so many. https://docs.slack.dev/reference/block-kit/block-elements/button-element */
const SHOWN_ON_BUTTON = 30;
/** Of a list of all options on a card. */
const MOST_ON_CARD = 10;
const CHARACTERS_ON_CARD = 2_500;

/** The labels of the options that a select takes. */
export function listOptionLabels(options: readonly string[]): string[] {
  return labelOptions(options).slice(0, OPTIONS_LISTED);
}

/** The options as labels, numbered where one of them is cut or looks like another. */
export function labelOptions(options: readonly string[]): string[] {
  const lines = options.map(writeOption);
  const numbered = lookAlike(options) || lines.some((line) => line.length > LONGEST_LABEL);
  return lines.map((line, index) => truncate(numbered ? `${index + 1}. ${line}` : line, LONGEST_LABEL));
}

/** An option whole, in one line: its lines would look like options of their own. */
export function writeOption(option: string): string {
  return cleanLine(option) || texts.actions.blankOption;
}

/** Whether some option is not shown whole where it is chosen, or not at all. */
export function areOptionsCut(options: readonly string[]): boolean {
  const shown = options.length > OPTION_BUTTONS.length ? LONGEST_LABEL : SHOWN_ON_BUTTON;
  const labels = labelOptions(options);
  return (
    options.length > OPTIONS_LISTED ||
    labels.some((label, index) => label !== options[index] || label.length > shown)
  );
}

/** All options whole, each with its number. */
export function numberOptions(options: readonly string[]): string[] {
  return options.map((option, index) => `${index + 1}. ${writeOption(option)}`);
}

/** The same as a list for a card; undefined: a card has no room for it. */
export function listWholeOptions(options: readonly string[]): string | undefined {
  if (options.length > MOST_ON_CARD) return undefined;
  const list = numberOptions(options)
    .map((line) => escapeLine(line, Number.POSITIVE_INFINITY))
    .join('\n');
  return list.length <= CHARACTERS_ON_CARD ? list : undefined;
}
