import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOutput } from '../../../src/approval/model/output.ts';
import { drawHome } from '../../../src/sandbox/gallery/look-ups.ts';
import { drawOutputModal } from '../../../src/sandbox/gallery/modals.ts';
import { checkedView } from '../../../src/sandbox/slack/blocks/blocks.ts';
import {
  buildApproveModal,
  buildAssignModal,
  buildGiveUpModal,
  buildNotDoneModal,
} from '../../../src/slack/views/modals/decision-modals.ts';
import { buildChangesModal } from '../../../src/slack/views/modals/reading-modals.ts';
import { compareTexts } from '../../../src/slack/views/output/changes.ts';
import { convertToMrkdwn } from '../../../src/slack/views/output/mrkdwn.ts';
import { splitSections } from '../../../src/slack/views/output/sections.ts';
import { isTableHead } from '../../../src/slack/views/output/tables.ts';
import { clean } from '../../../src/slack/views/text/escape.ts';
import { truncateStart } from '../../../src/slack/views/text/truncate.ts';
import { hostileText, LIVE, MIB } from '../hostile.ts';
import { approval, decision, round, roundIn, someApproval, someOutput, text } from '../records.ts';

const QUOTED = '{"type":"section","text":{"type":"plain_text"';
const links = {
  message: ({ ts }: { ts: string }) => `https://acme.slack.com/archives/C/p${ts}`,
  command: '/approvals',
};
const numberOfPages = (view: object) =>
  Number(/of ([\d,]+)/.exec(JSON.stringify(view))?.[1]?.replaceAll(',', '') ?? 1);

describe('a text in sections', () => {
  const letters = (parts: readonly string[]) => parts.join('').replace(/[\s`~]/g, '');
  const hasTable = (value: string) => value.split('\n').some((_, at, all) => isTableHead(all, at));

  it('loses nothing but space, and has no section that is too long', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 60, max: 400 }), (value, max) => {
        const sections = splitSections(clean(value), max);
        // A table that is cut has its head again.
        if (!hasTable(clean(value))) expect(letters(sections)).toBe(letters([clean(value)]));
        else
          for (const letter of new Set(letters([clean(value)]))) expect(letters(sections)).toContain(letter);
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
    const head = hasTable(value) ? letters([value.split('\n').slice(0, 2).join('')]) : '';
    const [first = '', ...others] = sections.map((section) => letters([section]));
    for (const part of others) expect(part.startsWith(head)).toBe(true);
    expect(first + others.map((part) => part.slice(head.length)).join('')).toBe(letters([value]));
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
    expect(sections.length).toBeGreaterThan(2);
    for (const section of sections.filter((part) => part.includes('let'))) {
      expect(section.match(/^```/gm)).toHaveLength(2);
    }
    expect(sections.at(-1)).toMatch(/```\n\nafter$/);
  });
});

describe('Markdown as mrkdwn', () => {
  it('calls nobody and links nowhere but to http', () => {
    fc.assert(
      fc.property(hostileText, (value) => {
        const converted = convertToMrkdwn(value).replace(/<https?:\/\/[^\s<>|]+(?:\|[^<>|]*)?>/g, '');
        expect(converted).not.toMatch(LIVE);
        expect(converted).not.toContain('<');
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['**bold** and _it_', /\*bold\*.*_it_/],
    ['# Title', /^\*Title\*$/],
    ['[label](https://example.com/x)', /^<https:\/\/example\.com\/x\|label>$/],
    ['[label](javascript:alert(1))', /^\[label\]\(javascript:alert\(1\)\)$/],
    ['a < b & c > d', /^a &lt; b &amp; c &gt; d$/],
    ['`<b>`', /^`&lt;b&gt;`$/],
    ['> said', /^> said$/],
  ])('%j', (markdown, becomes) => {
    expect(convertToMrkdwn(markdown)).toMatch(becomes);
  });
});

describe('what changed', () => {
  const joined = (changes: ReturnType<typeof compareTexts>, without: string) =>
    changes.map((change) => ('text' in change && change.kind !== without ? change.text : '')).join('');

  it('tells words that went and came, and folds what is the same', () => {
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

  it('is nothing between equal texts, and is right whatever they are', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, two) => {
        const [before, after] = [clean(one), clean(two)];
        expect(compareTexts(before, before).every(({ kind }) => kind === 'folded')).toBe(true);
        const changes = compareTexts(before, after);
        if (changes.some(({ kind }) => kind === 'folded')) return;
        const bare = (value: string) => value.replace(/\s/g, '');
        expect(bare(joined(changes, 'added'))).toBe(bare(before));
        expect(bare(joined(changes, 'removed'))).toBe(bare(after));
      }),
    );
  });

  it('gives up on texts of thousands of paragraphs that have nothing in common', () => {
    const many = (word: string) => Array.from({ length: 20_000 }, (_, n) => `${word} ${n}`).join('\n\n');
    expect(compareTexts(many('one'), many('two')).map(({ kind }) => kind)).toEqual([
      'removed',
      'same',
      'added',
    ]);
  });

  it('is told of two texts of a mebibyte that have nothing in common', () => {
    const changes = compareTexts('one '.repeat(MIB / 4), 'two '.repeat(MIB / 4));
    expect(changes.map(({ kind }) => kind)).toEqual(['removed', 'same', 'added', 'same']);
  });
});

describe('a modal that is read', () => {
  const everyPage = (draw: (page: number) => object) => {
    const pages = numberOfPages(draw(0));
    for (const page of new Set([0, 1, Math.floor(pages / 2), pages - 1, pages + 7]))
      checkedView(draw(page), 'modal');
  };

  it('is taken by Slack on every page, whatever the output is, and calls nobody', () => {
    fc.assert(
      fc.property(someApproval, someOutput, someOutput, (of, before, after) => {
        const made = of.rounds.at(-1) ?? round();
        everyPage((page) => drawOutputModal(of, { round: made.number }, after, { what: 'output', page }));
        everyPage((page) => buildChangesModal(of, { round: made.number }, { before, after }, page));
        // Text elements of rich text are shown as they are, whatever they hold.
        const { blocks } = drawOutputModal(of, { round: made.number }, after, { what: 'output', page: 0 });
        const shown = JSON.stringify(blocks.filter(({ type }) => type !== 'rich_text'));
        expect(shown.replace(/<https?:[^<>]*>/g, '')).not.toMatch(LIVE);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['a mebibyte', text('word '.repeat(MIB / 5))],
    ['a mebibyte of escapes', text('&'.repeat(MIB))],
    [
      'a mebibyte of JSON',
      readOutput({ rows: Array.from({ length: 30_000 }, (_, n) => ({ n, text: 'a "text"' })) }),
    ],
    ['nothing', text(' \n ')],
  ])('holds %s', (_, output) => {
    everyPage((page) => drawOutputModal(approval([round()]), { round: 1 }, output, { what: 'output', page }));
  });

  it.each([
    ['escapes', '&'.repeat(2_000)],
    ['small quotes', '‹'.repeat(1_900)],
    ['tasks', '- [x] **done**\n- [ ] open [here](/x)'],
    ['definitions', '[x]: https://example.com/hidden "hidden"'],
    ['a link that leads nowhere', '[text](/relative/path)'],
  ])('leaves nothing out of %s', (_, value) => {
    const shown = JSON.stringify(
      drawOutputModal(approval([round()]), { round: 1 }, text(value), { what: 'output', page: 0 }),
    );
    const read = shown.replace(/&amp;/g, '&').replace(/&lt;/g, '<').replace(/&gt;/g, '>');
    for (const letter of new Set(value.replace(/\s/g, ''))) {
      const count = (all: string) => all.split(letter).length;
      if (/[\p{L}\p{N}&‹]/u.test(letter)) expect(count(read), letter).toBeGreaterThanOrEqual(count(value));
    }
  });

  it('is taken by Slack when hundreds of paragraphs take the place of nothing, or nothing takes theirs', () => {
    const of = approval([round(), round({ number: 2 })]);
    const many = text(Array.from({ length: 600 }, (_, n) => `Paragraph ${n}`).join('\n\n'));
    for (const [before, after] of [
      [text(''), many],
      [many, text('')],
    ] as const)
      everyPage((page) => buildChangesModal(of, { round: 2 }, { before, after }, page));
  });

  it('says that only spaces changed', () => {
    const of = approval([round(), round({ number: 2 })]);
    const view = buildChangesModal(of, { round: 2 }, { before: text('Same'), after: text('Same  ') }, 0);
    expect(JSON.stringify(view)).toContain('Only spaces or invisible characters changed since round 1.');
  });

  it('says that nothing changed', () => {
    const view = buildChangesModal(
      approval([round(), round({ number: 2 })]),
      { round: 2 },
      { before: text('Same'), after: text('Same') },
      0,
    );
    expect(JSON.stringify(view)).toContain('Nothing changed since round 1.');
  });
});

describe('modals that ask', () => {
  it('are taken by Slack for any record, and call nobody', () => {
    fc.assert(
      fc.property(someApproval, hostileText, (of, typed) => {
        const number = of.rounds.length;
        const views = [
          buildApproveModal(of, { round: number }, true),
          buildApproveModal(of, { round: number }, false),
          buildAssignModal(of, { round: number }),
          buildGiveUpModal(of, { round: number }),
          buildNotDoneModal('Request revision', 'It was decided.', { feedback: typed, note: typed }),
        ];
        for (const view of views) {
          checkedView(view, 'modal');
          // What is quoted as plain text calls nobody, whatever it is.
          const read = view.blocks.filter((block) => !JSON.stringify(block).startsWith(QUOTED));
          expect(JSON.stringify(read)).not.toMatch(LIVE);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('the home tab', () => {
  it('is taken by Slack for any records', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(someApproval, someOutput), { maxLength: 30 }),
        fc.nat(200),
        (all, others) => {
          const waiting = all.map(([of, output]) => ({ approval: of, output }));
          const decided = all.map(([of]) => ({ approval: of, round: of.rounds[0] ?? round() }));
          checkedView(drawHome({ waiting, others, unchecked: 0, decided }, links), 'home');
        },
      ),
      { numRuns: 100 },
    );
  });

  it('says how many wait, shows fifteen, and links what I decided', () => {
    const item = { approval: approval([round()]), output: text('Hello') };
    const card = { channel: 'C', ts: '1', shown: '' };
    const made = roundIn('approved', { decision: decision(), card });
    const view = drawHome(
      {
        waiting: Array(20).fill(item),
        others: 2,
        unchecked: 1,
        decided: [{ approval: approval([made]), round: made }],
      },
      links,
    );
    const said = JSON.stringify(view);
    expect(said).toContain('20 approvals are waiting for you');
    expect(said).toContain('5 more are waiting for you');
    expect(said).toContain('2 approvals are waiting for other people');
    expect(said).toContain("I can't check one more approval right now");
    expect(said).toContain('<https://acme.slack.com/archives/C/p1|draft>');
  });
});

describe('the end of a text', () => {
  it('is at most so long, and begins with a whole word where there is one', () => {
    expect(truncateStart('one two three four', 12)).toBe('…three four');
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 10, max: 200 }), (value, max) => {
        const end = truncateStart(value.toWellFormed(), max);
        expect(end.length).toBeLessThanOrEqual(max);
        expect(end.isWellFormed()).toBe(true);
        if (value.length > max)
          expect(value.toWellFormed().endsWith(end.slice(1).replace(/^\ufffd+/, ''))).toBe(true);
      }),
    );
  });
});
