import type { CardFacts } from '../../../approval/card-facts.ts';
import type { NamedDeciders } from '../../../approval/ports.ts';
import type { Texts } from '../../texts/texts.ts';
import type { Deciders } from '../../texts/words.ts';
import type { Cut } from '../output/output-blocks.ts';
import {
  describeAfterOutput,
  describeBeforeOutput,
  describeDeciders,
  nameDecidersAwayFromCard,
  type Part,
} from './describe.ts';

/** Limits of a place beside the card where people decide. */
interface Surface {
  hides: readonly Part['kind'][];
  /** Characters of all shown parts, without the output, the deciders and the lines about progress. */
  max: number;
  /** Characters of the lines about what people do: votes, claims, assignments, substitutes. */
  maxProgress: number;
  /** Characters of the deciders' names. If the names take more, people are only counted. */
  maxNames: number;
}

/** Parts that a place shows in its own way (message, deciders), behind a button (options), or not at all (the others). */
const ON_CARD = ['message', 'deciders', 'options', 'run', 'asked_for'] as const;

/** Places beside the card where people decide. None hides what a decision does. *Decide several* has room for all parts. */
const SURFACES = {
  home: { hides: ON_CARD, max: 1_000, maxProgress: 600, maxNames: 400 },
  list: { hides: ON_CARD, max: 200, maxProgress: 150, maxNames: 80 },
  look_up: { hides: ON_CARD, max: 1_800, maxProgress: 600, maxNames: 600 },
} as const satisfies Record<string, Surface>;
type SurfaceName = keyof typeof SURFACES;

type RoundForPlace = { facts: CardFacts; deciders?: NamedDeciders | undefined };

/** The description of an open round for a place beside the card. */
interface PlaceLayout {
  /** Lines in mrkdwn, in the card's order. */
  lines: string[];
  /** Texts of the lines that do not change while people look at them. */
  stableTexts: string[];
  /** People who can decide, in plain text. */
  decidersLine: string | undefined;
  /** Shown part of all texts, in characters; undefined: all of them. */
  cut: Cut | undefined;
}

/**
 * Lays out the description of an open round for a place. Leaves out texts that must be shown as plain text: the card and the form
 * show them. The deciders do not change the cut, because the forms that people open there do not know the deciders. Pure.
 */
export function layOut(texts: Texts, described: RoundForPlace, place: SurfaceName): PlaceLayout {
  const { hides, max, maxProgress, maxNames }: Surface = SURFACES[place];
  const decidersLine = describeDecidersOutside(texts, described, maxNames);
  const { facts } = described;
  const parts = [...describeBeforeOutput(texts, { facts }), ...describeAfterOutput(texts, { facts })].filter(
    ({ kind }) => !hides.includes(kind),
  );
  const partTexts = parts.flatMap(listTexts);
  // Two budgets: what changes while people look must not push out anything else.
  const shownStable = takeTexts(listStable(parts, partTexts), max);
  const isShown = new Set([...shownStable, ...takeTexts(partTexts.filter(isChanging), maxProgress)]);
  const lines = partTexts.filter((partText) => isShown.has(partText)).map(({ text }) => text);
  const stableTexts = shownStable.map(({ text }) => text);
  const [shown, of] = [sumLengths([...isShown]), sumLengths(partTexts)];
  return { lines, stableTexts, decidersLine, cut: shown < of ? { shown, of } : undefined };
}

/** Takes the texts in mrkdwn that fit in `max` characters together. */
function takeTexts(texts: readonly PartText[], max: number): PartText[] {
  let room = max;
  return texts.filter(({ type, text }) => {
    if (type !== 'mrkdwn' || text.length > room) return false;
    room -= text.length;
    return true;
  });
}

function sumLengths(texts: readonly PartText[]): number {
  return texts.reduce((sum, { text }) => sum + text.length, 0);
}

/**
 * Describes who can decide, in at most `max` characters, for a place that may be in another channel than the card. If their
 * names take more, counts people, or returns undefined if a group is among them.
 */
function describeDecidersOutside(
  texts: Texts,
  { facts, deciders }: RoundForPlace,
  max: number,
): string | undefined {
  const describe = (people: Deciders | undefined) =>
    describeDeciders(texts, { facts, deciders: people }, true);
  const who = describe(nameDecidersAwayFromCard(deciders));
  if (!deciders || deciders === 'channel' || who === undefined || who.length <= max) return who;
  // The number of people in a group is not known here.
  if (deciders.hasGroup) return undefined;
  return describe({ names: [], others: deciders.names.length + deciders.others });
}

/** A text of a part. `isProgress`: about what people do, or who can decide. */
interface PartText {
  kind: Part['kind'];
  type: string;
  text: string;
  isProgress?: true;
}

const isChanging = ({ kind, isProgress }: PartText) => isProgress === true || CHANGING.has(kind);

/** Parts that change while people look at them: what others do, and who can decide. */
const CHANGING: ReadonlySet<Part['kind']> = new Set(['progress', 'deciders', 'assigned']);
/** Warnings: whether they are above or below the output depends on how many there are. */
const ATTENTION: ReadonlySet<Part['kind']> = new Set(['attention', 'further']);

/** Lists the texts that do not change while people look at them, in an order that does not depend on the others. */
export function listStable(
  parts: readonly Part[],
  partTexts: readonly PartText[] = parts.flatMap(listTexts),
): PartText[] {
  const stableTexts = partTexts.filter((partText) => !isChanging(partText));
  return [
    ...stableTexts.filter(({ kind }) => ATTENTION.has(kind)),
    ...stableTexts.filter(({ kind }) => !ATTENTION.has(kind)),
  ];
}

/** Lists the texts of a part: of sections and of lines of small print. */
function listTexts({ kind, blocks, lines }: Part): PartText[] {
  if (lines) return lines.map((line) => ({ kind, type: 'mrkdwn', ...line }));
  return blocks.flatMap((block): PartText[] => {
    if (block.type === 'section') return block.text ? [{ kind, ...block.text }] : [];
    return block.type === 'context'
      ? block.elements.flatMap((element) => ('text' in element ? [{ kind, ...element }] : []))
      : [];
  });
}

/** Adds the cut of an output and the cut of its description. */
export function addCuts(outputCut: Cut | undefined, descriptionCut: Cut | undefined): Cut | undefined {
  // A lost output stays lost, whatever else is cut.
  if (outputCut?.of === 0) return outputCut;
  return outputCut && descriptionCut
    ? { shown: outputCut.shown + descriptionCut.shown, of: outputCut.of + descriptionCut.of }
    : (outputCut ?? descriptionCut);
}
