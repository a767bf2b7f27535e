import { expect, test } from 'vitest';
import { severalTexts } from '../../../src/features/several/texts.ts';
import type { Failure } from '../../../src/sandbox/failures.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { speak, spoken } from '../../support/spoken.ts';
import { ask, press } from '../../world/asking.ts';
import { answerBlind, clickOnHome } from '../../world/spoken-world.ts';
import { createWorld, SECOND, type World, type WorldOptions } from '../../world/world.ts';

const ASK_SECRET = 'the-ask-secret-of-a-program';

async function createAsked(count: number, { settings, ...options }: WorldOptions = {}) {
  const world = await createWorld({ ...options, settings: { ASK_SECRET, ...settings } });
  const send = (method: string, id: string, body?: object) =>
    world.send(`crews/press/questions/${id}`, body, {
      method,
      headers: { authorization: `Bearer ${ASK_SECRET}` },
    });
  const program = {
    put: (id: string, body: object) => send('PUT', id, body),
    get: async (id: string) => (await send('GET', id)).data,
  };
  for (let n = 1; n <= count; n += 1) {
    await program.put(`q${n}`, { title: `Draft ${n}`, text: `Text of draft ${n}` });
    await world.pass(2 * SECOND);
  }
  return { world, program };
}

const directTo = ({ workspace }: World, person: string) =>
  workspace.directMessages(person).map(({ text }) => text);

async function clickInView(world: World, user: string, actionId: string) {
  await world.settle(world.workspace.clickInView({ user, actionId }));
  await world.pass(3 * SECOND);
}

async function openFromHome(world: World, user = 'UANA') {
  await world.home(user);
  await clickInView(world, user, 'decide_several');
}

/** The checkboxes of the form that is open, by their blocks. */
const boxes = (world: World, user: string) =>
  [...world.form(user).matchAll(/"block_id":"(select:[^"]+)"/g)].map(([, block = '']) => block);

/** Selects those at these places and sends the form; what the form shows then. */
async function approveSelected(world: World, user: string, indexes: readonly number[]) {
  const all = boxes(world, user);
  const values = Object.fromEntries(indexes.map((index) => [all[index] ?? '', { selected: ['approve'] }]));
  await world.settle(world.workspace.submit({ user, values }));
  await world.pass(3 * SECOND);
  return world.form(user);
}

const cardsBy = (world: World, state: string) => world.cards().filter((card) => card.state === state).length;

test('ten at most are shown whole, with a checkbox each; those that are selected are approved, each by itself', async () => {
  const { world, program } = await createAsked(12);
  await openFromHome(world);
  const form = world.form('UANA');
  for (let n = 1; n <= 10; n += 1) expect(form).toContain(`Text of draft ${n}"`);
  expect(form).not.toContain('Text of draft 11');
  const who = spoken().card.canDecide({ names: ['ana', 'ben', 'cat'], others: 0 });
  expect(form.split(who)).toHaveLength(11);
  const done = await approveSelected(world, 'UANA', [0, 2, 9]);
  for (const n of [1, 3, 10]) {
    expect(done).toContain(`Draft ${n}>*`);
    expect(await program.get(`q${n}`)).toMatchObject({
      status: 'answered',
      answer: { by: 'UANA' },
    });
  }
  for (const n of [2, 4, 11, 12]) expect(await program.get(`q${n}`)).toMatchObject({ status: 'waiting' });
  await clickInView(world, 'UANA', 'decide_several');
  expect(world.form('UANA')).toContain('Text of draft 11');
  expect(world.form('UANA')).not.toContain('Text of draft 9');
});

test('nothing selected approves nothing, and says so at the first checkbox', async () => {
  const { world } = await createAsked(2);
  await openFromHome(world);
  const sent = await world.submit('UANA');
  expect(JSON.stringify(sent)).toContain('Select at least one.');
  expect(cardsBy(world, 'waiting')).toBe(2);
});

test('what was decided, revised or lost its approver meanwhile is not approved, and each line says why', async () => {
  const { world, program } = await createAsked(4, { settings: { APPROVERS: 'UANA,UBEN' } });
  await openFromHome(world);
  const [first, second] = world.cards();
  await world.click('UBEN', 'approve', first);
  await world.revise('UBEN', 'Shorter', second);
  await program.get('q2');
  await program.put('q2-2', { title: 'Draft 2', text: 'A shorter one', follows: 'q2' });
  await world.pass(3 * SECOND);
  const done = await approveSelected(world, 'UANA', [0, 1, 2]);
  expect(done).toContain('Draft 1');
  expect(done).toContain('<@UBEN>');
  expect(await program.get('q2-2')).toMatchObject({ status: 'waiting' });
  expect(await program.get('q3')).toMatchObject({ status: 'answered', answer: { by: 'UANA' } });
  expect(await program.get('q4')).toMatchObject({ status: 'waiting' });
});

test('only what can be approved by reading is offered: no options, tools or texts that do not fit', async () => {
  const { world, program } = await createAsked(2);
  await program.put('options', { title: 'Ship it?', text: 'Build 42', options: ['ship', 'hold'] });
  await program.put('tool', {
    kind: 'tool',
    title: 'Run rm',
    text: 'rm -rf /tmp/x',
  });
  await program.put('long', { title: 'A book', text: 'word '.repeat(3_000) });
  await program.put('said', { title: 'A note', text: 'In short', message: 'Please read this. '.repeat(100) });
  await world.pass(5 * SECOND);
  await openFromHome(world);
  const form = world.form('UANA');
  expect(form).toContain('Text of draft 2');
  for (const missing of ['Build 42', 'rm -rf', 'word word', 'In short']) expect(form).not.toContain(missing);
  expect(form).toContain('2 more do not fit into this form.');
});

test('a form that is sent twice gives one vote, where two have to approve', async () => {
  const { world, program } = await createAsked(2, {
    settings: { APPROVERS: 'UANA,UBEN', APPROVALS_REQUIRED: '2' },
  });
  await openFromHome(world);
  const [box = ''] = boxes(world, 'UANA');
  const values = { [box]: { selected: ['approve'] } };
  const twice = [1, 2].map(() => world.workspace.submit({ user: 'UANA', values }));
  await world.settle(Promise.allSettled(twice));
  await world.pass(3 * SECOND);
  expect(await program.get('q1')).toMatchObject({ status: 'waiting' });
  await openFromHome(world, 'UBEN');
  const done = await approveSelected(world, 'UBEN', [0, 1]);
  expect(await program.get('q1')).toMatchObject({ status: 'answered', answer: { by: 'UBEN' } });
  expect(done).toContain('Draft 1>*: decided, not picked up yet');
  expect(done).toContain('Draft 2>*: :ballot_box_with_check: 1 of 2 approved: <@UBEN>.');
  expect(await program.get('q2')).toMatchObject({ status: 'waiting' });
});

test('a list of what waits offers the form below it, and the pauses of one run are approved together', async () => {
  const { world } = await createAsked(1);
  await world.shown();
  const list = await ask(world, 'waiting');
  await press(world, list, 'Decide several…');
  await approveSelected(world, 'UANA', [0, 1]);
  expect(cardsBy(world, 'waiting')).toBe(0);
});

test('what is selected on a page is not selected on the next one', async () => {
  const { world, program } = await createAsked(12);
  await openFromHome(world);
  const [box = ''] = boxes(world, 'UANA');
  // The submission times out, so the form stays open with what was entered.
  const process = world.living(0);
  if (process) world.freeze(process, 20 * SECOND);
  await world.settle(world.workspace.submit({ user: 'UANA', values: { [box]: { selected: ['approve'] } } }));
  await world.pass(40 * SECOND);
  await clickInView(world, 'UANA', 'decide_several');
  expect(world.form('UANA')).toContain('Text of draft 11');
  await world.settle(world.workspace.submit({ user: 'UANA' }));
  await world.pass(2 * SECOND);
  for (const n of [11, 12]) expect(await program.get(`q${n}`)).toMatchObject({ status: 'waiting' });
});

test('texts of many bytes come in more pages, and many short sections in few blocks', async () => {
  const { world, program } = await createAsked(0);
  for (let n = 1; n <= 10; n += 1)
    await program.put(`q${n}`, { title: `${'稿'.repeat(140)}${n}`, text: '漢'.repeat(7_990) });
  const headings = Array.from({ length: 30 }, (_, n) => `# Heading ${n}`).join('\n');
  await program.put('headings', { title: 'Short', text: headings });
  await world.pass(10 * SECOND);
  await openFromHome(world);
  const first = boxes(world, 'UANA').length;
  expect(first).toBeGreaterThan(3);
  await clickInView(world, 'UANA', 'decide_several');
  expect(first + boxes(world, 'UANA').length).toBe(11);
  expect(world.form('UANA')).toContain('Heading 29');
});

test('warnings of the card are in the form: an edited text, and the answer that is taken at the deadline', async () => {
  const { world, program } = await createAsked(0, {
    settings: { APPROVERS: 'UANA,UBEN', APPROVALS_REQUIRED: '2' },
  });
  for (const id of ['q1', 'q2']) await program.put(id, { title: id, text: 'Monday', editable: true });
  await world.pass(3 * SECOND);
  await world.choose('UANA', 'edit', world.cards()[0]);
  await world.submit('UANA', { edited: 'Friday' });
  await world.pass(3 * SECOND);
  await openFromHome(world, 'UBEN');
  expect(world.form('UBEN')).toContain('<@UANA> edited');
});

test('an output cannot draw the beginning of another entry', async () => {
  const { world, program } = await createAsked(1);
  const imitated = [
    '---',
    '# Draft 1',
    '**Draft 1** – press',
    'Draft 1\n=======',
    '<h1>Draft 1</h1>',
    '| Draft 1 |\n|---|\n| press |',
  ].join('\n\n');
  await program.put('text', { title: 'Payment', text: imitated, message: imitated });
  await program.put('json', {
    title: 'Other payment',
    output: { '# Draft 1': '---\n# Draft 1' },
    message: imitated,
  });
  await world.pass(3 * SECOND);
  await openFromHome(world);
  const blocks = (world.workspace.openView('UANA')?.blocks ?? []) as {
    type: string;
    text?: { text: string };
  }[];
  const headers = blocks.flatMap(({ type, text }) => (type === 'header' ? [text?.text] : []));
  expect(headers).toEqual(['Draft 1', 'Payment', 'Other payment']);
  expect(blocks.filter(({ type }) => type === 'input')).toHaveLength(3);
});

test.each<[string, Failure, times: number, shown: 'page' | 'sentence' | 'message']>([
  ['refuses the page', { error: 'invalid_arguments' }, 1, 'sentence'],
  ['breaks off', { reset: true }, 1, 'sentence'],
  ['answers, and the answer is lost', { answerLost: true }, 1, 'page'],
  ['is rate limited', { rateLimited: { retryAfter: 30 } }, 2, 'message'],
])(
  'where views.update %s, the person reads why nothing can be decided, or the page',
  async (_, failure, times, shown) => {
    const { world } = await createAsked(2);
    world.workspace.failures.plan({ on: 'views.update', failure, times });
    await openFromHome(world);
    const form = world.form('UANA');
    const told = directTo(world, 'UANA');
    expect({
      page: form.includes('Text of draft 1"'),
      sentence: form.includes(en.refusals.windowNotOpened),
      message: told.includes(en.refusals.windowNotOpened),
    }).toEqual({ page: false, sentence: false, message: false, [shown]: true });
  },
);

test('the form is answered in its language by a process that does not know the person', async () => {
  const errors = await answerBlind((world) => clickOnHome(world, 'decide_several'), {});
  expect(errors).toEqual([speak('es', () => severalTexts(spoken()).noneSelected)]);
});
