import { expect, test } from 'vitest';
import { findDate, findDateIn, findEndOfDay } from '../../../src/approval/model/away.ts';

test.each([
  ['Etc/UTC', '2026-12-04'],
  ['Asia/Kathmandu', '2026-12-04'],
  ['Pacific/Apia', '2026-12-04'],
  ['America/Los_Angeles', '2026-03-08'],
  ['America/Sao_Paulo', '2026-11-01'],
  // Clocks go forward at midnight.
  ['America/Havana', '2026-03-07'],
  ['America/Santiago', '2026-09-05'],
  ['Atlantic/Azores', '2026-03-28'],
  ['Africa/Cairo', '2026-04-23'],
  // They go back at midnight.
  ['America/Havana', '2026-10-31'],
  ['Asia/Beirut', '2026-10-24'],
])('the end of a day in %s (%s) is the first moment of the next', (zone, date) => {
  const end = findEndOfDay(date, zone);
  expect(findDateIn(zone, end - 1)).toBe(date);
  expect(findDateIn(zone, end) > date).toBe(true);
});

test('a zone that is not known counts as UTC', () => {
  expect(findEndOfDay('2026-12-04', 'Foo/Bar')).toBe(Date.UTC(2026, 11, 5));
});

test.each([
  [{ weekday: 1 }, '2026-11-02'],
  [{ weekday: 0 }, '2026-11-08'],
  [{ ahead: -1 }, '2026-11-01'],
  [{ date: '2026-12-04' }, '2026-12-04'],
])('%j on Monday, 2 November 2026, is %s', (day, date) => {
  expect(findDate(day, '2026-11-02')).toBe(date);
});
