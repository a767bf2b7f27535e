/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

type Values = Record<string, Record<string, string | string[]>>;

/** Reads the typed and chosen values of a form, by block_id and action_id; '' or [] if a field is empty. */
export function readForm(form: HTMLFormElement): Values {
  const values: Values = {};
  const fields = form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>(
    ':is(input, textarea, select)[data-action]',
  );
  for (const field of fields) {
    const block = field.closest<HTMLElement>('[data-block]')?.dataset.block ?? '';
    const action = field.dataset.action ?? '';
    const earlierValue = values[block]?.[action];
    values[block] = { ...values[block], [action]: readField(field, earlierValue) };
  }
  return values;
}

/** Reads the value of a field. `earlierValue`: value of the earlier boxes of the same element. */
function readField(
  field: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement,
  earlierValue: string | string[] | undefined,
): string | string[] {
  if (!(field instanceof HTMLInputElement)) return field.value;
  switch (field.type) {
    case 'checkbox':
      return [...(earlierValue ?? []), ...(field.checked ? [field.value] : [])];
    case 'radio':
      return field.checked ? field.value : (earlierValue ?? '');
    case 'datetime-local':
      return field.value === '' ? '' : String(new Date(field.value).getTime() / 1_000);
    default:
      return field.value;
  }
}

const shownFields = new WeakSet<HTMLInputElement>();

/** Shows each time in the time zone of this browser, once: after that the person can change it. */
export function showMoments(): void {
  for (const field of document.querySelectorAll<HTMLInputElement>('input[data-unix]')) {
    if (shownFields.has(field)) continue;
    shownFields.add(field);
    const unix = Number(field.dataset.unix);
    if (unix) field.value = formatLocal(new Date(unix * 1_000));
  }
}

/** Formats a time for an input of type datetime-local: YYYY-MM-DDTHH:mm, with seconds unless they are 00. */
function formatLocal(moment: Date): string {
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString();
  return local.slice(0, local.slice(17, 19) === '00' ? 16 : 19);
}
