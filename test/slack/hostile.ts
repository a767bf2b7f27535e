import fc from 'fast-check';

const MENTIONS = ['<!channel>', '<!here|here>', '<@U1>', '<#C1>', '<!subteam^S1|@editors>', '@here'];
const DISGUISED = ['@channel', '@Everyone', '@\0here', '<\0!channel>', '<\u202e!channel>'];
const ENTITIES = ['&lt;!channel&gt;', '&#60;!here&#62;', '&#x3C;@U1&#x3e;', '&LT;#C1|general&GT;', '&amp;'];
const MARKS = ['&', '<', '>', '|', '```', '````', '~~~', '\n```js\n', '# ', '- ', '| a | b |', '*', '_', '`'];
const MARKDOWN = [
  '<https://evil.example|label>',
  '**bold**',
  '[link](https://example.com)',
  'a word and another ',
];
const SPACES = ['\n\n', '\n', '\r\n', '\r', '\t', ' ', '\0', '\u0007', '\u202e', '\u200b'];
const LETTERS = ['\ud83d', '\udc4d', '👍🏽', '👩‍👩‍👧‍👦', '🇫🇷', 'e\u0301', 'שלום עולם', 'مرحبا'];
const TALL = `z${'\u0363'.repeat(50)}`;
/** Pieces with which a crew could mention people, link elsewhere or break a cut. */
const pieces = [MENTIONS, DISGUISED, ENTITIES, MARKS, MARKDOWN, SPACES, LETTERS, TALL].flat();

const piece = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...pieces) },
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code)),
);

/** Any text: short ones, and pieces or phrases repeated up to 400 times. */
export const hostileText = fc.oneof(
  fc.array(piece, { maxLength: 60 }).map((all) => all.join('')),
  fc
    .tuple(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 400 }))
    .map(([phrase, times]) => phrase.join('').repeat(times)),
);

const part = fc.array(piece, { minLength: 1, maxLength: 8 }).map((all) => all.join(''));
const edited = fc.record({
  was: part,
  is: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, part, fc.constant('')),
  end: fc.constantFrom('', ' ', '\n', '\n\n'),
  times: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 40 })),
});
const shortText = hostileText.map((one) => one.slice(0, 2_000));
/** A text and its next version. Mostly parts of it were removed, added or changed, so that the two can be compared. */
export const editedTexts: fc.Arbitrary<[string, string]> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.array(edited, { maxLength: 40 }).map((parts): [string, string] => {
      const listVersion = (of: 'was' | 'is') =>
        parts.map(({ was, is, end, times }) => `${(of === 'was' ? was : (is ?? was)).repeat(times)}${end}`);
      return [listVersion('was').join(''), listVersion('is').join('')];
    }),
  },
  fc.tuple(shortText, shortText),
);

export const MIB = 1024 * 1024;

/** Repeats a phrase up to this many characters. */
export const filled = (phrase: string, length: number) =>
  phrase.repeat(Math.ceil(length / phrase.length)).slice(0, length);

/** Replaces the entities of angle brackets as a reader of HTML does. */
export function withBrackets(markdown: string): string {
  return markdown.replace(/&lt;|&#0*60;|&#x0*3c;/gi, '<').replace(/&gt;|&#0*62;|&#x0*3e;/gi, '>');
}

/** Matches a mention, a channel link, a call or a labelled link that Slack would render. */
export const LIVE = /<[!@#]|<(?!\u200b)[^<>\n]*\||@(?:here|channel|everyone)/i;
