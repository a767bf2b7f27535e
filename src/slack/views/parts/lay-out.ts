import type { KnownBlock } from '@slack/types';
import type { Texts } from '../../texts/texts.ts';
import type { Cut } from '../output/output-blocks.ts';
import { type Described, describeAfterOutput, describeBeforeOutput, type Part } from './describe.ts';

/** What a place hides: it shows it in its own way, or has a button for it. */
interface Surface {
  hides: readonly Part['kind'][];
  /** Characters of all that it shows, beside the output. */
  most: number;
}

/** Shown in a place's own way (message, deciders), read by a button (options), or only on the card. */
const ON_CARD = ['message', 'deciders', 'options', 'run', 'asked_for'] as const;

/** Places beside the card where people decide. None hides what a decision leads to. */
const SURFACES = {
  home: { hides: ON_CARD, most: 1_200 },
  list: { hides: ON_CARD, most: 240 },
  look_up: { hides: ON_CARD, most: 1_800 },
} as const satisfies Record<string, Surface>;
type SurfaceName = keyof typeof SURFACES;

/**
 * The description of an open round for a place, as lines in the card's order. `cut`: if not all of it is shown; texts that only
 * plain text shows as they were entered are left to the card and the form. Pure.
 */
export function layOut(
  texts: Texts,
  described: Described,
  place: SurfaceName,
): { lines: string[]; cut: Cut | undefined } {
  const { hides, most }: Surface = SURFACES[place];
  const all = [...describeBeforeOutput(texts, described), ...describeAfterOutput(texts, described)]
    .filter(({ kind }) => !hides.includes(kind))
    .flatMap(({ blocks }) => blocks.flatMap(listTexts));
  const lines: string[] = [];
  let [room, of] = [most, 0];
  for (const { type, text } of all) {
    of += text.length;
    if (type !== 'mrkdwn' || room < text.length) continue;
    room -= text.length;
    lines.push(text);
  }
  const shown = most - room;
  return { lines, cut: shown < of ? { shown, of } : undefined };
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
