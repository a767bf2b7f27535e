import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance } from '../../src/lib/edit-distance.ts';

test.each([
  ['', '', 0],
  ['', 'stats', 5],
  ['stats', 'stats', 0],
  ['stat', 'stats', 1],
  ['sttas', 'stats', 2],
  ['kitten', 'sitting', 3],
  ['APPROVER', 'APPROVERS', 1],
])('from "%s" to "%s" takes %i edits', (a, b, edits) => {
  expect(editDistance(a, b)).toBe(edits);
});

test('is a metric: zero for the same word only, symmetric, and no detour is shorter', () => {
  // With three letters, words are often near to each other.
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
    }),
  );
});
