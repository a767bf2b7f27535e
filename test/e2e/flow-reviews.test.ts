import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/sandbox/crewai/flow/clock.ts';
import type { Question } from '../../src/sandbox/crewai/flow/question.ts';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import {
  FLOW_SECRET,
  type FlowWorld,
  QUESTION,
  sendReview,
  startFlow,
  startFlowWorld,
  waits,
} from '../support/flow-world.ts';
import { clickOn, roots } from '../support/process-steps.ts';
import { approvalOf, sees, shown, startBot, startWorld } from '../support/world.ts';
import { chooseInMenu, modalSays, says, threadSays } from './complaint-steps.ts';
import { crewsFile } from './crew-settings.ts';

const accepted = 'CrewAI accepted it';

/** A Flow whose crew has these settings more, in a workspace where people have e-mail addresses. */
async function startCrew(...rules: string[]): Promise<FlowWorld> {
  const people = ['ana', 'ben', 'cat'].map((name) => ({
    id: `U${name.toUpperCase()}`,
    name,
    email: `${name}@example.com`,
  }));
  const world = await startWorld(undefined, {}, { people });
  const flow = await startFlow();
  const hosts = `callback_hosts: ["${new URL(flow.baseUrl).host}"]`;
  const secrets = `flow_webhook_secrets: [${FLOW_SECRET}]`;
  const bot = await startBot(world, crewsFile(world, secrets, hosts, ...rules));
  flow.sendTo(`${bot.url}/webhooks/press/flow`);
  return { ...world, flow, bot };
}

const answersOf = ({ flow }: FlowWorld) => flow.requests.filter(({ method }) => method === 'POST');

test.each(['flat', 'nested'] as const)(
  'a review in the %s shape becomes a card with its options, and the chosen one is sent verbatim and alone',
  async (shape) => {
    const world = await startFlowWorld({ shape });
    const review = world.flow.ask(QUESTION);
    expect(await review.webhookStatus()).toBe(202);
    const card = await waits(world);
    expect(card.buttons).toEqual(['publish', 'rewrite', 'discard', 'Other answer…']);
    if (shape === 'flat') expect(card.all).toContain('Without an answer: discard');
    expect((await clickOn(world, card.ts, 'choose_2')).acked).toBe(true);
    expect(await review.answered).toMatchObject({ feedback: 'rewrite', via: 'api' });
    const settled = await says(world, card.ts, accepted);
    expect(settled.all).toContain('*rewrite* chosen by <@UANA>');
    expect(settled.buttons).toEqual([]);
    expect(answersOf(world).map(({ body }) => body)).toEqual([{ feedback: 'rewrite', source: 'slack' }]);
  },
);

test('a Flow that asks again opens the next round in the thread; a free text is sent whole, a note stays there', async () => {
  const world = await startFlowWorld();
  const { flow, workspace } = world;
  const output = '# Quarterly report\n\nAll is very well.';
  const onAnswer = (_: unknown, text: string) => (text === 'rewrite' ? { output } : undefined);
  flow.ask({ ...QUESTION, onAnswer });
  const first = await waits(world);
  await clickOn(world, first.ts, 'choose_2');
  const second = await sees(workspace, 'round 2', ({ all }) => all.includes('very well'));
  expect(second.thread_ts).toBe(first.ts);
  expect(second.all).toContain('This follows the answer *rewrite* of <@UANA>.');
  expect(second.reading).toContain('What changed');
  await clickOn(world, second.ts, 'other_answer');
  await modalSays(world, 'UANA', 'people_note');
  const feedback = ' Publish it on *Monday*. ';
  const values = { feedback: { feedback }, people_note: { people_note: 'As agreed.' } };
  expect(await workspace.submit({ user: 'UANA', values })).toMatchObject({ acked: true, closed: true });
  await says(world, second.ts, accepted);
  await threadSays(world, first.ts, 'As agreed.');
  expect(answersOf(world).at(-1)?.body).toEqual({ feedback, source: 'slack' });
});

test('a callback that rejects the answer is named on the card, not the token of the crew; a lost answer counts as ours', async () => {
  const world = await startFlowWorld({}, { OPS_CHANNEL: 'CPRESS' });
  const { flow, workspace } = world;
  flow.failures.plan({ on: 'respond', failure: { status: 401 } });
  flow.failures.plan({ on: 'respond', failure: { answerLost: true } });
  const review = flow.ask(QUESTION);
  const { ts } = await waits(world);
  await clickOn(world, ts, 'choose_1');
  const refused = await says(world, ts, texts.crewai.failures.callback_rejected);
  expect(refused.buttons).toEqual(['Retry', 'Close without a decision']);
  await clickOn(world, ts, 'retry');
  expect((await says(world, ts, accepted)).all).toContain('*publish* chosen by');
  expect(review.answer()).toMatchObject({ feedback: 'publish' });
  expect(answersOf(world)).toHaveLength(3);
  expect(shown(workspace, 'CPRESS').filter(({ all }) => all.includes('token'))).toEqual([]);
});

describe('a review that was answered another way first', () => {
  /** A clock whose timers go off when the test says so. */
  function handClock(): { clock: Clock; ring: () => void } {
    const timers = new Set<() => void>();
    const after = (_: number, callback: () => void) => {
      timers.add(callback);
      return () => void timers.delete(callback);
    };
    const ring = () => {
      for (const callback of [...timers]) callback();
    };
    return { clock: { now: Date.now, after }, ring };
  }

  test.each<[string, (flow: FlowWorld['flow'], id: string, ring: () => void) => void, string]>([
    ['its timeout', (_flow, _id, ring) => ring(), 'answered by its timeout'],
    ['email', (flow, id) => flow.answerByEmail(id, 'discard'), 'answered by email'],
    ['the dashboard', (flow, id) => flow.answerByDashboard(id, 'discard'), "answered in CrewAI's dashboard"],
  ])('by %s is closed without blame, and a note informs the person who decided', async (_, answer, words) => {
    const { clock, ring } = handClock();
    const world = await startFlowWorld({ clock });
    const { flow, workspace } = world;
    const review = flow.ask({ ...QUESTION, timeOutAfterMs: 60_000 });
    const card = await waits(world);
    answer(flow, review.requestId, ring);
    expect(await review.answered).toMatchObject({ feedback: 'discard' });
    await clickOn(world, card.ts, 'choose_1');
    const closed = await says(world, card.ts, words);
    for (const part of ['*publish* chosen by <@UANA>', texts.card.noLongerWaiting])
      expect(closed.all).toContain(part);
    expect(closed.buttons).toEqual([]);
    await threadSays(world, card.ts, 'CrewAI was no longer waiting for your decision');
    for (const { all } of shown(workspace)) expect(all).not.toMatch(/reject|409|Retry|token/);
    const late = await ask(world, `choose ${approvalOf(card)} publish`);
    expect(late.all).toContain('This was resolved elsewhere');
    expect(review.answer()).toMatchObject({ feedback: 'discard' });
  });
});

test('a request that comes again is a duplicate, whatever it brings; its escalation reminds people once', async () => {
  const world = await startFlowWorld();
  const { flow, bot, workspace } = world;
  const review = flow.ask(QUESTION);
  const card = await waits(world);
  const sent = flow.webhooks[0]?.body as { callback_url: string };
  const other = { output: 'Another report', message: 'Another question?' };
  const callback_url = sent.callback_url.replace(/token=.*/, 'token=of-somebody-else');
  const repeat = (fields: object) => sendReview(bot, { ...sent, ...fields });
  const duplicate = { status: 'duplicate', approval: approvalOf(card), round: 1 };
  for (const fields of [
    { event_type: 'new_request', ...other },
    { event_type: 'escalation', ...other },
    { event_type: 'escalation' },
    { callback_url },
  ]) {
    const { status, data } = await repeat(fields);
    expect([status, data]).toEqual([202, duplicate]);
  }
  await threadSays(world, card.ts, 'waiting for a decision');
  expect(roots(world)).toEqual([card]);
  await clickOn(world, card.ts, 'choose_1');
  expect(await review.answered).toMatchObject({ feedback: 'publish', via: 'api' });
  const settled = await says(world, card.ts, accepted);
  await clickOn(world, card.ts, 'read_in_full');
  await modalSays(world, 'UANA', 'All is well.');
  expect((await repeat({ event_type: 'escalation', ...other })).data).toMatchObject({ status: 'duplicate' });
  expect((await ask(world, 'waiting')).all).toContain('Nothing is waiting');
  expect(roots(world)).toEqual([settled]);
  const all = shown(workspace);
  expect(all.filter((message) => message.all.includes('waiting for a decision'))).toHaveLength(1);
  expect(JSON.stringify(all)).not.toContain('Another');
});

test('a callback at a host that is not allowed is never called; its card says where to answer, and operators get an alert', async () => {
  const world = await startFlowWorld({}, { CALLBACK_HOSTS: '*.crewai.com', OPS_CHANNEL: 'CPRESS' });
  const { flow, workspace, bot } = world;
  const review = flow.ask(QUESTION);
  expect(await review.webhookStatus()).toBe(202);
  const card = await waits(world);
  expect(card.buttons).toEqual([]);
  expect(card.all).toContain('Answer this in CrewAI');
  await sees(workspace, 'the alert', ({ all }) => all.includes("CALLBACK_HOSTS doesn't allow"), 'CPRESS');
  const typed = await ask(world, `choose ${approvalOf(card)} publish`);
  expect(typed.all).toContain('Answer this in CrewAI');
  expect(flow.requests).toEqual([]);
  expect(bot.logged.join('\n')).not.toContain('token=');
});

test('two people have to choose the same; a tie is reported once, and a changed vote decides', async () => {
  const world = await startCrew('approvers: [UANA, UBEN]', 'approvals_required: 2');
  const { workspace, flow } = world;
  const review = flow.ask(QUESTION);
  const { ts } = await waits(world);
  await clickOn(world, ts, 'choose_1');
  await says(world, ts, '*publish* 1 of 2: <@UANA>');
  await clickOn(world, ts, 'choose_2', 'UBEN');
  await says(world, ts, '*rewrite* 1 of 2: <@UBEN>');
  const tie = '<@UANA> <@UBEN>, everyone who can decide has voted, but no answer has 2 equal votes.';
  await threadSays(world, ts, tie);
  await clickOn(world, ts, 'choose_3', 'UBEN');
  await clickOn(world, ts, 'choose_1', 'UBEN');
  expect(await review.answered).toMatchObject({ feedback: 'publish', via: 'api' });
  await says(world, ts, accepted);
  const ties = workspace.messages('CAPPROVALS').filter((one) => JSON.stringify(one).includes('has voted'));
  expect(ties).toHaveLength(1);
});

const CALL = ': *review_report* of press is waiting for your decision.';

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
  const world = await startCrew('approvers: [UANA, UBEN]');
  world.flow.ask({ ...QUESTION, ...question });
  const { all } = await waits(world);
  for (const part of words) expect(all).toContain(part);
  expect(all).not.toMatch(others);
});

test('a state of 1 MiB is on no card, stands for the output, and is read page by page by those who may decide', async () => {
  const world = await startCrew('approvers: [UANA, UBEN]', 'look_ups: members');
  const { workspace, flow } = world;
  const state = { note: 'only-for-deciders', text: 'x'.repeat(1_048_000) };
  const review = flow.ask({ ...QUESTION, output: null, state });
  expect(await review.webhookStatus()).toBe(202);
  const card = await waits(world);
  expect(card.all).toContain(texts.card.stateInMenu);
  const readState = async (user: string, words: string) => {
    expect(await modalSays(world, user, 'Approval details')).not.toContain('only-for-deciders');
    await workspace.clickInView({ user, actionId: 'read_state' });
    return modalSays(world, user, words);
  };
  await chooseInMenu(world, card.ts, 'details');
  expect(await readState('UANA', 'only-for-deciders')).toContain('page 1 of');
  await chooseInMenu(world, card.ts, 'details', 'UCAT');
  expect(await readState('UCAT', texts.refusals.notYourState)).not.toContain('only-for-deciders');
  await clickOn(world, card.ts, 'choose_1');
  expect(await review.answered).toMatchObject({ feedback: 'publish' });
  const shortcut = { user: 'UBEN', channel: 'CAPPROVALS', ts: card.ts, callbackId: 'approval_details' };
  await workspace.shortcut(shortcut);
  await readState('UBEN', 'only-for-deciders');
  expect(JSON.stringify(workspace.messages('CAPPROVALS'))).not.toContain('only-for-deciders');
});
