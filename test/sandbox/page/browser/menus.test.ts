import { expect, test } from 'vitest';
import { findNextItem } from '../../../../src/sandbox/page/browser/menus.ts';

test.each([
  ['ArrowDown', -1, 0],
  ['ArrowDown', 1, 2],
  ['ArrowDown', 2, 0],
  ['ArrowUp', -1, 2],
  ['ArrowUp', 2, 1],
  ['ArrowUp', 0, 2],
  ['Home', 1, 0],
  ['End', 1, 2],
  ['a', 1, undefined],
  ['Tab', 1, undefined],
])('%s leads from item %d of three to item %d', (key, at, expected) => {
  expect(findNextItem(key, at, 3)).toBe(expected);
});
