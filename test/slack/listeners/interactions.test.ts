import type { App } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import {
  ACTIONS,
  CALLBACKS,
  DETAILS_SHORTCUT,
  FEEDBACK,
  START_SHORTCUT,
} from '../../../src/slack/app/ids.ts';
import { replyTooLate } from '../../../src/slack/listeners/late-click.ts';
import { openHome } from '../../../src/slack/listeners/open-home.ts';
import { registerListeners } from '../../../src/slack/listeners/register-listeners.ts';
import { rememberClick } from '../../../src/slack/listeners/remember-click.ts';
import { TOO_LATE } from '../../../src/slack/views/text/sentences.ts';
import { buttonArgs, CARD, createFakes, EPHEMERAL } from './fakes.ts';

type LateBody = Parameters<typeof replyTooLate>[1];

describe('an interaction that is too old', () => {
  it('on a card and by command is acked, and replied to where it was', async () => {
    const fakes = createFakes();
    await replyTooLate(fakes.context, buttonArgs(fakes).body, fakes.ack);
    const command = { command: '/approvals', user_id: 'UBEN', channel_id: 'C1' } as unknown as LateBody;
    await replyTooLate(fakes.context, command, fakes.ack);
    expect(fakes.acks).toEqual([undefined, undefined]);
    expect(fakes.replies).toMatchObject([
      { place: { user: 'UANA', channel: CARD.channel }, text: TOO_LATE },
      { place: { user: 'UBEN', channel: 'C1' }, text: TOO_LATE },
    ]);
  });

  it('in a modal shows what was typed, also when Slack does not take that', async () => {
    const fakes = createFakes();
    const values = { [FEEDBACK.block]: { [FEEDBACK.action]: { value: 'Much shorter' } } };
    const view = { title: { text: 'Request revision' }, state: { values } };
    const body = { type: 'view_submission', user: { id: 'UANA' }, view } as unknown as LateBody;
    await replyTooLate(fakes.context, body, fakes.ack);
    expect(JSON.stringify(fakes.acks)).toContain('Much shorter');
    fakes.fails.ack = new Error('Slack no longer waited for the ack');
    await replyTooLate(fakes.context, body, fakes.ack);
    expect(fakes.replies).toEqual(Array(2).fill({ place: { user: 'UANA' }, text: TOO_LATE }));
  });
});

it('the response_url of a click is kept when the click was on a card', () => {
  const kept: unknown[] = [];
  const clicked = { remember: (...given: unknown[]) => void kept.push(given) };
  const { body } = buttonArgs(createFakes());
  rememberClick(clicked, body);
  rememberClick(clicked, { ...body, ...EPHEMERAL });
  rememberClick(clicked, { ...body, message: undefined });
  rememberClick(clicked, { type: 'view_submission' });
  expect(kept).toEqual([[CARD, 'https://hooks.slack.com/1']]);
});

it('the Home tab is shown when it is opened, and the Messages tab is left alone', async () => {
  const opened: string[] = [];
  const home = { open: async (person: string) => void opened.push(person) };
  for (const tab of ['home', 'messages'])
    await openHome(home, { event: { tab, user: 'UANA' } } as unknown as Parameters<typeof openHome>[1]);
  expect(opened).toEqual(['UANA']);
});

describe('what Slack sends', () => {
  type Listener = (args: unknown) => Promise<void>;
  interface Matcher {
    action_id?: string | RegExp;
    callback_id?: string;
  }

  /** The listeners, as Bolt would find them. */
  function register(fakes: ReturnType<typeof createFakes>) {
    const all: { on: unknown; listener: Listener }[] = [];
    const add = (on: unknown, listener: Listener) => void all.push({ on, listener });
    const app = { action: add, view: add, shortcut: add, event: add, command: add } as unknown as App;
    registerListeners(app, fakes.context, { open: async () => {} } as never);
    const buttons = (id: string) =>
      all.filter(({ on }) => {
        const { action_id: wanted } = on as Matcher;
        return wanted instanceof RegExp ? wanted.test(id) : wanted === id;
      });
    return { all, buttons };
  }

  it('for each button of ours is for exactly one listener, as is a button that is not ours', () => {
    const { buttons } = register(createFakes());
    for (const id of [...Object.values(ACTIONS), 'approve_all', 'x']) expect(buttons(id), id).toHaveLength(1);
  });

  it('for each modal, the shortcuts, the Home tab and any command has a listener', () => {
    const { all } = register(createFakes());
    const ids = all.map(({ on }) => (on as Matcher).callback_id).filter(Boolean);
    expect(ids).toEqual([...Object.values(CALLBACKS), DETAILS_SHORTCUT, START_SHORTCUT]);
    expect(all.map(({ on }) => on)).toEqual(expect.arrayContaining(['app_home_opened', /^\//]));
  });

  it('reaches the listener with what it needs', async () => {
    const fakes = createFakes();
    const { buttons, all } = register(fakes);
    await buttons(ACTIONS.approve)[0]?.listener(buttonArgs(fakes));
    await buttons('x')[0]?.listener(buttonArgs(fakes));
    const menu = { ...buttonArgs(fakes), action: { selected_option: { value: 'x' } } };
    await buttons(ACTIONS.more)[0]?.listener(menu);
    const find = (on: unknown) => all.find((one) => JSON.stringify(one.on) === JSON.stringify(on));
    const view = { private_metadata: 'x', title: { text: 'x' }, state: { values: {} } };
    const { ack, client } = fakes;
    await find({ type: 'view_submission', callback_id: CALLBACKS.assign })?.listener({
      ...buttonArgs(fakes),
      view,
    });
    const shortcut = { user: { id: 'UANA' }, channel: { id: 'C1' }, message: { ts: '1.0' } };
    await find({ type: 'message_action', callback_id: DETAILS_SHORTCUT })?.listener({
      ack,
      client,
      shortcut,
    });
    await all.find(({ on }) => on instanceof RegExp)?.listener({ ack, client, command: { text: 'help' } });
    await find('app_home_opened')?.listener({ event: { tab: 'home', user: 'UANA' } });
    expect(fakes.asked.map(([what]) => what)).toEqual(['decide']);
    expect(fakes.acks).toHaveLength(6);
  });
});
