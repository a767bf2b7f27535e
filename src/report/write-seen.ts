import type { DecisionPlace, Seen } from '../approval/model/seen.ts';

/** Phrases that say where a person decided. */
const PLACE_PHRASES: Readonly<Record<DecisionPlace, string>> = {
  card: 'on the card',
  home: 'on the Home tab',
  list: 'in a list',
  look_up: 'in a look-up',
  several: 'in Decide several',
  last_page: 'below the last page of Read in full',
  thread: 'on a reply in the thread',
};

/** Describes where a person decided, how much the place showed, and if the person had to confirm that it was only a part. */
export function writeSeen({ place, form, hash, part, pages, asked }: Seen): string {
  const where = form ? `in a form that was opened ${PLACE_PHRASES[place]}` : PLACE_PHRASES[place];
  if (place === 'thread') return `Decided ${where}, which does not show the output.`;
  if (hash === undefined)
    return `Decided ${where}. An earlier version drew it, so what it showed was not recorded.`;
  if (pages !== undefined)
    return `Decided ${where}, which had ${formatCount(pages, 'page')}. All were opened.`;
  if (!part) return `Decided ${where}, which showed all of the output.`;
  if (part.of === 0) return `Decided ${where}, which did not show the output: it was lost.`;
  const shown = `${part.shown.toLocaleString('en-US')} of ${formatCount(part.of, 'character')}`;
  const confirmation = form
    ? 'The form asked the person to confirm that.'
    : 'Slack asked the person to confirm that.';
  return `Decided ${where}, which showed ${shown}.${asked ? ` ${confirmation}` : ''}`;
}

function formatCount(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
