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
import { TOO_LATE, UNKNOWN_BUTTON } from '../../../src/slack/views/text/sentences.ts';
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
  /** The listeners, as Bolt would find them. */
  function register(fakes: ReturnType<typeof createFakes>) {
    const all: { on: unknown; listener: Listener }[] = [];
    const add = (on: unknown, listener: Listener) => void all.push({ on, listener });
    const app = { action: add, view: add, shortcut: add, event: add, command: add } as unknown as App;
    registerListeners(app, fakes.context, { open: async () => {} } as never);
    const find = (on: unknown) => all.find((one) => JSON.stringify(one.on) === JSON.stringify(on));
    const click = (action_id: string, action: object = {}) => {
      const args = buttonArgs(fakes);
      return find({ type: 'block_actions' })?.listener({
        ...args,
        action: { ...args.action, action_id, ...action },
      });
    };
    return { all, find, click };
  }

  it.each(['approve_all', 'x', '__proto__'])(
    'for a button that is not ours, %s, is told to be unknown',
    async (id) => {
      const fakes = createFakes();
      await register(fakes).click(id);
      expect(fakes.replies.map(({ text }) => text)).toEqual([UNKNOWN_BUTTON]);
    },
  );

  const { more, ...buttons } = ACTIONS;
  it.each(Object.values(buttons))('for our button %s has a listener', async (id) => {
    const fakes = createFakes();
    await register(fakes)
      .click(id, { selected_option: { value: 'x' } })
      ?.catch(() => {});
    expect(fakes.replies.map(({ text }) => text)).not.toContain(UNKNOWN_BUTTON);
    expect(fakes.acks).toHaveLength(1);
  });

  it('for the shortcuts, the Home tab and any command has a listener', () => {
    const { all } = register(createFakes());
    const ids = all.map(({ on }) => (on as { callback_id?: string }).callback_id).filter(Boolean);
    expect(ids).toEqual([DETAILS_SHORTCUT, START_SHORTCUT]);
    expect(all.map(({ on }) => on)).toEqual(expect.arrayContaining(['app_home_opened', /^\//]));
  });

  it.each(Object.values(CALLBACKS))(
    'for our modal %s has a listener, and no other modal has',
    async (callback_id) => {
      const fakes = createFakes();
      const { find } = register(fakes);
      const submit = (id: string) =>
        find({ type: 'view_submission' })
          ?.listener({
            ...buttonArgs(fakes),
            view: { callback_id: id, private_metadata: 'x', title: { text: 'x' }, state: { values: {} } },
          })
          .catch(() => {});
      await submit('x');
      expect(fakes.acks).toEqual([]);
      await submit(callback_id);
      expect(fakes.acks).toHaveLength(1);
    },
  );

  it('reaches the listener with what it needs', async () => {
    const fakes = createFakes();
    const { all, find, click } = register(fakes);
    await click(ACTIONS.approve);
    await click(more, { selected_option: { value: 'x' } });
    const { ack, client } = fakes;
    const shortcut = { user: { id: 'UANA' }, channel: { id: 'C1' }, message: { ts: '1.0' } };
    await find({ type: 'message_action', callback_id: DETAILS_SHORTCUT })?.listener({
      ack,
      client,
      shortcut,
    });
    await all.find(({ on }) => on instanceof RegExp)?.listener({ ack, client, command: { text: 'help' } });
    await find('app_home_opened')?.listener({ event: { tab: 'home', user: 'UANA' } });
    expect(fakes.asked.map(([what]) => what)).toEqual(['decide']);
    expect(fakes.acks).toHaveLength(4);
  });
});
