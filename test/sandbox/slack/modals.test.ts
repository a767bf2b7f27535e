import type { App } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { button, refusal, startStage, TRIGGER_LIFE, text } from './fixtures.ts';

const feedback = (more: object = {}) => ({
  type: 'modal' as const,
  callback_id: 'feedback',
  private_metadata: 'a1',
  title: text('Request revision'),
  submit: text('Send'),
  blocks: [
    {
      type: 'input' as const,
      block_id: 'what',
      label: text('What is to change?'),
      element: { type: 'plain_text_input' as const, action_id: 'text', max_length: 20, multiline: true },
    },
  ],
  ...more,
});

type Stage = Awaited<ReturnType<typeof startStage>>;
let stage: Stage;
let workspace: Stage['workspace'];
let client: Stage['client'];
let connect: Stage['connect'];
let postCard: Stage['postCard'];

beforeEach(async () => {
  stage = await startStage();
  ({ workspace, client, connect, postCard } = stage);
});
afterEach(async () => {
  await stage.stop();
});

describe('modals', () => {
  const openOnClick = (app: App) =>
    app.action('revise', async ({ ack, body, client: web }) => {
      await ack();
      if (body.type !== 'block_actions') return;
      await web.views.open({ trigger_id: body.trigger_id, view: feedback() });
    });

  async function clickRevise() {
    const ts = await postCard();
    await workspace.click({ user: 'U1', channel: 'C1', ts, actionId: 'revise' });
    await workspace.changed((now) => now.openView('U1') !== undefined, { what: 'the modal' });
  }

  it('open, refuse what the client refuses, show errors, keep the text and close', async () => {
    const given: unknown[] = [];
    await connect((app) => {
      openOnClick(app);
      app.view('feedback', async ({ ack, view }) => {
        const value = view.state.values.what?.text?.value;
        given.push(value);
        if (value?.trim() === '')
          await ack({ response_action: 'errors', errors: { what: 'Say something.' } });
        else await ack();
      });
    });
    await clickRevise();
    expect(workspace.openView('U1')).toMatchObject({
      private_metadata: 'a1',
      title: { text: 'Request revision' },
    });
    await expect(workspace.submit({ user: 'U1' })).rejects.toThrow('required');
    const long = { what: { text: 'x'.repeat(21) } };
    await expect(workspace.submit({ user: 'U1', values: long })).rejects.toThrow('at most 20');
    await expect(workspace.submit({ user: 'U1', values: { no: { text: '' } } })).rejects.toThrow(
      'has no no/text',
    );
    const blank = await workspace.submit({ user: 'U1', values: { what: { text: '  ' } } });
    expect(blank).toMatchObject({ acked: true, errors: { what: 'Say something.' }, closed: false });
    expect(workspace.openView('U1')?.state.values.what?.text?.value).toBe('  ');
    const sent = await workspace.submit({ user: 'U1', values: { what: { text: 'Shorter' } } });
    expect(sent).toMatchObject({ acked: true, closed: true });
    expect(given).toEqual(['  ', 'Shorter']);
    expect(workspace.openView('U1')).toBeUndefined();
  });

  it('follow response actions, and refuse wrong ones', async () => {
    const acks: object[] = [
      { response_action: 'update', view: feedback({ title: text('Updated') }) },
      { response_action: 'push', view: feedback({ title: text('Pushed') }) },
      { response_action: 'push', view: feedback({ title: text('Third') }) },
      { response_action: 'push', view: feedback({ title: text('Fourth') }) },
      { response_action: 'errors', errors: {} },
      { response_action: 'errors', errors: { nowhere: 'No' } },
      { response_action: 'update', view: feedback({ title: text('x'.repeat(25)) }) },
      { response_action: 'clear' },
    ];
    await connect((app) => {
      openOnClick(app);
      app.view('feedback', async ({ ack }) => ack(acks.shift() as never));
    });
    await clickRevise();
    const submit = () => workspace.submit({ user: 'U1', values: { what: { text: 'x' } } });
    const title = () => workspace.openView('U1')?.title.text;
    expect([await submit(), title()]).toMatchObject([{ acked: true, closed: false }, 'Updated']);
    expect([await submit(), title()]).toMatchObject([{ acked: true, closed: false }, 'Pushed']);
    expect([await submit(), title()]).toMatchObject([{ acked: true, closed: false }, 'Third']);
    expect(await submit()).toMatchObject({ acked: false, refused: 'push_limit_reached', closed: false });
    expect(await submit()).toMatchObject({ acked: false, refused: expect.stringContaining('empty') });
    expect(await submit()).toMatchObject({ acked: false, refused: expect.stringContaining('nowhere') });
    expect(await submit()).toMatchObject({
      acked: false,
      refused: expect.stringContaining('/view/title/text'),
    });
    expect(workspace.viewDepth('U1')).toBe(3);
    expect(await submit()).toMatchObject({ acked: true, closed: true });
    expect(workspace.viewDepth('U1')).toBe(0);
  });

  it('take a trigger once, in time, and guard updates by hash', async () => {
    const triggers: string[] = [];
    await connect((app) =>
      app.action('revise', async ({ ack, body }) => {
        await ack();
        if (body.type === 'block_actions') triggers.push(body.trigger_id);
      }),
    );
    const ts = await postCard();
    await workspace.click({ user: 'U1', channel: 'C1', ts, actionId: 'revise' });
    const open = (trigger_id = '') => client.views.open({ trigger_id, view: feedback() });
    const { view } = await open(triggers[0]);
    expect(await refusal(open(triggers[0]))).toBe('exchanged_trigger_id');
    expect(await refusal(open('1.2.made-up'))).toBe('invalid_trigger_id');
    const hash = String(view?.hash);
    await client.views.update({ view_id: String(view?.id), hash, view: feedback() });
    expect(await refusal(client.views.update({ view_id: String(view?.id), hash, view: feedback() }))).toBe(
      'hash_conflict',
    );
    expect(await refusal(client.views.update({ view_id: 'V1', view: feedback() }))).toBe('not_found');
    const silent = workspace.clickInView({ user: 'U1', actionId: 'text' });
    await expect(silent).rejects.toThrow('Slack sends nothing');
    await workspace.click({ user: 'U1', channel: 'C1', ts, actionId: 'revise' });
    const external = feedback({ external_id: 'one' });
    await client.views.push({ trigger_id: String(triggers.pop()), view: external });
    expect(workspace.viewDepth('U1')).toBe(2);
    await workspace.click({ user: 'U1', channel: 'C1', ts, actionId: 'revise' });
    const twin = client.views.push({ trigger_id: String(triggers.pop()), view: external });
    expect(await refusal(twin)).toBe('duplicate_external_id');
    expect(await workspace.closeModal({ user: 'U1' })).toBeUndefined();
    expect(workspace.viewDepth('U1')).toBe(1);
    await workspace.click({ user: 'U1', channel: 'C1', ts, actionId: 'revise' });
    stage.pass(TRIGGER_LIFE + 1);
    expect(await refusal(open(triggers.pop()))).toBe('expired_trigger_id');
  });

  it('take clicks, and so does the home tab', async () => {
    const actions: unknown[] = [];
    await connect((app) => {
      app.event('app_home_opened', async ({ event, client: web }) => {
        const blocks = [{ type: 'actions' as const, elements: [button('list', '1')] }];
        if (event.tab === 'home') {
          await web.views.publish({ user_id: event.user, view: { type: 'home', blocks } });
        }
      });
      app.action('list', async ({ ack, body }) => {
        await ack();
        actions.push(body);
      });
    });
    expect(await workspace.openHome({ user: 'U2' })).toMatchObject({ acked: true });
    await workspace.changed(() => workspace.home('U2') !== undefined, { what: 'the home tab' });
    expect(await workspace.clickInView({ user: 'U2', actionId: 'list' })).toMatchObject({ acked: true });
    expect(actions).toMatchObject([{ container: { type: 'view' }, view: { type: 'home' } }]);
    expect(actions[0]).not.toHaveProperty('response_url');
    await client.views.publish({ user_id: 'U2', view: { type: 'home', blocks: [] } });
    const click = { user: 'U2', actionId: 'list' };
    await expect(workspace.clickInView(click)).rejects.toThrow('nothing to click');
    const stale = { stale: true, action: { block_id: 'old', value: '2' } };
    expect(await workspace.clickInView({ ...click, ...stale })).toMatchObject({ acked: true });
    expect(actions[1]).toMatchObject({ view: { type: 'home' }, actions: [{ block_id: 'old', value: '2' }] });
  });
});
