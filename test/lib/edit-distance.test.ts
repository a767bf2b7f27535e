import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeEditDistance } from '../../src/lib/edit-distance.ts';

test.each([
  ['', '', 0],
  ['', 'stats', 5],
  ['stats', 'stats', 0],
  ['stat', 'stats', 1],
  ['sttas', 'stats', 2],
  ['kitten', 'sitting', 3],
  ['APPROVER', 'APPROVERS', 1],
])('from "%s" to "%s" takes %i edits', (a, b, edits) => {
  expect(computeEditDistance(a, b)).toBe(edits);
});

test('is a metric: zero for the same word only, symmetric, and no detour is shorter', () => {
  // With three letters, words are often near to each other.
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(computeEditDistance(a, b) === 0).toBe(a === b);
      expect(computeEditDistance(a, b)).toBe(computeEditDistance(b, a));
      expect(computeEditDistance(a, c)).toBeLessThanOrEqual(
        computeEditDistance(a, b) + computeEditDistance(b, c),
      );
    }),
  );
});
