import { expect, test } from 'vitest';
import { readEvents } from '../../../src/crewai/payloads/events.ts';

test('a time stamp without a zone is UTC, wherever the bot runs', () => {
  const before = process.env.TZ;
  process.env.TZ = 'Asia/Tokyo';
  try {
    const read = readEvents({
      events: [
        {
          id: '1',
          execution_id: 'e1',
          type: 'crew_kickoff_failed',
          timestamp: '2026-10-01T12:00:00.123456',
          data: {},
        },
      ],
    });
    expect('events' in read && read.events[0]?.at).toBe(Date.UTC(2026, 9, 1, 12, 0, 0, 123));
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});
