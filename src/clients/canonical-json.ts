const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[[\]{},:]|true|false|null/g;

/**
 * Writes JSON so that equal values give equal texts, as the bot does: keys sorted, numbers as exact decimals (`1`, `1.0` and
 * `10e-1` are `1e0`), strings as JSON.stringify writes them. Throws a SyntaxError for text that is not JSON, and for a duplicate
 * key.
 */
export function writeCanonicalJson(text: string): string {
  JSON.parse(text);
  const tokens = text.match(TOKENS) ?? [];
  let at = 0;
  let depth = 0;
  const writeNested = (write: () => string): string => {
    depth += 1;
    if (depth > MAX_DEPTH) throw new SyntaxError(`It has more than ${MAX_DEPTH} levels.`);
    const text = write();
    depth -= 1;
    return text;
  };
  const writeValue = (): string => {
    const token = tokens[at] ?? '';
    at += 1;
    if (token === '{') return writeNested(writeObject);
    if (token === '[') return writeNested(writeList);
    if (token.startsWith('"')) return JSON.stringify(JSON.parse(token));
    return /^-?\d/.test(token) ? normalizeNumber(token) : token;
  };
  const writeList = (): string => {
    const items: string[] = [];
    while (tokens[at] !== ']') {
      if (tokens[at] === ',') at += 1;
      else items.push(writeValue());
    }
    at += 1;
    return `[${items.join(',')}]`;
  };
  const writeObject = (): string => {
    const members = new Map<string, string>();
    while (tokens[at] !== '}') {
      if (tokens[at] === ',') at += 1;
      else {
        const key = JSON.parse(tokens[at] ?? '') as string;
        if (members.has(key)) throw new SyntaxError(`The key ${tokens[at]} stands twice.`);
        at += 2;
        members.set(key, writeValue());
      }
    }
    at += 1;
    const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${sorted.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
  };
  return writeValue();
}

/** Most levels of JSON: the bot accepts fewer. */
const MAX_DEPTH = 200;

/** Writes a number literal as `<sign><digits>e<exponent>` without zeros at either end. */
function normalizeNumber(literal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  // The bot rejects such numbers.
  if (/\d{6}/.test(exponent)) throw new SyntaxError('A number has more than 5 digits in its exponent.');
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  if (end === 0) return '0';
  const power = Number(exponent) + digits.length - end - fraction.length;
  return `${sign}${digits.slice(0, end)}e${power}`;
}
