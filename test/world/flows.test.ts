import { describe, expect, test } from 'vitest';
import type { Question } from '../../src/sandbox/crewai/flow/question.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { type AuditLine, readAuditTrail } from '../../src/store/audit.ts';
import { QUESTION, signReview } from '../support/flow-world.ts';
import { ask, press } from './asking.ts';
import type { Card } from './cards.ts';
import { answers, happen, playRun, review, type Story, statusIs, tell } from './played-run.ts';
import {
  createWorld,
  FLOW_HOST,
  FLOW_SECRET,
  FLOW_SETTINGS,
  HOUR,
  MINUTE,
  SECOND,
  type World,
  type WorldOptions,
} from './world.ts';

const accepted = 'Decision sent. ';
const CREW = [`flow_webhook_secrets: [${FLOW_SECRET}]`, `callback_hosts: [${FLOW_HOST}]`];
const people = ['ana', 'ben', 'cat'].map((name) => ({
  id: `U${name.toUpperCase()}`,
  name,
  email: `${name}@example.com`,
}));

/** A world whose bot takes the reviews of a Flow. `rules`: of its crew, where people have e-mail addresses. */
const createFlowWorld = ({ settings, rules, ...options }: WorldOptions = {}) =>
  createWorld(
    rules
      ? { ...options, rules: [...CREW, ...rules], slack: { people, ...options.slack } }
      : { ...options, settings: { ...FLOW_SETTINGS, ...settings } },
  );

/** A review that the Flow asks for, with its card. */
async function opens(world: World, question: Partial<Question> = {}) {
  const before = world.cards().length;
  const review = world.flows.ask({ ...QUESTION, ...question });
  await world.pass(3 * SECOND);
  return { review, card: world.cards()[before] as Card };
}

const now = (world: World, { ts }: Card) => world.cards().find((card) => card.ts === ts) as Card;
const answersOf = ({ flows }: World) =>
  flows.requests.filter(({ method }) => method === 'POST').map(({ body }) => body);

async function chooses(world: World, card: Card, number: number, user = 'UANA'): Promise<Card> {
  await world.click(user, `choose_${number}`, card);
  await world.pass(3 * SECOND);
  return now(world, card);
}

test.each(['flat', 'nested'] as const)(
  'a review in the %s shape becomes a card with its options, and the chosen one is sent verbatim and alone',
  async (shape) => {
    const world = await createFlowWorld({ flow: { shape } });
    const { review, card } = await opens(world);
    expect(await review.webhookStatus()).toBe(202);
    for (const words of ['Is this report ready', ...QUESTION.emit, 'Other answer…'])
      expect(card.text).toContain(words);
    for (const words of shape === 'flat' ? ['All is well.', 'Without an answer, CrewAI takes discard.'] : [])
      expect(card.text).toContain(words);
    const settled = await chooses(world, card, 2);
    expect(review.answer()).toMatchObject({ feedback: 'rewrite', via: 'api' });
    for (const words of [accepted, '<@UANA> chose *rewrite*']) expect(settled.text).toContain(words);
    expect(settled.state).toBe('sent');
    expect(answersOf(world)).toEqual([{ feedback: 'rewrite', source: 'slack' }]);
  },
);

test('a Flow that asks again opens the next round in the thread; a free text is sent whole, a note stays there', async () => {
  const world = await createFlowWorld();
  const output = '# Quarterly report\n\nAll is very well.';
  const onAnswer = (_: unknown, text: string) => (text === 'rewrite' ? { output } : undefined);
  const { card: first } = await opens(world, { onAnswer });
  await chooses(world, first, 2);
  const second = world.card();
  expect(second).toMatchObject({
    threadTs: first.ts,
    round: 2,
    buttons: expect.arrayContaining(['what_changed']),
  });
  expect(second.text).toContain("This follows <@UANA>'s answer *rewrite*.");
  await world.click('UANA', 'other_answer');
  const feedback = ' Publish it on *Monday*. ';
  await world.submit('UANA', { feedback, people_note: 'As agreed.' });
  expect(world.card().text).toContain(accepted);
  expect(world.thread(first.ts).join()).toContain('As agreed.');
  expect(answersOf(world).at(-1)).toEqual({ feedback, source: 'slack' });
});

test('a callback that rejects the answer is named on the card, not the token of the crew; a lost answer counts as ours', async () => {
  const world = await createFlowWorld({ settings: { OPS_CHANNEL: 'CPRESS' } });
  world.flows.failures.plan({ on: 'respond', failure: { status: 401 } });
  world.flows.failures.plan({ on: 'respond', failure: { answerLost: true } });
  const { review, card } = await opens(world);
  const refused = await chooses(world, card, 1);
  expect(refused.text).toContain(texts.crewai.failures.callback_rejected);
  expect(refused.buttons).toEqual(expect.arrayContaining(['retry', 'give_up']));
  await world.click('UANA', 'retry');
  await world.pass(MINUTE);
  for (const words of [accepted, 'chose *publish*']) expect(now(world, card).text).toContain(words);
  expect(review.answer()).toMatchObject({ feedback: 'publish' });
  expect(answersOf(world)).toHaveLength(3);
  expect(world.notes('CPRESS').join()).not.toContain('token');
});

test.each<[string, (flows: World['flows'], id: string) => void, string]>([
  ['its timeout', () => {}, 'answered by its timeout'],
  ['email', (flows, id) => flows.answerBy('email', id, 'discard'), 'answered by email'],
  [
    'the dashboard',
    (flows, id) => flows.answerBy('dashboard', id, 'discard'),
    "answered in CrewAI's dashboard",
  ],
])(
  'a review that was answered by %s first is closed without blame, and a note informs the person who decided',
  async (_, answer, words) => {
    const world = await createFlowWorld();
    const { review, card } = await opens(world, { timeOutAfterMs: MINUTE });
    answer(world.flows, review.requestId);
    await world.pass(2 * MINUTE);
    expect(review.answer()).toMatchObject({ feedback: 'discard' });
    const closed = await chooses(world, card, 1);
    for (const part of [words, '<@UANA> chose *publish*', texts.state.noLongerWaiting])
      expect(closed.text).toContain(part);
    expect(closed.buttons).not.toContain('retry');
    const thread = world.thread(card.ts).join();
    expect(thread).toContain('CrewAI was no longer waiting for your decision');
    expect(closed.text + thread).not.toMatch(/reject|409|Retry|token/);
    expect(review.answer()).toMatchObject({ feedback: 'discard' });
  },
);

test('a request that comes again is a duplicate, whatever it brings; its escalation reminds people once', async () => {
  const world = await createFlowWorld();
  const { review, card } = await opens(world);
  const sent = world.flows.webhooks[0]?.body as { callback_url: string };
  const other = { output: 'Another report', message: 'Another question?' };
  const callback_url = sent.callback_url.replace(/token=.*/, 'token=of-somebody-else');
  const repeat = (fields: object) => {
    const text = JSON.stringify({ ...sent, ...fields });
    return world.hook('flow', text, signReview(text, { secret: FLOW_SECRET }));
  };
  const duplicate = { status: 'duplicate', approval: card.approval, round: 1 };
  for (const fields of [
    { event_type: 'new_request', ...other },
    { event_type: 'escalation', ...other },
    { event_type: 'escalation' },
    { callback_url },
  ])
    expect(await repeat(fields)).toEqual({ status: 202, data: duplicate });
  expect(world.cards()).toEqual([card]);
  await chooses(world, card, 1);
  expect(review.answer()).toMatchObject({ feedback: 'publish', via: 'api' });
  await world.click('UANA', 'read_in_full', card);
  await world.pass(SECOND);
  expect(world.form('UANA')).toContain('All is well.');
  expect((await repeat({ event_type: 'escalation', ...other })).data).toMatchObject({ status: 'duplicate' });
  expect((await ask(world, 'waiting')).all).toContain('Nothing is waiting');
  const all = JSON.stringify(world.workspace.messages('CAPPROVALS'));
  expect(world.notes().filter((note) => note.includes('waiting for a decision'))).toHaveLength(1);
  expect(all).not.toContain('Another');
});

test('a callback at a host that is not allowed is never called; its card says where to answer, and operators get an alert', async () => {
  const settings = { CALLBACK_HOSTS: '*.crewai.com', OPS_CHANNEL: 'CPRESS' };
  const world = await createFlowWorld({ settings });
  const { review, card } = await opens(world);
  expect(await review.webhookStatus()).toBe(202);
  expect(card.state).not.toBe('waiting');
  expect(card.text).toContain('Answer this in CrewAI');
  expect(world.notes('CPRESS').join()).toContain("CALLBACK_HOSTS doesn't allow");
  expect(world.flows.requests).toEqual([]);
  expect(JSON.stringify(world.logged)).not.toContain('token=');
});

test('two people have to choose the same; a tie is reported once, and a changed vote decides', async () => {
  const world = await createFlowWorld({ rules: ['approvers: [UANA, UBEN]', 'approvals_required: 2'] });
  const { review, card } = await opens(world);
  expect((await chooses(world, card, 1)).text).toContain('*publish* 1 of 2: <@UANA>');
  expect((await chooses(world, card, 2, 'UBEN')).text).toContain('*rewrite* 1 of 2: <@UBEN>');
  const tie = '<@UANA> <@UBEN>, everyone who can decide has voted, but no answer has the 2 votes it needs.';
  await chooses(world, card, 3, 'UBEN');
  expect((await chooses(world, card, 1, 'UBEN')).text).toContain(accepted);
  expect(review.answer()).toMatchObject({ feedback: 'publish', via: 'api' });
  expect(world.thread(card.ts).filter((note) => note.includes(tie))).toHaveLength(1);
});

const CALL = ' – The Flow *press* asks: *Review report*';

test.each<[string, Partial<Question>, string[], RegExp]>([
  [
    'an approver whom CrewAI assigned it to by email',
    { assignedToEmail: 'ben@example.com' },
    [`<@UBEN>${CALL}`, '<@UBEN> was asked to decide'],
    /UANA|ben@example/,
  ],
  [
    'all approvers where the assignee is nobody in Slack',
    { assignedToEmail: 'zoe@example.com' },
    [`<@UANA> <@UBEN>${CALL}`, 'CrewAI assigned it to zoe@example.com'],
    /was asked to decide/,
  ],
  [
    'all approvers where the assignee may not decide',
    { assignedToEmail: 'cat@example.com' },
    [`<@UANA> <@UBEN>${CALL}`, 'CrewAI assigned it to cat@example.com'],
    /was asked to decide/,
  ],
  [
    'the approvers who may answer by the routing of CrewAI',
    { responders: ['ben@example.com', 'cat@example.com'], enforceRouting: true },
    [`<@UBEN>${CALL}`],
    /UANA|UCAT/,
  ],
])('the card of a review mentions %s', async (_, question, words, others) => {
  const world = await createFlowWorld({ rules: ['approvers: [UANA, UBEN]'] });
  const { card } = await opens(world, question);
  for (const part of words) expect(card.text).toContain(part);
  expect(card.text).not.toMatch(others);
});

test('the approver whom the routing of CrewAI names may decide also after a restart of the bot', async () => {
  const world = await createFlowWorld({ rules: ['approvers: [UANA, UBEN]'] });
  const { review, card } = await opens(world, { responders: ['ben@example.com'], enforceRouting: true });
  await world.restart();
  await chooses(world, card, 1, 'UBEN');
  expect(world.told('UBEN')).toEqual([]);
  expect(review.answer()).toMatchObject({ feedback: 'publish' });
});

test('a state is on no card, stands for the output, and is read by those who may decide', async () => {
  const world = await createFlowWorld({ rules: ['approvers: [UANA, UBEN]', 'look_ups: members'] });
  const state = { note: 'only-for-deciders', text: 'x'.repeat(12_000) };
  const { review, card } = await opens(world, { output: null, state });
  expect(card.text).toContain(texts.card.stateInMenu);
  const readState = async (user: string) => {
    expect(world.form(user)).toContain('Approval details');
    expect(world.form(user)).not.toContain('only-for-deciders');
    await world.settle(world.workspace.clickInView({ user, actionId: 'read_state' }));
    await world.pass(SECOND);
    return world.form(user);
  };
  await world.choose('UANA', 'details');
  expect(await readState('UANA')).toContain('only-for-deciders');
  await world.choose('UCAT', 'details');
  const refused = await readState('UCAT');
  expect(refused).toContain(texts.refusals.notYourState);
  expect(refused).not.toContain('only-for-deciders');
  await chooses(world, card, 1);
  expect(review.answer()).toMatchObject({ feedback: 'publish' });
  const { channel, ts } = card;
  await world.settle(world.workspace.shortcut({ user: 'UBEN', channel, ts, callbackId: 'approval_details' }));
  await world.pass(SECOND);
  expect(await readState('UBEN')).toContain('only-for-deciders');
  expect(JSON.stringify(world.workspace.messages(channel))).not.toContain('only-for-deciders');
});

describe('the options of a review', () => {
  /** Alike for longer than a button shows, and with everything that a text for Slack could change. */
  const long = (number: number) =>
    `Publish it  as *it* is, <!channel> & tell "everyone" about the ${'very '.repeat(20)}good report ${number}`
      .padEnd(200, '.')
      .slice(0, 200);
  const longOptions = (count: number) => Array.from({ length: count }, (_, index) => long(index + 1));

  test('of 200 characters arrive verbatim from a button, a list and a form with a note', async () => {
    const world = await createFlowWorld();
    const { workspace } = world;
    const asks = async (count: number) => {
      const { review, card } = await opens(world, { emit: longOptions(count), defaultOutcome: long(1) });
      const list: { label: string; value: string }[] = [];
      JSON.stringify(workspace.message(card.channel, card.ts)?.blocks, (_, value) => {
        if (value?.type === 'static_select')
          for (const { text, value: chosen } of value.options) list.push({ label: text.text, value: chosen });
        return value;
      });
      return { review, card, list };
    };
    for (const count of [1, 5]) {
      const { review, card } = await asks(count);
      await chooses(world, card, count);
      expect(review.answer()).toMatchObject({ feedback: long(count) });
      expect(answersOf(world).at(-1)).toMatchObject({ source: 'slack' });
    }
    for (const count of [6, 60]) {
      const { review, card, list } = await asks(count);
      expect(list.map(({ label }) => Number.parseInt(label, 10))).toEqual(
        longOptions(count).map((_, index) => index + 1),
      );
      await world.click('UANA', 'choose_from_list', { ...card, selected: list.at(-1)?.value ?? '' });
      expect(review.answer()).toMatchObject({ feedback: long(count) });
      expect(answersOf(world).at(-1)).toMatchObject({ source: 'slack' });
    }
    const { review, card, list } = await asks(60);
    const selected = list[0]?.value.replace(/^0:/, 'choose_note:') ?? '';
    await world.click('UANA', 'more', { ...card, selected });
    expect(await world.submit('UANA', { option: '59', feedback: 'As we agreed.' })).toMatchObject({
      closed: true,
    });
    expect(review.answer()).toMatchObject({ feedback: long(60) });
    expect(world.thread(card.ts).join()).toContain('As we agreed.');
    expect(workspace.calls.filter(({ answer }) => answer?.ok === false)).toEqual([]);
  });

  test('beyond the hundredth are in a form that lists all of them, and need no note', async () => {
    const world = await createFlowWorld();
    const { review, card } = await opens(world, {
      emit: Array.from({ length: 150 }, (_, at) => `market ${at + 1}`),
      defaultOutcome: 'market 1',
    });
    await world.click('UANA', 'write_from_list', card);
    expect(await world.submit('UANA', { option: '149' })).toMatchObject({ closed: true });
    expect(review.answer()).toMatchObject({ feedback: 'market 150' });
  });

  test('that are equal are one, an empty one is none, and one called Retry is an answer like any other', async () => {
    const world = await createFlowWorld();
    const emit = ['Retry', 'publish', 'publish', '', ' ', 'Close without a decision'];
    const { review, card } = await opens(world, { emit, defaultOutcome: 'Retry' });
    expect(card.buttons).toEqual(['choose_1', 'choose_2', 'choose_3', 'other_answer', 'more']);
    world.flows.failures.plan({ on: 'respond', failure: { status: 404 } });
    const refused = await chooses(world, card, 1);
    for (const words of [texts.crewai.failures.unknown_review, 'chose *Retry*'])
      expect(refused.text).toContain(words);
    expect(review.answer()).toBeUndefined();
    await world.click('UANA', 'retry');
    expect(review.answer()).toMatchObject({ feedback: 'Retry' });
  });
});

test('answered reviews are in the history, the figures, what find finds and the export, with their answers', async () => {
  const world = await createFlowWorld();
  const { card: option } = await opens(world, { method: 'by_option' });
  await chooses(world, option, 1);
  const { card: text } = await opens(world, { method: 'by_text' });
  await world.click('UBEN', 'other_answer', text);
  await world.submit('UBEN', { feedback: 'Not before Monday.' });
  const { review, card: elsewhere } = await opens(world, { method: 'by_dashboard' });
  world.flows.answerBy('dashboard', review.requestId, 'rewrite');
  await chooses(world, elsewhere, 3);
  const { paragraphs } = await ask(world, 'history');
  const row = (name: string) => paragraphs.find((said) => said.includes(`|${name}>`));
  expect(row('By option')).toContain('answered *publish*, sent · <@UANA>');
  expect(row('By text')).toContain('answered, sent · <@UBEN>');
  expect(row('By dashboard')).toContain('resolved elsewhere');
  const stats = (await ask(world, 'stats')).all;
  for (const words of ['0 waiting now · 3 decisions', '<@UANA>: 2 decisions']) expect(stats).toContain(words);
  expect(stats).not.toContain('Revisions');
  expect((await ask(world, 'find before Monday')).all).toContain('By text');
  const { all } = await ask(world, option.approval);
  expect(all).toContain('Round 1: answered publish');
  expect(all).not.toContain('webhook URL');
  expect((await ask(world, text.approval)).all).toContain('>Not before Monday.');
  const records = world.records.of(world.stage.outside);
  const silent = { info() {}, warn() {}, error() {} };
  const period = { since: 0, until: Number.MAX_SAFE_INTEGER };
  const trail = readAuditTrail(records, createApprovalStore(records, silent), period, () => {});
  const exported: AuditLine[] = [];
  const reads = async () => {
    for await (const line of trail) if (line.what === 'decided') exported.push(line);
  };
  await world.settle(reads());
  expect(exported).toMatchObject([
    { task: 'by_option', by: 'UANA', detail: 'choose', text: 'publish' },
    { task: 'by_text', by: 'UBEN', detail: 'choose', text: 'Not before Monday.' },
    { task: 'by_dashboard', by: 'UANA', detail: 'choose', text: 'discard' },
  ]);
});

test('a review is answered by its own options from a list, a look-up and the Home tab', async () => {
  const world = await createFlowWorld();
  const listed = await opens(world, { method: 'in_a_list' });
  const list = await ask(world, 'waiting');
  expect(list.all).toContain(QUESTION.message);
  expect(list.buttons.map(({ label }) => label)).toEqual([...QUESTION.emit, 'Other answer…', 'Open']);
  await press(world, list, 'rewrite');
  expect(listed.review.answer()).toMatchObject({ feedback: 'rewrite' });
  const looked = await opens(world, { method: 'in_a_look_up' });
  await press(world, await ask(world, looked.card.approval), 'discard');
  expect(looked.review.answer()).toMatchObject({ feedback: 'discard' });
  const home = await opens(world, { method: 'in_the_home_tab' });
  const tab = await world.home('UANA');
  for (const words of ['In the home tab', QUESTION.message]) expect(tab).toContain(words);
  await world.settle(world.workspace.clickInView({ user: 'UANA', actionId: 'choose_1' }));
  expect(home.review.answer()).toMatchObject({ feedback: 'publish' });
});

const FIRST = '1 Review: waiting';
/** Long enough for retention to delete as much as comes. */
const DAYS = 20;
const escalation = { event_type: 'escalation' };
const second = { id: 'review-2', output: 'Another' };
const minutesAgo = (n: number) => ({
  created_at: new Date(Date.UTC(2026, 10, 2, 12) - n * MINUTE).toISOString(),
});

describe('a review of a Flow', () => {
  // biome-ignore format: a table
  test.each<Story>([
    ['opens a card', [review()], [FIRST]],
    ['with another request is the next round', [review(), review(second)],
      ['1 Review: superseded', '1 Review (round 2): waiting']],
    ['that was asked before the newest one, and comes after it, opens nothing',
      [review({ ...second, ...minutesAgo(1) }), review(minutesAgo(2)),
      review({ ...escalation, ...minutesAgo(2) })], [FIRST]],
    ['of the same moment is the next round', [review({ ...second, ...minutesAgo(1) }), review(minutesAgo(1))],
      ['1 Review: superseded', '1 Review (round 2): waiting']],
    ['without a time is the next round',
      [review({ ...second, ...minutesAgo(1) }), review({ created_at: undefined })],
      ['1 Review: superseded', '1 Review (round 2): waiting']],
    ['in another run, or of another method, is another approval', [review(),
      review({ ...second, flow_execution_id: 'run-2' }), review({ id: 'review-3', method_name: 'check' })],
      [FIRST, '2 Review: waiting', expect.stringMatching(/^3 Check: waiting/)]],
    ['as an escalation that is not known opens a card', [review(escalation)], [FIRST]],
    ['whose run is not named has a card of its own while another one waits',
      [review({ flow_execution_id: undefined }), review({ ...second, flow_execution_id: undefined })],
      [FIRST, '2 Review: waiting']],
    ['whose run is not named is known again by its request', [review({ flow_execution_id: undefined }),
      review({ ...second, flow_execution_id: undefined }),
      review({ ...second, flow_execution_id: undefined })], [FIRST, '2 Review: waiting']],
  ])('%s', async (...story) => {
    await tell(story, { flow: true });
  });

  test('whose run is not named is a run of its own, unless a run of that id is known', async () => {
    const run = await playRun({ flow: true });
    run.always = answers.documented('accepted');
    const asks = (id: string) => run.review({ id, flow_execution_id: undefined });
    await asks('review-1');
    await run.world.click('UANA', 'choose_1', run.card());
    await run.pass(5 * SECOND);
    await asks('review-2');
    const [first, other] = run.world.cards();
    expect([first?.state, other?.state, other?.threadTs]).toEqual(['sent', 'waiting', undefined]);
    expect(run.cards()).toEqual(['1 Review: sent', FIRST.replace('1', '2')]);
    await run.register({ approvers: ['UBEN'] }, 'flow-1');
    await asks('review-3');
    expect(await asks('review-2')).toMatchObject({ status: 'duplicate', approval: other?.approval });
    await run.world.click('UANA', 'choose_1', run.card());
    expect(run.world.told('UANA').at(-1)).toBe(texts.refusals.decide.not_approver);
    await run.world.click('UBEN', 'choose_1', run.card());
    await run.pass(5 * SECOND);
    await asks('review-4');
    expect(run.cards().slice(2)).toEqual(['3 Review: continued', '3 Review (round 2, unchanged): waiting']);
  });

  test('of one Flow whose runs are not named, one a day: retention leaves those of the last days, and no record grows', async () => {
    const run = await playRun({ flow: true, settings: { RETENTION: '7 days' } });
    run.always = answers.documented('accepted');
    const records = run.world.records.of(run.world.stage.outside);
    const held = (index: string) => run.world.settle(records.range(index, { limit: 1_000 }));
    for (let day = 1; day <= DAYS; day += 1) {
      await run.review({ id: `review-${day}`, flow_execution_id: undefined });
      await run.world.click('UANA', 'choose_1', run.card());
      await run.pass(24 * HOUR);
      for (const kind of ['approval', 'execution']) {
        const all = await held(kind);
        expect(all.length, `${kind}s on day ${day}`).toBeLessThanOrEqual(8);
        for (const { raw } of all) expect(raw.length).toBeLessThan(6_000);
      }
    }
    const cards = run.world.cards();
    expect(new Set(cards.map(({ approval }) => approval)).size).toBe(DAYS);
    expect(cards.every(({ state, threadTs }) => state === 'sent' && threadTs === undefined)).toBe(true);
    expect(await held('waiting')).toEqual([]);
  });

  test('of a run whose webhooks name who started it and what it is about says so on its card, and tells them the answer', async () => {
    const run = await playRun({ flow: true });
    await run.step({ run: 'flow-1', meta: { requested_by: 'UBEN', title: 'Order 4711' } });
    run.always = answers.documented('accepted');
    await run.review({ flow_execution_id: 'flow-1' });
    expect(run.card().text).toContain('Order 4711');
    await run.world.click('UANA', 'choose_1', run.card());
    await run.pass(5 * SECOND);
    const told = run.world.workspace.directMessages('UBEN').map(({ text }) => text);
    expect(told).toEqual([expect.stringContaining('*Review* of press, from your run: answered')]);
  });

  test('is in the channel of its method, and needs as many people as that says', async () => {
    const tasks = JSON.stringify([{ match: 'legal*', channel: 'CPRESS', approvals_required: 2 }]);
    const run = await playRun({ flow: true, settings: { TASKS: tasks } });
    await run.review({ method_name: 'legal_check' });
    expect(run.cards('CPRESS')).toHaveLength(1);
    expect(run.world.card('CPRESS').text).toContain(
      'Two of ana, ben, and cat have to choose the same answer',
    );
  });

  test('reminds people when CrewAI expects an answer, and escalates then to people who are named', async () => {
    const run = await happen(await playRun({ flow: true }), review({ sla_target_minutes: 30 }));
    await run.pass(29 * MINUTE);
    expect(run.notes()).toEqual([]);
    await run.pass(2 * MINUTE);
    expect(run.notes()).toEqual([expect.stringContaining('still waiting')]);
    expect(run.card().text).toContain('CrewAI expects an answer by');
    const settings = { ESCALATE_TO: 'UCAT', ESCALATE_AFTER: '90 min', REMIND_AFTER: '10 min' };
    const asked = await happen(await playRun({ flow: true, settings }), review({ sla_target_minutes: 30 }));
    await asked.pass(11 * MINUTE);
    expect(asked.notes()).toHaveLength(1);
    await asked.pass(20 * MINUTE);
    expect(asked.notes().at(-1)).toContain('You can decide now');
  });

  test.each([
    [{ state: 'PAUSED' }, false],
    [{ state: 'RUNNING' }, false],
    [{ status: 'completed', state: 'SUCCESS', result: 'done' }, true],
  ])('that was answered in CrewAI closes before a reminder: %j', async (status, closes) => {
    const run = await playRun({ flow: true, settings: { REMIND_AFTER: '30 min' } });
    await happen(run, statusIs(status), review());
    await run.pass(31 * MINUTE);
    expect(run.card().text.includes('This was answered in CrewAI')).toBe(closes);
    expect(run.notes()).toHaveLength(closes ? 0 : 1);
  });

  test('closes when its Flow has asked further, as soon as somebody who can decide opens Home', async () => {
    const run = await playRun({ flow: true });
    await happen(run, statusIs({ state: 'PAUSED' }), review());
    await run.pass(MINUTE);
    await run.review({ id: 'review-2', method_name: 'legal_check' });
    const home = await run.world.home('UANA');
    expect(home).toContain('Legal check');
    await run.pass(10 * SECOND);
    expect(run.world.cards()[0]?.text).toContain('This was answered in CrewAI');
    expect(run.card().buttons).toContain('choose_1');
  });

  test('is asked about at most once in ten minutes, however often somebody opens Home', async () => {
    const run = await playRun({ flow: true });
    let asked = 0;
    run.world.network.watchers.push(({ url }) => {
      if (url.includes('/status/run-1')) asked += 1;
    });
    await happen(run, statusIs({ state: 'PAUSED' }), review());
    const open = async () => {
      await run.world.home('UANA');
      await run.pass(10 * SECOND);
    };
    await open();
    await open();
    expect(asked).toBe(1);
    await run.pass(9 * MINUTE);
    await open();
    expect(asked).toBe(1);
    await run.pass(MINUTE);
    await open();
    expect(asked).toBe(2);
  });

  test('is for the people whom CrewAI names only where it enforces that, for nobody where it names none', async () => {
    const routing = (emails: string[], enforced: boolean) => ({
      routing: { effective_responders: emails.map((email) => ({ email })), enforce_routing_rules: enforced },
    });
    const run = await playRun({ flow: true });
    await run.review(routing(['somebody@example.com'], false));
    await run.world.click('UANA', 'choose_1', run.card());
    expect(run.cards()[0]).not.toContain('waiting');
    await run.review({ ...second, flow_execution_id: 'run-2', ...routing(['somebody@example.com'], true) });
    await run.world.click('UANA', 'choose_1', run.card());
    expect(run.cards()[1]).toContain('waiting');
    await run.review({ id: 'review-3', flow_execution_id: 'run-3', ...routing([], true) });
    expect(run.card().text).toContain('There is no one left who can decide this.');
    const unnamed = { routing: { enforce_routing_rules: true } };
    await run.review({ id: 'review-4', flow_execution_id: 'run-4', ...unnamed });
    expect(run.card().text).toContain('There is no one left who can decide this.');
    await run.world.click('UANA', 'choose_1', run.card());
    expect(run.cards().at(-1)).toContain('waiting');
  });
});

test('a reminder mentions the people whom CrewAI names, also after a restart', async () => {
  const emails = ['ben@example.com', 'cat@example.com'];
  const rules = ['remind_after: 1h', 'urgent: true'];
  const world = await createFlowWorld({ rules });
  const { card } = await opens(world, { responders: emails, enforceRouting: true });
  await world.restart();
  await world.pass(61 * MINUTE);
  const [reminder = ''] = world.thread(card.ts).slice(-1);
  for (const id of ['UBEN', 'UCAT']) expect(reminder).toContain(`<@${id}>`);
});

test('an escalation mentions those of its people whom the routing of CrewAI names, also after a restart', async () => {
  const rules = ['approvers: [UANA]', 'escalate_after: 1h', 'escalate_to: [UBEN, UCAT]'];
  const world = await createFlowWorld({ rules });
  const { card } = await opens(world, { responders: ['ben@example.com'], enforceRouting: true });
  await world.restart();
  await world.pass(61 * MINUTE);
  const escalated = world.thread(card.ts).slice(-1).join();
  expect(escalated).toContain('<@UBEN>');
  expect(escalated).not.toContain('<@UCAT>');
});
