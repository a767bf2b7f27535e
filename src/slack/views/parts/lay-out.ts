import type { KnownBlock } from '@slack/types';
import type { CardFacts } from '../../../approval/card-facts.ts';
import type { NamedDeciders } from '../../../approval/ports.ts';
import type { Texts } from '../../texts/texts.ts';
import type { Deciders } from '../../texts/words.ts';
import type { Cut } from '../output/output-blocks.ts';
import { describeAfterOutput, describeBeforeOutput, describeDeciders, type Part } from './describe.ts';

/** What a place hides: it shows it in its own way, or has a button for it. */
interface Surface {
  hides: readonly Part['kind'][];
  /** Characters of all that it shows, beside the output and who can decide. */
  most: number;
  /** Characters of who can decide: beyond them people are only counted. */
  names: number;
}

/** Shown in a place's own way (message, deciders), read by a button (options), or only on the card. */
const ON_CARD = ['message', 'deciders', 'options', 'run', 'asked_for'] as const;

/** Places beside the card where people decide. None hides what a decision leads to. *Decide several* has room for all blocks. */
const SURFACES = {
  home: { hides: ON_CARD, most: 1_600, names: 400 },
  list: { hides: ON_CARD, most: 200, names: 80 },
  look_up: { hides: ON_CARD, most: 2_400, names: 600 },
} as const satisfies Record<string, Surface>;
type SurfaceName = keyof typeof SURFACES;

type OnCard = { facts: CardFacts; deciders?: NamedDeciders | undefined };

/** What a place beside the card says of an open round. */
interface LaidOut {
  /** In the card's order, in mrkdwn. */
  lines: string[];
  /** Who can decide, in plain text. */
  who: string | undefined;
  /** If not all of the lines is shown. */
  cut: Cut | undefined;
}

/**
 * The description of an open round for a place. Texts that only plain text shows as they were entered are left to the card and
 * the form. Who can decide does not change what is cut: the forms that are opened there do not know it. Pure.
 */
export function layOut(texts: Texts, described: OnCard, place: SurfaceName): LaidOut {
  const { hides, most, names }: Surface = SURFACES[place];
  const who = describeDecidersOutside(texts, described, names);
  const { facts } = described;
  const all = [...describeBeforeOutput(texts, { facts }), ...describeAfterOutput(texts, { facts })]
    .filter(({ kind }) => !hides.includes(kind))
    .flatMap(({ blocks }) => blocks.flatMap(listTexts));
  const lines: string[] = [];
  let [shown, of] = [0, 0];
  for (const { type, text } of all) {
    of += text.length;
    if (type !== 'mrkdwn' || shown + text.length > most) continue;
    shown += text.length;
    lines.push(text);
  }
  return { lines, who, cut: shown < of ? { shown, of } : undefined };
}

/** In at most so many characters; the place may be in another channel than the card. */
function describeDecidersOutside(
  texts: Texts,
  { facts, deciders }: OnCard,
  most: number,
): string | undefined {
  const describe = (people: Deciders | undefined) =>
    describeDeciders(texts, { facts, deciders: people }, true);
  if (!deciders || deciders === 'channel') return describe(deciders && 'card_channel');
  const who = describe(deciders);
  if (who === undefined || who.length <= most) return who;
  // How many people a group has is not known here.
  if (deciders.hasGroup) return undefined;
  return describe({ names: [], others: deciders.names.length + deciders.others });
}

/** The texts of a section or of a small line. */
function listTexts(block: KnownBlock): { type: string; text: string }[] {
  if (block.type === 'section') return block.text ? [block.text] : [];
  return block.type === 'context'
    ? block.elements.flatMap((element) => ('text' in element ? [element] : []))
    : [];
}

/** How much is not shown of an output and of what is beside it. */
export function addCuts(one: Cut | undefined, other: Cut | undefined): Cut | undefined {
  // An output that is lost is said as such.
  if (one?.of === 0) return one;
  return one && other ? { shown: one.shown + other.shown, of: one.of + other.of } : (one ?? other);
}
