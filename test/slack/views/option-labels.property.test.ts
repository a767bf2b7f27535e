import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelOptions } from '../../../src/slack/views/card/buttons.ts';
import { hostileText } from '../../support/fuzz/values.ts';

test('every option has a label that Slack takes, and no two look alike', () => {
  const options = fc.uniqueArray(
    fc.oneof(hostileText, fc.constantFrom('a', 'a ', ' a', 'x'.repeat(90), 'x'.repeat(91))),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(options, (given) => {
      const labels = labelOptions(given);
      expect(labels).toHaveLength(given.length);
      expect(new Set(labels).size).toBe(given.length);
      for (const label of labels) {
        expect(label.length).toBeGreaterThan(0);
        expect(label.length).toBeLessThanOrEqual(75);
        expect(label).toBe(label.toWellFormed());
      }
    }),
  );
});

test('short options are their own labels', () => {
  expect(labelOptions(['publish', 'Retry'])).toEqual(['publish', 'Retry']);
  expect(labelOptions(['a  b', 'a b'])).toEqual(['1. a b', '2. a b']);
});
