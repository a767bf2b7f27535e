import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration } from '../../src/lib/duration.ts';

test.each<[string, number]>([
  ['90 s', 90_000],
  ['90sec', 90_000],
  ['1 second', 1_000],
  ['10 min', 600_000],
  ['10m', 600_000],
  ['1.5 minutes', 90_000],
  ['4h', 14_400_000],
  ['4 Hours', 14_400_000],
  [' 2 days ', 172_800_000],
  ['1d', 86_400_000],
  ['2 weeks', 14 * 86_400_000],
  ['400 days', 400 * 86_400_000],
  ['2 years', 730 * 86_400_000],
  ['0 s', 0],
])('%j is %i ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(['', '10', 'min', '-1 h', '1h30m', '1e3 s', '١ h', '11 years', '3 months', '10 min.', 'NaN s'])(
  '%j is no time',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test('whatever is written is a time up to ten years or none', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.tuple(fc.double(), fc.constantFrom('s', 'h', 'd')).map((p) => p.join(' ')),
      ),
      (text) => {
        const milliseconds = parseDuration(text) ?? 0;
        expect(milliseconds).toBeGreaterThanOrEqual(0);
        expect(milliseconds).toBeLessThanOrEqual(3_660 * 86_400_000);
      },
    ),
  );
});
