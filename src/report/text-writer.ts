import { measureLongest, replaceSecrets } from '../lib/find-secrets.ts';
import { countUnseen } from '../lib/unseen.ts';
import { html, type Markup } from './html.ts';
import type { Names } from './names.ts';

/** Longer texts are folded, in characters. */
const LONGEST_OPEN = 1_500;
const LONGEST_LINE = 2_000;
/** Longer words are cut, in characters. */
const LONGEST_WORD = 300;
const HIDDEN_SECRET = '[secret]';

/** Writes the texts of people and programs into a page. */
export class TextWriter {
  readonly names: Names;
  readonly #secrets: readonly string[];
  readonly #longest: number;
  /** Number of characters to read beyond the part to show, so that a cut does not hide a secret or the end of a word. */
  readonly #margin: number;
  #remaining: number;
  #absent = 0;

  /** `longest`: most characters to show of one text; `inAll`: of all texts together. */
  constructor(
    names: Names,
    {
      secrets = [],
      longest,
      inAll = Number.POSITIVE_INFINITY,
    }: { secrets?: readonly string[] | undefined; longest: number; inAll?: number | undefined },
  ) {
    this.names = names;
    this.#secrets = secrets;
    this.#longest = longest;
    this.#remaining = inAll;
    this.#margin = Math.max(LONGEST_WORD, measureLongest(secrets));
  }

  /** Writes a text in one line: a task, an agent, an option. */
  line(text: string): Markup {
    const clean = this.#hideSecrets(text);
    return html`<bdi>${clean.length > LONGEST_LINE ? `${cutAtWord(clean, LONGEST_LINE)}…` : clean}</bdi>`;
  }

  /** Writes a text below its label. `hash`: as in the history. Long texts are folded, longer ones cut. */
  block(label: string, text: string, hash?: string): Markup {
    const length = text.length.toLocaleString('en-US');
    const heading = html`${label} · ${text === '' ? 'empty' : text.length === 1 ? '1 character' : `${length} characters`}${hash !== undefined && html` · <code>${hash}</code>`}`;
    const maxLength = Math.max(0, Math.min(this.#longest, this.#remaining));
    // A text can be 2 MiB, and searching all of it for secrets takes long.
    const beginning = text.slice(0, maxLength + 2 * this.#margin);
    const isCut = beginning.length < text.length;
    const clean = this.#hideSecrets(beginning);
    const end = isCut ? Math.min(maxLength, Math.max(0, clean.length - this.#margin)) : maxLength;
    const shownText = clean.length > end ? cutAtWord(clean, end) : clean;
    this.#remaining -= shownText.length;
    const unseen = countUnseen(shownText);
    const notes = html`${unseen > 0 && html`<p class="note">Invisible characters, written as escapes such as \\u200b: ${unseen}.</p>`}${
      shownText.length < clean.length &&
      html`<p class="note">Only the first ${shownText.length.toLocaleString('en-US')} characters are shown here. The hash covers the whole text, which is in the store.</p>`
    }`;
    if (shownText === '') return html`<div class="text"><p class="label">${heading}</p>${notes}</div>`;
    const content = html`<pre dir="auto">${shownText}</pre>`;
    return text.length > LONGEST_OPEN
      ? html`<details class="text"><summary class="label">${heading}</summary>${content}${notes}</details>`
      : html`<div class="text"><p class="label">${heading}</p>${content}${notes}</div>`;
  }

  /** Writes a note in the place of a text that is no longer stored, or that the reader must not read. */
  drawAbsent(sentence: string, hash?: string): Markup {
    this.#absent += 1;
    return html`<p class="note">${sentence}${hash !== undefined && html` The hash: <code>${hash}</code>`}</p>`;
  }

  /** Number of absent texts so far. */
  get absent(): number {
    return this.#absent;
  }

  #hideSecrets(text: string): string {
    return this.#secrets.length === 0 ? text : replaceSecrets(text, this.#secrets, HIDDEN_SECRET);
  }
}

/** Returns the beginning of a text. Cuts between words: a part of an amount or an id would read as another one. */
function cutAtWord(text: string, maxLength: number): string {
  const cut = text.slice(0, maxLength);
  const blank = cut.slice(-LONGEST_WORD).search(/\s\S*$/);
  return (
    blank === -1 ? cut : cut.slice(0, cut.length - Math.min(LONGEST_WORD, cut.length) + blank)
  ).toWellFormed();
}
