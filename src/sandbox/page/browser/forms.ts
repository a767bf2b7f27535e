/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

type Values = Record<string, Record<string, string | string[]>>;

/** What is typed and chosen in a form, by block_id and action_id; '' and [] where nothing is. */
export function readForm(form: HTMLFormElement): Values {
  const values: Values = {};
  const all = form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>(
    ':is(input, textarea, select)[data-action]',
  );
  for (const field of all) {
    const block = field.closest<HTMLElement>('[data-block]')?.dataset.block ?? '';
    const action = field.dataset.action ?? '';
    const before = values[block]?.[action];
    values[block] = { ...values[block], [action]: readField(field, before) };
  }
  return values;
}

/** `before`: what the boxes of the same element before this one say. */
function readField(
  field: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement,
  before: string | string[] | undefined,
): string | string[] {
  if (!(field instanceof HTMLInputElement)) return field.value;
  switch (field.type) {
    case 'checkbox':
      return [...(before ?? []), ...(field.checked ? [field.value] : [])];
    case 'radio':
      return field.checked ? field.value : (before ?? '');
    case 'datetime-local':
      return field.value === '' ? '' : String(new Date(field.value).getTime() / 1_000);
    default:
      return field.value;
  }
}

const shown = new WeakSet<HTMLInputElement>();

/** Shows each moment in the time zone of this browser, once: then it is the person's. */
export function showMoments(): void {
  for (const field of document.querySelectorAll<HTMLInputElement>('input[data-unix]')) {
    if (shown.has(field)) continue;
    shown.add(field);
    const unix = Number(field.dataset.unix);
    if (unix) field.value = formatLocal(new Date(unix * 1_000));
  }
}

/** As an input of the type datetime-local has it: YYYY-MM-DDTHH:mm, with seconds if there are any. */
function formatLocal(moment: Date): string {
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString();
  return local.slice(0, local.slice(17, 19) === '00' ? 16 : 19);
}
