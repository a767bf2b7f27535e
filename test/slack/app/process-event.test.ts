import { expect, test } from 'vitest';
import { isUnreadEvent } from '../../../src/slack/app/process-event.ts';

test('only the opening of a Home tab by a person is an event that listeners read', () => {
  const home = { type: 'app_home_opened', tab: 'home' };
  for (const event of [home, { ...home, user: null }, { type: 'message', user: 'UANA' }, null, undefined])
    expect(isUnreadEvent({ type: 'event_callback', event })).toBe(true);
  expect(isUnreadEvent({ type: 'app_rate_limited' })).toBe(true);
  expect(isUnreadEvent({ type: 'event_callback', event: { ...home, user: 'UANA' } })).toBe(false);
  expect(isUnreadEvent({ type: 'block_actions', user: { id: 'UANA' } })).toBe(false);
});
