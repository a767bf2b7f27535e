/** A text in which each UTF-16 unit knows where it stood in the text that it was decoded from. */
interface Decoded {
  text: string;
  /** `starts[i]` and `ends[i]`: of the unit at `i`; undefined: nothing was decoded, each unit is at its own place. */
  starts?: number[];
  ends?: number[];
}

/** An echo can be escaped and encoded several times, one in the other. */
const MOST_ROUNDS = 6;
/** Base64 inside of base64. */
const MOST_DEPTH = 2;
const BASE64 = /[A-Za-z0-9+/_-]{6,}(?:\r?\n[A-Za-z0-9+/_-]+)*={0,2}/g;
const SHORT_ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/**
 * Where a text repeats one of the secrets: as it is, percent-encoded, JSON-escaped, in base64, or in several of these.
 * Takes a time that grows with the text and the secrets only. Ranges as [start, end), in their order, without overlaps.
 */
export function findSecrets(text: string, secrets: readonly string[]): [number, number][] {
  if (secrets.length === 0 || text === '') return [];
  return mergeRanges(searchRounds(text, secrets, 0));
}

/** Searches the text as it is and after each round of decoding, for the secrets decoded likewise. */
function searchRounds(text: string, secrets: readonly string[], depth: number): [number, number][] {
  const found: [number, number][] = [];
  let shown: Decoded = { text };
  let wanted = [...new Set(secrets)];
  for (let round = 0; round <= MOST_ROUNDS; round += 1) {
    // What a secret is after decoding: of one that looks escaped itself.
    for (const secret of new Set([...secrets, ...wanted])) found.push(...searchText(shown, secret));
    if (depth < MOST_DEPTH) found.push(...searchBase64(shown, secrets, depth));
    const next = decodeOnce(shown);
    if (!next) break;
    shown = next;
    wanted = wanted.map((secret) => decodeOnce({ text: secret })?.text ?? secret);
  }
  return found;
}

function searchText(shown: Decoded, secret: string): [number, number][] {
  const found: [number, number][] = [];
  if (secret === '') return found;
  for (let at = shown.text.indexOf(secret); at !== -1; at = shown.text.indexOf(secret, at + 1))
    found.push(placeOf(shown, at, at + secret.length));
  return found;
}

/** The runs of base64 whose content repeats a secret. What stands before a run may be of the same letters. */
function searchBase64(shown: Decoded, secrets: readonly string[], depth: number): [number, number][] {
  const found: [number, number][] = [];
  for (const match of shown.text.matchAll(BASE64)) {
    const [run] = match;
    for (let skipped = 0; skipped < 4; skipped += 1) {
      const content = Buffer.from(run.slice(skipped), 'base64').toString('utf8');
      if (searchRounds(content, secrets, depth + 1).length === 0) continue;
      found.push(placeOf(shown, match.index, match.index + run.length));
      break;
    }
  }
  return found;
}

function placeOf({ starts, ends }: Decoded, from: number, to: number): [number, number] {
  return [starts?.[from] ?? from, ends?.[to - 1] ?? to];
}

/** Undoes one level of percent-encoding, backslashes and `+` for a space; undefined where there is none. */
function decodeOnce({ text, starts, ends }: Decoded): Decoded | undefined {
  if (!/[%\\+]/.test(text)) return undefined;
  const units: string[] = [];
  const from: number[] = [];
  const to: number[] = [];
  let changed = false;
  for (let at = 0; at < text.length; ) {
    const { decoded, length } = decodeAt(text, at);
    const end = at + length;
    for (let unit = 0; unit < decoded.length; unit += 1) {
      units.push(decoded.charAt(unit));
      from.push(starts?.[at] ?? at);
      to.push(ends?.[end - 1] ?? end);
    }
    changed ||= decoded !== text.slice(at, end);
    at = end;
  }
  return changed ? { text: units.join(''), starts: from, ends: to } : undefined;
}

function decodeAt(text: string, at: number): { decoded: string; length: number } {
  const character = text.charAt(at);
  if (character === '%') return decodePercent(text, at) ?? { decoded: '%', length: 1 };
  if (character === '+') return { decoded: ' ', length: 1 };
  if (character !== '\\') return { decoded: character, length: 1 };
  const next = text.charAt(at + 1);
  const digits = next === 'u' ? 4 : next === 'x' ? 2 : 0;
  const hex = text.slice(at + 2, at + 2 + digits);
  if (digits > 0 && hex.length === digits && /^[0-9a-f]+$/i.test(hex))
    return { decoded: String.fromCharCode(Number.parseInt(hex, 16)), length: 2 + digits };
  const short = SHORT_ESCAPES[next];
  if (short !== undefined) return { decoded: short, length: 2 };
  return /["'\\/]/.test(next) ? { decoded: next, length: 2 } : { decoded: '\\', length: 1 };
}

/** One character of UTF-8, or one byte that is none. */
function decodePercent(text: string, at: number): { decoded: string; length: number } | undefined {
  const first = readByte(text, at);
  if (first === undefined) return undefined;
  const count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  const bytes = [first];
  while (bytes.length < count) {
    const byte = readByte(text, at + bytes.length * 3);
    if (byte === undefined || byte >> 6 !== 2) return { decoded: String.fromCharCode(first), length: 3 };
    bytes.push(byte);
  }
  return { decoded: Buffer.from(bytes).toString('utf8'), length: bytes.length * 3 };
}

function readByte(text: string, at: number): number | undefined {
  const hex = text.charAt(at) === '%' ? text.slice(at + 1, at + 3) : '';
  return /^[0-9a-f]{2}$/i.test(hex) ? Number.parseInt(hex, 16) : undefined;
}

function mergeRanges(ranges: readonly [number, number][]): [number, number][] {
  const merged: [number, number][] = [];
  for (const [start, end] of ranges.toSorted(([one], [other]) => one - other)) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
