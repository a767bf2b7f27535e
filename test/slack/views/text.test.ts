import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote } from '../../../src/slack/views/card/state.ts';
import { formatDate } from '../../../src/slack/views/text/elements.ts';
import {
  clean,
  escapeLine,
  escapeText,
  sanitizeMarkdown,
  sanitizeText,
} from '../../../src/slack/views/text/escape.ts';
import { mention } from '../../../src/slack/views/text/names.ts';
import { keepEnd, previewMarkdown, truncate } from '../../../src/slack/views/text/truncate.ts';
import { scaleLimit } from '../../support/limits.ts';
import { speak, spoken } from '../../support/spoken.ts';
import { filled, hostileText, LIVE, MIB, withBrackets } from '../hostile.ts';

const word = fc.constantFrom('Spring', 'é', '中文', '👍', '-', '(a)', '12 %', '"quoted"', 'a@b.example');
const ordinary = fc.array(word, { maxLength: 20 }).map((words) => words.join(' '));
const max = (max: number, least = 0) => fc.integer({ min: least, max: max });
const unescaped = (text: string) => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Holds for any text, and a limit of characters. */
const always = (limit: fc.Arbitrary<number>, check: (text: string, limit: number) => void, numRuns = 100) =>
  fc.assert(fc.property(hostileText, limit, check), { numRuns });

/** True when `at` lies between two graphemes of the text. */
function isBoundary(text: string, at: number): boolean {
  return at === 0 || at === text.length || segmenter.segment(text).containing(at)?.index === at;
}

describe('a cleaned text', () => {
  it('is well-formed, has no control but tab and newline, and cleaning it again changes nothing', () => {
    always(max(0), (text) => {
      const cleaned = clean(text);
      expect(cleaned.isWellFormed()).toBe(true);
      expect([...cleaned].filter((c) => c < ' ' && c !== '\t' && c !== '\n')).toEqual([]);
      expect(cleaned).not.toMatch(/[\u007f\u202d\u202e]/);
      expect(clean(cleaned)).toBe(cleaned);
    });
  });
});

describe('an escaped text', () => {
  it('is at most as long as allowed, escapes counted, and no escape, surrogate pair or grapheme is cut', () => {
    always(max(300), (text, limit) => {
      const short = escapeText(text, limit);
      expect(short.length).toBeLessThanOrEqual(limit);
      expect(short.isWellFormed()).toBe(true);
      expect(short).not.toMatch(/&(?!amp;|lt;|gt;)/);
      const whole = unescaped(escapeText(text));
      if (short === escapeText(text) || limit === 0) return;
      expect(short.endsWith('…')).toBe(true);
      const kept = unescaped(short.slice(0, -1));
      expect(whole.startsWith(kept)).toBe(true);
      const [first] = segmenter.segment(whole);
      const fits = first && first.segment.length < limit;
      // A limit in the middle of a pair: see "when the limit falls inside one of its pairs" below.
      if (fits && whole.slice(0, limit).isWellFormed()) expect(isBoundary(whole, kept.length)).toBe(true);
    });
  });

  it('mentions nobody and links nowhere, and in one line has no line break', () => {
    always(max(2_000), (text, limit) => {
      const line = escapeLine(text, limit);
      expect(line).not.toMatch(/[\r\n\u2028\u2029]/);
      expect(line.length).toBeLessThanOrEqual(limit);
      for (const made of [escapeText(text), escapeText(text, limit), line])
        expect(made).not.toMatch(/[<>]|@(?:here|channel|everyone)/i);
    });
  });

  it('reads as it was written when that is ordinary and short', () => {
    fc.assert(
      fc.property(ordinary, (text) => {
        const read = [clean(text), escapeText(text), escapeText(text, 300), escapeLine(text, 300)];
        expect(read).toEqual([text, text, text, text.trim()]);
      }),
    );
    expect(escapeText('a < b && c > d')).toBe('a &lt; b &amp;&amp; c &gt; d');
  });

  it.each([
    ['an entity that does not fit', '&&&', 7, '&amp;…'],
    ['a family of emoji', 'ab👩‍👩‍👧‍👦', 8, 'ab…'],
    ['a pair', 'ab👍', 3, 'ab…'],
    ['one grapheme of thousands of marks', `z${'\u0363'.repeat(5_000)}`, 5, '…'],
    ['no room', 'abc', 1, '…'],
    ['no room at all', 'abc', 0, ''],
  ])('is cut before %s', (_, text, limit, expected) => {
    expect(escapeText(text, limit)).toBe(expected);
  });
});

describe('a cut', () => {
  it.each([
    ['a flag', 'a🇫🇷b', 4, 'a…'],
    ['a family', `a👩‍👩b`, 5, 'a…'],
  ])('keeps %s whole when the limit falls inside one of its pairs', (_, text, limit, expected) => {
    expect(truncate(text, limit)).toBe(expected);
  });

  it('measures what is written, not what is read', () => {
    always(max(200), (text, limit) => {
      const made = truncate(text.toWellFormed(), limit, (part) => `[${part}]`);
      expect(made.length).toBeLessThanOrEqual(limit);
      expect(made.isWellFormed()).toBe(true);
    });
  });

  it('of the beginning leaves the end, from a whole word on where there is one', () => {
    expect(keepEnd('one two three four', 12)).toBe('…three four');
    always(max(200, 10), (value, limit) => {
      const text = value.toWellFormed();
      const end = keepEnd(text, limit);
      expect(end.length).toBeLessThanOrEqual(limit);
      expect(end.isWellFormed()).toBe(true);
      if (text.length > limit) expect(text.endsWith(end.slice(1).replace(/^\ufffd+/, ''))).toBe(true);
    });
  });
});

describe('sanitized Markdown', () => {
  it('mentions nobody, has no labelled link in angle brackets, and as plain text loses nothing', () => {
    const bare = (made: string) => made.replaceAll('\u200b', '');
    const check = (text: string) => {
      const safe = sanitizeMarkdown(text);
      for (const made of [safe, sanitizeText(text)]) {
        expect(withBrackets(made)).not.toMatch(LIVE);
        expect(made.isWellFormed()).toBe(true);
      }
      expect(bare(sanitizeText(text))).toBe(bare(clean(text)));
    };
    always(max(0), check, 500);
  });

  it.each([
    '# Title',
    'Some *text*, [a link](https://example.com/?a=1&b=2), <https://example.com> and `a < b`.',
    '| a | b |\n|---|---|\n| 1 | 2 |',
    '```\nconst a: Array<string> = [];\n```',
    '> quote\n\n- [ ] task, a@b.example & co',
  ])('is the Markdown itself when that is ordinary: %j', (markdown) => {
    expect(sanitizeMarkdown(markdown)).toBe(markdown);
  });

  it.each([
    ...['<&#33;channel>', '<&excl;channel>', '&lt;&#x21;here&gt;', '<&commat;U1>', '<&#64;U1>'],
    ...['<&#35;C1>', '<\\!channel>', '&#64;channel', '&commat;here'],
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
  const fences = (shown: string) => shown.match(/```/g)?.length;

  it('is a beginning of the text, plus a closing fence where one is open, and what is missing adds up', () => {
    const check = (text: string, limit: number) => {
      const markdown = sanitizeMarkdown(text);
      const { shown, missing } = previewMarkdown(markdown, limit);
      expect(shown.length).toBeLessThanOrEqual(limit);
      expect(shown.isWellFormed()).toBe(true);
      const left = markdown.length - missing;
      expect(markdown.startsWith(shown.slice(0, left))).toBe(true);
      expect(['', '\n```']).toContain(shown.slice(left));
      if (markdown.length <= limit) expect(shown).toBe(markdown);
      else expect(missing).toBeGreaterThan(0);
    };
    always(max(400, 8), check, 500);
  });

  it('closes a fence that it cut open, and opens none', () => {
    const open = previewMarkdown(`\`\`\`\n${'code line\n'.repeat(100)}`, 200).shown;
    expect(open).toMatch(/\n```$/);
    expect(fences(open)).toBe(2);
    const words = 'word '.repeat(100);
    expect(fences(previewMarkdown(`\`\`\`\ncode\n\`\`\`\n\n${words}`, 200).shown)).toBe(2);
    // Three backticks around words in one line are inline code.
    expect(previewMarkdown(`\`\`\`inline\`\`\` code\n\n${words}`, 200).shown).not.toMatch(/\n```$/);
  });

  it.each([
    ['a paragraph', `${'a'.repeat(60)}\n\n${'b'.repeat(60)}`, 'a'.repeat(60)],
    ['a line', `${'a'.repeat(60)}\n${'b'.repeat(60)}`, 'a'.repeat(60)],
    ['a word', `${'a'.repeat(60)} ${'b'.repeat(60)}`, 'a'.repeat(60)],
    ['a grapheme', `${'a'.repeat(95)}👩‍👩‍👧‍👦${'b'.repeat(60)}`, 'a'.repeat(95)],
  ])('is cut at %s', (_, markdown, shown) => {
    expect(previewMarkdown(markdown, 100)).toEqual({ shown, missing: markdown.length - shown.length });
  });

  it('keeps a comment at the end of code, whatever marks the code', () => {
    for (const fence of ['```', '~~~', '````']) {
      const { shown } = previewMarkdown(`${fence}sh\n# ${'x'.repeat(60)}\n${'y'.repeat(60)}\n${fence}`, 100);
      expect(shown, fence).toContain('# xxx');
    }
  });

  it('is cut at a paragraph, too, where its lines are too many', () => {
    const lines = (count: number, name: string) =>
      Array.from({ length: count }, (_, line) => `${name} line ${line}`).join('\n');
    const [one, two, three, four] = ['p1', 'p2', 'p3', 'p4'].map((name) => lines(12, name));
    const all = [one, two, three, four].join('\n\n');
    expect(previewMarkdown(all, 1_500, 30).shown).toBe(`${one}\n\n${two}`);
    expect(previewMarkdown(lines(40, ''), 1_500, 30).shown.split('\n')).toHaveLength(30);
  });
});

describe('a quote', () => {
  it('is at most as long as allowed and at most 12 lines, each of them quoted', () => {
    const any = hostileText.filter((text) => !text.includes('\r'));
    const check = (text: string, limit: number) => {
      const quoted = quote(text, limit);
      const lines = quoted.split('\n');
      expect([quoted.length <= limit, lines.length <= 12]).toEqual([true, true]);
      for (const line of lines) expect(line).toMatch(/^>/);
      expect(quoted).not.toMatch(/<|@(?:here|channel|everyone)/i);
    };
    fc.assert(fc.property(any, fc.constantFrom(200, 600, 1_000), check));
  });

  it('counts lines that end in a carriage return too', () => {
    const quoted = quote('x\r'.repeat(400), 1_000);
    expect([quoted.length <= 1_000, quoted.split('\n').length <= 12]).toEqual([true, true]);
  });
});

it('writes a mention, and a date with a fallback', () => {
  expect(mention('U1')).toBe('<@U1>');
  const date = '<!date^1772528700^{date_short_pretty} at {time}|2026-03-03 09:05 UTC>';
  expect(formatDate(spoken(), Date.UTC(2026, 2, 3, 9, 5))).toBe(date);
});

it.each(['pt-BR', 'es'] as const)(
  'in %s no word stands between date and time, since "1:05" would need another one',
  (language) => {
    const written = speak(language, () => formatDate(spoken(), Date.UTC(2026, 2, 3, 1, 5)));
    expect(written).toBe('<!date^1772499900^{date_short_pretty}, {time}|2026-03-03 01:05 UTC>');
  },
);

describe('a quarter of a mebibyte', { timeout: scaleLimit(30_000) }, () => {
  // What takes a step for each pair of characters takes longer by far.
  const QUARTER = MIB / 4;

  it.each([
    ...['<', '<@U1>', '<https://evil|', '@here', '&', '&#0000', '\n', '\r', ' ', '```\n', '`'],
    ...['👩\u200d', '\ud83d', '\0', 'x'],
  ])('of %j is read in no time', (phrase) => readQuickly(filled(phrase, QUARTER)));

  it.each([
    ['zeros in one entity', `&#${filled('0', QUARTER)}`],
    ['marks in one grapheme', `z${filled('\u0363', QUARTER)}`],
  ])('of %s is read in no time', (_, text) => readQuickly(text));

  function readQuickly(text: string) {
    escapeText(text);
    expect(escapeText(text, 1_000).length).toBeLessThanOrEqual(1_000);
    expect(escapeLine(text, 1_000).length).toBeLessThanOrEqual(1_000);
    expect(previewMarkdown(sanitizeMarkdown(text), 7_000).shown.length).toBeLessThanOrEqual(7_000);
    quote(text, 1_000);
  }

  it('of escaped brackets is read in no time', () => {
    sanitizeMarkdown(filled('&lt;', QUARTER));
  });
});
