/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { Idiomorph } from 'idiomorph';
import { showMoments } from './forms.ts';

/** How near to its end a list counts as being there, in pixels. */
const NEAR = 40;
/** What a person typed, chose or opened is theirs, and no update takes it away. */
const THEIRS = ['value', 'selected', 'checked', 'open', 'data-shown'];

/** Shows what the server drew. Focus, scroll position and half-typed text stay. `arrived`: at another place. */
export function showRegions(
  regions: Readonly<Record<string, string>>,
  { arrived }: { arrived: boolean },
): void {
  const focused = document.activeElement?.closest('[data-ts], [data-view]')?.id;
  const following = new Set(
    lists()
      .filter(isFollowing)
      .map(({ id }) => id),
  );
  for (const [id, html] of Object.entries(regions)) {
    const region = document.getElementById(id);
    if (region) Idiomorph.morph(region, html, { morphStyle: 'innerHTML', callbacks });
  }
  showMoments();
  for (const dialog of document.querySelectorAll<HTMLDialogElement>('#modal dialog:not([open])')) {
    dialog.showModal();
    document.activeElement?.closest('.input')?.scrollIntoView({ block: 'nearest' });
  }
  showWhatIsWrong();
  const target = arrived && location.hash !== '' ? document.getElementById(location.hash.slice(1)) : null;
  for (const list of lists()) {
    if (target && list.contains(target)) continue;
    if (!placed.has(list.id) || following.has(list.id)) showNewest(list);
  }
  if (target) {
    target.scrollIntoView({ block: 'nearest' });
    target.focus({ preventScroll: true });
    return;
  }
  if (document.activeElement === document.body && focused) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
}

/** Changes the page and keeps what scrolls where it is seen: on a phone the result of an action takes room above it. */
export function keepPlaces(change: () => void): void {
  const main = document.getElementById('main');
  const top = () => main?.getBoundingClientRect().top ?? 0;
  const before = top();
  change();
  const moved = top() - before;
  for (const list of document.querySelectorAll('.messages, .crewai')) {
    list.scrollTop += moved;
    const place = placed.get(list.id);
    if (place !== undefined) placed.set(list.id, place + moved);
  }
}

/** Goes to the first field that the app or Slack refused, once. */
export function showWhatIsWrong(): void {
  const wrong = document.querySelector<HTMLElement>('#modal [aria-invalid]');
  const error = wrong?.closest('.input')?.querySelector('.error');
  if (!wrong || !error || wrong.dataset.shown === error.textContent) return;
  wrong.dataset.shown = error.textContent ?? '';
  // A radio group has the focus at the button that Tab would lead to.
  const inGroup = wrong.querySelector<HTMLElement>('input:checked') ?? wrong.querySelector('input');
  (inGroup ?? wrong).focus({ preventScroll: true });
  error.scrollIntoView({ block: 'nearest' });
}

/** By list, how far down it was last shown at its newest message. */
const placed = new Map<string, number>();

const callbacks = {
  beforeAttributeUpdated: (name: string) => !THEIRS.includes(name),
  beforeNodeRemoved(node: Node) {
    // Closing gives the focus back, removing does not.
    if (node instanceof HTMLDialogElement) node.close();
    return true;
  },
};

function lists(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-follow]')];
}

/** A person who scrolled elsewhere reads there. */
function isFollowing({ id, scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean {
  const place = placed.get(id) ?? Number.POSITIVE_INFINITY;
  return scrollHeight - scrollTop - clientHeight < NEAR || Math.abs(scrollTop - place) < NEAR;
}

/** The end of a list, or the top of its newest message where that is longer than what is seen: it is read from its top. */
function showNewest(list: HTMLElement): void {
  list.scrollTop = list.scrollHeight;
  const newest = [...list.querySelectorAll('article')].at(-1);
  const hidden = newest ? list.getBoundingClientRect().top - newest.getBoundingClientRect().top : 0;
  if (hidden > 0) list.scrollTop -= hidden;
  placed.set(list.id, list.scrollTop);
}
