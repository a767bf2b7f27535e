import { showUnseen } from '../lib/unseen.ts';

/** Text that is written into a page as it is. All other text is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

type Part = Markup | string | number | false | undefined | readonly Part[];

/** Builds markup from a template. Texts in it are escaped, and invisible characters are shown as escapes such as `\u200b`. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = strings[0] ?? '';
  for (const [index, part] of parts.entries()) text += writePart(part) + (strings[index + 1] ?? '');
  return new Markup(text);
}

/** Isolates a text of people, programs or settings, so that its direction does not change the text around it. */
export function isolate(text: string): Markup {
  return html`<bdi>${text}</bdi>`;
}

/** Joins parts with `between`. */
export function join(parts: readonly Part[], between: Part): Part[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [between, part]));
}

function writePart(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === 'string') return escapeHtml(PLAIN.test(part) ? part : showUnseen(part));
  if (typeof part === 'object') return part.map(writePart).join('');
  return part === undefined || part === false ? '' : String(part);
}

const PLAIN = /^[\n\x20-\x7e]*$/;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.toWellFormed().replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
