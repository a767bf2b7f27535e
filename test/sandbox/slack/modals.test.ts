import type { App } from '@slack/bolt';
import { expect, it } from 'vitest';
import { button, refusal, refusals, startSlack, TRIGGER_LIFE, text } from './fixtures.ts';

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
      label: text('What should change?'),
      element: { type: 'plain_text_input' as const, action_id: 'text', max_length: 20, multiline: true },
    },
  ],
  ...more,
});

/** A workspace whose bot opens the modal at each click on "revise"; it was clicked once. */
async function startModal(register: (app: App) => void) {
  const slack = await startSlack();
  const { workspace } = slack;
  await slack.connect((app) => {
    app.action('revise', async ({ ack, body, client }) => {
      await ack();
      if (body.type === 'block_actions')
        await client.views.open({ trigger_id: body.trigger_id, view: feedback() });
    });
    register(app);
  });
  await slack.click(await slack.postCard(), 'revise');
  await workspace.changed((now) => now.openView('U1') !== undefined, { what: 'the modal' });
  const submit = (value: string) => workspace.submit({ user: 'U1', values: { what: { text: value } } });
  return { workspace, submit };
}

it('a modal refuses what the client refuses, shows errors, keeps the text and closes', async () => {
  const given: unknown[] = [];
  const { workspace, submit } = await startModal((app) =>
    app.view('feedback', async ({ ack, view }) => {
      const value = view.state.values.what?.text?.value;
      given.push(value);
      if (value?.trim()) await ack();
      else await ack({ response_action: 'errors', errors: { what: 'Say something.' } });
    }),
  );
  const open = { private_metadata: 'a1', title: { text: 'Request revision' } };
  expect(workspace.openView('U1')).toMatchObject(open);
  await expect(workspace.submit({ user: 'U1' })).rejects.toThrow('required');
  await expect(submit('x'.repeat(21))).rejects.toThrow('at most 20');
  const nowhere = workspace.submit({ user: 'U1', values: { no: { text: '' } } });
  await expect(nowhere).rejects.toThrow('has no no/text');
  const blank = { acked: true, errors: { what: 'Say something.' }, closed: false };
  expect(await submit('  ')).toMatchObject(blank);
  expect(workspace.openView('U1')?.state.values.what?.text?.value).toBe('  ');
  expect(await submit('Shorter')).toMatchObject({ acked: true, closed: true });
  expect(given).toEqual(['  ', 'Shorter']);
  expect(workspace.openView('U1')).toBeUndefined();
});

it('an ack can update, push up to three modals and clear; wrong response actions are refused', async () => {
  const acks: object[] = [];
  const { workspace, submit } = await startModal((app) =>
    app.view('feedback', async ({ ack }) => ack(acks.pop() as never)),
  );
  const respond = async (response_action: string, more: object = {}) => {
    acks.push({ response_action, ...more });
    return { ...(await submit('x')), title: workspace.openView('U1')?.title.text };
  };
  const titled = (title: string) => ({ view: feedback({ title: text(title) }) });
  const shown = (title: string) => ({ acked: true, closed: false, title });
  const refused = (reason: string) => ({
    acked: false,
    closed: false,
    refused: expect.stringContaining(reason),
  });
  expect(await respond('update', titled('Updated'))).toMatchObject(shown('Updated'));
  expect(await respond('push', titled('Pushed'))).toMatchObject(shown('Pushed'));
  expect(await respond('push', titled('Third'))).toMatchObject(shown('Third'));
  expect(await respond('push', titled('Fourth'))).toMatchObject(refused('push_limit_reached'));
  expect(await respond('errors', { errors: {} })).toMatchObject(refused('empty'));
  expect(await respond('errors', { errors: { nowhere: 'No' } })).toMatchObject(refused('nowhere'));
  expect(await respond('update', titled('x'.repeat(25)))).toMatchObject(refused('/view/title/text'));
  expect(workspace.viewDepth('U1')).toBe(3);
  expect(await respond('clear')).toMatchObject({ acked: true, closed: true });
  expect(workspace.viewDepth('U1')).toBe(0);
});

it('a trigger opens one modal, in time, and a hash guards updates', async () => {
  const { workspace, client, connect, pass, postCard, click } = await startSlack();
  const triggers: string[] = [];
  await connect((app) =>
    app.action('revise', async ({ ack, body }) => {
      await ack();
      if (body.type === 'block_actions') triggers.push(body.trigger_id);
    }),
  );
  const ts = await postCard();
  const newTrigger = async () => {
    await click(ts, 'revise');
    return String(triggers.at(-1));
  };
  const open = (trigger_id: string) => client.views.open({ trigger_id, view: feedback() });
  const trigger = await newTrigger();
  const { view } = await open(trigger);
  const again = await refusals(open(trigger), open('1.2.made-up'));
  expect(again).toEqual(['exchanged_trigger_id', 'invalid_trigger_id']);
  const update = (view_id: string) =>
    client.views.update({ view_id, hash: String(view?.hash), view: feedback() });
  await update(String(view?.id));
  expect(await refusals(update(String(view?.id)), update('V1'))).toEqual(['hash_conflict', 'not_found']);
  const silent = workspace.clickInView({ user: 'U1', actionId: 'text' });
  await expect(silent).rejects.toThrow('Slack sends nothing');
  const push = async () =>
    client.views.push({ trigger_id: await newTrigger(), view: feedback({ external_id: 'one' }) });
  await push();
  expect(workspace.viewDepth('U1')).toBe(2);
  expect(await refusal(push())).toBe('duplicate_external_id');
  expect(await workspace.closeModal({ user: 'U1' })).toBeUndefined();
  expect(workspace.viewDepth('U1')).toBe(1);
  const late = await newTrigger();
  pass(TRIGGER_LIFE + 1);
  expect(await refusal(open(late))).toBe('expired_trigger_id');
});

it('the home tab is published when it is opened, and takes clicks', async () => {
  const { workspace, client, connect } = await startSlack();
  const actions: unknown[] = [];
  const publish = (...elements: ReturnType<typeof button>[]) => {
    const blocks = elements.length > 0 ? [{ type: 'actions' as const, elements }] : [];
    return client.views.publish({ user_id: 'U2', view: { type: 'home', blocks } });
  };
  await connect((app) => {
    app.event('app_home_opened', async () => void (await publish(button('list', '1'))));
    app.action('list', async ({ ack, body }) => {
      await ack();
      actions.push(body);
    });
  });
  expect(await workspace.openHome({ user: 'U2' })).toMatchObject({ acked: true });
  await workspace.changed(() => workspace.home('U2') !== undefined, { what: 'the home tab' });
  const click = { user: 'U2', actionId: 'list' };
  expect(await workspace.clickInView(click)).toMatchObject({ acked: true });
  expect(actions).toMatchObject([{ container: { type: 'view' }, view: { type: 'home' } }]);
  expect(actions[0]).not.toHaveProperty('response_url');
  await publish();
  await expect(workspace.clickInView(click)).rejects.toThrow('nothing to click');
  const action = { block_id: 'old', value: '2' };
  expect(await workspace.clickInView({ ...click, stale: true, action })).toMatchObject({ acked: true });
  expect(actions[1]).toMatchObject({ view: { type: 'home' }, actions: [action] });
});
