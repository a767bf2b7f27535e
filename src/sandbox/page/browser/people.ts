/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { readForm } from './forms.ts';
import { closeMenus, listenToMenus } from './menus.ts';
import { showOnceReleased } from './presses.ts';
import { focusFirstError, keepPlaces } from './regions.ts';

interface ActionResult {
  said: string;
  ok: boolean;
}

const NOT_REACHED: ActionResult = { said: 'The demo did not answer.', ok: false };

/** Sends an action of the person in the address and shows the sentence about its result. */
export async function act(action: Record<string, unknown>): Promise<ActionResult> {
  const as = new URLSearchParams(location.search).get('as') ?? '';
  const channel = new URLSearchParams(location.search).get('at') ?? '';
  const result = await fetch('/actions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ as, channel, ...action }),
  })
    .then((answer) => answer.json() as Promise<ActionResult>)
    .catch(() => NOT_REACHED);
  if (result.said !== '') showResult(result);
  return result;
}

let fadeTimer: ReturnType<typeof setTimeout> | undefined;

function showResult({ said, ok }: ActionResult): void {
  const line = document.getElementById('result');
  if (!line) return;
  clearTimeout(fadeTimer);
  showOnceReleased(() =>
    keepPlaces(() => {
      line.textContent = said;
      line.classList.toggle('bad', !ok);
      line.classList.add('shown');
    }),
  );
  const fade = () => showOnceReleased(() => keepPlaces(() => line.classList.remove('shown')));
  fadeTimer = setTimeout(fade, ok ? 4_000 : 12_000);
}

/** Listens to clicks, choices, submissions and keys on the whole page. */
export function listenToPeople(): void {
  listenToMenus();
  document.addEventListener('click', (event) => {
    const target = event.target as Element;
    closeMenus(target.closest('details.menu'));
    const button = target.closest<HTMLElement>('button, a[role=menuitem]');
    if (!button) return;
    // After a choice, the focus returns to the menu, as it returns from a modal to the element before.
    button.closest('details.menu')?.querySelector('summary')?.focus();
    closeMenus(null);
    if (button.dataset.do) {
      void act({ do: button.dataset.do, how: button.dataset.how, ts: findTs(button) });
    } else if (button.dataset.action) {
      void click(button, button.dataset.selected);
    }
  });
  document.addEventListener('change', ({ target }) => {
    const isSentAtOnce = target instanceof HTMLSelectElement && !target.closest('.input');
    if (isSentAtOnce && target.value !== '') void click(target, target.value);
  });
  document.addEventListener('submit', (event) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    if (form.dataset.do === 'submit') void submit(form);
    if (form.dataset.do === 'write') void write(form);
  });
  // `cancel` does not bubble, so the listener captures it. The server closes the modal: the app must see that too.
  document.addEventListener(
    'cancel',
    (event) => {
      if ((event.target as Element).classList.contains('confirm')) return;
      event.preventDefault();
      void act({ do: 'close_modal' });
    },
    true,
  );
}

/** Finds the ts of the message that contains an element. */
function findTs(element: Element): string | undefined {
  return element.closest<HTMLElement>('[data-ts]')?.dataset.ts;
}

/** Sends a click on, or a choice in, an element of a message or a view. */
async function click(element: HTMLElement, selected: string | undefined): Promise<void> {
  const ts = findTs(element);
  const { confirm: question } = element.dataset;
  if (question !== undefined && !(await askToConfirm(JSON.parse(question)))) {
    // Without a value, the person can make the same choice again.
    if (element instanceof HTMLSelectElement) element.value = '';
    return;
  }
  // A click can open another page of the modal, which the person reads from its beginning.
  element.closest('dialog .inside')?.scrollTo(0, 0);
  const form = element.closest<HTMLFormElement>('form.modal');
  const chosen = element instanceof HTMLSelectElement ? element.selectedOptions[0] : element;
  await act({
    do: ts ? 'click' : 'click_in_view',
    ts,
    ...(form && !ts ? { values: readForm(form) } : {}),
    actionId: element.dataset.action,
    blockId: element.closest<HTMLElement>('[data-block]')?.dataset.block,
    selected,
    label: chosen?.textContent?.slice(0, 75),
  });
}

/** Asks for a confirmation before a click counts, like Slack. True if the person confirms. */
function askToConfirm(words: Record<'title' | 'text' | 'confirm' | 'deny', string>): Promise<boolean> {
  const createText = <Name extends 'h2' | 'p' | 'button'>(name: Name, text: string, className = '') =>
    Object.assign(document.createElement(name), { textContent: text, className });
  const dialog = Object.assign(document.createElement('dialog'), { className: 'confirm' });
  const [deny, confirm] = [
    createText('button', words.deny, 'button'),
    createText('button', words.confirm, 'button primary'),
  ];
  deny.onclick = () => dialog.close();
  confirm.onclick = () => dialog.close('yes');
  dialog.append(createText('h2', words.title), createText('p', words.text), deny, confirm);
  dialog.setAttribute('aria-label', words.title);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    };
  });
}

async function submit(form: HTMLFormElement): Promise<void> {
  const values = readForm(form);
  for (const field of form.querySelectorAll<HTMLElement>('[data-shown]')) delete field.dataset.shown;
  await act({ do: 'submit', values });
  focusFirstError();
}

async function write(form: HTMLFormElement): Promise<void> {
  const field = form.elements.namedItem('text') as HTMLInputElement;
  const text = field.value;
  if (text.trim() === '') return;
  field.value = '';
  const { ok } = await act({ do: 'write', text, thread: form.dataset.thread });
  if (!ok && field.value === '') field.value = text;
}
