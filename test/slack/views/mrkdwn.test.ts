import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBlankText } from '../../../src/approval/model/output.ts';
import { showUnseen } from '../../../src/lib/unseen.ts';
import { checkedView } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { buildRevisionModal } from '../../../src/slack/views/modals/decision-modals.ts';
import { convertPart, convertToMrkdwn } from '../../../src/slack/views/output/mrkdwn.ts';
import { renderMarkdown, renderPlain } from '../../../src/slack/views/output/output-blocks.ts';
import { escapeText } from '../../../src/slack/views/text/escape.ts';
import { spoken } from '../../support/spoken.ts';
import { hostileText, LIVE } from '../hostile.ts';
import { approval, round, someOutput, text } from '../records.ts';
import { homeOf, outputPage } from './draw.ts';

/** What Markdown makes nothing of. */
const NOTHING = ['&nbsp;', '[]()', '![]()', '[x]: y', '&#8203;'];
const INVISIBLE = ['\0', ' ', '\n\n', '\u200b', '\u00ad\u2060', '\u3164'];
const nothingOrBlank = fc.array(fc.constantFrom(...NOTHING, ...INVISIBLE), { minLength: 1, maxLength: 20 });
const anyText = fc.oneof(
  hostileText,
  nothingOrBlank.map((all) => all.join('')),
);
/** Without the invisible spaces that separate marks of emphasis from words. */
const readApart = (mrkdwn: string) => mrkdwn.replaceAll('\u200b', '');
const ownLinks = /<https?:\/\/[^\s<>|]+(?:\|[^<>|]*)?>/g;

describe('Markdown that goes into a section', () => {
  it('is never blank, whatever it is, fits, and calls nobody', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 100, max: 3_000 }), (value, max) => {
        for (const made of [convertToMrkdwn(spoken(), value), convertPart(spoken(), value, max)]) {
          expect(isBlankText(made)).toBe(false);
          const read = made.replace(ownLinks, '');
          expect(read).not.toMatch(LIVE);
          expect(read).not.toContain('<');
          expect(made.isWellFormed()).toBe(true);
        }
        expect(convertPart(spoken(), value, max).length).toBeLessThanOrEqual(max);
      }),
      { numRuns: 400 },
    );
  });

  it.each(NOTHING)('is shown as it is written when it would convert to nothing: %j', (value) => {
    expect(convertToMrkdwn(spoken(), value)).toBe(escapeText(value));
    const of = approval([round()]);
    checkedView(homeOf({ waiting: [{ approval: of, output: text(value) }] }), 'home');
    checkedView(buildRevisionModal(spoken(), of, { round: 1 }, text(value)), 'modal');
    checkedView(outputPage(text(value)), 'modal');
  });

  it.each(INVISIBLE)('shows what nobody would see, or says that it is empty: %j', (value) => {
    const shown = value.trim() === '' ? en.reading.emptyOutput : showUnseen(value);
    expect(convertToMrkdwn(spoken(), value)).toBe(shown);
  });

  it.each([
    ['quotes in quotes', '>'.repeat(2_000)],
    ['lists in quotes in lists', '> - '.repeat(500)],
    ['numbers in one line', '1. '.repeat(600)],
    ['nested lists', Array.from({ length: 60 }, (_, n) => `${'  '.repeat(n)}- p`).join('\n')],
    ['emphasis that never ends', '*a_'.repeat(600)],
    ['brackets', '['.repeat(2_000)],
    ['empty links', '[]()'.repeat(300)],
    ['more than a block holds', 'word '.repeat(2_000)],
    ['the at sign of a long word', `${'a'.repeat(3_000)}@a`],
  ])('is not converted, which would take long, but shown as it is written: %s', (_, value) => {
    expect(convertToMrkdwn(spoken(), value)).toBe(escapeText(value.trimEnd()));
  });

  it.each([
    ['emphasis', '**bold** and _it_', '*bold* and _it_'],
    ['a heading', '# Title', '*Title*'],
    ['a link', '[label](https://example.com/x)', '<https://example.com/x|label>'],
    ['a link that is not to http', '[label](javascript:alert(1))', '[label](javascript:alert(1))'],
    ['brackets', 'a < b & c > d', 'a &lt; b &amp; c &gt; d'],
    ['code', '`<b>`', '`&lt;b&gt;`'],
    ['a quote', '> said', '> said'],
    ['entities', 'a &amp; b &#169; &copy; &constructor;', 'a &amp; b © &amp;copy; &amp;constructor;'],
    [
      'a fence with a language',
      '```python\nprint(1)\n```\n\n**after**',
      'python\n```\nprint(1)\n```\n*after*',
    ],
    [
      'a link with a title',
      '[page](https://e.com "The *title*") **b**',
      '<https://e.com|page> (The *title*) *b*',
    ],
    ['an image with a title', "![chart](https://e.com/i.png 'Chart')", '<https://e.com/i.png|chart> (Chart)'],
    ['task marks', '- [x] done **a**\n- [ ] open', '•   ☑ done *a*\n•   ☐ open'],
    [
      'task marks and a fence in a numbered list',
      '1. [X] one\n   ```sh\n   ls\n   ```\n2. [ ] two',
      '1.  ☑ one\n    sh\n    ```\n    ls\n    ```\n2.  ☐ two',
    ],
    ['task marks, but not in code', '```\n- [x] a\n```\n\n- [x] b', '```\n- [x] a\n```\n•   ☑ b'],
    ['links to no host', 'see [a](/a) **two**\n\n- [b](/b)', 'see [a](/a) *two*\n\n•   [b](/b)'],
    [
      'tags and a rule',
      '# The **title**\n\n- <b>four</b>\n\n---\n\n**five**',
      '*The title*\n•   &lt;b&gt;four&lt;/b&gt;\n\n---\n\n*five*',
    ],
  ])('converts %s', (_, value, becomes) => {
    expect(readApart(convertToMrkdwn(spoken(), value))).toBe(becomes);
  });

  it('is shown as it is written where the end of a fence is unclear', () => {
    const value = '**a**\n\n```js\n[x]: not a definition\n\n[y]: neither';
    expect(readApart(convertToMrkdwn(spoken(), value))).toContain('[x]: not a definition\n\n[y]: neither');
  });

  it('is converted where people write so: lists in lists, quotes in quotes, many marks', () => {
    expect(convertToMrkdwn(spoken(), '> > said\n\n- a\n  - b\n    - **c**')).toContain('*c*');
    expect(convertToMrkdwn(spoken(), '**bold** and `code`, '.repeat(60))).not.toContain('**');
  });
});

describe('an output for a message', () => {
  it('is never blank where there is something to see, fits, and calls nobody', () => {
    const indented = anyText.map((value) => text(`${' '.repeat(9_000)}${value}`));
    const outputs = fc.oneof(someOutput, anyText.map(text), indented);
    fc.assert(
      fc.property(outputs, fc.integer({ min: 20, max: 400 }), (output, max) => {
        fc.pre(output.kind !== 'text' || !isBlankText(output.text));
        for (const { shown, missing } of [
          renderPlain(spoken(), output, max),
          renderMarkdown(spoken(), output, max),
        ]) {
          expect(isBlankText(shown)).toBe(false);
          expect(shown.length).toBeLessThanOrEqual(max);
          expect(missing).toBeGreaterThanOrEqual(0);
          expect(shown).not.toMatch(LIVE);
          expect(shown.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('has no link made of a name and a value of JSON', () => {
    const { shown } = renderMarkdown(spoken(), { kind: 'json', text: '{"<":"&lt;#C1|x>"}' }, 400);
    expect(shown).not.toMatch(LIVE);
    expect(shown).toContain('x');
  });

  it('does not end with the heading of a part that is left out', () => {
    const value = `# Title\n\n${'word '.repeat(250)}\n\n## Next\n\n### Part\n\n${'more '.repeat(400)}`;
    const { shown } = renderMarkdown(spoken(), text(value), 1_300);
    expect(shown).toMatch(/word $/);
    expect(renderMarkdown(spoken(), text(`# ${'long '.repeat(400)}`), 1_300).shown).toMatch(/^# long/);
    // In code it is a comment.
    const code = `\`\`\`\n${`${'code '.repeat(12)}\n`.repeat(15)}# comment\n\n${'x'.repeat(900)}`;
    expect(renderMarkdown(spoken(), text(code), 1_100).shown).toMatch(/# comment\n```$/);
  });
});
