/** A shorter piece of base64 is in too many other words. */
const SHORTEST_BASE64 = 8;

/**
 * A pattern for each form in which an echo may repeat a secret: as it is, percent-encoded, JSON-escaped (also in part, and
 * more than once), and in base64, also inside a longer text that was encoded.
 */
export function buildSecretPatterns(secret: string): RegExp[] {
  const written = [...secret].map(matchCharacter).join('');
  return [written, ...listBase64Forms(secret).map(matchBase64)].map((source) => new RegExp(source, 'g'));
}

/** A text with every match of the patterns replaced, also where matches overlap. */
export function replaceMatches(text: string, patterns: readonly RegExp[]): string {
  const ranges = patterns
    .flatMap((pattern) =>
      [...text.matchAll(pattern)].map(({ index, 0: { length } }) => [index, index + length]),
    )
    .toSorted(([one = 0], [other = 0]) => one - other);
  let rest = '';
  let from = 0;
  for (const [start = 0, end = 0] of ranges) {
    if (start > from || (start === from && !rest.endsWith(HIDDEN))) rest += text.slice(from, start) + HIDDEN;
    from = Math.max(from, end);
  }
  return rest + text.slice(from);
}

export const HIDDEN = '…';

function matchCharacter(character: string): string {
  const percent = [...Buffer.from(character)].map((byte) => `%(?:25){0,3}${matchHex(byte, 2)}`).join('');
  const unicode = character
    .split('')
    .map((unit) => `\\\\{1,8}u${matchHex(unit.charCodeAt(0), 4)}`)
    .join('');
  const forms = [`\\\\{0,8}${escapePattern(character)}`, percent, unicode];
  const short = SHORT_ESCAPES[character];
  if (short) forms.push(`\\\\{1,8}${short}`);
  if (character === '\\') forms.unshift('\\\\{1,16}');
  if (character === ' ') forms.push('\\+');
  return `(?:${forms.join('|')})`;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\b': 'b',
  '\f': 'f',
};

/** Hex digits in either case. */
function matchHex(value: number, digits: number): string {
  const hex = value.toString(16).padStart(digits, '0');
  return hex.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/**
 * The secret in base64, and the characters that it alone determines when it begins one or two bytes later in what was
 * encoded.
 */
function listBase64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const whole = bytes.toString('base64').replace(/=+$/, '');
  const inside = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    return encoded.slice(Math.ceil((offset * 8) / 6), end);
  });
  return [...new Set([whole, ...inside.filter(({ length }) => length >= SHORTEST_BASE64)])];
}

/** Also in the alphabet of URLs. */
function matchBase64(form: string): string {
  return escapePattern(form)
    .replace(/\\\+|\\-/g, '[+-]')
    .replace(/\\\//g, '[/_]');
}
