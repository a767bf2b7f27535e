import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildApprovalId } from '../../../src/approval/model/approval.ts';

test('an id is the same in every version', () => {
  expect(buildApprovalId('press', 'e1', 'draft')).toBe('GN2CY03MXD0WBX6T');
});

test('parts that are equal only when joined have different ids', () => {
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
  expect(new Set(alike.map((parts) => buildApprovalId(...parts))).size).toBe(alike.length);
});

test('an id is 16 characters of Crockford base32, and equal for equal parts only', () => {
  const part = fc.oneof(fc.string({ maxLength: 3 }), fc.string());
  const parts = fc.tuple(part, part, part);
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      expect(buildApprovalId(...a)).toMatch(/^[0-9A-HJKMNP-TV-Z]{16}$/);
      expect(buildApprovalId(...a)).toBe(buildApprovalId(...a));
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
