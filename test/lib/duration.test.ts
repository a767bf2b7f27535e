import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration } from '../../src/lib/duration.ts';

const DAY = 86_400_000;

test.each<[number, string[]]>([
  [0, ['0 s']],
  [1_000, ['1 second']],
  [90_000, ['90 s', '90sec', '1.5 minutes']],
  [600_000, ['10 min', '10m']],
  [14_400_000, ['4h', '4 Hours']],
  [DAY, ['1d']],
  [2 * DAY, [' 2 days ']],
  [14 * DAY, ['2 weeks']],
  [400 * DAY, ['400 days']],
  [730 * DAY, ['2 years']],
])('%i ms is written as %j', (milliseconds, texts) => {
  expect(texts.map(parseDuration)).toEqual(texts.map(() => milliseconds));
});

test.each(['', '10', 'min', '-1 h', '1h30m', '1e3 s', '١ h', '11 years', '3 months', '10 min.', 'NaN s'])(
  '%j is not a time',
  (text) => expect(parseDuration(text)).toBeUndefined(),
);

test('a text is a time of up to ten years or none', () => {
  const time = fc.tuple(fc.double(), fc.constantFrom('s', 'h', 'd')).map((parts) => parts.join(' '));
  fc.assert(
    fc.property(fc.oneof(fc.string(), time), (text) => {
      const milliseconds = parseDuration(text) ?? 0;
      expect(milliseconds).toBeGreaterThanOrEqual(0);
      expect(milliseconds).toBeLessThanOrEqual(3_660 * DAY);
    }),
  );
});
