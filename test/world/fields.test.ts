import { expect, test } from 'vitest';
import { writeReport } from '../../src/report/write-report.ts';
import { es, ptBR, en as texts } from '../../src/slack/texts/texts.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { readAuditTrail } from '../../src/store/audit.ts';
import { createHistoryReader } from '../../src/store/history-reader.ts';
import { createWorld, HOUR, SECOND, type World, type WorldOptions } from './world.ts';

const ASK_SECRET = 'the-ask-secret-of-a-program';

function programOf(world: World) {
  const send = (method: string, path: string, body?: object) =>
    world.send(`crews/press/${path}`, body, { method, headers: { authorization: `Bearer ${ASK_SECRET}` } });
  return {
    put: (id: string, body: object) => send('PUT', `questions/${id}`, body),
    answer: async (id: string) => (await send('GET', `questions/${id}`)).data,
    received: (id: string) => send('PUT', `questions/${id}/received`),
    run: (run: string, body: object) => send('PUT', `runs/${run}`, body),
    send,
  };
}

async function createFieldsWorld(options: WorldOptions = {}) {
  const world = await createWorld({ settings: { ASK_SECRET }, ...options });
  return { world, program: programOf(world) };
}

const OPTIONS = [
  { id: 'pay', label: 'Pay', style: 'primary' },
  { id: 'hold', label: 'Hold' },
];
const properties = (all: object, required: string[] = []) => ({ type: 'object', properties: all, required });
const PAYMENT = {
  title: 'Pay invoice 17',
  text: 'ACME sent an invoice.',
  options: OPTIONS,
  fields: properties(
    {
      amount: { type: 'number', title: 'Amount', minimum: 0.01, maximum: 5_000 },
      day: { type: 'string', title: 'On', format: 'date' },
      account: { type: 'string', title: 'From', enum: ['giro', 'savings'], enumNames: ['Giro', 'Savings'] },
      mail: { type: 'string', title: 'Receipt to', format: 'email' },
      page: { type: 'string', title: 'Invoice', format: 'uri' },
      at: { type: 'string', title: 'Not before', format: 'date-time' },
      urgent: { type: 'boolean', title: 'Urgent' },
      tags: { type: 'array', title: 'Tags', items: { enum: ['travel', 'office'] } },
      note: { type: 'string', title: 'Note', maxLength: 500 },
    },
    ['amount', 'account'],
  ),
};

test('an option with fields opens a form; the answer has the values typed, and the card shows them as lines', async () => {
  const { world, program } = await createFieldsWorld();
  await program.put('q1', PAYMENT);
  expect(world.card().text).toContain(
    'Pay asks for: Amount, On (optional), From, Receipt to (optional), Invoice (optional)',
  );
  await world.click('UANA', 'write_1');
  await world.submitForm('UANA', {
    Amount: '1200.5',
    On: '2028-02-29',
    From: 'Savings',
    'Receipt to': 'ana@example.com',
    Invoice: 'https://example.com/17',
    Urgent: 'Yes',
    Tags: ['office'],
    Note: 'First line\nSecond line',
  });
  await world.pass(3 * SECOND);
  const fields = {
    amount: 1200.5,
    day: '2028-02-29',
    account: 'savings',
    mail: 'ana@example.com',
    page: 'https://example.com/17',
    urgent: true,
    tags: ['office'],
    note: 'First line\nSecond line',
  };
  expect((await program.answer('q1')).answer).toMatchObject({ option: 'pay', text: '', by: 'UANA', fields });
  await program.received('q1');
  await world.pass(3 * SECOND);
  const { text } = world.card();
  for (const line of [
    '*Amount*: 1,200.5',
    '*From*: Savings',
    '*Urgent*: Yes',
    '*Tags*: office',
    '>Second line',
  ])
    expect(text).toContain(line);
  expect(text).toContain('<@UANA> chose *Pay*');
});

test('the form ends its first line with the title, which can be a question', () => {
  for (const { fields } of [texts, es, ptBR])
    expect(fields.question('*Ship it?*')).toMatch(/ \*Ship it\?\*$/);
});

test('an option without fields decides at once', async () => {
  const { world, program } = await createFieldsWorld();
  await program.put('q1', PAYMENT);
  await world.click('UANA', 'choose_2');
  await world.pass(3 * SECOND);
  const { answer } = await program.answer('q1');
  expect(answer).toMatchObject({ option: 'hold' });
  expect(answer).not.toHaveProperty('fields');
});

test('without options, Approve opens the form, and Request revision asks for its text only', async () => {
  const { world, program } = await createFieldsWorld();
  const { options: _, ...question } = PAYMENT;
  await program.put('q1', question);
  expect(world.card().text).toContain('Approve asks for: Amount');
  await world.click('UANA', 'approve_with_text');
  await world.submitForm('UANA', { Amount: '3', From: 'Giro' });
  expect((await program.answer('q1')).answer).toMatchObject({
    option: 'approve',
    fields: { amount: 3, account: 'giro' },
  });
  await program.put('q2', { ...question, title: 'Other' });
  await world.revise('UANA', 'The wrong invoice');
  expect((await program.answer('q2')).answer).toMatchObject({ option: 'revise', text: 'The wrong invoice' });
});

test('what does not fit is said at its field, in the language of the person, and the form stays open', async () => {
  const { world, program } = await createFieldsWorld({ locales: { ben: 'es-MX' } });
  await program.put('q1', {
    ...PAYMENT,
    fields: properties(
      {
        plan: { type: 'array', title: 'Plan', minItems: 2, items: { enum: ['a', 'b', 'c'] } },
        rate: { type: 'number', title: 'Rate', description: 'In percent.' },
      },
      ['plan'],
    ),
  });
  await world.click('UBEN', 'write_1');
  // 1.234 is read as Slack reads it, which is not what a person means who writes decimals with a comma.
  expect(world.form('UBEN')).toContain('In percent. Escribe los decimales con punto: 1234.50.');
  const sent = await world.submitForm('UBEN', { Plan: ['a'] });
  expect(JSON.stringify(sent)).toContain('Elige al menos 2.');
  expect(await program.answer('q1')).toMatchObject({ status: 'waiting' });
  await world.submitForm('UBEN', { Plan: ['a', 'c'] });
  expect((await program.answer('q1')).answer).toMatchObject({ fields: { plan: ['a', 'c'] } });
});

test('a form that comes after the decision shows what was entered, so that nothing typed is lost', async () => {
  const { world, program } = await createFieldsWorld();
  await program.put('q1', PAYMENT);
  await world.click('UANA', 'write_1');
  await world.click('UBEN', 'choose_2');
  await world.pass(3 * SECOND);
  const entered = {
    Amount: '17.25',
    On: '2028-02-29',
    From: 'Giro',
    Urgent: 'Yes',
    Tags: ['travel', 'office'],
  };
  await world.submitForm('UANA', entered);
  const lines = ['Amount: 17.25', 'On: 2028-02-29', 'From: Giro', 'Urgent: Yes', 'Tags: travel, office'];
  for (const words of [...lines, '<@UBEN>']) expect(world.form('UANA')).toContain(words);
});

test('a form whose click reached the bot too late stays open, with choices and dates, and can be sent again', async () => {
  const { world, program } = await createFieldsWorld();
  await program.put('q1', PAYMENT);
  await world.click('UANA', 'write_1');
  const entered = {
    Amount: '17.25',
    On: '2028-02-29',
    From: 'Giro',
    Urgent: 'Yes',
    Tags: ['office'],
    Note: 'Now',
  };
  const sent = await world.late(() => world.submitForm('UANA', entered));
  expect(Object.values(sent.errors ?? {})).toEqual([texts.refusals.tooLate]);
  expect(world.workspace.directMessages('UANA').map(({ text }) => text)).toEqual([texts.refusals.tooLate]);
  expect(await program.answer('q1')).toMatchObject({ status: 'waiting' });
  await world.submitForm('UANA', {});
  const fields = {
    amount: 17.25,
    day: '2028-02-29',
    account: 'giro',
    urgent: true,
    tags: ['office'],
    note: 'Now',
  };
  expect((await program.answer('q1')).answer).toMatchObject({ option: 'pay', fields });
});

test('where several have to approve, who enters values opens a round; the others agree to them or enter others', async () => {
  const { world, program } = await createFieldsWorld({
    settings: {},
    rules: [`ask_secret: ${ASK_SECRET}`, 'approvers: [UANA, UBEN, UCAT]', 'approvals_required: 2'],
  });
  await program.put('q1', PAYMENT);
  await world.click('UANA', 'write_1');
  await world.submitForm('UANA', { Amount: '100', From: 'Giro' });
  await world.pass(3 * SECOND);
  expect(world.card().text).toContain('<@UANA> entered:');
  expect(world.card().text).toContain('*Amount*: 100');
  expect(await program.answer('q1')).toMatchObject({ status: 'waiting' });
  await world.choose('UBEN', 'enter_other');
  expect(world.form('UBEN')).toContain('"initial_value":"100"');
  await world.submitForm('UBEN', { Amount: '90', From: 'Giro' });
  await world.pass(3 * SECOND);
  expect(world.card().text).toContain('*Amount*: 90');
  expect(await program.answer('q1')).toMatchObject({ status: 'waiting' });
  await world.click('UCAT', 'choose_1');
  await world.pass(3 * SECOND);
  expect((await program.answer('q1')).answer).toMatchObject({
    option: 'pay',
    by: 'UCAT',
    fields: { amount: 90, account: 'giro' },
  });
});

test('what others entered is agreed to only where it is shown: elsewhere the form opens with it, and a typed yes is refused', async () => {
  const { world, program } = await createFieldsWorld({
    settings: {},
    rules: [
      `ask_secret: ${ASK_SECRET}`,
      'approvers: [UANA, UBEN, UCAT]',
      'approvals_required: 2',
      'expire_after: 1h',
    ],
  });
  await program.put('q1', PAYMENT);
  const deadline = /Decide by [^.]*/.exec(world.card().text)?.[0];
  await world.pass(600 * SECOND);
  await world.click('UANA', 'write_1');
  await world.submitForm('UANA', {
    Amount: '100',
    From: 'Giro',
    'Note for people only': 'As agreed with ACME',
  });
  await world.pass(3 * SECOND);
  expect(/Decide by [^.]*/.exec(world.card().text)?.[0]).toBe(deadline);
  expect(JSON.stringify(world.workspace.messages('CAPPROVALS'))).toContain('As agreed with ACME');
  await world.home('UBEN');
  await world.settle(world.workspace.clickInView({ user: 'UBEN', actionId: 'write_1' }));
  await world.pass(SECOND);
  expect(world.form('UBEN')).toContain('"initial_value":"100"');
  expect(await program.answer('q1')).toMatchObject({ status: 'waiting' });
  await world.submitForm('UBEN', { Amount: '100', From: 'Giro' });
  await world.pass(3 * SECOND);
  expect((await program.answer('q1')).answer).toMatchObject({ by: 'UBEN', fields: { amount: 100 } });
});

test('a value that a card draws otherwise than it was entered is agreed to in the form', async () => {
  const { world, program } = await createFieldsWorld({
    settings: {},
    rules: [`ask_secret: ${ASK_SECRET}`, 'approvers: [UANA, UBEN]', 'approvals_required: 2'],
  });
  for (const [id, note, button] of [
    ['q1', 'As agreed', 'choose_1'],
    ['q2', 'a  b', 'write_1'],
    ['q3', '~5~ 6', 'write_1'],
    ['q4', ' x', 'write_1'],
  ] as const) {
    await program.put(id, { ...PAYMENT, title: id });
    await world.click('UANA', 'write_1');
    await world.submitForm('UANA', { Amount: '100', From: 'Giro', Note: note });
    await world.pass(3 * SECOND);
    expect(world.card().buttons, note).toContain(button);
  }
});

test('a value looks like nothing else on the card, and each of several choices is one', async () => {
  const { world, program } = await createFieldsWorld();
  const fields = properties({
    note: { type: 'string', title: 'Note' },
    lines: { type: 'string', title: 'Lines', maxLength: 500 },
    tags: { type: 'array', title: 'Tags', items: { enum: ['a, b', 'a', 'b'] } },
    places: { type: 'array', title: 'Places', items: { enum: ['Rio', 'Lima'] } },
  });
  await program.put('q1', { ...PAYMENT, fields });
  await world.click('UANA', 'write_1');
  const note = ':x: <@UBEN> chose *Hold* <!channel> `now`';
  const entered = { Note: note, Lines: '*1*\nAmount: 1', Tags: ['a, b', 'a'], Places: ['Rio', 'Lima'] };
  await world.submitForm('UANA', entered);
  await world.pass(3 * SECOND);
  const blocks = JSON.stringify(world.workspace.message('CAPPROVALS', world.card().ts)?.blocks);
  expect(blocks).toContain(JSON.stringify({ type: 'plain_text', text: `Note: ${note}`, emoji: false }));
  expect(blocks).toContain(JSON.stringify('Lines:\n> *1*\n> Amount: 1'));
  expect(blocks.split('<@UBEN> chose')).toHaveLength(2);
  expect(world.card().text).toContain('*Tags*: \n>a, b\n>a');
  expect(world.card().text).toContain('*Places*: Rio, Lima');
});

test.each([1, 2])('twenty long values leave room for their card, where %i decide', async (required) => {
  const names = Array.from({ length: 20 }, (_, at) => `f${at}`);
  const { world, program } = await createFieldsWorld({
    settings: {},
    rules: [`ask_secret: ${ASK_SECRET}`, 'approvers: [UANA, UBEN]', `approvals_required: ${required}`],
  });
  await program.put('q1', {
    title: 'Many',
    text: 'x '.repeat(1_250),
    options: Array.from({ length: 20 }, (_, at) => ({
      id: `o${at}`,
      label: `${at} ${'&'.repeat(110)}`,
      fields: true,
    })),
    fields: properties(
      Object.fromEntries(
        names.map((name) => [name, { type: 'string', title: `${name} ${'&'.repeat(140)}` }]),
      ),
    ),
  });
  expect(world.cards()).toHaveLength(1);
  const listed = JSON.stringify(world.workspace.message('CAPPROVALS', world.card().ts)?.blocks);
  const selected = /"(0:[^"]+)"/.exec(listed)?.[1] ?? '';
  await world.click('UANA', 'write_from_list', { selected });
  await world.pass(SECOND);
  const answers = names.map((name) => [`${name} ${'&'.repeat(140)}`, `${name} ${'&'.repeat(2_900)}`]);
  await world.submitForm('UANA', Object.fromEntries(answers));
  await world.pass(10 * SECOND);
  expect(world.card().text).toContain('… and');
  if (required === 1) expect((await program.answer('q1')).status).toBe('answered');
  else expect(world.cards()).toHaveLength(2);
});

const LOGIN = {
  title: 'Log in to the bank',
  text: 'The bank asks for an account.',
  fields: properties({ user: { type: 'string' } }, ['user']),
};

test.each([true, false])(
  'writeOnly: %s is 422 with the reason, since a form in Slack is not a place for secrets',
  async (writeOnly) => {
    const { world, program } = await createFieldsWorld();
    const password = { type: 'string', title: 'Password', writeOnly };
    const fields = properties({ ...LOGIN.fields.properties, password });
    const message =
      'fields.properties.password.writeOnly is not possible: a form in Slack is not a place for secrets.';
    expect(await program.put('q1', { ...LOGIN, fields })).toMatchObject({ status: 422, data: { message } });
    expect(world.cards()).toHaveLength(0);
  },
);

/** The export and the report of all that happened. */
async function readHistory(world: World): Promise<{ lines: string; page: string }> {
  const records = world.records.of(world.stage.outside);
  const log = { info() {}, warn() {}, error() {} };
  const period = { since: 0, until: Number.MAX_SAFE_INTEGER };
  return world.settle(
    (async () => {
      const lines: string[] = [];
      for await (const line of readAuditTrail(records, createApprovalStore(records, log), period, () => {}))
        lines.push(JSON.stringify(line));
      let page = '';
      const about = { ...period, madeAt: 0, longestText: 5_000 };
      for await (const text of writeReport(createHistoryReader(records), about)) page += text;
      return { lines: lines.join('\n'), page };
    })(),
  );
}

test('the report says which values were asked for, and what was filled in', async () => {
  const { world, program } = await createFieldsWorld();
  const amount = { type: 'number', title: 'Amount', description: 'In euros', default: 1200.5 };
  const asked = properties({ amount, note: { type: 'string', title: 'Note' } }, ['amount']);
  await program.put('q1', { title: 'Pay invoice 17', text: 'ACME sent an invoice.', fields: asked });
  const { page } = await readHistory(world);
  expect(page.replaceAll(/<\/?bdi>/g, '')).toContain(
    'Asked for values: Amount – In euros, filled in: 1200.5 · Note (optional)',
  );
});

test('the report names a choice that was filled in as the form shows it, and no empty list', async () => {
  const { world, program } = await createFieldsWorld();
  const account = { type: 'string', title: 'From', enum: ['s1'], enumNames: ['Savings'], default: 's1' };
  const items = { enum: ['travel', 'office'] };
  const tags = { type: 'array', title: 'Tags', items, default: ['travel', 'office'] };
  const asked = properties({ account, tags, none: { ...tags, title: 'None', default: [] } });
  await program.put('q1', { title: 'Pay invoice 17', text: 'ACME sent an invoice.', fields: asked });
  const { page } = await readHistory(world);
  expect(page.replaceAll(/<\/?bdi>/g, '')).toContain(
    'From (optional), filled in: Savings (s1) · Tags (optional), filled in: travel, office · None (optional)</p>',
  );
});

test('the export and the report have what was entered, and the history fits', async () => {
  const { world, program } = await createFieldsWorld();
  await program.put('q1', LOGIN);
  await world.click('UANA', 'approve_with_text');
  await world.submitForm('UANA', { user: 'acme' });
  await program.received('q1');
  await world.pass(3 * SECOND);
  const { lines, page } = await readHistory(world);
  expect(lines).toContain('"values":"{\\"user\\":\\"acme\\"}"');
  expect(page).toContain('{&quot;user&quot;:&quot;acme&quot;}');
  expect(page).toContain('nothing was changed');
});

test('a deadline approves nothing that needs values: the question stays open', async () => {
  const { world, program } = await createFieldsWorld({
    settings: {},
    rules: [`ask_secret: ${ASK_SECRET}`, 'expire_after: 1h', 'on_expiry: approve'],
  });
  const { options: _, ...question } = PAYMENT;
  await program.put('q1', question);
  expect(world.card().text).toContain('It stays open after that.');
  await world.pass(2 * HOUR);
  expect(await program.answer('q1')).toMatchObject({ status: 'waiting' });
});

test('a decision with values that is undone leaves nothing, and the form can be sent again', async () => {
  const { world, program } = await createFieldsWorld({
    settings: {},
    rules: [`ask_secret: ${ASK_SECRET}`, 'undo_window: 60s'],
  });
  await program.put('q1', LOGIN);
  await world.click('UANA', 'approve_with_text');
  await world.submitForm('UANA', { user: 'acme' });
  expect(await program.answer('q1')).toMatchObject({ status: 'waiting' });
  await world.click('UANA', 'undo');
  await world.pass(3 * SECOND);
  expect(JSON.stringify(world.records.all())).not.toContain('acme');
  await world.click('UANA', 'approve_with_text');
  await world.submitForm('UANA', { user: 'other' });
  await world.pass(90 * SECOND);
  expect((await program.answer('q1')).answer.fields).toEqual({ user: 'other' });
});
