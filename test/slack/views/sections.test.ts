import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { en } from '../../../src/slack/texts/texts.ts';
import { buildChangesModal } from '../../../src/slack/views/modals/reading-modals.ts';
import { type Change, compareTexts, groupChanges } from '../../../src/slack/views/output/changes.ts';
import { renderPlainText } from '../../../src/slack/views/output/mrkdwn.ts';
import { splitSections } from '../../../src/slack/views/output/sections.ts';
import { isTableHead } from '../../../src/slack/views/output/tables.ts';
import { clean } from '../../../src/slack/views/text/escape.ts';
import { spoken } from '../../support/spoken.ts';
import { editedTexts, hostileText, MIB } from '../hostile.ts';
import { approval, round, text } from '../records.ts';

describe('a text in sections', () => {
  const letters = (...parts: string[]) => parts.join('').replace(/[\s`~]/g, '');
  const hasTable = (value: string) => value.split('\n').some((_, at, all) => isTableHead(all, at));

  it('loses nothing but space, and has no section that is too long', () => {
    fc.assert(
      fc.property(hostileText.map(clean), fc.integer({ min: 60, max: 400 }), (value, max) => {
        const sections = splitSections(value, max);
        const shown = letters(...sections);
        // A table that is cut has its head again.
        if (!hasTable(value)) expect(shown).toBe(letters(value));
        else for (const letter of new Set(letters(value))) expect(shown).toContain(letter);
        // A fence that is cut is closed and opened again.
        for (const section of sections) expect(section.length).toBeLessThanOrEqual(max + 120);
      }),
    );
  });

  it.each([
    ['no break at all', 'x'.repeat(MIB)],
    ['a fence that never ends', `\`\`\`\n${'code\n'.repeat(20_000)}`],
    ['only headings', '# Title\n'.repeat(20_000)],
    ['10,000 lines of a table', `| a | b |\n|---|---|\n${'| 1 | 2 |\n'.repeat(10_000)}`],
    ['40 nested lists', Array.from({ length: 40 }, (_, n) => `${'  '.repeat(n)}- point ${n}`).join('\n')],
  ])('is cut although it has %s', (_, value) => {
    const sections = splitSections(value);
    const head = hasTable(value) ? letters(...value.split('\n').slice(0, 2)) : '';
    const [first = '', ...others] = sections.map((section) => letters(section));
    for (const part of others) expect(part.startsWith(head)).toBe(true);
    expect(first + others.map((part) => part.slice(head.length)).join('')).toBe(letters(value));
    expect(Math.max(...sections.map(({ length }) => length))).toBeLessThanOrEqual(2_100);
  });

  it('begins a section with each heading, and never cuts a pair of surrogates', () => {
    expect(splitSections('# One\ntext\n## Two\nmore')).toEqual(['# One\ntext', '## Two\nmore']);
    for (const section of splitSections('👩‍👩‍👧‍👦'.repeat(3_000))) expect(section.isWellFormed()).toBe(true);
  });

  it('begins each part of a table with its head, and loses no row', () => {
    const head = '| Market | Share |\n|:--|--:|';
    const many = Array.from({ length: 300 }, (_, n) => `| Market ${n} | ${n} % |`);
    const [first = '', ...others] = splitSections(`Before\n\n${head}\n${many.join('\n')}\n\nAfter`);
    expect(first).toContain(head);
    expect(others.length).toBeGreaterThan(3);
    for (const part of others) expect(part.startsWith(head)).toBe(true);
    expect([first, ...others].flatMap((part) => part.match(/^\| Market \d+ .*$/gm) ?? [])).toEqual(many);
    expect(splitSections(head), 'one that has no rows').toEqual([head]);
    expect(splitSections(`${head}\n\nAfter`)).toEqual([`${head}\n\nAfter`]);
  });

  it('keeps code in its fence on both sides of a cut', () => {
    const sections = splitSections(`\`\`\`js\n${'let a = 1;\n'.repeat(400)}\`\`\`\n\nafter`);
    const code = sections.filter((part) => part.includes('let'));
    expect(code.length).toBeGreaterThan(1);
    for (const section of code) expect(section.match(/^```/gm)).toHaveLength(2);
    expect(sections.at(-1)).toMatch(/```\n\nafter$/);
  });
});

describe('what changed between two texts', () => {
  const kinds = (...texts: [string, string]) => compareTexts(...texts).map(({ kind }) => kind);

  it('are words that went and came; what is the same is folded', () => {
    expect(compareTexts('Same.\n\nIt costs 79 €.\n\nEnd.', 'Same.\n\nIt costs 69 €.\n\nEnd.')).toEqual([
      { kind: 'folded', paragraphs: 1 },
      { kind: 'same', text: 'It costs ' },
      { kind: 'removed', text: '79' },
      { kind: 'same', text: ' ' },
      { kind: 'added', text: '69' },
      { kind: 'same', text: ' €.' },
      { kind: 'same', text: '\n\n' },
      { kind: 'folded', paragraphs: 1 },
    ]);
  });

  it('is the text before and the text after where most words of a paragraph are others', () => {
    const before = 'The spring collection is sold from Monday in all our shops.';
    const after = 'We open a new warehouse near Lisbon, and nobody has to move.';
    expect(kinds(before, after)).toEqual(['removed', 'same', 'added', 'same']);
    expect(kinds(before, before.replace('Monday', 'Friday'))).toContain('same');
  });

  it('is shown as people read it, and as its source where only the marks changed', () => {
    const shown = (...texts: [string, string]) => compareTexts(...texts, renderPlainText);
    expect(shown('## **Budget**\n\nIt costs *79* €.', '## **Budget**\n\nIt costs *69* €.')).toEqual([
      { kind: 'folded', paragraphs: 1 },
      { kind: 'same', text: 'It costs ' },
      { kind: 'removed', text: '79' },
      { kind: 'same', text: ' ' },
      { kind: 'added', text: '69' },
      { kind: 'same', text: ' €.' },
      { kind: 'same', text: '\n\n' },
    ]);
    const written = (...texts: [string, string]) =>
      shown(...texts).map((change) => ('text' in change ? change.text : ''));
    expect(written('Pay at [the shop](https://a.example).', 'Pay at [the shop](https://b.example).')).toEqual(
      ['Pay at the shop (https://', 'a.example', ' ', 'b.example', ').', '\n\n'],
    );
    expect(written('Pay now.', 'Pay **now**.').join('')).toContain('**');
    expect(written('- one `a`\n- two', '- one `a`\n- three').join('')).toBe('•   one a\n•   two three\n\n');
  });

  it.each([
    ['what is struck out', 'Do ~~not~~ pay the old bill.', 'Do not pay the new bill.'],
    [
      'code in a fence',
      '```py\na\n\nf(*a*, old)\n```\n\nThe *end*.',
      '```py\na\n\nf(**a**, new)\n```\n\nThe *end*.',
    ],
    ['code in another fence', '~~~\na\n\n__a__ = old\n~~~', '~~~\na\n\na = new\n~~~'],
  ])('keeps the marks of %s', (_, before, after) => {
    const changes = compareTexts(before, after, renderPlainText);
    const joined = (without: string) =>
      changes
        .map((one) => ('text' in one && one.kind !== without ? one.text : ''))
        .join('')
        .replace(/\s/g, '');
    const line = (value: string) =>
      (value.split('\n').find((one) => /old|new/.test(one)) ?? '').replace(/\s/g, '');
    expect(joined('added')).toContain(line(before));
    expect(joined('removed')).toContain(line(after));
  });

  it('is never cut within a word', () => {
    const words = Array.from({ length: 900 }, (_, n) => `word${n}`).join(' ');
    const groups = groupChanges(compareTexts('Other.', words));
    const added = groups.flat().flatMap((change) => (change.kind === 'added' ? [change.text] : []));
    expect(added.length).toBeGreaterThan(1);
    for (const text of added.slice(0, -1)) expect(text).toMatch(/ $/);
  });

  it('is nothing between equal texts, and is right whatever they are', () => {
    const bare = (value: string) => value.replace(/\s/g, '');
    /** The letters of a text, as the changes have them; only of what is folded they are its own. */
    const rebuild = (changes: Change[], without: 'added' | 'removed', whole: string) => {
      const paragraphs = whole
        .split(/\n[ \t]*\n+/)
        .map(bare)
        .filter((paragraph) => paragraph !== '');
      let built = '';
      for (const change of changes) {
        if (change.kind === 'folded') {
          let [next, length] = [0, 0];
          while (length < built.length) length += paragraphs[next++]?.length ?? 1;
          built += paragraphs.slice(next, next + change.paragraphs).join('');
        } else if (change.kind !== without) built += bare(change.text);
      }
      return built;
    };
    fc.assert(
      fc.property(editedTexts, fc.boolean(), (texts, fences) => {
        const [before, after] = texts.map((one) => clean(fences ? one : one.replace(/[`~]/g, '')));
        if (before === undefined || after === undefined) return;
        expect(kinds(before, before).every((kind) => kind === 'folded')).toBe(true);
        const changes = compareTexts(before, after);
        // Behind what is folded, code is shown with the fence that it is in.
        if (fences && changes.some(({ kind }) => kind === 'folded')) return;
        expect(rebuild(changes, 'added', before)).toBe(bare(before));
        expect(rebuild(changes, 'removed', after)).toBe(bare(after));
      }),
      { numRuns: 300 },
    );
  });

  it('is all of texts of thousands of paragraphs that have nothing in common', () => {
    const many = (word: string) => Array.from({ length: 20_000 }, (_, n) => `${word} ${n}`).join('\n\n');
    expect(kinds(many('one'), many('two'))).toEqual(['removed', 'same', 'added']);
  });

  it('is not looked for in texts that are too long, which is said', () => {
    const [before, after] = [text('one '.repeat(MIB / 4)), text('two '.repeat(MIB / 4))];
    const view = buildChangesModal(
      spoken(),
      approval([round(), round({ number: 2 })]),
      { round: 2 },
      { before, after },
      0,
    );
    expect(JSON.stringify(view)).toContain(en.reading.tooLongToCompare);
  });
});
