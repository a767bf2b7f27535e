import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeTimeUntilDay } from '../../../src/slack/directory/people.ts';

const HOUR = 3_600_000;
const at = (iso: string) => Date.parse(iso);

test.each([
  ['Europe/Lisbon', '2026-01-10T12:00:00Z', 0],
  ['Europe/Lisbon', '2026-01-10T20:00:00Z', 12 * HOUR],
  ['Asia/Tokyo', '2026-01-10T20:00:00Z', 3 * HOUR],
  ['America/New_York', '2026-01-10T12:59:00Z', 60_000],
  ['America/New_York', '2026-01-10T13:00:00Z', 0],
  ['Nowhere/AtAll', '2026-01-10T03:00:00Z', 0],
  [undefined, '2026-01-10T03:00:00Z', 0],
])('in %s at %s it is day in %i ms', (zone, iso, wait) => {
  expect(computeTimeUntilDay(zone, at(iso))).toBe(wait);
});

test('once that time has passed it is day', () => {
  const zones = fc.constantFrom('Europe/Lisbon', 'Asia/Kolkata', 'Pacific/Auckland', 'America/St_Johns');
  fc.assert(
    fc.property(zones, fc.integer({ min: 0, max: 365 * 24 * 60 }), (zone, minute) => {
      // Not over a change to or from summer time: then it is an hour early or late.
      const now = at('2026-01-05T00:00:00Z') + (minute % (24 * 60)) * 60_000;
      expect(computeTimeUntilDay(zone, now + computeTimeUntilDay(zone, now))).toBe(0);
    }),
  );
});
