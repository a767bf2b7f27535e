type Range = [start: number, end: number];

/**
 * Finds the places where a text repeats a secret: literally, percent-encoded, JSON-escaped, as a Python literal, with HTML
 * entities, or in base64, which may be part of a longer text and broken into lines. Also finds each form in the other normal form
 * of Unicode, which a disk or a database may have stored. Ranges as [start, end), in order, without overlaps.
 */
function findSecrets(text: string, secrets: readonly string[]): Range[] {
  let places: Uint32Array | undefined;
  const placeOf = (at: number) => {
    // A long text has many places, and rarely a secret: build the list only for a match.
    places ??= listPlaces(text);
    return places[at];
  };
  const unbroken = text.replace(/[\r\n]+/g, '');
  const { escaped, base64 } = writeForms(secrets);
  return mergeRanges([
    ...escaped.flatMap(({ part, forms }) =>
      text.includes(part) ? forms.flatMap((form) => searchText(text, form)) : [],
    ),
    ...base64
      .flatMap((form) => searchText(unbroken, form))
      .map(([start, end]): Range => [placeOf(start) ?? start, (placeOf(end - 1) ?? end - 1) + 1]),
  ]);
}

/** Lists the positions of all characters except line breaks. */
function listPlaces(text: string): Uint32Array {
  const places = new Uint32Array(text.length);
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 0x0a || unit === 0x0d) continue;
    places[count] = at;
    count += 1;
  }
  return places;
}

/** Forms of the secrets, by list: the program searches for the same lists again and again. */
const formsOfSecrets = new WeakMap<readonly string[], { escaped: Escaped[]; base64: string[] }>();

/** `part`: text in each of the forms. A text without the part is searched only once per secret. */
interface Escaped {
  part: string;
  forms: string[];
}

function writeForms(secrets: readonly string[]) {
  const cachedForms = formsOfSecrets.get(secrets);
  if (cachedForms) return cachedForms;
  const variants = [
    ...new Set(secrets.flatMap((secret) => [secret, secret.normalize('NFC'), secret.normalize('NFD')])),
  ];
  const forms = {
    escaped: variants.map((secret) => ({
      part: findPlainPart(secret),
      forms: writeEscaped(secret.toWellFormed()),
    })),
    base64: [...new Set(variants.flatMap(writeBase64))],
  };
  formsOfSecrets.set(secrets, forms);
  return forms;
}

/** Measures the longest form of a secret, in characters. Base64 can have a line break after each character. */
export function measureLongest(secrets: readonly string[]): number {
  const { escaped, base64 } = writeForms(secrets);
  const lengths = escaped.flatMap(({ forms }) => forms.map(({ length }) => length));
  return [...lengths, ...base64.map(({ length }) => 3 * length)].reduce((a, b) => Math.max(a, b), 0);
}

/** Replaces each secret in a text with `by`. */
export function replaceSecrets(text: string, secrets: readonly string[], by: string): string {
  let replaced = '';
  let at = 0;
  for (const [start, end] of findSecrets(text, secrets)) {
    replaced += text.slice(at, start) + by;
    at = end;
  }
  return replaced + text.slice(at);
}

function searchText(text: string, form: string): Range[] {
  const ranges: Range[] = [];
  let at = form === '' ? -1 : text.indexOf(form);
  while (at !== -1) {
    const lastRange = ranges.at(-1);
    const end = at + form.length;
    if (lastRange && at <= lastRange[1]) lastRange[1] = end;
    else ranges.push([at, end]);
    // A million zeros contain 0000 at nearly as many places: continue at the last match that overlaps this one.
    const next = text.lastIndexOf(form, end);
    at = next > at ? next : text.indexOf(form, end + 1);
  }
  return ranges;
}

/** Finds the longest part of a secret that no encoder of URLs, JSON or HTML changes. */
function findPlainPart(secret: string): string {
  return secret
    .split(/[^a-z0-9]+/i)
    .reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}

/**
 * Lists the escaped forms of a secret. Encoders differ in the characters that they leave unchanged and in the case of hex digits.
 */
function writeEscaped(secret: string): string[] {
  const percent = encodeURIComponent(secret);
  // As in Python, Go and PHP. Python leaves slashes unchanged.
  const strict = percent.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams({ '': secret }).toString().slice(1);
  const json = JSON.stringify(secret).slice(1, -1);
  const encoded = [
    percent,
    percent.replaceAll('%2F', '/'),
    strict,
    strict.replaceAll('%2F', '/'),
    strict.replaceAll('%20', '+'),
    encodeURI(secret),
    form,
    form.replaceAll('+', '%20'),
  ];
  const lowercase = encoded.map((text) => text.replace(/%../g, (byte) => byte.toLowerCase()));
  const ascii = escapeUnits(json, /[^ -~]/g);
  const html = escapeUnits(json, /[<>&]/g);
  // As in .NET.
  const asciiHtml = escapeUnits(ascii.replaceAll('\\"', '\\u0022'), /[<>&'+`]/g);
  const escaped = [json, ascii, html, ...[ascii, asciiHtml].map(writeUpper)].flatMap((text) => [
    text,
    text.replaceAll('/', '\\/'),
  ]);
  const literals = writeLiterals(secret);
  // JSON text in JSON or in a Python `repr`, and a `repr` in either.
  const nested = [json, ascii, ...literals].flatMap((text) => [
    escapeJson(text),
    ...escapeQuotes(doubleBackslashes(text)),
  ]);
  return [
    ...new Set([
      secret,
      ...encoded,
      ...lowercase,
      ...escaped,
      ...literals,
      ...nested,
      ...writeEntities(secret),
    ]),
  ];
}

function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function doubleBackslashes(text: string): string {
  return text.replaceAll('\\', '\\\\');
}

/**
 * Returns a text with both ways to write single quotes: Python escapes the quote around a text only if the text has both kinds.
 */
function escapeQuotes(text: string): string[] {
  return [text, text.replaceAll("'", "\\'")];
}

/** Lists the forms of a secret in Python: `repr` and tracebacks, `ascii`, and the `repr` of its bytes. */
function writeLiterals(secret: string): string[] {
  const writeUnit = (sign: string) => {
    const code = sign.codePointAt(0) ?? 0;
    const shortEscape = { 9: '\\t', 10: '\\n', 13: '\\r' }[code];
    const hex = (digits: number) => code.toString(16).padStart(digits, '0');
    return shortEscape ?? (code < 0x100 ? `\\x${hex(2)}` : code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`);
  };
  const doubled = doubleBackslashes(secret);
  const repr = doubled.replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, writeUnit);
  const ascii = doubled.replace(/[^ -~]/gu, writeUnit);
  const bytes = Buffer.from(doubled)
    .toString('latin1')
    .replace(/[^ -~]/g, writeUnit);
  return [repr, ascii, bytes].flatMap(escapeQuotes);
}

/** Lists the forms of a secret in HTML. Python, PHP, JavaScript and Go each write quotes in their own way. */
function writeEntities(secret: string): string[] {
  const plain = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quoted = ["'", '&#x27;', '&#39;', '&#039;'].map((single) =>
    plain.replaceAll('"', '&quot;').replaceAll("'", single),
  );
  return [plain, ...quoted, plain.replaceAll('"', '&#34;').replaceAll("'", '&#39;')];
}

function escapeUnits(text: string, units: RegExp): string {
  return text.replace(units, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function writeUpper(escaped: string): string {
  return escaped.replace(/\\u[\da-f]{4}/g, (unit) => `\\u${unit.slice(2).toUpperCase()}`);
}

/** Lists the base64 characters that depend only on the secret, after 0, 1 or 2 other bytes in a longer text. */
function writeBase64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const secretPart = encoded.slice(
      Math.ceil((offset * 8) / 6),
      Math.floor(((offset + bytes.length) * 8) / 6),
    );
    return [secretPart, secretPart.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const [start, end] of ranges.toSorted(([a], [b]) => a - b)) {
    const lastRange = merged.at(-1);
    if (lastRange && start <= lastRange[1]) lastRange[1] = Math.max(lastRange[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
