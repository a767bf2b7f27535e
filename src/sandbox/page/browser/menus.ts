/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const OPEN_MENU = 'details.menu[open]';

/** Finds the item that a key leads to, from the item at `at` (-1: none) of `count` items; undefined for other keys. */
export function findNextItem(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return (at + 1) % count;
    case 'ArrowUp':
      return at <= 0 ? count - 1 : at - 1;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}

/** Closes all open menus except `menuToKeep`. */
export function closeMenus(menuToKeep: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>(OPEN_MENU)) {
    if (menu !== menuToKeep) menu.open = false;
  }
}

/** Makes menus work by keyboard: arrow keys, Home and End move, Escape closes, Tab leaves. */
export function listenToMenus(): void {
  // `toggle` does not bubble, so the listener captures it.
  document.addEventListener('toggle', ({ target }) => focusFirstItem(target), true);
  document.addEventListener('keydown', (event) => {
    const menu = (event.target as Element).closest<HTMLDetailsElement>('details.menu');
    if (!menu) return;
    if (event.key === 'Escape') closeByEscape(menu, event);
    else moveInMenu(menu, event);
  });
  document.addEventListener('focusout', ({ target, relatedTarget }) => {
    const menu = (target as Element).closest<HTMLDetailsElement>(OPEN_MENU);
    // Without a `relatedTarget`, the window lost the focus, not the menu.
    if (menu && relatedTarget instanceof Node && !menu.contains(relatedTarget)) menu.open = false;
  });
}

function listItems(menu: HTMLDetailsElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role=menuitem]')];
}

function focusFirstItem(target: EventTarget | null): void {
  if (!(target instanceof HTMLDetailsElement) || !target.matches(OPEN_MENU)) return;
  const items = listItems(target);
  // A key may already have moved the focus to another item.
  if (!items.some((item) => item === document.activeElement)) items[0]?.focus();
}

function closeByEscape(menu: HTMLDetailsElement, event: KeyboardEvent): void {
  if (!menu.open) return;
  menu.querySelector('summary')?.focus();
  menu.open = false;
  // Escape closes an open menu before the modal around it.
  event.preventDefault();
}

function moveInMenu(menu: HTMLDetailsElement, event: KeyboardEvent): void {
  const items = listItems(menu);
  const at = items.indexOf(document.activeElement as HTMLElement);
  const opensMenu = event.key === 'ArrowDown' || event.key === 'ArrowUp';
  const next = menu.open || opensMenu ? findNextItem(event.key, at, items.length) : undefined;
  if (next === undefined) return;
  event.preventDefault();
  menu.open = true;
  items[next]?.focus();
}
