import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeBackoff } from '../../../src/approval/lifecycle/lanes.ts';

const max = () => 1 - Number.EPSILON;

test('the longest wait doubles with each failure, from 1 s to 5 minutes', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((failures) =>
    Math.round(computeBackoff(failures, max)),
  );
  expect(longest).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000]);
});

test('every wait lies between 1 s and 5 minutes, with full jitter', () => {
  const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(), unit, (failures, random) => {
      const wait = computeBackoff(failures, () => random);
      expect(wait).toBeGreaterThanOrEqual(1_000);
      expect(wait).toBeLessThanOrEqual(300_000);
      expect(computeBackoff(failures, () => 0)).toBe(1_000);
    }),
  );
});
