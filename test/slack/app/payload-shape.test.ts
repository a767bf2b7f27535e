import { expect, test } from 'vitest';
import { hasKnownForm, isUnreadEvent } from '../../../src/slack/app/payload-shape.ts';

const click = {
  type: 'block_actions',
  user: { id: 'UANA' },
  channel: { id: 'CPRESS' },
  message: { ts: '1795617038.882000' },
  actions: [{ action_id: 'approve', value: '7XK2M9QD4T.1' }],
};

test('what Slack sends has a known form, also with what is not ours and without what a kind does not have', () => {
  for (const body of [
    click,
    {
      ...click,
      team: { id: 'T1' },
      message: { ...click.message, thread_ts: '1795617038.000100', blocks: [] },
    },
    { ...click, message: undefined, channel: null },
    { ...click, message: null, actions: [{ action_id: 'more', selected_option: { value: 'x' } }] },
    { type: 'view_submission', user: { id: 'UANA' }, view: { state: { values: {} } } },
    { type: 'event_callback', event: { type: 'app_home_opened', user: 'UANA' } },
    { type: 'event_callback', event: { type: 'app_home_opened', tab: 'home' } },
    { type: 'event_callback', event: { type: 'message', user: null } },
    { type: 'app_rate_limited', team_id: 'T1', minute_rate_limited: 1_518_467_820 },
    { command: '/approvals', user_id: 'UANA', text: '' },
  ])
    expect(hasKnownForm(body)).toBe(true);
});

test.each([
  ['a message without a time, which would be stored as the place of a card', { message: { ts: null } }],
  ['a message whose time is none', { message: { ts: 'now' } }],
  ['a message whose time has something behind it', { message: { ts: '1.2\n' } }],
  ['a message without anything', { message: {} }],
  ['an action without an id', { actions: [{ action_id: null, value: 'x' }] }],
  ['an action whose value is an object', { actions: [{ action_id: 'approve', value: {} }] }],
  ['a channel without an id', { channel: {} }],
  ['a person without an id', { user: { id: null } }],
  ['nobody', { user: undefined }],
])('%s is refused', (_, wrong) => {
  expect(hasKnownForm({ ...click, ...wrong })).toBe(false);
});

test.each([[null], ['text'], [[]], [{}]])('%j is refused', (body) => {
  expect(hasKnownForm(body)).toBe(false);
});

test('only the opening of a Home tab by a person is an event that listeners read', () => {
  const home = { type: 'app_home_opened', tab: 'home' };
  for (const event of [home, { ...home, user: null }, { type: 'message', user: 'UANA' }, null, undefined])
    expect(isUnreadEvent({ type: 'event_callback', event })).toBe(true);
  expect(isUnreadEvent({ type: 'app_rate_limited' })).toBe(true);
  expect(isUnreadEvent({ type: 'event_callback', event: { ...home, user: 'UANA' } })).toBe(false);
  expect(isUnreadEvent(click)).toBe(false);
});
