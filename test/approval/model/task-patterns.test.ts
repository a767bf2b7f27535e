import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesTask } from '../../../src/approval/model/crew/task-rules.ts';

test.each<[string[], string, boolean]>([
  [[], 'anything', true],
  [['*'], '', true],
  [['draft_*'], 'draft_press', true],
  [['draft_*'], 'a draft_press', false],
  [['draft_?'], 'draft_1', true],
  [['draft_?'], 'draft_12', false],
  [['draft_*', '!draft_internal*'], 'draft_internal_memo', false],
  [['!research'], 'research', false],
  [['!research'], 'draft', true],
  [['a*b*c'], 'a-b-b-c', true],
  [['a*b*c'], 'a-b-b-', false],
  [['a.c'], 'abc', false],
])('%j matches "%s": %s', (patterns, task, taken) => {
  expect(matchesTask(patterns, task)).toBe(taken);
});

test('patterns match like the equivalent regular expression', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 8 });
  const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
  fc.assert(
    fc.property(letters, texts, (pattern, text) => {
      const same = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      expect(matchesTask([pattern], text)).toBe(same.test(text));
    }),
  );
});

test('a pattern of many stars on a long name takes no time', () => {
  expect(matchesTask(['*a'.repeat(120)], 'a'.repeat(255))).toBe(true);
  expect(matchesTask([`${'*a'.repeat(120)}b`], 'a'.repeat(255))).toBe(false);
});
