/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { Idiomorph } from 'idiomorph';
import { showMoments } from './forms.ts';

/** Distance at which a list still counts as being at its end or at its newest message, in pixels. */
const NEAR_PX = 40;
/** Attributes that hold what a person typed, chose or opened: updates do not change them. */
const PERSONAL_ATTRIBUTES = ['value', 'selected', 'checked', 'open', 'data-shown'];

/** Shows the regions that the server drew. Focus, scroll and typed text stay. `arrived`: first update of a look. */
export function showRegions(
  regions: Readonly<Record<string, string>>,
  { arrived }: { arrived: boolean },
): void {
  const focusedId = document.activeElement?.closest('[data-ts], [data-view]')?.id;
  const followedIds = new Set(
    findLists()
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
  focusFirstError();
  const target = arrived && location.hash !== '' ? document.getElementById(location.hash.slice(1)) : null;
  for (const list of findLists()) {
    if (target && list.contains(target)) continue;
    if (!positions.has(list.id) || followedIds.has(list.id)) showNewest(list);
  }
  if (target) {
    target.scrollIntoView({ block: 'nearest' });
    target.focus({ preventScroll: true });
    return;
  }
  if (document.activeElement === document.body && focusedId) {
    document.getElementById(focusedId)?.focus({ preventScroll: true });
  }
}

/** Changes the page without moving scrolled lists: on a phone, the result of an action takes room above them. */
export function keepPlaces(change: () => void): void {
  const main = document.getElementById('main');
  const top = () => main?.getBoundingClientRect().top ?? 0;
  const topBefore = top();
  change();
  const shift = top() - topBefore;
  for (const list of document.querySelectorAll('.messages, .crewai')) {
    list.scrollTop += shift;
    const position = positions.get(list.id);
    if (position !== undefined) positions.set(list.id, position + shift);
  }
}

/** Focuses the first field that the app or Slack refused, once per error. */
export function focusFirstError(): void {
  const wrongField = document.querySelector<HTMLElement>('#modal [aria-invalid]');
  const error = wrongField?.closest('.input')?.querySelector('.error');
  if (!wrongField || !error || wrongField.dataset.shown === error.textContent) return;
  wrongField.dataset.shown = error.textContent ?? '';
  // In a radio group, the focus goes to the button that Tab would reach.
  const box = wrongField.querySelector<HTMLElement>('input:checked') ?? wrongField.querySelector('input');
  (box ?? wrongField).focus({ preventScroll: true });
  error.scrollIntoView({ block: 'nearest' });
}

/** Scroll positions at which lists last showed their newest message, by list id. */
const positions = new Map<string, number>();

const callbacks = {
  beforeAttributeUpdated: (name: string) => !PERSONAL_ATTRIBUTES.includes(name),
  beforeNodeRemoved(node: Node) {
    // Closing a dialog gives the focus back, removing it does not.
    if (node instanceof HTMLDialogElement) node.close();
    return true;
  },
};

function findLists(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-follow]')];
}

/** True if a list is at its end or its newest message. A person who scrolled elsewhere is reading there. */
function isFollowing({ id, scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean {
  const position = positions.get(id) ?? Number.POSITIVE_INFINITY;
  return scrollHeight - scrollTop - clientHeight < NEAR_PX || Math.abs(scrollTop - position) < NEAR_PX;
}

/** Scrolls a list to its end, or to the top of its newest message if that is higher than the list. */
function showNewest(list: HTMLElement): void {
  list.scrollTop = list.scrollHeight;
  const newest = [...list.querySelectorAll('article')].at(-1);
  const hiddenHeight = newest ? list.getBoundingClientRect().top - newest.getBoundingClientRect().top : 0;
  if (hiddenHeight > 0) list.scrollTop -= hiddenHeight;
  positions.set(list.id, list.scrollTop);
}
