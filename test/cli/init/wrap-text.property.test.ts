import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wrapText } from '../../../src/cli/init/terminal.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'é', '…', '-', '/'), minLength: 1, maxLength: 30 });
const text = fc
  .array(fc.array(word, { maxLength: 12 }), { maxLength: 5 })
  .map((lines) => lines.map((words) => words.join(' ')).join('\n'));

test('no line is longer than the width, except for one long word, and no word is lost or moved', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 60 }), (given, width) => {
      const wrapped = wrapText(given, width);
      for (const line of wrapped.split('\n')) if (line.length > width) expect(line.trim()).not.toContain(' ');
      expect(wrapped.split(/\s+/)).toEqual(given.split(/\s+/));
    }),
  );
});

test('a line that fits stays as it is, with its indentation; a broken one keeps it', () => {
  expect(wrapText('one\n\n  two three', 20)).toBe('one\n\n  two three');
  expect(wrapText('  two three', 8)).toBe('  two\n  three');
});
