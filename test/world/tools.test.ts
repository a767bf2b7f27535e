import { expect, test } from 'vitest';
import type { Log } from '../../src/approval/ports.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { readAuditTrail } from '../../src/store/audit.ts';
import { createWorld, SECOND, type World, type WorldOptions } from './world.ts';

const ASK_SECRET = 'the-ask-secret-of-a-program';
const MAIL = {
  kind: 'tool',
  title: 'Send E-Mail',
  agent: 'Secretary',
  output: { to: 'ana@example.com', subject: 'Budget' },
  run: 'run-1',
};
const AGAIN = texts.actions.allowCall;

async function createToolWorld({ settings, ...options }: WorldOptions = {}) {
  const world = await createWorld({ ...options, settings: { ASK_SECRET, ...settings } });
  const send = (method: string, path: string, body?: object | string) =>
    world.send(`crews/press/${path}`, body, { method, headers: { authorization: `Bearer ${ASK_SECRET}` } });
  return {
    world,
    /** A program wants to call a tool: the status of the answer. */
    call: async (id: string, more: object = {}) =>
      (await send('PUT', `questions/${id}`, { ...MAIL, ...more })).status,
    get: async (id: string) => (await send('GET', `questions/${id}`)).data,
    send,
  };
}

/** A button by what is written on it. */
async function press(world: World, label: string, user = 'UANA', on = world.card()) {
  const blocks = world.workspace.message(on.channel, on.ts)?.blocks as unknown as {
    elements?: { action_id: string; text?: { text?: string } }[];
  }[];
  const found = blocks.flatMap(({ elements = [] }) => elements).find(({ text }) => text?.text === label);
  if (!found) throw new Error(`no button ${label} in ${JSON.stringify(blocks)}`);
  await world.click(user, found.action_id, on);
  await world.pass(2 * SECOND);
}

const blocksOf = (world: World, { channel, ts } = world.card()) =>
  JSON.stringify(world.workspace.message(channel, ts)?.blocks);
const allowed = { status: 'answered', answer: { option: 'allow', text: '', by: 'UANA' } };

test('a card shows the agent, the tool and its arguments, character by character', async () => {
  const { world, call, get } = await createToolWorld();
  const output = {
    to: 'ana\u202e@example.com',
    note: '*no* markup `x` <!channel>\n\nSecond paragraph',
    ok: true,
    'to ': ['ben@example.com'],
  };
  expect(await call('q1', { output })).toBe(201);
  const shown = (world.workspace.message('CAPPROVALS', world.card().ts)?.blocks ?? []) as unknown[];
  expect(JSON.stringify(shown)).toContain('*Secretary* asks to run *Send E-Mail*');
  const argument = (key: string, value: string) => [
    { type: 'rich_text_section', elements: [{ type: 'text', text: key, style: { bold: true } }] },
    { type: 'rich_text_preformatted', elements: [{ type: 'text', text: value }] },
  ];
  expect(shown).toContainEqual({
    type: 'rich_text',
    block_id: expect.any(String),
    elements: [
      ...argument('to', '"ana\\u202e@example.com"'),
      ...argument('note', '*no* markup `x` <!channel>↵\n↵\nSecond paragraph'),
      ...argument('ok', 'true'),
      ...argument('"to "', '[\n  "ben@example.com"\n]'),
    ],
  });
  await press(world, texts.actions.allow);
  expect(await get('q1')).toMatchObject(allowed);
});

test('it is blocked at once, or with a reason that the program gets', async () => {
  const { world, call, get } = await createToolWorld();
  await call('q1');
  await press(world, texts.actions.block);
  expect(await get('q1')).toMatchObject({ answer: { option: 'block', text: '' } });
  await call('q2');
  await world.choose('UANA', 'block');
  await world.submit('UANA', { feedback: 'Wrong address', people_note: '' });
  expect(await get('q2')).toMatchObject({ answer: { option: 'block', text: 'Wrong address', by: 'UANA' } });
  expect(world.card().text).toContain('Wrong address');
});

test('arguments that do not fit on a card are allowed below their last page, once each page was turned to', async () => {
  const { world, call, get } = await createToolWorld();
  const lines = Array.from({ length: 600 }, (_, n) => `line ${n} ${'x'.repeat(60)}`);
  await call('q1', { output: { lines } });
  const card = world.card();
  expect(card.buttons).toEqual(['choose_2', 'read_in_full', 'more']);
  await world.click('UANA', 'read_in_full');
  expect(blocksOf(world)).toContain(texts.card.decideOnLastPage);
  const seen: string[] = [];
  for (;;) {
    const form = world.form('UANA');
    seen.push(form);
    if (!form.includes('page_after')) break;
    expect(form).not.toContain('choose_1');
    await world.press('UANA', 'page_after');
  }
  expect(seen.length).toBeGreaterThan(2);
  for (const n of [0, 300, 599]) expect(seen.join()).toContain(`line ${n} `);
  await world.press('UANA', 'choose_1');
  expect(await get('q1')).toMatchObject(allowed);
});

test('where a message does not fit on the card, a tool is allowed below all of it and its arguments', async () => {
  const { world, call, get } = await createToolWorld();
  const message = `${'The account of the fair pays this. '.repeat(60)}It empties the account.`;
  await call('q1', { message, run: 'run-2' });
  expect(world.card().buttons).toEqual(['choose_2', 'read_in_full', 'more']);
  expect(blocksOf(world)).toContain(texts.reading.hiddenCharacters(message.length - 1_499));
  await world.click('UANA', 'read_in_full');
  expect(world.form('UANA')).toContain('It empties the account.');
  expect(world.form('UANA')).toContain('ana@example.com');
  await world.press('UANA', 'choose_1');
  expect(await get('q1')).toMatchObject(allowed);
  await call('q2', { message: message.slice(0, 1_500), output: { to: 'ben@example.com' } });
  expect(world.card().buttons).toContain('choose_1');
});

test('the page that allows a tool has its message, which Home shows only in part, and the answer says where people decided', async () => {
  const { world, call, get } = await createToolWorld();
  const message = `${'The account of the fair pays this. '.repeat(20)}It empties the account.`;
  await call('q1', { message, run: 'run-3' });
  await world.home('UANA');
  await world.press('UANA', 'read_in_full');
  expect(world.form('UANA')).toContain('It empties the account.');
  await world.press('UANA', 'choose_1');
  const seen = [{ by: 'UANA', place: 'last_page', whole: true, asked: false }];
  expect(await get('q1')).toMatchObject({ answer: { seen } });
});

test('it is not allowed where its arguments are not shown', async () => {
  const { world, call, get } = await createToolWorld();
  await call('q1');
  const home = await world.home('UANA');
  expect(home).toContain('"choose_2"');
  expect(home).not.toContain('"choose_1"');
  await world.press('UANA', 'read_in_full');
  await world.press('UANA', 'choose_1');
  expect(await get('q1')).toMatchObject(allowed);
  await world.settle(world.workspace.closeModal({ user: 'UANA' }));
  await call('q2');
  await world.home('UANA');
  await world.settle(world.workspace.clickInView({ user: 'UANA', actionId: 'choose_2' }));
  await world.pass(2 * SECOND);
  expect(await get('q2')).toMatchObject({ answer: { option: 'block' } });
});

test('a person allows the same call for the rest of the run; its card lists what that let through', async () => {
  const { world, call, get, send } = await createToolWorld();
  await call('q1');
  await press(world, AGAIN);
  const card = world.card();
  expect(await get('q1')).toMatchObject(allowed);
  const reordered = { output: { subject: 'Budget', to: 'ana@example.com' } };
  expect(await call('q2', reordered)).toBe(201);
  expect(await get('q2')).toMatchObject(allowed);
  expect(await call('q2', reordered), 'the same again').toBe(200);
  expect(await call('q2', { agent: 'Another' }), 'another under its id').toBe(409);
  expect((await send('PUT', 'questions/q2/received')).status).toBe(200);
  expect((await send('DELETE', 'questions/q2')).data).toMatchObject({ status: 'answered' });
  expect(world.cards()).toHaveLength(1);
  expect(blocksOf(world, card)).toContain('Also allowed in this run: one call');
  expect(blocksOf(world, card)).toContain('1. the same arguments');

  const others = [
    { output: { to: 'ben@example.com' } },
    { title: 'Send SMS' },
    { run: 'run-2' },
    { run: undefined },
    { approvers: ['UBEN'] },
    { requested_by: 'UCAT' },
  ];
  for (const [at, more] of others.entries()) {
    await call(`other-${at}`, more);
    expect(await get(`other-${at}`), JSON.stringify(more)).toMatchObject({ status: 'waiting' });
  }
  await send('PUT', 'runs/run-1', { state: 'finished' });
  await world.pass(SECOND);
  await call('q3');
  expect(await get('q3'), 'the run had ended').toMatchObject({ status: 'waiting' });
  await call('q4');
  expect(await get('q4'), 'and goes on').toMatchObject({ status: 'waiting' });
});

test('without a run there is no rest of it, and a blocked call says how often it is asked for', async () => {
  const { world, call } = await createToolWorld();
  await call('q0', { run: undefined });
  expect(world.card().buttons).not.toContain('choose_3');
  for (const id of ['q1', 'q2', 'q3']) {
    await call(id);
    if (id !== 'q3') await press(world, texts.actions.block);
  }
  expect(world.card().text).toContain('the 3rd request for the same call in this run');
});

test('all calls of a tool are allowed only where the settings name it, with its arguments on the card', async () => {
  const { world, call, get } = await createToolWorld({ settings: { ALLOW_TOOLS_FOR_RUN: 'Read page' } });
  await call('q1');
  expect(blocksOf(world)).not.toContain(texts.actions.allowTool);
  const page = (n: number) => ({ title: 'Read page', output: { url: `https://example.com/${n}` } });
  await call('p1', page(1));
  await world.choose('UANA', 'allow_tool');
  const card = world.card();
  for (const n of [2, 3]) {
    await call(`p${n}`, page(n));
    expect(await get(`p${n}`)).toMatchObject(allowed);
  }
  for (const words of ['one call', '"2. "', 'https://example.com/2', 'https://example.com/3'])
    expect(blocksOf(world, card).includes(words)).toBe(words !== 'one call');
  await call('q2');
  expect(await get('q2'), 'another tool').toMatchObject({ status: 'waiting' });
  await call('long', { title: 'Read page', output: { url: 'x'.repeat(7_000) } });
  expect(await get('long'), 'more than the card can list').toMatchObject({ status: 'waiting' });
});

test('it takes as many votes as any other decision, and counts when it can no longer be undone', async () => {
  const { world, call, get } = await createToolWorld({
    settings: { APPROVERS: 'UANA,UBEN', APPROVALS_REQUIRED: '2', UNDO_WINDOW: '10 s' },
  });
  await call('q1');
  await press(world, AGAIN);
  await call('q2');
  expect(await get('q2')).toMatchObject({ status: 'waiting' });
  const [first] = world.cards();
  await press(world, AGAIN, 'UBEN', first);
  await call('q3');
  expect(await get('q3'), 'it can be undone').toMatchObject({ status: 'waiting' });
  await world.pass(10 * SECOND);
  await call('q4');
  expect(await get('q4')).toMatchObject({ status: 'answered', answer: { option: 'allow' } });
});

test('the audit has the digest of each call and what became of it', async () => {
  const { world, call } = await createToolWorld();
  await call('q1');
  await press(world, AGAIN);
  await call('q2');
  const records = world.records.of(world.stage.outside);
  const silent = { info() {}, warn() {}, error() {} } as unknown as Log;
  const lines: string[] = [];
  const read = async () => {
    const trail = readAuditTrail(
      records,
      createApprovalStore(records, silent),
      { since: 0, until: Number.MAX_SAFE_INTEGER },
      () => {},
    );
    for await (const { what, task, by, detail = '', output = '' } of trail)
      lines.push(`${task} ${what} ${by} ${detail}, ${output}`.replace(/json:\w{32}/, 'DIGEST'));
  };
  await world.settle(read());
  expect(lines).toEqual(
    expect.arrayContaining([
      'Send E-Mail received undefined tool call, DIGEST',
      'Send E-Mail decided UANA choose, allow, the same call too, ',
      'Send E-Mail call_allowed UANA the same call, DIGEST',
    ]),
  );
});

/** Beside a tool: a question that asks for named approvers as a tool does. */
const QUESTION = {
  title: MAIL.title,
  text: 'Hello',
  options: [
    { id: 'send', label: 'Send it' },
    { id: 'keep', label: 'Keep it' },
  ],
};
const NAMED = { ...QUESTION, named_approvers: true };

test.each([
  ['the settings name nobody', {}, [], 422],
  ['the question names only a group', { approvers: ['SEDITORS'] }, [], 422],
  ['the question names a person', { approvers: ['UBEN'] }, [], 201],
  ['the rules of the tool name a person', {}, ['tasks: [{match: "Send*", approvers: [UBEN]}]'], 201],
  ['only the rules of another tool name a person', {}, ['tasks: [{match: "Pay*", approvers: [UBEN]}]'], 422],
  [
    'the rules of the tool take the names of the crew away',
    {},
    ['approvers: [UANA]', 'tasks: [{match: "Send*", approvers: []}]'],
    422,
  ],
] as const)('a tool is asked about only where somebody is named: %s', async (_, more, rules, status) => {
  const { world, send } = await createToolWorld({
    settings: { APPROVERS: '' },
    rules: [`ask_secret: ${ASK_SECRET}`, ...rules],
  });
  for (const [id, body] of Object.entries({ tool: MAIL, question: NAMED })) {
    const asked = await send('PUT', `questions/${id}`, { ...body, ...more });
    expect(asked.status).toBe(status);
    if (status === 422)
      expect(asked.data.message).toMatch(
        /approvers of this question must name at least one person.* APPROVERS/,
      );
  }
  expect(world.cards()).toHaveLength(status === 422 ? 0 : 2);
  expect((await send('PUT', 'questions/open', QUESTION)).status).toBe(201);
});

test('a question with named_approvers is decided by nobody once the approvers are taken away, and closed then', async () => {
  const { world, send, get } = await createToolWorld();
  await send('PUT', 'questions/named', NAMED);
  await send('PUT', 'questions/open', { ...QUESTION, title: 'Pay' });
  await world.restart({ APPROVERS: '' });
  for (const waiting of world.cards()) await world.click('UANA', 'choose_1', waiting);
  await world.pass(3 * SECOND);
  expect([(await get('named')).status, (await get('open')).status]).toEqual(['waiting', 'answered']);
  await world.pass(2 * 60 * SECOND);
  expect(await get('named')).toMatchObject({ status: 'closed' });
  const [closed] = world.cards();
  expect(closed?.text).toContain('it needs named approvers, and there are none');
});

test('a tool that waits when the approvers are taken away is decided by nobody and closed with that reason', async () => {
  const { world, call, get } = await createToolWorld();
  await call('q1');
  await call('named', { title: 'Pay', approvers: ['UBEN'] });
  const [waiting] = world.cards();
  await world.restart({ APPROVERS: '' });
  await press(world, texts.actions.allow, 'UANA', waiting);
  expect(await get('q1')).toMatchObject({ status: 'waiting' });
  await world.pass(2 * 60 * SECOND);
  expect(await get('q1')).toMatchObject({ id: 'q1', status: 'closed' });
  const [closed] = world.cards();
  expect(closed?.text).toContain('it needs named approvers, and there are none');
  expect(closed?.buttons).not.toContain('choose_1');
  expect(await get('named')).toMatchObject({ status: 'waiting' });
  expect(await call('q2')).toBe(422);
});

test('a permission lets no call through when the approvers are taken away', async () => {
  const { world, call } = await createToolWorld();
  await call('q1');
  await press(world, AGAIN);
  expect(await call('q2')).toBe(201);
  await world.restart({ APPROVERS: '' });
  expect(await call('q3')).toBe(422);
});
