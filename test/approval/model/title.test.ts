import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findTitleInOutput, isBlankText, readOutput } from '../../../src/approval/model/output.ts';
import type { WebhookFacts } from '../../../src/approval/model/run/webhook.ts';
import { aPause, createRun, pauseId } from '../run-world.ts';

const titled = (output: unknown) => findTitleInOutput(readOutput(output));

describe('the title of a pause whose task is not known', () => {
  test.each<[string, unknown, string]>([
    [
      'is its first heading',
      'Words before.\n\n## Spring collection\n\nMade from linen.',
      'Spring collection',
    ],
    ['is else its first line', '\n\n  A press release \nMade from linen.', 'A press release'],
    ['omits heading marks', '# **Spring** _collection_', 'Spring collection'],
    ['omits list marks', '- first\n- second', 'first'],
    ['omits list numbers', '1. first\n2. second', 'first'],
    ['omits quotation marks', '> said someone', 'said someone'],
    ['omits nested marks', '> - **1. first**', 'first'],
    ['skips rules and table lines', '---\n***\n| |\nWords', 'Words'],
    ['works in any script', '春のコレクション', '春のコレクション'],
    ["is an object's title", { id: 7, title: 'Budget', total_eur: 18_500 }, 'Budget'],
    ['is its headline, subject or name, in any case', { text: 'x', Headline: '# Spring' }, 'Spring'],
    ['is else its first text', { total_eur: 18_500, note: 'Approved by nobody' }, 'Approved by nobody'],
    ['is read from JSON text', '{"subject": "Spring"}', 'Spring'],
    ['skips a title that is not text', { title: 7, name: 'Budget' }, 'Budget'],
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
  ])('is empty for %s', (_, output) => {
    expect(titled(output)).toBe('');
  });

  test('is cut after 80 characters', () => {
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

  test('is empty or visible text of one line and at most 81 characters, without Markdown marks', () => {
    fc.assert(
      fc.property(any, (output) => {
        const title = titled(output);
        expect(title === '' || !isBlankText(title)).toBe(true);
        expect(title.length).toBeLessThanOrEqual(81);
        expect(title).not.toMatch(/[\n\r]/);
        expect(title.isWellFormed()).toBe(true);
        expect(title).not.toMatch(/^(?:(?:#{1,6}|[-*+>]|\d{1,9}[.)])\s|[*_`~\s])/);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is the title of its webhook, if there is one', async () => {
    const run = createRun();
    const id = await run.opens({ ...aPause(1, '# A release'), title: 'A title' } as WebhookFacts);
    expect((await run.approval(id)).task).toBe('A title');
  });

  test('never contains an id of the run or the pause', async () => {
    for (const output of ['', {}, '# A release', { title: 'Budget' }]) {
      const run = createRun();
      const id = await run.opens(aPause(1, output));
      const { task } = await run.approval(id);
      for (const name of [pauseId(1), 'e1', id]) expect(task).not.toContain(name);
    }
  });
});
