import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOST_OUTPUT, type Output, readOutput } from '../../../src/approval/model/output.ts';
import { checkedView } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { buildRevisionModal, buildSentenceModal } from '../../../src/slack/views/modals/decision-modals.ts';
import { buildChangesModal } from '../../../src/slack/views/modals/reading-modals.ts';
import {
  ALL_HIDDEN,
  buildBeginning,
  buildOutputBlocks,
  CARD_FORMS,
  RESULT_MAX,
  renderMarkdown,
  renderPlain,
} from '../../../src/slack/views/output/output-blocks.ts';
import { buildOutputFile } from '../../../src/slack/views/output/output-files.ts';
import { pickOutputPage } from '../../../src/slack/views/output/sections.ts';
import { clean } from '../../../src/slack/views/text/escape.ts';
import { spoken } from '../../support/spoken.ts';
import { hostileText, LIVE } from '../hostile.ts';
import { approval, round, someApproval, someOutput, text } from '../records.ts';
import { expectPagesAccepted, outputPage } from './draw.ts';

const of = approval([round(), round({ number: 2 })], { task: 'draft: the release' });
const said = (content: unknown) => JSON.stringify(content);
const changes = (before: Output, after: Output, page = 0) =>
  buildChangesModal(spoken(), of, { round: 2 }, { before, after }, page);

describe('the modal of an output', () => {
  it.each([
    ['escapes', '&'.repeat(2_000)],
    ['small quotes', '‹'.repeat(1_900)],
    ['tasks', '- [x] **done**\n- [ ] open [here](/x)'],
    ['definitions', '[x]: https://example.com/hidden "hidden"'],
    ['a link that leads nowhere', '[text](/relative/path)'],
  ])('leaves nothing out of %s', (_, value) => {
    const shown = said(outputPage(text(value)));
    const read = shown.replace(/&amp;/g, '&').replace(/&lt;/g, '<').replace(/&gt;/g, '>');
    for (const letter of new Set(value.replace(/\s/g, ''))) {
      const count = (all: string) => all.split(letter).length;
      if (/[\p{L}\p{N}&‹]/u.test(letter)) expect(count(read), letter).toBeGreaterThanOrEqual(count(value));
    }
  });

  it('says that the store lost it, like each form of a card', () => {
    const lost = expect.stringContaining('This output is no longer available');
    for (const form of CARD_FORMS) {
      const { blocks, cut } = buildOutputBlocks(spoken(), LOST_OUTPUT, form);
      expect([said(blocks), cut]).toEqual([lost, ALL_HIDDEN]);
    }
    expect(pickOutputPage(spoken(), LOST_OUTPUT, 0)).toEqual({ shown: [lost], page: 0, of: 1 });
  });
});

describe('the modal of what changed', () => {
  it('tells a value from the text that looks like it', () => {
    const shown = said(changes(readOutput({ pay: true, to: null }), readOutput({ pay: 'true', to: '–' })));
    expect(shown).not.toContain(en.reading.onlySpacesChanged(1));
    expect(shown).toContain('null');
  });

  it('is accepted by Slack where hundreds of paragraphs replace nothing, or nothing replaces them', () => {
    const many = text(Array.from({ length: 600 }, (_, n) => `Paragraph ${n}`).join('\n\n'));
    expectPagesAccepted((page) => changes(text(''), many, page));
    expectPagesAccepted((page) => changes(many, text(''), page));
  });

  it.each([
    ['Same  ', 'Only spaces or invisible characters changed since round 1.'],
    ['Same', 'Nothing changed since round 1.'],
  ])('says of %j: %s', (after, sentence) => {
    expect(said(changes(text('Same'), text(after)))).toContain(sentence);
  });

  it('never runs a word into the one that replaces it', () => {
    const removed = '{"type":"text","text":"79","style":{"strike":true}}';
    const added = '{"type":"text","text":"69","style":{"bold":true}}';
    const modal = said(changes(text('It costs 79 €.'), text('It costs 69 €.')));
    expect(modal).toContain(`${removed},{"type":"text","text":" "},${added}`);
  });
});

describe('the modal for a revision', () => {
  it('says how much stands before the end that it shows', () => {
    const shown = (value: string) =>
      said(buildRevisionModal(spoken(), approval([round()]), { round: 1 }, text(value)));
    for (const part of ['The output:', 'The crew gets this text in full'])
      expect(shown('All of it.')).toContain(part);
    const long = shown(`${'x'.repeat(4_000)} ${'y'.repeat(1_000)}`);
    expect(/y{5,}/.exec(long)?.[0]).toHaveLength(1_000);
    expect(long).toContain('The end of the output, after 4,000 characters:');
  });
});

describe('the modal of what was not done', () => {
  const plainTexts = (typed: { feedback: string; note: string }) => {
    const view = buildSentenceModal(spoken(), 'Request revision', 'It was decided.', typed);
    checkedView(view, 'modal');
    const blocks = view.blocks as { text?: { type: string; text: string } }[];
    return blocks.flatMap(({ text: shown }) => (shown?.type === 'plain_text' ? [shown.text] : []));
  };

  it('has all that was typed, both fields of it, to be copied', () => {
    const lines = Array.from({ length: 200 }, (_, n) => `${n} *stars* <b>`);
    const feedback = lines.join('\n').slice(0, 3_000);
    const note = `Not for CrewAI. ${'& '.repeat(1_490)}`.slice(0, 3_000).trim();
    expect(plainTexts({ feedback, note })).toEqual([feedback, note]);
    const both = buildSentenceModal(spoken(), 'Request revision', 'It was decided.', { feedback, note });
    expect(said(both)).toContain(en.forms.yourPeopleNote);
    expect(said(buildSentenceModal(spoken(), 'Assign', 'No.', { feedback: ' ', note: '' }))).not.toContain(
      'wrote',
    );
  });

  it('has all of any text that can be seen', () => {
    const bare = (value: string) => value.replace(/[\s\p{Default_Ignorable_Code_Point}]/gu, '');
    fc.assert(
      fc.property(hostileText, (feedback) => {
        expect(bare(plainTexts({ feedback, note: '' }).join(''))).toBe(bare(clean(feedback)));
      }),
    );
  });
});

describe('a whole output as a file', () => {
  it('is Markdown or JSON by its name, named by its task and round', () => {
    const second = round({ number: 2 });
    expect(buildOutputFile(spoken(), of, second, text('# Hello'))).toEqual({
      filename: 'draft-the-release-round-2.md',
      title: 'draft: the release, round 2',
      content: '# Hello',
    });
    const json = buildOutputFile(spoken(), of, second, readOutput({ a: 1 }));
    expect(json).toMatchObject({ filename: 'draft-the-release-round-2.json', content: '{\n  "a": 1\n}' });
    const named = buildOutputFile(
      spoken(),
      approval([second], { task: 'press_release' }),
      second,
      text('# Hello'),
    );
    expect(named).toMatchObject({ filename: 'Press-release-round-2.md', title: 'Press release, round 2' });
  });

  it('has a name and a title that fit and mention nobody, and is never empty, whatever its task is', () => {
    fc.assert(
      fc.property(someApproval, someOutput, (any, output) => {
        const { filename, title, content } = buildOutputFile(spoken(), any, round(), output);
        expect(filename).toMatch(/^[\p{L}\p{N}_-]{1,60}-round-1\.(?:md|json)$/u);
        expect(title.length).toBeLessThanOrEqual(170);
        expect(title).not.toMatch(LIVE);
        for (const made of [filename, title, content]) expect(made.isWellFormed()).toBe(true);
        expect(content).not.toBe('');
      }),
    );
    const astral = buildOutputFile(
      spoken(),
      approval([round()], { task: `a${'𝒜'.repeat(80)}` }),
      round(),
      text(' '),
    );
    expect(astral.filename.isWellFormed()).toBe(true);
  });
});

describe('a string in JSON', () => {
  const forms = ['whole', 'full'] as const;
  const shownAs = (value: unknown) =>
    forms.map((form) => buildOutputBlocks(spoken(), readOutput(value), form));

  it.each(['SELECT 1 -- check\nDROP TABLE users', 'a\r\nb', 'a\tb', 'a  b', ' a', 'a ', '\u00a0a'])(
    'with blanks that one line would lose is shown as code: %j',
    (value) => {
      const code = said(said(value)).slice(1, -1);
      for (const object of [{ sql: value, note: 'a' }, { [value]: 'a' }]) {
        for (const output of [object, [object]])
          for (const { blocks } of shownAs(output)) {
            expect(said(blocks)).toContain(code);
            expect(said(blocks)).toContain('```');
          }
        const { blocks } = buildBeginning(spoken(), readOutput(object), { shown: 500, written: 500 });
        expect(blocks).toMatchObject([{ elements: [{ type: 'rich_text_preformatted' }] }]);
      }
    },
  );

  it('with a blank between words is shown in a line, or in a table', () => {
    const row = { note: 'one two\u3000three' };
    for (const [at] of forms.entries()) {
      expect(said(shownAs(row)[at]?.blocks)).toContain('**Note:** one two three');
      expect(said(shownAs([row])[at]?.blocks)).toContain('"type":"table"');
    }
  });

  it('that got a line break is compared as code, on both sides', () => {
    const after = readOutput({ sql: 'SELECT 1\nDROP TABLE users', note: 'same' });
    const shown = said(changes(readOutput({ sql: 'SELECT 2 DROP TABLE users', note: 'same' }), after));
    expect(shown).toContain(String.raw`"1\\nDROP"`);
    expect(shown).not.toContain('Sql: ');
    expect(shown.match(/same/g)).toHaveLength(1);
  });

  it.each(['A&shy;B', '&lt;b&gt;', '&#173;', '&#xAD;', '&NotEqualTilde;', '&amp;lt;'])(
    'is shown with its entities as they are written: %s',
    (value) => {
      for (const { blocks } of shownAs({ x: value, [value]: 1 })) {
        const shown = (blocks[0] as { text?: string }).text ?? '';
        expect(shown).not.toMatch(/&\\?#?\w+;/);
        expect(shown.replace(/[\\\u200b]/g, '').split(value)).toHaveLength(3);
      }
    },
  );
});

describe('a number that no double holds', () => {
  const LITERALS = ['12345678901234567890', '1e400', '-0', '0.1000000000000000055', '1.0', '1E+16'];
  const members = LITERALS.map((literal, n) => `"k${n}":${literal}`).join(',');

  it('is shown in JSON as it was sent, in each form of a card, a result, a modal, a file and an inbox', () => {
    const json = `{${members}, "note": "a","note":"b"}`;
    const output = readOutput(json);
    for (const shown of [
      ...CARD_FORMS.map((form) => buildOutputBlocks(spoken(), output, form).blocks),
      buildOutputBlocks(spoken(), output, 'full', { max: RESULT_MAX }).blocks,
      renderMarkdown(spoken(), output, 500).shown,
      renderPlain(spoken(), output, 500).shown,
      outputPage(output),
      buildRevisionModal(spoken(), of, { round: 1 }, output),
      buildBeginning(spoken(), output, { shown: 500, written: 500 }).blocks,
      buildOutputFile(spoken(), of, round(), output),
    ])
      expect(said(shown)).toContain(said(json).slice(1, -1));
  });

  it.each([`{${members}}`, `[{${members}},{"k0":null}]`, `{"nested":{${members}}}`])(
    'is shown in lines, a table or indented JSON as it was written: %s',
    (json) => {
      const shown = said(buildOutputBlocks(spoken(), readOutput(json), 'full', { max: RESULT_MAX }).blocks);
      for (const literal of LITERALS) expect(shown).toContain(literal);
    },
  );

  it('is all that is said to have changed when only its last digits did', () => {
    const json = (last: string) =>
      readOutput(`{"order":{"id":12345678901234567${last},"limit":1e400},"note":"a","note":"b"}`);
    const changed = said(changes(json('890'), json('999')));
    expect(changed.match(/\{[^{}]*"style":\{[^{}]*\}\}/g)).toEqual([
      '{"type":"text","text":"12345678901234567890","style":{"strike":true}}',
      '{"type":"text","text":"12345678901234567999","style":{"bold":true}}',
    ]);
    expect(said(changes(json('000'), json('999')))).toContain('12345678901234567000');
  });
});
