import { expect, test } from 'vitest';
import { parsePeriod } from '../../src/cli/read-period.ts';

test.each([
  ['2026-01-31', '2026-01-31T00:00:00Z'],
  // Whatever the zone of the machine.
  ['2026-01-31T13:00', '2026-01-31T13:00:00Z'],
  ['2026-01-31T13:00:30.5', '2026-01-31T13:00:30.500Z'],
  ['2026-01-31T13:00Z', '2026-01-31T13:00:00Z'],
  ['2026-01-31T13:00-03:00', '2026-01-31T16:00:00Z'],
])('--since %s is %s', (given, time) => {
  const zone = process.env.TZ;
  process.env.TZ = 'America/New_York';
  try {
    expect(parsePeriod({ since: given })).toEqual({
      since: Date.parse(time),
      until: Number.MAX_SAFE_INTEGER,
    });
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});
