import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBlankText, readOutput } from '../../../src/approval/model/output.ts';
import type { WebhookFacts } from '../../../src/approval/model/run/webhook.ts';
import { titleOfOutput } from '../../../src/approval/model/title.ts';
import { aPause, createRun, pauseId } from '../run-world.ts';

const titled = (output: unknown) => titleOfOutput(readOutput(output));

describe('a pause whose task is not known is called', () => {
  test.each<[string, unknown, string]>([
    [
      'its first heading',
      'Some words before.\n\n## Spring collection\n\nMade from linen.',
      'Spring collection',
    ],
    ['else its first line', '\n\n  A press release \nMade from linen.', 'A press release'],
    ['without the marks of a heading', '# **Spring** _collection_', 'Spring collection'],
    ['without the mark of a list', '- first\n- second', 'first'],
    ['without the number of a list', '1. first\n2. second', 'first'],
    ['without the mark of a quotation', '> said someone', 'said someone'],
    ['without marks in marks', '> - **1. first**', 'first'],
    ['without the line of a table or a rule above it', '---\n***\n| |\nWords', 'Words'],
    ['in any script', '春のコレクション', '春のコレクション'],
    ["by an object's title", { id: 7, title: 'Budget', total_eur: 18_500 }, 'Budget'],
    ['by its headline, subject or name, in any case', { text: 'x', Headline: '# Spring' }, 'Spring'],
    ['else by its first text', { total_eur: 18_500, note: 'Approved by nobody' }, 'Approved by nobody'],
    ['by an object that came as a text', '{"subject": "Spring"}', 'Spring'],
    ['by a title that is no text: the next that is', { title: 7, name: 'Budget' }, 'Budget'],
  ])('%s', (_, output, title) => {
    expect(titled(output)).toBe(title);
  });

  test.each<[string, unknown]>([
    ['nothing', ''],
    ['null', null],
    ['white space', ' \n\t\n'],
    ['marks alone', '# \n\n---\n\n***\n>'],
    ['an empty object', {}],
    ['an object of numbers', { a: 1, b: [2] }],
    ['a list', [1, 2]],
    ['a list of objects', [{ title: 'x' }]],
    ['a letter that cannot be seen', '\u3164'],
  ])('by nothing where there is %s', (_, output) => {
    expect(titled(output)).toBe('');
  });

  test('by no more than 80 characters and a sign that there is more', () => {
    expect(titled('x'.repeat(80))).toBe('x'.repeat(80));
    expect(titled('x'.repeat(81))).toBe(`${'x'.repeat(80)}…`);
    expect(titled(`${'x'.repeat(79)}👍y`).isWellFormed()).toBe(true);
  });

  /** Lines as models write them, with marks in each other. */
  const marked = fc
    .array(
      fc.tuple(
        fc.array(
          fc.constantFrom('# ', '## ', '- ', '* ', '+ ', '> ', '1. ', '2) ', '**', '_', '`', '~~', ' ', '\t'),
        ),
        fc.string({ unit: 'grapheme', maxLength: 30 }),
        fc.constantFrom('', '**', '_', '`', ' ', '…'),
      ),
      { maxLength: 4 },
    )
    .map((lines) => lines.map(([marks, text, end]) => `${marks.join('')}${text}${end}`).join('\n'));
  const any = fc.oneof(
    marked,
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.jsonValue({ stringUnit: 'binary' }),
    fc.dictionary(fc.constantFrom('title', 'Name', 'text', 'n'), fc.oneof(marked, fc.integer())),
  );

  test('by nothing or by something that can be read, of at most 81 characters in one line', () => {
    fc.assert(
      fc.property(any, (output) => {
        const title = titled(output);
        expect(title === '' || !isBlankText(title)).toBe(true);
        expect(title.length).toBeLessThanOrEqual(81);
        expect(title).not.toMatch(/[\n\r]/);
        expect(title.isWellFormed()).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('by nothing that begins with a mark of Markdown', () => {
    fc.assert(
      fc.property(any, (output) => {
        expect(titled(output)).not.toMatch(/^(?:(?:#{1,6}|[-*+>]|\d{1,9}[.)])\s|[*_`~\s])/);
      }),
      { numRuns: 1_000 },
    );
  });

  test('by the title that its webhook was read with, if it has one', async () => {
    const run = createRun();
    const id = await run.opens({ ...aPause(1, '# A release'), title: 'A title' } as WebhookFacts);
    expect((await run.approval(id)).task).toBe('A title');
  });

  test('never by an id of the run or of the pause', async () => {
    for (const output of ['', {}, '# A release', { title: 'Budget' }]) {
      const run = createRun();
      const id = await run.opens(aPause(1, output));
      const { task } = await run.approval(id);
      for (const name of [pauseId(1), 'e1', id]) expect(task).not.toContain(name);
    }
  });
});
