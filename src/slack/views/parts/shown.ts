import { buildCardFacts, type CardFacts } from '../../../approval/card-facts.ts';
import { attachHash } from '../../../approval/model/output.ts';
import { type DecisionPlace, type DrawnPlace, shortenHash } from '../../../approval/model/seen.ts';
import type { DescribeShown } from '../../../approval/ports.ts';
import { inLanguage, type Texts } from '../../texts/texts.ts';
import { listOptionLabels, listOptionPages } from '../card/options.ts';
import { describeTask, LONGEST_TITLE, writePlainTask } from '../card/state.ts';
import { type Cut, MESSAGES } from '../output/output-blocks.ts';
import { clean, escapeLine, escapeText } from '../text/escape.ts';
import { writeSubject } from '../text/names.ts';
import { describeAfterOutput, describeBeforeOutput, type Part } from './describe.ts';
import { layOut, listStable } from './lay-out.ts';

/**
 * Writes all that a place shows of an open round besides its output, as its blocks show it: the headline, the message, the options,
 * what follows them, the fields, the deadline and all warnings. Leaves out what changes by itself (`DescribeShown`). Pure.
 */
export function writeShown(texts: Texts, facts: CardFacts, place: DecisionPlace): string {
  return listShown(texts, facts, place).filter(Boolean).join('\n');
}

function listShown(texts: Texts, facts: CardFacts, place: DecisionPlace): (string | undefined)[] {
  const message = facts.question?.text;
  const listParts = () => [
    ...describeBeforeOutput(texts, { facts }),
    ...describeAfterOutput(texts, { facts }),
  ];
  switch (place) {
    case 'card': {
      // A title that is the beginning of the output is not shown on every card, and the output has it.
      const headline = facts.titleOnly ? undefined : describeTask(texts, facts, { max: LONGEST_TITLE });
      return [headline, ...listLastingTexts(listParts()), ...listShownOptions(texts, facts)];
    }
    case 'several':
      return [writePlainTask(texts, facts), describeTask(texts, facts), ...listLastingTexts(listParts())];
    case 'home':
    case 'list':
    case 'look_up': {
      const headline = place === 'list' ? writePlainTask(texts, facts) : describeTask(texts, facts);
      const write = place === 'list' ? escapeLine : escapeText;
      const shownMessage = message && write(message, MESSAGES[place === 'look_up' ? 'card' : place]);
      const { stableTexts } = layOut(texts, { facts }, place);
      return [headline, shownMessage, ...stableTexts, ...listShownOptions(texts, facts)];
    }
    case 'last_page': {
      const optionPages = listOptionPages(texts, facts).flat();
      return [
        writeSubject(texts, facts.task, facts.question?.tool !== undefined, LONGEST_TITLE),
        message === undefined ? undefined : clean(message),
        ...listLastingTexts(listParts().filter(({ kind }) => kind !== 'message')),
        ...(optionPages.length > 0 ? optionPages : listShownOptions(texts, facts)),
      ];
    }
    case 'thread':
      return [];
  }
}

function listLastingTexts(parts: readonly Part[]): string[] {
  return listStable(parts).map(({ text }) => text);
}

/** Writes what a place shows of a round now. */
export const describeShown: DescribeShown = (approval, round, { place, language }) =>
  writeShown(inLanguage(language), buildCardFacts(approval, round), place);

/** Lists the labels of the buttons or of the list of options. */
function listShownOptions(texts: Texts, { question }: CardFacts): string[] {
  const isOffered = question?.canBeAnswered && !question.tool;
  return isOffered ? listOptionLabels(texts, question.options ?? []) : [];
}

/** Describes what a place shows, for the values of its buttons. `cut`: shown part of the output and its description. Pure. */
export function describeDrawn(
  texts: Texts,
  facts: CardFacts,
  place: DecisionPlace,
  cut: Cut | undefined,
): DrawnPlace {
  const { hash } = attachHash({ kind: 'text', text: writeShown(texts, facts, place) });
  return { place, language: texts.language, hash: shortenHash(hash), ...(cut ? { part: cut } : {}) };
}
