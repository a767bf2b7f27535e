import { expect, test } from 'vitest';
import type { Log } from '../../src/approval/ports.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { ask, press as pressInAnswer } from './asking.ts';
import { createWorld, HOUR, SECOND, type World, type WorldOptions } from './world.ts';

const ASK_SECRET = 'the-ask-secret-of-a-program';
const MAIL = { kind: 'tool', title: 'Send E-Mail', output: { to: 'ana@example.com' }, run: 'run-1' };
const AGAIN = texts.actions.allowCall;
const SILENT = { info() {}, warn() {}, error() {} } as unknown as Log;

async function createToolWorld({ settings, ...options }: WorldOptions = {}) {
  const world = await createWorld({ ...options, settings: { ASK_SECRET, ...settings } });
  const send = (method: string, path: string, body?: object | string) =>
    world.send(`crews/press/${path}`, body, { method, headers: { authorization: `Bearer ${ASK_SECRET}` } });
  const get = async (id: string) => (await send('GET', `questions/${id}`)).data;
  return {
    world,
    send,
    get,
    /** A program wants to call a tool: what it knows of it then. */
    call: async (id: string, more: object = {}): Promise<string> => {
      const { status } = await send('PUT', `questions/${id}`, { ...MAIL, ...more });
      const { status: state, answer } = await get(id);
      return Number(status) > 201 ? `${status}` : (answer?.option ?? state);
    },
  };
}

const blocksOf = (world: World, { channel, ts } = world.card()) =>
  (world.workspace.message(channel, ts)?.blocks ?? []) as unknown as {
    elements?: { action_id: string; text?: { text?: string } }[];
  }[];

/** A button by what is written on it. */
async function press(world: World, label: string, user = 'UANA', on = world.card()) {
  const found = blocksOf(world, on)
    .flatMap(({ elements = [] }) => elements)
    .find(({ text }) => text?.text === label);
  if (!found) throw new Error(`no button ${label} in ${JSON.stringify(blocksOf(world, on))}`);
  await world.click(user, found.action_id, on);
  await world.pass(2 * SECOND);
}

test('a grant that was closed before it was fetched stays closed when its program fetches it after all', async () => {
  const { world, call, send, get } = await createToolWorld();
  await call('q1');
  await press(world, AGAIN);
  await call('allowed');
  await press(world, texts.actions.close);
  expect(await get('allowed')).toMatchObject({ id: 'allowed', status: 'closed' });
  expect((await send('PUT', 'questions/q1/received')).status).toBe(200);
  expect(await call('q2')).toBe('waiting');
});

test.each(['finished', 'failed'])(
  'a grant ends with its run also when the run goes on after it has %s',
  async (state) => {
    const { world, call, send } = await createToolWorld();
    await call('q1');
    await press(world, AGAIN);
    await send('PUT', 'questions/q1/received');
    expect(await call('q2')).toBe('allow');
    await send('PUT', 'runs/run-1', { state });
    await send('PUT', 'runs/run-1', { state: 'running' });
    await world.pass(SECOND);
    expect(await call('q3')).toBe('waiting');
  },
);

test('a grant ends when who made it may not decide any more', async () => {
  const { world, call } = await createToolWorld({ settings: { APPROVERS: 'UANA,UBEN' } });
  await call('q1');
  await press(world, AGAIN);
  expect(await call('q2')).toBe('allow');
  await world.restart({ APPROVERS: 'UBEN' });
  expect(await call('q3')).toBe('waiting');
});

test('a grant ends when more people have to decide', async () => {
  const { world, call } = await createToolWorld();
  await call('q1');
  await press(world, AGAIN);
  await world.restart({ APPROVALS_REQUIRED: '2' });
  expect(await call('q2')).toBe('waiting');
});

test('a grant of before a backup was restored allows nothing', async () => {
  const { world, call } = await createToolWorld();
  await call('q1');
  await press(world, AGAIN);
  expect(await call('q2')).toBe('allow');
  const puts = [{ key: 'usage/restored', raw: String(world.stage.now()) }];
  const records = world.records.of(world.stage.outside);
  await world.settle(records.commit({ compare: [], puts, deletes: [] }));
  await world.restart();
  expect(await call('q3')).toBe('waiting');
});

test('a grant holds on two replicas, and both calls are listed', async () => {
  const { world, call, send } = await createToolWorld({ replicas: 2 });
  await call('q1');
  await press(world, AGAIN);
  const both = Promise.all(
    ['q2', 'q3'].map((id, door) => {
      world.door = door;
      return send('PUT', `questions/${id}`, MAIL);
    }),
  );
  expect((await both).map(({ status }) => status)).toEqual([201, 201]);
  expect(await call('q4')).toBe('allow');
  await world.pass(5 * SECOND);
  expect(JSON.stringify(blocksOf(world))).toContain('3. the same arguments');
});

test('a card with as much as it can hold is shown', async () => {
  const { world, call } = await createToolWorld({ settings: { ALLOW_TOOLS_FOR_RUN: 'Send E-Mail' } });
  const long = (n: number) => ({
    message: `${n}`.repeat(1_500),
    title: 'Send E-Mail',
    agent: 'A'.repeat(300),
    output: `${n}`.repeat(2_990),
  });
  await call('q1', long(1));
  await world.choose('UANA', 'allow_tool');
  expect(await call('q2', long(2))).toBe('allow');
  expect(await call('q3', long(3))).toBe('allow');
  expect(await call('q4', long(4))).toBe('waiting');
  await world.pass(30 * SECOND);
  expect(JSON.stringify(blocksOf(world, world.cards()[0]))).toContain('333');
});

test('a grant ends when its run turns out to be of who made it', async () => {
  const { world, call } = await createToolWorld({ settings: { EXCLUDE_REQUESTER: 'true' } });
  await call('q1');
  await press(world, AGAIN);
  await call('other', { title: 'Other', requested_by: 'UANA' });
  expect(await call('q2', { requested_by: 'UANA' })).toBe('waiting');
});

test('a tool that follows another question is asked about by the rules of tools', async () => {
  const { world, call, send, get } = await createToolWorld({
    settings: { EXPIRE_AFTER: '1h', ON_EXPIRY: 'approve' },
  });
  await send('PUT', 'questions/d1', { title: 'Send E-Mail', text: 'Which?', run: 'run-1' });
  await world.click('UANA', 'approve');
  await world.pass(2 * SECOND);
  expect(await call('q1', { follows: 'd1' })).toBe('waiting');
  await world.pass(2 * HOUR);
  expect(await get('q1')).toMatchObject({ status: 'waiting' });
});

test.each(['none', 'required'])(
  'a tool is decided in the same way when its program says free_text: %s',
  async (free_text) => {
    const { world, call, get } = await createToolWorld();
    await call('q1', { free_text });
    await press(world, texts.actions.allow);
    expect(await get('q1')).toMatchObject({ answer: { option: 'allow' } });
    await call('q2', { free_text });
    await world.choose('UANA', 'block');
    await world.submit('UANA', { feedback: 'Wrong address', people_note: '' });
    expect(await get('q2')).toMatchObject({ answer: { option: 'block', text: 'Wrong address' } });
  },
);

test('arguments that were lost in the store are not allowed', async () => {
  const { world, call } = await createToolWorld({ settings: { REMIND_AFTER: '10m' } });
  const records = world.records.of(world.stage.outside);
  const commit = records.commit.bind(records);
  await call('q1');
  const [{ key } = { key: '' }] = await world.settle(records.range(`output`, { limit: 10 }));
  await world.settle(commit({ compare: [], puts: [{ key, raw: '{"v":1,"kind":' } as never], deletes: [] }));
  expect(await world.home('UANA')).toContain('read_in_full');
  await world.settle(world.workspace.clickInView({ user: 'UANA', actionId: 'read_in_full' }));
  expect(world.form('UANA')).toContain('"submit":null');
});

test.each([
  [{ output: '\u200b\u3164' }, '"\\u200b\\u3164"'],
  [{ output: '   ' }, '"   "'],
  [{ output: '' }, '""'],
  [{ output: null }, 'null'],
  [{ output: {} }, '{}'],
  [{ output: '{"to": 1}' }, '"{\\"to\\": 1}"'],
  [{ output: undefined, text: '\u200b' }, '"\\u200b"'],
  [{ output: undefined, text: '' }, '""'],
])('arguments that are blank or look like others are shown: %j', async (more, text) => {
  const { world, call } = await createToolWorld();
  expect(await call('q1', more)).toBe('waiting');
  expect(blocksOf(world)).toContainEqual(
    expect.objectContaining({
      elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
    }),
  );
});

test('a text is another call than the JSON that it looks like', async () => {
  const { world, call } = await createToolWorld();
  await call('q1', { output: { to: 1 } });
  await press(world, AGAIN);
  expect(await call('q2', { output: { to: 1 } })).toBe('allow');
  expect(await call('q3', { output: '{"to":1}' })).toBe('waiting');
});

test('what allowed calls leave behind is deleted with the decision that allowed them', async () => {
  const { world, call, send, get } = await createToolWorld({ settings: { RETENTION: '1d' } });
  await call('q1');
  await press(world, AGAIN);
  await send('PUT', 'questions/q1/received');
  expect(await call('q2')).toBe('allow');
  await world.pass(50 * HOUR);
  expect(await get('q2')).toMatchObject({ error: 'unknown_question' });
  const records = world.records.of(world.stage.outside);
  expect(await world.settle(records.range('question', { limit: 10 }))).toEqual([]);
  expect(await call('q2')).toBe('waiting');
});

/** What happened to the first approval, in order. */
async function readHistory(world: World): Promise<string[]> {
  const store = createApprovalStore(world.records.of(world.stage.outside), SILENT);
  const [{ approval: first = '' } = {}] = world.cards();
  const stored = await world.settle(store.approval(first));
  return (stored?.record.facts ?? []).map(({ what }) => what);
}

const END = texts.actions.endPermission;
const forNow = { settings: { APPROVERS: 'UANA,UBEN' } };

test('a permission is ended on its card, also after its program said that it has the answer; the next call asks', async () => {
  const { world, call, send, get } = await createToolWorld(forNow);
  await call('q1');
  await press(world, AGAIN);
  expect(await call('q2')).toBe('allow');
  await send('PUT', 'questions/q1/received');
  await press(world, END, 'UBEN');
  const [card] = world.cards();
  expect(card?.text).toContain('<@UBEN> ended this permission');
  expect(card?.text).toContain('<@UANA> chose');
  expect(card?.buttons).not.toContain('end_permission');
  expect(await call('q3')).toBe('waiting');
  for (const id of ['q1', 'q2'])
    expect(await get(id)).toMatchObject({ answer: { option: 'allow', by: 'UANA' } });
});

test('a permission is ended on Home and in a look-up, by others who may decide too', async () => {
  const { world, call } = await createToolWorld(forNow);
  await call('q1');
  await press(world, AGAIN);
  expect(await world.home('UBEN')).toContain(texts.lists.permissions);
  await world.settle(world.workspace.clickInView({ user: 'UBEN', actionId: 'end_permission' }));
  await world.pass(2 * SECOND);
  expect(await call('q2')).toBe('waiting');
  expect(await world.home('UBEN')).not.toContain(texts.lists.permissions);
  await press(world, AGAIN);
  const found = await ask(world, world.card().approval, { user: 'UBEN' });
  await pressInAnswer(world, found, END, { user: 'UBEN' });
  expect(await call('q3')).toBe('waiting');
});

test('someone who may not decide ends no permission, wherever they click', async () => {
  const { world, call } = await createToolWorld(forNow);
  await call('q1');
  await press(world, AGAIN);
  await press(world, END, 'UCAT');
  expect(world.told('UCAT').join()).toContain(texts.refusals.decide.not_approver);
  expect(await world.home('UCAT')).not.toContain('end_permission');
  expect((await ask(world, world.card().approval, { user: 'UCAT' })).buttons).toEqual([]);
  expect(await call('q2')).toBe('allow');
});

test('who ends a permission too late is told whose end it was, or that it ended with its run', async () => {
  const { world, call, send } = await createToolWorld(forNow);
  await call('q1');
  await press(world, AGAIN);
  const stale = await ask(world, world.card().approval);
  await press(world, END, 'UBEN');
  await pressInAnswer(world, stale, END);
  expect(world.told('UANA').join()).toMatch(/<@UBEN> ended this permission .*nothing more was recorded/);
  await call('q2', { output: { to: 'ben@example.com' } });
  await press(world, AGAIN);
  const open = await ask(world, world.card().approval);
  await send('PUT', 'runs/run-1', { state: 'finished' });
  await world.pass(2 * SECOND);
  expect(world.card().buttons).not.toContain('end_permission');
  await pressInAnswer(world, open, END);
  expect(world.told('UANA').join()).toContain(texts.refusals.decide.permission_over);
});

test('a permission of a run that ended cannot be ended when another question continues the run', async () => {
  const { world, call, send } = await createToolWorld();
  await call('q1');
  await press(world, AGAIN);
  await send('PUT', 'questions/q1/received');
  await send('PUT', 'runs/run-1', { state: 'finished' });
  expect(await call('q2', { follows: 'q1' })).toBe('waiting');
  await world.pass(5 * SECOND);
  expect(world.cards().flatMap(({ buttons }) => buttons)).not.toContain('end_permission');
  expect(await world.home('UANA')).not.toContain('end_permission');
});

test.each(Array.from({ length: 12 }, (_, order) => order))(
  'no call is let through after the end of a permission is acked, on two replicas',
  async (order) => {
    const { world, call, send, get } = await createToolWorld({ replicas: 2, order });
    await call('q1');
    await press(world, AGAIN);
    const during = ['q2', 'q3', 'q4'].map((id, at) => {
      world.door = at % 2;
      return send('PUT', `questions/${id}`, MAIL);
    });
    world.door = order % 2;
    const acked = world.click('UBEN', 'end_permission').then(async () => {
      const after = ['late-0', 'late-1'].map((id, door) => {
        world.door = door;
        return send('PUT', `questions/${id}`, MAIL);
      });
      expect((await Promise.all(after)).map(({ status }) => status)).toEqual([201, 201]);
    });
    await Promise.all([...during, acked]);
    for (const id of ['late-0', 'late-1']) expect(await get(id)).toMatchObject({ status: 'waiting' });
    const answers = await Promise.all(['q2', 'q3', 'q4'].map(get));
    const listed = answers.filter(({ status }) => status === 'answered').length;
    await world.pass(5 * SECOND);
    const shown = JSON.stringify(blocksOf(world, world.cards()[0])).match(/\d\. the same arguments/g) ?? [];
    expect(shown).toHaveLength(listed);
    const history = await readHistory(world);
    expect(history.filter((what) => what === 'permission_ended')).toHaveLength(1);
    expect(history.slice(history.indexOf('permission_ended'))).not.toContain('call_allowed');
  },
);
