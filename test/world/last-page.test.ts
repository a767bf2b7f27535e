import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { QUESTION } from '../support/flow-world.ts';
import { readRecords } from './read-records.ts';
import { createWorld, draft, FLOW_SETTINGS, HOUR, SECOND, type World, type WorldOptions } from './world.ts';

const ASK_SECRET = 'the-ask-secret-of-a-program';
/** Each heading begins a section, and a page holds 20 of them. */
const PAGES = 3;
const LONG = Array.from(
  { length: 20 * PAGES },
  (_, at) =>
    `## Part ${at}.\n\nThe mill delivered ${at} rolls of white and of gray paper for the big fair of spring, as agreed in person with the printers in March, and asks to be paid.`,
).join('\n\n');
const hash = expect.stringMatching(/^text:[0-9a-f]{32}$/);

/** A world with the card of a draft. */
async function createDraftWorld(options: WorldOptions = {}): Promise<World> {
  const world = await createWorld({ tasks: [{ ...draft, writeOutput: () => LONG }], ...options });
  await world.shown();
  return world;
}

/** Waits until a page is shown: its conversion gives way to other work after each section. */
async function shows(world: World, user: string, page: number): Promise<void> {
  while (!world.form(user).includes(`page ${page} of ${PAGES}`)) await world.stage.drain();
}

async function openFirst(world: World, user = 'UANA'): Promise<void> {
  await world.click(user, 'read_in_full');
  await shows(world, user, 1);
}

async function turnTo(world: World, actionId: string, page: number, user = 'UANA'): Promise<void> {
  await world.settle(world.workspace.clickInView({ user, actionId }));
  await shows(world, user, page);
}

/** Opens the output from its card and turns all pages. */
async function openAll(world: World, user = 'UANA'): Promise<void> {
  await openFirst(world, user);
  for (let page = 2; page <= PAGES; page += 1) await turnTo(world, 'page_after', page, user);
}

const decisionOf = async (world: World) =>
  (await readRecords(world)).approval.rounds.findLast(({ decision }) => decision)?.decision;
const views = (world: World, user = 'UANA') => world.workspace.openView(user);

describe('an output that is cut on its card can be decided below its last page', () => {
  test('by who opened every page in order, and Slack asks nothing', async () => {
    const world = await createDraftWorld();
    await openAll(world);
    const form = world.form('UANA');
    expect(form).toContain('Part 59.');
    expect(form).not.toContain('"confirm"');
    await world.press('UANA', 'approve');
    expect(world.form('UANA')).toContain('Approved by <@UANA>');
    expect(await decisionOf(world)).toMatchObject({
      action: 'approve',
      seen: { place: 'last_page', language: 'en', hash, pages: PAGES },
    });
    expect(world.resumes()).toHaveLength(1);
    expect((await readRecords(world)).approval.facts.find(({ what }) => what === 'decided')?.origin).toBe(
      'modal',
    );
  });

  test('not by who jumped to it: the page says how many were opened, and going back opens the others', async () => {
    const world = await createDraftWorld();
    await openFirst(world);
    expect(world.form('UANA')).not.toContain(texts.reading.openAllPages(2));
    await turnTo(world, 'page_last', 3);
    expect(world.form('UANA')).toContain(texts.reading.openAllPages(2));
    expect(world.form('UANA')).not.toContain('"approve"');
    await turnTo(world, 'page_before', 2);
    await turnTo(world, 'page_after', 3);
    await world.press('UANA', 'approve');
    expect((await decisionOf(world))?.seen?.pages).toBe(PAGES);
  });

  test.each([
    ['not by who may not', 'UBEN', texts.refusals.decide.not_approver],
    ['not after another person', 'UANA,UBEN', '<@UBEN> already approved'],
  ])('%s: a sentence above the page says so, and the page stays', async (_, APPROVERS, sentence) => {
    const world = await createDraftWorld({ settings: { APPROVERS } });
    await openAll(world);
    await world.click('UBEN', 'approve');
    await world.pass(5 * SECOND);
    await world.press('UANA', 'approve');
    expect(views(world)).toMatchObject({ previous_view_id: expect.any(String) });
    expect(world.form('UANA')).toContain(sentence);
    await world.settle(world.workspace.closeModal({ user: 'UANA' }));
    expect(world.form('UANA')).toContain('Part 59.');
    expect(world.resumes()).toHaveLength(1);
  });

  test('by the menu and its forms, which close with the page and count as decided on the page', async () => {
    const world = await createDraftWorld();
    await openAll(world);
    await world.press('UANA', 'more', 'approve_note');
    expect(world.form('UANA')).not.toContain('"unread"');
    await world.submit('UANA', { feedback: 'Well done' });
    expect(views(world)).toBeUndefined();
    expect((await decisionOf(world))?.seen).toEqual({
      place: 'last_page',
      language: 'en',
      hash,
      pages: PAGES,
    });
  });

  test('also with a revision', async () => {
    const world = await createDraftWorld();
    await openAll(world);
    await world.press('UANA', 'request_revision');
    await world.submit('UANA', { feedback: 'Shorter' });
    expect(views(world)).toBeUndefined();
    expect((await decisionOf(world))?.action).toBe('request_revision');
  });

  test('while Slack does not say who is in the channel, by who opened it on the card', async () => {
    const failure = { error: 'internal_error' };
    const slackFails = { on: 'conversations.members', failure, times: Number.POSITIVE_INFINITY };
    const world = await createDraftWorld({ settings: { APPROVERS: '' }, slackFails });
    await openAll(world);
    await world.press('UANA', 'approve');
    expect((await decisionOf(world))?.by).toBe('UANA');
  });
});

/** A world in which a program asks a question. */
async function ask(more: object = {}, settings: Record<string, string> = {}) {
  const world = await createWorld({ settings: { ASK_SECRET, ...settings } });
  const headers = { authorization: `Bearer ${ASK_SECRET}` };
  const send = (method: string, body?: object, id = 'q1') =>
    world.send(`crews/press/questions/${id}`, body, { method, headers });
  const put = async (body: object, id = 'q1') => {
    const answer = await send('PUT', { title: 'Which market?', text: LONG, ...body }, id);
    await world.pass(2 * SECOND);
    return answer;
  };
  const { status, data } = await put(more);
  return { world, status, data, put, get: async (id = 'q1') => (await send('GET', undefined, id)).data };
}

const options = (count: number, label: string) =>
  Array.from({ length: count }, (_, at) => ({ id: `o${at}`, label: `${label} ${at}` }));
const LONG_LABEL = 'Ship to all markets of the spring fair '.repeat(3).trim();

describe('a question that is cut', () => {
  test('is answered from a list, and all its answers are read above the page', async () => {
    const { world, get } = await ask({
      options: options(12, LONG_LABEL),
    });
    await openAll(world);
    await world.press('UANA', 'read_options');
    expect(world.form('UANA')).toContain('12. Ship to all markets');
    expect(views(world)).toMatchObject({ previous_view_id: expect.any(String) });
    await world.settle(world.workspace.closeModal({ user: 'UANA' }));
    await chooseListed(world, 3);
    const seen = [{ by: 'UANA', place: 'last_page', whole: true, asked: false }];
    expect(await get()).toMatchObject({ answer: { option: 'o3', by: 'UANA', seen } });
  });

  test('is answered with values, in a form above the page', async () => {
    const fields = { type: 'object', properties: { amount: { type: 'string' } }, required: ['amount'] };
    const { world, get } = await ask({ options: [{ id: 'pay', label: 'Pay', fields: true }], fields });
    await openAll(world);
    await world.press('UANA', 'write_1');
    await world.submitForm('UANA', { amount: '5' });
    expect(views(world)).toBeUndefined();
    expect(await get()).toMatchObject({ answer: { option: 'pay', seen: [{ place: 'last_page' }] } });
  });

  test('is answered from a look-up, with no more than two modals above it', async () => {
    const { world, get } = await ask();
    await world.type('UANA', world.card().approval);
    const { ts } = world.workspace.ephemerals('UANA').at(-1) ?? { ts: '' };
    await world.click('UANA', 'read_in_full', { ts });
    await shows(world, 'UANA', 1);
    for (let page = 2; page <= PAGES; page += 1) await turnTo(world, 'page_after', page);
    await world.press('UANA', 'request_revision');
    const { previous_view_id, root_view_id } = JSON.parse(world.form('UANA'));
    expect(previous_view_id).toBe(root_view_id);
    await world.submit('UANA', { feedback: 'Shorter' });
    expect(views(world)).toBeUndefined();
    expect(await get()).toMatchObject({ answer: { text: 'Shorter', seen: [{ place: 'last_page' }] } });
  });
});

test('a message is on the first page while another person undoes a decision, so whoever turns on has seen it', async () => {
  const message = 'It empties the account.';
  const { world } = await ask({ message }, { UNDO_WINDOW: '5 minutes' });
  await world.click('UANA', 'approve');
  await openFirst(world, 'UBEN');
  expect(world.form('UBEN')).toContain(message);
  await world.click('UANA', 'undo');
  await world.pass(2 * SECOND);
  for (let page = 2; page <= PAGES; page += 1) await turnTo(world, 'page_after', page, 'UBEN');
  expect(world.form('UBEN')).toContain('"approve"');
});

test('where a review cannot be answered by the bot, no page says that people can decide there', async () => {
  const world = await createWorld({ settings: { ...FLOW_SETTINGS, CALLBACK_HOSTS: '*.crewai.com' } });
  world.flows.ask({ ...QUESTION, output: LONG });
  await world.pass(3 * SECOND);
  await openFirst(world);
  await turnTo(world, 'page_last', PAGES);
  expect(world.form('UANA')).toContain('Answer this in CrewAI');
  expect(world.form('UANA')).not.toContain(texts.reading.openAllPages(2));
});

describe('a question that requires the whole', () => {
  const whole = { require_whole: true };

  test('is answered where the card shows all of it', async () => {
    const { world, get } = await ask({ ...whole, text: 'Ship build 42?' });
    await world.click('UANA', 'approve');
    await world.pass(2 * SECOND);
    expect(await get()).toMatchObject({
      answer: { option: 'approve', seen: [{ place: 'card', whole: true }] },
    });
  });

  test('is answered below the last page only: no button or old value approves before', async () => {
    const { world, get } = await ask(whole);
    const { buttons, ts } = world.card();
    expect(buttons).toEqual(['request_revision', 'read_in_full', 'more']);
    const blocks = JSON.stringify(world.workspace.message('CAPPROVALS', ts)?.blocks);
    expect(blocks).toContain(texts.card.decideOnLastPage);
    expect(blocks).not.toContain('approve_note');
    const value = /"action_id":"request_revision".*?"value":"([^"]*)"/.exec(blocks)?.[1] ?? '';
    for (const forged of [value, value.replace(/\/.*$/, '')]) {
      const action = { type: 'button', block_id: 'earlier', value: forged };
      await world.click('UANA', 'approve', { ts, stale: true, action });
      await world.pass(2 * SECOND);
    }
    const { read_first } = texts.refusals.decide;
    expect(world.told('UANA')).toEqual([read_first, read_first]);
    expect(await world.home('UANA')).not.toContain('"approve"');
    expect((await get()).status).toBe('waiting');
    await openAll(world);
    await world.press('UANA', 'approve');
    expect(await get()).toMatchObject({ answer: { seen: [{ place: 'last_page', whole: true }] } });
  });

  test('can be sent back before', async () => {
    const { world, get } = await ask(whole);
    await world.revise('UANA', 'Shorter');
    await world.pass(2 * SECOND);
    expect(await get()).toMatchObject({ answer: { option: 'revise', text: 'Shorter' } });
  });

  test('has its long options on pages after those of the text', async () => {
    const { world, get } = await ask({ ...whole, text: 'Which one?', options: options(12, LONG_LABEL) });
    expect(world.card().buttons).toEqual(['read_options', 'read_in_full', 'more']);
    await world.click('UANA', 'read_in_full');
    await world.pass(SECOND);
    expect(world.form('UANA')).toContain('page 1 of 2');
    await world.press('UANA', 'page_after');
    expect(world.form('UANA')).toContain(`12. ${LONG_LABEL} 11`);
    await chooseListed(world, 3);
    expect(await get()).toMatchObject({
      answer: { option: 'o3', seen: [{ place: 'last_page', whole: true }] },
    });
  });

  test('is not answered on a place that shows something else by now; its card is drawn again', async () => {
    const { world, get } = await ask({ ...whole, text: 'Ship build 42?' });
    const { ts } = world.card();
    const drawn = () => world.facts().filter((fact) => fact === 'card updated').length;
    const before = drawn();
    const blocks = JSON.stringify(world.workspace.message('CAPPROVALS', ts)?.blocks);
    const value = /"action_id":"approve".*?"value":"([^"]*)"/.exec(blocks)?.[1] ?? '';
    const action = { type: 'button', block_id: 'earlier', value: value.replace(/.{12}$/, 'AAAAAAAAAAAA') };
    await world.click('UANA', 'approve', { ts, stale: true, action });
    await world.pass(5 * SECOND);
    expect(world.told('UANA')).toEqual([texts.refusals.decide.card_changed]);
    expect(drawn()).toBe(before + 1);
    expect((await get()).status).toBe('waiting');
    await world.click('UANA', 'approve');
    await world.pass(2 * SECOND);
    expect((await get()).status).toBe('answered');
  });

  test('is drawn again on Home, too, where it shows something else by now', async () => {
    const { world, get } = await ask({ ...whole, text: 'Ship build 42?' }, { EXPIRE_AFTER: '1 hour' });
    await world.home('UANA');
    await world.pass(2 * HOUR);
    await world.press('UANA', 'approve');
    expect(world.form('UANA')).toContain(texts.refusals.decide.card_changed);
    await world.settle(world.workspace.closeModal({ user: 'UANA' }));
    await world.press('UANA', 'approve');
    expect((await get()).status).toBe('answered');
  });

  test('is not answered by a deadline: neither by a default option nor by a rule', async () => {
    const { status, data } = await ask({ ...whole, default_option: 'approve' });
    expect([status, data.message]).toEqual([422, expect.stringContaining('require_whole')]);
    const rule = { EXPIRE_AFTER: '1 hour', ON_EXPIRY: 'approve' };
    const { world, get } = await ask({ ...whole, text: 'Ship build 42?' }, rule);
    await world.pass(3 * HOUR);
    expect((await get()).status).toBe('waiting');
  });

  test('is not approved by a rule that its thread has from an earlier question', async () => {
    const rule = { EXPIRE_AFTER: '1 hour', ON_EXPIRY: 'approve' };
    const { world, put, get } = await ask({ text: 'Ship build 42?' }, rule);
    await world.revise('UANA', 'Shorter');
    await world.pass(2 * SECOND);
    await get();
    await put({ ...whole, follows: 'q1' }, 'q2');
    await world.pass(3 * HOUR);
    expect((await get('q2')).status).toBe('waiting');
  });

  test('has the exact name of its tool on the pages that allow it', async () => {
    const lines = Array.from({ length: 90 }, (_, at) => `line ${at} of what is dropped, as it is written`);
    const tool = { kind: 'tool', title: 'drop_table_m602', text: undefined, output: { lines } };
    const { world } = await ask({ ...tool, approvers: ['UANA'] });
    await world.click('UANA', 'read_in_full');
    await world.pass(SECOND);
    expect(world.form('UANA')).toContain('*drop_table_m602*');
  });

  test('is not allowed by an earlier permission, and grants none', async () => {
    const tool = { kind: 'tool', title: 'pay', text: undefined, output: { amount: 1 }, run: 'r1' };
    const call = { ...tool, approvers: ['UANA'] };
    const { world, put, get } = await ask(call);
    await world.click('UANA', 'choose_3');
    await world.pass(2 * SECOND);
    await put({ ...call, ...whole, message: 'It empties the account.' }, 'q2');
    expect((await get('q2')).status).toBe('waiting');
    expect(world.card().buttons).toEqual(['choose_1', 'choose_2', 'more']);
    await put(call, 'q3');
    expect((await get('q3')).status).toBe('answered');
  });

  test('tells a late click what became of it', async () => {
    const { world } = await ask({ ...whole, text: 'Ship build 42?' });
    const { ts } = world.card();
    const blocks = JSON.stringify(world.workspace.message('CAPPROVALS', ts)?.blocks);
    const value = /"action_id":"approve".*?"value":"([^"]*)"/.exec(blocks)?.[1] ?? '';
    await world.click('UANA', 'approve');
    const action = { type: 'button', block_id: 'earlier', value };
    await world.click('UBEN', 'approve', { ts, stale: true, action });
    await world.pass(5 * SECOND);
    expect(world.told('UBEN').join()).toContain('<@UANA> already approved');
  });
});

/** Chooses an entry of the list on the open page. */
async function chooseListed(world: World, at: number): Promise<void> {
  const selected = new RegExp(`"(${at}:[^"]+)"`).exec(world.form('UANA'))?.[1] ?? '';
  await world.settle(world.workspace.clickInView({ user: 'UANA', actionId: 'choose_from_list', selected }));
  await world.pass(SECOND);
}
