import { writeFileSync } from 'node:fs';
import axios from 'axios';
import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import {
  FLOW_SECRET,
  QUESTION,
  REVIEW,
  signReview,
  startFlow,
  startFlowWorld,
  waits,
} from '../support/flow-world.ts';
import { clickOn } from '../support/process-steps.ts';
import { until } from '../support/until.ts';
import { approvalOf, type Bot, sees, shown, startBot, startWorld } from '../support/world.ts';

describe.each(['flat', 'nested'] as const)('a review in the %s shape', (shape) => {
  test('becomes a card with its options; the chosen one is sent back verbatim, and alone', async () => {
    const world = await startFlowWorld({ shape });
    const { flow, workspace } = world;
    const review = flow.ask(QUESTION);
    expect(await review.webhookStatus()).toBe(202);
    const card = await waits(world);
    expect(card.buttons).toEqual(['publish', 'rewrite', 'discard', 'Other answer…']);
    if (shape === 'flat') expect(card.all).toContain('Without an answer: discard');
    expect((await clickOn(world, card.ts, 'choose_2')).acked).toBe(true);
    expect(await review.answered).toMatchObject({ feedback: 'rewrite', via: 'api' });
    const settled = await sees(workspace, 'accepted', ({ all }) => all.includes('CrewAI accepted it'));
    expect(settled.all).toContain('*rewrite* chosen by <@UANA>');
    expect(settled.buttons).toEqual([]);
    const answers = flow.requests.filter(({ method }) => method === 'POST');
    expect(answers.map(({ body }) => body)).toEqual([{ feedback: 'rewrite', source: 'slack' }]);
  });
});

test.each([
  ['X-Crewai', 'whole'],
  ['X-Crewai', 'hex'],
  ['X-Signature', 'whole'],
] as const)('is taken with the headers %s and the key %s', async (headers, key) => {
  const world = await startFlowWorld({ headers, key });
  expect(await world.flow.ask(QUESTION).webhookStatus()).toBe(202);
  await waits(world);
});

test('a free text is sent whole, and a note stays in the thread', async () => {
  const world = await startFlowWorld();
  const { flow, workspace } = world;
  const { defaultOutcome: _, ...question } = QUESTION;
  const review = flow.ask({ ...question, emit: [] });
  const card = await waits(world);
  expect(card.buttons).toEqual(['Other answer…']);
  await clickOn(world, card.ts, 'other_answer');
  await workspace.changed(() => workspace.openView('UANA') !== undefined, { what: 'the modal' });
  await workspace.submit({
    user: 'UANA',
    values: { feedback: { feedback: 'Publish it on Monday.' }, people_note: { people_note: 'As agreed.' } },
  });
  expect(await review.answered).toMatchObject({ feedback: 'Publish it on Monday.' });
  await sees(
    workspace,
    'the note',
    ({ all, thread_ts }) => thread_ts === card.ts && all.includes('As agreed.'),
  );
});

test('a review that was answered in the dashboard is closed, and whoever decided is told', async () => {
  const world = await startFlowWorld();
  const { flow, workspace } = world;
  const review = flow.ask(QUESTION);
  const card = await waits(world);
  flow.answerByDashboard(review.requestId, 'publish');
  await clickOn(world, card.ts, 'choose_3');
  await sees(
    workspace,
    'closed',
    ({ ts, all }) => ts === card.ts && all.includes("answered in CrewAI's dashboard"),
  );
  await sees(
    workspace,
    'the note',
    ({ all, thread_ts }) =>
      thread_ts === card.ts && all.includes('CrewAI was no longer waiting for your decision'),
  );
  expect(review.answer()).toMatchObject({ feedback: 'publish', via: 'dashboard' });
});

test('after a lost answer the second attempt is told that it is answered, and that counts as ours', async () => {
  const world = await startFlowWorld();
  const { flow, workspace } = world;
  flow.failures.plan({ on: 'respond', failure: { answerLost: true } });
  const review = flow.ask(QUESTION);
  const card = await waits(world);
  await clickOn(world, card.ts, 'choose_1');
  const settled = await sees(
    workspace,
    'accepted',
    ({ ts, all }) => ts === card.ts && all.includes('CrewAI accepted it'),
  );
  expect(settled.all).toContain('*publish* chosen by');
  expect(review.answer()).toMatchObject({ feedback: 'publish' });
  expect(flow.requests.filter(({ method }) => method === 'POST')).toHaveLength(2);
});

test.each([
  [401, texts.crewai.failures.callback_rejected],
  [404, texts.crewai.failures.unknown_review],
])(
  'a callback that answers %s is told for what it is, and no token of the crew is blamed',
  async (status, says) => {
    const world = await startFlowWorld({}, { OPS_CHANNEL: 'CPRESS' });
    const { flow, workspace } = world;
    flow.failures.plan({ on: 'respond', failure: { status } });
    flow.ask(QUESTION);
    const card = await waits(world);
    await clickOn(world, card.ts, 'choose_1');
    const refused = await sees(workspace, 'refused', ({ ts, all }) => ts === card.ts && all.includes(says));
    expect(refused.buttons).toEqual(['Retry', 'Close without a decision']);
    await clickOn(world, card.ts, 'retry');
    await sees(workspace, 'accepted', ({ ts, all }) => ts === card.ts && all.includes('CrewAI accepted it'));
    expect(shown(workspace, 'CPRESS').filter(({ all }) => all.includes('token'))).toEqual([]);
  },
);

test('a Flow that asks again is the next round in the thread of the first', async () => {
  const world = await startFlowWorld();
  const { flow, workspace } = world;
  flow.ask({
    ...QUESTION,
    onAnswer: (_, feedback) =>
      feedback === 'rewrite' ? { output: '# Quarterly report\n\nAll is very well.' } : undefined,
  });
  const first = await waits(world);
  await clickOn(world, first.ts, 'choose_2');
  const second = await sees(
    workspace,
    'round 2',
    ({ all }) => all.includes('round 2') && all.includes('very well'),
  );
  expect(second.thread_ts).toBe(first.ts);
  expect(second.all).toContain('This follows the answer *rewrite* of <@UANA>.');
  expect(second.reading).toContain('What changed');
  await clickOn(world, second.ts, 'choose_1');
  await sees(workspace, 'accepted', ({ ts, all }) => ts === second.ts && all.includes('CrewAI accepted it'));
});

test('a state of a mebibyte is taken with its review, whose card is posted and answered', async () => {
  const world = await startFlowWorld();
  const review = world.flow.ask({ ...QUESTION, state: { draft: 'One more line.\n'.repeat(70_000) } });
  expect(await review.webhookStatus()).toBe(202);
  const card = await waits(world);
  await clickOn(world, card.ts, 'choose_1');
  expect(await review.answered).toMatchObject({ feedback: 'publish' });
});

test('two people have to choose the same where two have to approve; each can change the vote', async () => {
  const world = await startWorld();
  const flow = await startFlow();
  writeFileSync(
    `${world.folder}/crews.yml`,
    `crews: { reports: { channel: CAPPROVALS, approvers: [UANA, UBEN, UCAT], approvals_required: 2, webhook_secret: a-secret-of-the-reports, flow_webhook_secrets: [${FLOW_SECRET}], callback_hosts: ["${new URL(flow.baseUrl).host}"] } }`,
  );
  const bot = await startBot(world, { CREWS_FILE: `${world.folder}/crews.yml`, RESUME_FORMAT: 'camelcase' });
  flow.sendTo(`${bot.url}/webhooks/reports/flow`);
  const review = flow.ask(QUESTION);
  const card = await waits(world);
  await clickOn(world, card.ts, 'choose_1', 'UANA');
  await sees(world.workspace, 'one vote', ({ all }) => all.includes('*publish* 1 of 2: <@UANA>'));
  await clickOn(world, card.ts, 'choose_3', 'UBEN');
  await sees(world.workspace, 'another vote', ({ all }) => all.includes('*discard* 1 of 2: <@UBEN>'));
  await clickOn(world, card.ts, 'choose_3', 'UANA');
  expect(await review.answered).toMatchObject({ feedback: 'discard' });
});

test('a callback at a host that is not allowed is never called; its card says where to answer, operators are told', async () => {
  const world = await startFlowWorld({}, { CALLBACK_HOSTS: '*.crewai.com', OPS_CHANNEL: 'CPRESS' });
  const { flow, workspace, bot } = world;
  const review = flow.ask(QUESTION);
  expect(await review.webhookStatus()).toBe(202);
  const card = await waits(world);
  expect(card.buttons).toEqual([]);
  expect(card.all).toContain('Answer this in CrewAI');
  await sees(workspace, 'the alert', ({ all }) => all.includes("CALLBACK_HOSTS doesn't allow"), 'CPRESS');
  expect((await ask(world, `choose ${approvalOf(card)} publish`)).all).toContain('Answer this in CrewAI');
  expect(flow.requests).toEqual([]);
  expect(bot.logged.join('\n')).not.toContain('token=');
});

describe('a webhook that proves nothing is rejected', () => {
  const body = JSON.stringify(REVIEW);
  const now = () => Math.floor(Date.now() / 1_000);

  async function post(bot: Bot, headers: Record<string, string>, text = body) {
    const { status, data } = await axios.post(`${bot.url}/webhooks/press/flow`, text, {
      headers: { 'content-type': 'application/json', ...headers },
      validateStatus: () => true,
    });
    return [status, data.error];
  }

  test("without, with a wrong, an old or another body's signature, or two that disagree", async () => {
    const { bot } = await startFlowWorld();
    const at = now();
    const good = signReview(body, { at });
    const another = signReview(`${body} `, { at });
    const cases: Record<string, string>[] = [
      {},
      { 'x-crewai-timestamp': String(at) },
      signReview(body, { at, secret: 'a-secret-of-somebody' }),
      another,
      signReview(body, { at: at - 301 }),
      { ...good, 'x-signature': another['x-crewai-signature'], 'x-timestamp': String(at) },
    ];
    for (const headers of cases) expect(await post(bot, headers)).toEqual([401, 'unauthorized']);
    expect(await post(bot, good)).toEqual([202, undefined]);
  });

  test('of a crew that takes no reviews, too large, or without the fields that it needs', async () => {
    const { bot } = await startFlowWorld();
    const elsewhere = await axios.post(`${bot.url}/webhooks/sales/flow`, body, {
      validateStatus: () => true,
    });
    expect(elsewhere.status).toBe(404);
    const large = JSON.stringify({ ...JSON.parse(body), state: 'x'.repeat(2 * 1_048_576) });
    expect(await post(bot, signReview(large), large)).toEqual([413, 'too_large']);
    const lacking = JSON.stringify({ event_type: 'new_request', id: 'review-1' });
    const { data, status } = await axios.post(`${bot.url}/webhooks/press/flow`, lacking, {
      headers: { 'content-type': 'application/json', ...signReview(lacking) },
      validateStatus: () => true,
    });
    expect(status).toBe(422);
    expect(data.message).toContain('callback_url is missing');
  });
});

test('the same request again opens nothing, whatever its output; an escalation of it reminds people once', async () => {
  const world = await startFlowWorld();
  const { flow, workspace } = world;
  const review = flow.ask(QUESTION);
  const card = await waits(world);
  expect(await flow.escalate(review.requestId)).toBe(202);
  expect(await flow.escalate(review.requestId)).toBe(202);
  await sees(
    workspace,
    'the reminder',
    ({ all, thread_ts }) => thread_ts === card.ts && all.includes('waiting for a decision'),
  );
  await clickOn(world, card.ts, 'choose_1');
  await review.answered;
  await sees(workspace, 'accepted', ({ ts, all }) => ts === card.ts && all.includes('CrewAI accepted it'));
  await until(() =>
    expect(shown(workspace).filter(({ all }) => all.includes('waiting for a decision'))).toHaveLength(1),
  );
});

test('an answer can be typed by its text or its number', async () => {
  const world = await startFlowWorld();
  const review = world.flow.ask(QUESTION);
  const id = approvalOf(await waits(world));
  const type = async (text: string) => (await ask(world, text)).all;
  expect(await type(`choose ${id} nonsense`)).toContain("isn't one of its options");
  expect(await type(`approve ${id}`)).toContain('one of its own options');
  expect(await type(`choose ${id} PUBLISH`)).toContain('You chose *publish*');
  expect(await review.answered).toMatchObject({ feedback: 'publish' });
});
