/** An output as it is sent: Markdown or JSON text. */
export type Source = { text: string } | { json: string };

/** Longest body of a question, with the fields around its output, in bytes. */
const LONGEST = 1_030_000;
/** Longest text of a question, in characters. */
const LONGEST_TEXT = 1_000_000;
/** JSON may have 64 levels. The body and its members take some of them. */
const LEVELS = 60;

/** Sources by name. Each is written when it is sent. */
export type Sources = Readonly<Record<string, () => Source>>;

/** Repeats a phrase as often as it fits into a body. */
export function fill(phrase: string, { bytes = LONGEST, characters = LONGEST_TEXT } = {}): string {
  const size = Buffer.byteLength(JSON.stringify(phrase)) - 2;
  return phrase.repeat(Math.floor(Math.min(bytes / size, characters / phrase.length)));
}

/** Writes lines up to this many characters. */
export function writeLines(characters: number, line: (number: number) => string): string {
  let text = '';
  for (let number = 1; text.length < characters; number += 1) text += line(number);
  return text.slice(0, characters);
}

/** Writes a JSON list that repeats these values as often as they fit. */
export function writeList(values: readonly string[], bytes = LONGEST): string {
  const part = `${values.join()},`;
  return `[${part.repeat(Math.floor((bytes - 10) / part.length))}null]`;
}

/** Writes a JSON object with this many keys. `change`: a prefix of every third value. */
export function writeKeys(count: number, bytes = LONGEST, change = ''): string {
  const value = 'v'.repeat(Math.floor(bytes / count) - '"key_000001":"",'.length - change.length);
  const members = Array.from({ length: count }, (_, index) => {
    const key = String(index).padStart(6, '0');
    return `"key_${key}":"${index % 3 === 0 ? change : ''}${value}"`;
  });
  return `{${members.join()}}`;
}

export const KEYS: Sources = {
  'an object': () => ({ json: writeKeys(20_000) }),
  'one key twice': () => ({ json: writeKeys(20_000).replace('key_000001', 'key_000000') }),
  'a list of numbers': () => ({ json: writeList(['1', '2', '3']) }),
};

export const DEPTH: Sources = {
  lists: () => ({ json: writeList([`${'['.repeat(LEVELS)}1${']'.repeat(LEVELS)}`]) }),
  objects: () => ({ json: writeList([`${'{"a":'.repeat(LEVELS)}1${'}'.repeat(LEVELS)}`]) }),
};

export const EXPONENTS: Sources = {
  many: () => ({
    json: writeList(['1e999999999', '1e-99999', '-1.5E+99999999999999999999', '0.10e-999999999']),
  }),
  long: () => ({ json: `[1e${'9'.repeat(500_000)},1e-${'9'.repeat(500_000)}]` }),
};

const zeros = '0'.repeat(100_000);
export const DIGITS: Sources = {
  integers: () => ({ json: writeList(['1234567890'.repeat(10_000)]) }),
  zeros: () => ({ json: writeList([`1${zeros}`, `0.${zeros}1`, `1${zeros}.${zeros}1`]) }),
};

export const LINES: Sources = {
  letters: () => ({ text: fill('x') }),
  words: () => ({ text: fill('word and *word* ') }),
  'a string in JSON': () => ({ json: JSON.stringify({ line: fill('word ') }) }),
};

export const MARKS: Sources = {
  'open brackets': () => ({ text: fill('[') }),
  'links and emphasis': () => ({ text: fill('[a](https://a.example) **b** _c_ `d` <https://e.example> ') }),
  emphasis: () => ({ text: fill('*a _b ') }),
  'nested quotes': () => ({ text: fill(`${'> '.repeat(200)}a\n`) }),
  'nested lists': () => ({
    text: writeLines(LONGEST_TEXT, (line) => `${' '.repeat((line % 100) * 2)}- a\n`),
  }),
  'reference links': () => ({ text: writeLines(950_000, (line) => `[a${line}][b${line}]\n`) }),
  backticks: () => ({ text: writeLines(LONGEST_TEXT, (line) => `${'`'.repeat(line % 200)} `) }),
};

export const UNSEEN: Sources = {
  joiners: () => ({ text: fill('\u200d') }),
  'between letters': () => ({
    text: fill('a\u200db\u2060c\u202ed\u2066e\u00adf\ufe0f \u3164\u2800\u{e0041}'),
  }),
  marks: () => ({ text: fill(`z${'\u0363'.repeat(50)} `) }),
  'a string in JSON': () => ({ json: JSON.stringify({ hidden: fill('a\u200b') }) }),
};

const columns = Array.from({ length: 200 }, (_, index) => `column ${index}`);
const cells = columns.map((_, index) => `c${index}`);
export const TABLES: Sources = {
  'rows of JSON': () => ({
    json: writeList([JSON.stringify(Object.fromEntries(columns.map((name) => [name, 'v'])))]),
  }),
  Markdown: () => ({
    text: `| ${columns.join(' | ')} |\n|${'---|'.repeat(200)}\n${fill(`| ${cells.join(' | ')} |\n`, { characters: 990_000 })}`,
  }),
};

/** Pairs of outputs. The second one is the next round of the first one. */
export const PAIRS: Readonly<Record<string, () => readonly [Source, Source]>> = {
  'every third line': pair((change) => ({
    text: writeLines(
      500_000,
      (line) => `Paragraph ${line}${line % 3 === 0 ? change : ''}, as **agreed**.\n\n`,
    ),
  })),
  'every line': pair((change) => ({
    text: writeLines(500_000, (line) => `${change}${line} is new on this page${change}\n`),
  })),
  'one line': pair((change) => ({
    text: writeLines(500_000, (word) => `word${word}${word % 2 === 0 ? change : ''} `),
  })),
  '10,000 keys': pair((change) => ({ json: writeKeys(10_000, 500_000, change) })),
};

function pair(write: (change: string) => Source) {
  return () => [write(''), write('new')] as const;
}

/** Writes a list as people write it, of 1 MiB. Each number gives a different list. */
export const writeItems = (number: number): Source => ({
  text: writeLines(
    LONGEST_TEXT,
    (line) => `- **Item ${number}.${line}**: *recycled* linen, see [the notes](https://example.com)\n`,
  ),
});

/** Writes the JSON text of an output. */
export const jsonOf = (source: Source) => ('json' in source ? source.json : JSON.stringify(source.text));
