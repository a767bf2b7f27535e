import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildApprovalId } from '../../../src/approval/model/ids.ts';

test('an id is sixteen characters of Crockford base32, the same each time', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (crew, execution, task) => {
      const id = buildApprovalId(crew, execution, task);
      expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{16}$/);
      expect(buildApprovalId(crew, execution, task)).toBe(id);
    }),
  );
});

test('an id never changes from one version to the next', () => {
  expect(buildApprovalId('press', 'e1', 'draft')).toBe('GN2CY03MXD0WBX6T');
});

test('parts that only look alike when they are joined have ids of their own', () => {
  const alike: [string, string, string][] = [
    ['a', 'b', 'c'],
    ['ab', '', 'c'],
    ['a', 'bc', ''],
    ['', 'abc', ''],
    ['a/b', 'c', ''],
    ['a', 'b/c', ''],
    ['a', '/b', 'c'],
    ['a","b', 'c', ''],
    ['a', 'b","c', ''],
    ['a\u0000b', 'c', ''],
    ['a', 'b\u0000c', ''],
    ['\ud800', 'b', 'c'],
    ['\ud801', 'b', 'c'],
  ];
  expect(new Set(alike.map(([crew, execution, task]) => buildApprovalId(crew, execution, task))).size).toBe(
    alike.length,
  );
});

test('different tasks have different ids', () => {
  const part = fc.string({ maxLength: 3 });
  const parts = fc.tuple(part, part, part);
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      expect(buildApprovalId(...a) === buildApprovalId(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test('ten thousand ids use all characters about evenly and do not collide', () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => buildApprovalId('press', `e${index}`, 'draft'));
  expect(new Set(ids).size).toBe(ids.length);
  const counts = new Map<string, number>();
  for (const character of ids.join('')) counts.set(character, (counts.get(character) ?? 0) + 1);
  expect(counts.size).toBe(32);
  for (const count of counts.values()) expect(Math.abs(count - 5_000)).toBeLessThan(400);
});
