import type { KnownBlock } from '@slack/types';
import type { CardFacts } from '../../../approval/card-facts.ts';
import type { NamedDeciders } from '../../../approval/ports.ts';
import type { Texts } from '../../texts/texts.ts';
import type { Deciders } from '../../texts/words.ts';
import type { Cut } from '../output/output-blocks.ts';
import {
  awayFromCard,
  describeAfterOutput,
  describeBeforeOutput,
  describeDeciders,
  type Part,
} from './describe.ts';

/** Limits of a place beside the card where people decide. */
interface Surface {
  hides: readonly Part['kind'][];
  /** Characters of all shown parts, without the output and the deciders. */
  most: number;
  /** Characters of the deciders' names. If the names take more, people are only counted. */
  names: number;
}

/** Parts that a place shows in its own way (message, deciders), behind a button (options), or not at all (the others). */
const ON_CARD = ['message', 'deciders', 'options', 'run', 'asked_for'] as const;

/** Places beside the card where people decide. None hides the effects of a decision. *Decide several* has room for all parts. */
const SURFACES = {
  home: { hides: ON_CARD, most: 1_600, names: 400 },
  list: { hides: ON_CARD, most: 200, names: 80 },
  look_up: { hides: ON_CARD, most: 2_400, names: 600 },
} as const satisfies Record<string, Surface>;
type SurfaceName = keyof typeof SURFACES;

type RoundForPlace = { facts: CardFacts; deciders?: NamedDeciders | undefined };

/** The description of an open round for a place beside the card. */
interface PlaceLayout {
  /** Lines in mrkdwn, in the card's order. */
  lines: string[];
  /** People who can decide, in plain text. */
  decidersLine: string | undefined;
  /** Shown part of all texts, in characters; undefined: all of them. */
  cut: Cut | undefined;
}

/**
 * Lays out the description of an open round for a place. Leaves texts that only plain text shows unchanged to the card and the
 * form. The deciders do not change the cut, because the forms that people open there do not know the deciders. Pure.
 */
export function layOut(texts: Texts, described: RoundForPlace, place: SurfaceName): PlaceLayout {
  const { hides, most, names }: Surface = SURFACES[place];
  const decidersLine = describeDecidersOutside(texts, described, names);
  const { facts } = described;
  const partTexts = [...describeBeforeOutput(texts, { facts }), ...describeAfterOutput(texts, { facts })]
    .filter(({ kind }) => !hides.includes(kind))
    .flatMap(({ blocks }) => blocks.flatMap(listTexts));
  const lines: string[] = [];
  let [shown, of] = [0, 0];
  for (const { type, text } of partTexts) {
    of += text.length;
    if (type !== 'mrkdwn' || shown + text.length > most) continue;
    shown += text.length;
    lines.push(text);
  }
  return { lines, decidersLine, cut: shown < of ? { shown, of } : undefined };
}

/**
 * Describes who can decide, in at most `most` characters, for a place that may be in another channel than the card. If their
 * names take more, counts people, or returns undefined if a group is among them.
 */
function describeDecidersOutside(
  texts: Texts,
  { facts, deciders }: RoundForPlace,
  most: number,
): string | undefined {
  const describe = (people: Deciders | undefined) =>
    describeDeciders(texts, { facts, deciders: people }, true);
  const who = describe(awayFromCard(deciders));
  if (!deciders || deciders === 'channel' || who === undefined || who.length <= most) return who;
  // The number of people in a group is not known here.
  if (deciders.hasGroup) return undefined;
  return describe({ names: [], others: deciders.names.length + deciders.others });
}

/** Lists the texts of a section or of a line of small print. */
function listTexts(block: KnownBlock): { type: string; text: string }[] {
  if (block.type === 'section') return block.text ? [block.text] : [];
  return block.type === 'context'
    ? block.elements.flatMap((element) => ('text' in element ? [element] : []))
    : [];
}

/** Adds the cut of an output and the cut of its description. */
export function addCuts(outputCut: Cut | undefined, descriptionCut: Cut | undefined): Cut | undefined {
  // A lost output stays lost, whatever else is cut.
  if (outputCut?.of === 0) return outputCut;
  return outputCut && descriptionCut
    ? { shown: outputCut.shown + descriptionCut.shown, of: outputCut.of + descriptionCut.of }
    : (outputCut ?? descriptionCut);
}
