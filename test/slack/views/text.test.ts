import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { en as texts } from '../../../src/slack/texts/en.ts';
import { quote } from '../../../src/slack/views/card/state.ts';
import { formatDate } from '../../../src/slack/views/text/elements.ts';
import { clean, escapeLine, escapeText, sanitizeMarkdown } from '../../../src/slack/views/text/escape.ts';
import { mention } from '../../../src/slack/views/text/people.ts';
import { previewMarkdown, truncate } from '../../../src/slack/views/text/truncate.ts';
import { filled, hostileText, LIVE, MIB, withBrackets } from '../hostile.ts';

const ordinary = fc
  .array(fc.constantFrom('Spring', 'é', '中文', '👍', '-', '(a)', '12 %', '"quoted"', 'a@b.example'), {
    maxLength: 20,
  })
  .map((words) => words.join(' '));
const unescaped = (text: string) => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** True when `at` lies between two graphemes of the text. */
function isBoundary(text: string, at: number): boolean {
  return at === 0 || at === text.length || segmenter.segment(text).containing(at)?.index === at;
}

describe('a cleaned text', () => {
  it('is well-formed, has no control but tab and newline, and cleaning it again changes nothing', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const cleaned = clean(text);
        expect(cleaned.isWellFormed()).toBe(true);
        expect([...cleaned].filter((c) => c < ' ' && c !== '\t' && c !== '\n')).toEqual([]);
        expect(cleaned).not.toMatch(/[\u007f\u202d\u202e]/);
        expect(clean(cleaned)).toBe(cleaned);
      }),
    );
  });

  it('is the text itself when that is ordinary', () => {
    fc.assert(fc.property(ordinary, (text) => void expect(clean(text)).toBe(text)));
  });
});

describe('an escaped text', () => {
  it('is at most as long as allowed, escapes counted, and no escape, surrogate pair or grapheme is cut', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 0, max: 300 }), (text, max) => {
        const short = escapeText(text, max);
        expect(short.length).toBeLessThanOrEqual(max);
        expect(short.isWellFormed()).toBe(true);
        expect(short).not.toMatch(/&(?!amp;|lt;|gt;)/);
        const whole = unescaped(escapeText(text));
        if (short === escapeText(text) || max === 0) return;
        expect(short.endsWith('…')).toBe(true);
        const kept = unescaped(short.slice(0, -1));
        expect(whole.startsWith(kept)).toBe(true);
        const [first] = segmenter.segment(whole);
        const fits = first && first.segment.length < max;
        // A limit in the middle of a pair: see "when the limit falls inside one of its pairs" below.
        if (fits && whole.slice(0, max).isWellFormed()) expect(isBoundary(whole, kept.length)).toBe(true);
      }),
    );
  });

  it('mentions nobody and links nowhere', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 2_000 }), (text, max) => {
        for (const made of [escapeText(text), escapeText(text, max), escapeLine(text, max)]) {
          expect(made).not.toMatch(/[<>]/);
          expect(made).not.toMatch(/@(?:here|channel|everyone)/i);
        }
      }),
    );
  });

  it('reads as it was written when that is ordinary and short', () => {
    fc.assert(
      fc.property(ordinary, (text) => {
        expect(escapeText(text)).toBe(text);
        expect(escapeText(text, 300)).toBe(text);
        expect(escapeLine(text, 300)).toBe(text.trim());
      }),
    );
    expect(escapeText('a < b && c > d')).toBe('a &lt; b &amp;&amp; c &gt; d');
  });

  it('in one line has no line break and no run of spaces', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 0, max: 300 }), (text, max) => {
        const line = escapeLine(text, max);
        expect(line).not.toMatch(/[\r\n\u2028\u2029]/);
        expect(line.length).toBeLessThanOrEqual(max);
      }),
    );
  });

  it.each([
    ['an entity that does not fit', '&&&', 7, '&amp;…'],
    ['an entity that does not fit by one', '&&&', 10, '&amp;…'],
    ['a family of emoji', 'ab👩‍👩‍👧‍👦', 8, 'ab…'],
    ['a pair', 'ab👍', 3, 'ab…'],
    ['a flag', '🇫🇷🇩🇪', 6, '🇫🇷…'],
    ['one grapheme of thousands of marks', `z${'\u0363'.repeat(5_000)}`, 5, '…'],
    ['no room', 'abc', 1, '…'],
    ['no room at all', 'abc', 0, ''],
  ])('is cut before %s', (_, text, max, expected) => {
    expect(escapeText(text, max)).toBe(expected);
  });
});

describe('a cut', () => {
  it.each([
    ['a flag', 'a🇫🇷b', 4, 'a…'],
    ['a family', `a👩‍👩b`, 5, 'a…'],
  ])('keeps %s whole when the limit falls inside one of its pairs', (_, text, max, expected) => {
    expect(truncate(text, max)).toBe(expected);
  });

  it('measures what is written, not what is read', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 0, max: 200 }), (text, max) => {
        const made = truncate(text.toWellFormed(), max, (part) => `[${part}]`);
        expect(made.length).toBeLessThanOrEqual(max);
        expect(made.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('tamed Markdown', () => {
  it('mentions nobody and has no labelled link in angle brackets, whatever the form', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const tamed = sanitizeMarkdown(text);
        expect(withBrackets(tamed)).not.toMatch(LIVE);
        expect(tamed.isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('loses nothing but controls: without the separators it is the cleaned text', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const bare = (made: string) => made.replaceAll('\u200b', '');
        expect(bare(sanitizeMarkdown(text))).toBe(bare(clean(text)));
      }),
    );
  });

  it('leaves ordinary Markdown as it is', () => {
    const markdown = [
      '# Title',
      'Some *text*, [a link](https://example.com/?a=1&b=2), <https://example.com> and `a < b`.',
      '| a | b |\n|---|---|\n| 1 | 2 |',
      '```ts\nconst a: Array<string> = [];\n```',
      '> quote\n\n- [ ] task, a@b.example & co',
    ].join('\n\n');
    expect(sanitizeMarkdown(markdown)).toBe(markdown);
  });

  it.each([
    '<&#33;channel>',
    '<&excl;channel>',
    '&lt;&#x21;here&gt;',
    '<&commat;U1>',
    '<&#64;U1>',
    '<&#35;C1>',
    '<\\!channel>',
    '&#64;channel',
    '&commat;here',
  ])('breaks %s too, which Markdown reads as a mention', (text) => {
    const read = sanitizeMarkdown(text)
      .replace(/&#0*33;|&#x0*21;|&excl;/gi, '!')
      .replace(/&#0*64;|&#x0*40;|&commat;/gi, '@')
      .replace(/&#0*35;|&#x0*23;|&num;/gi, '#')
      .replace(/\\([!@#<])/g, '$1');
    expect(withBrackets(read)).not.toMatch(LIVE);
  });
});

describe('a preview', () => {
  it('is a beginning of the text, plus a closing fence where one is open, and what is missing adds up', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 8, max: 400 }), (text, max) => {
        const markdown = sanitizeMarkdown(text);
        const { shown, missing } = previewMarkdown(markdown, max);
        expect(shown.length).toBeLessThanOrEqual(max);
        expect(shown.isWellFormed()).toBe(true);
        const left = markdown.length - missing;
        const kept = shown.slice(0, left);
        expect(markdown.startsWith(kept)).toBe(true);
        expect(['', '\n```']).toContain(shown.slice(left));
        if (markdown.length <= max) expect(shown).toBe(markdown);
        else expect(missing).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it('closes a fence that it cut open, and opens none', () => {
    const open = previewMarkdown(`\`\`\`\n${'code line\n'.repeat(100)}`, 200);
    expect(open.shown).toMatch(/\n```$/);
    expect(open.shown.match(/```/g)).toHaveLength(2);
    const closed = previewMarkdown(`\`\`\`\ncode\n\`\`\`\n\n${'word '.repeat(100)}`, 200);
    expect(closed.shown.match(/```/g)).toHaveLength(2);
  });

  it.each([
    ['a paragraph', `${'a'.repeat(60)}\n\n${'b'.repeat(60)}`, 'a'.repeat(60)],
    ['a line', `${'a'.repeat(60)}\n${'b'.repeat(60)}`, 'a'.repeat(60)],
    ['a word', `${'a'.repeat(60)} ${'b'.repeat(60)}`, 'a'.repeat(60)],
    ['a grapheme', `${'a'.repeat(95)}👩‍👩‍👧‍👦${'b'.repeat(60)}`, 'a'.repeat(95)],
  ])('is cut at %s', (_, markdown, expected) => {
    expect(previewMarkdown(markdown, 100)).toEqual({
      shown: expected,
      missing: markdown.length - expected.length,
    });
  });

  it('is cut at a paragraph, too, where its lines are too many', () => {
    const paragraph = (n: number) => Array.from({ length: 12 }, (_, line) => `p${n} line ${line}`).join('\n');
    const four = [1, 2, 3, 4].map(paragraph).join('\n\n');
    expect(previewMarkdown(four, 1_500, 30).shown).toBe([1, 2].map(paragraph).join('\n\n'));
    const one = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n');
    expect(previewMarkdown(one, 1_500, 30).shown.split('\n')).toHaveLength(30);
  });

  it('closes no fence that is none: three backticks around words in one line are inline code', () => {
    const { shown } = previewMarkdown(`\`\`\`inline\`\`\` code\n\n${'word '.repeat(100)}`, 200);
    expect(shown).not.toMatch(/\n```$/);
  });
});

describe('a quote', () => {
  it('is at most as long as allowed and at most 12 lines, each of them quoted', () => {
    fc.assert(
      fc.property(
        hostileText.filter((text) => !text.includes('\r')),
        fc.constantFrom(200, 600, 1_000),
        (text, max) => {
          const quoted = quote(text, max);
          expect(quoted.length).toBeLessThanOrEqual(max);
          const lines = quoted.split('\n');
          expect(lines.length).toBeLessThanOrEqual(12);
          for (const line of lines) expect(line).toMatch(/^>/);
          expect(quoted).not.toMatch(/<|@(?:here|channel|everyone)/i);
        },
      ),
    );
  });

  it('counts lines that end in a carriage return too', () => {
    const quoted = quote('x\r'.repeat(400), 1_000);
    expect(quoted.split('\n').length).toBeLessThanOrEqual(12);
    expect(quoted.length).toBeLessThanOrEqual(1_000);
  });
});

describe('small words', () => {
  it('are a count in thousands, a mention, and a date with a fallback', () => {
    expect(texts.lists.count(1_234_567)).toBe('1,234,567');
    expect(mention('U1')).toBe('<@U1>');
    expect(formatDate(Date.UTC(2026, 2, 3, 9, 5))).toBe(
      '<!date^1772528700^{date_short_pretty} at {time}|2026-03-03 09:05 UTC>',
    );
  });
});

describe('a mebibyte', () => {
  it.each([
    ['of brackets', filled('<', MIB)],
    ['of mentions', filled('<@U1>', MIB)],
    ['of links', filled('<https://evil|', MIB)],
    ['of calls', filled('@here', MIB)],
    ['of ampersands', filled('&', MIB)],
    ['of open entities', filled('&#0000', MIB)],
    ['of zeros in one entity', `&#${filled('0', MIB)}`],
    ['of newlines', filled('\n', MIB)],
    ['of carriage returns', filled('\r', MIB)],
    ['of spaces', filled(' ', MIB)],
    ['of fences', filled('```\n', MIB)],
    ['of backticks', filled('`', MIB)],
    ['of marks in one grapheme', `z${filled('\u0363', MIB)}`],
    ['of joined emoji', filled('👩\u200d', MIB)],
    ['of lone surrogates', filled('\ud83d', MIB)],
    ['of NUL', filled('\0', MIB)],
    ['of one word', filled('x', MIB)],
  ])('%s is read in no time', (_, text) => {
    clean(text);
    escapeText(text);
    expect(escapeText(text, 1_000).length).toBeLessThanOrEqual(1_000);
    expect(escapeLine(text, 1_000).length).toBeLessThanOrEqual(1_000);
    expect(previewMarkdown(sanitizeMarkdown(text), 7_000).shown.length).toBeLessThanOrEqual(7_000);
    quote(text, 1_000);
  });

  it('of escaped brackets is read in no time', () => {
    sanitizeMarkdown(filled('&lt;', 100_000));
  }, 1_000);
});
