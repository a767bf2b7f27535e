import axios from 'axios';
import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import { clickOn } from '../support/process-steps.ts';
import { BUDGET_SECRET, PRESS_SECRET, startTwoCrews } from '../support/two-crews.ts';
import {
  approvalOf,
  DIALECTS,
  ephemeralsTo,
  sees,
  shown,
  startBot,
  withoutTickets,
} from '../support/world.ts';

const http = axios.create({ validateStatus: () => true });
const bearer = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } });

test.each(DIALECTS)(
  '%s: two crews have their own tokens, channels and approvers, and each decision its URLs from where they are known',
  async (dialect) => {
    const world = await startTwoCrews({ press: { dialect } });
    const { workspace, platform, budgetPlatform } = world;
    const bot = await startBot(world, { PUBLIC_URL: 'https://bot.example.com' });
    const pressTask = `${bot.url}/webhooks/press/task?token=${PRESS_SECRET}`;

    const pausesOf = (crew: string, token: string) =>
      dialect === 'live'
        ? { humanInputWebhookUrl: `${bot.url}/webhooks/${crew}/human-input?token=${token}` }
        : {};
    platform.kickoff({
      taskWebhookUrl: pressTask,
      ...pausesOf('press', PRESS_SECRET),
      meta: { crewWebhookUrl: 'https://press.example.com/done?key=123' },
    });
    const card = await sees(workspace, 'the press card', ({ buttons }) => buttons.length > 0);
    expect(JSON.stringify(shown(workspace))).not.toContain(PRESS_SECRET);
    const id = approvalOf(card);
    await ask(world, id);
    const lookedUp = JSON.stringify(ephemeralsTo(workspace, 'UANA').at(-1));
    expect(lookedUp).toContain("task → bot.example.com/webhooks/press/task?… (the bot's own)");
    expect(lookedUp).toContain('crew → press.example.com/done?… (from meta)');
    expect(lookedUp).not.toContain('key=123');
    await clickOn(world, card.ts, 'approve', 'UBEN');
    await workspace.changed(() => ephemeralsTo(workspace, 'UBEN').length === 1, { what: 'ben is refused' });
    await clickOn(world, card.ts, 'approve');
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume of press' });
    expect(platform.resumes[0]?.status).toBe(200);
    expect(withoutTickets(platform.resumes[0]?.body)).toMatchObject({
      taskWebhookUrl: `https://bot.example.com/webhooks/press/task?token=${PRESS_SECRET}`,
      crewWebhookUrl: 'https://press.example.com/done?key=123',
    });

    const execution = budgetPlatform.kickoff({
      taskWebhookUrl: `${bot.url}/webhooks/budget/task?token=${BUDGET_SECRET}`,
      ...pausesOf('budget', BUDGET_SECRET),
    });
    const taskWebhookUrl = 'https://tracker.example.com/task';
    const body = { taskWebhookUrl, stepWebhookUrl: 'https://tracker.example.com/step' };
    const registered = await http.put(
      `${bot.url}/crews/budget/executions/${execution}`,
      body,
      bearer(BUDGET_SECRET),
    );
    expect([registered.status, registered.data]).toEqual([200, { crew: 'budget', execution_id: execution }]);
    const budgetCard = await sees(
      workspace,
      'the budget card',
      ({ buttons }) => buttons.length > 0,
      'CPRESS',
    );
    await ask(world, execution, { user: 'UBEN', channel: 'CPRESS' });
    expect(JSON.stringify(ephemeralsTo(workspace, 'UBEN').at(-1))).toContain('(registered)');
    await workspace.click({ user: 'UBEN', channel: 'CPRESS', ts: budgetCard.ts, actionId: 'approve' });
    await budgetPlatform.changed(() => budgetPlatform.resumes.length === 1, { what: '/resume of budget' });
    expect(withoutTickets(budgetPlatform.resumes[0]?.body)).toMatchObject({
      ...body,
      crewWebhookUrl: 'https://erp.example.com/hooks/crew',
    });
  },
);

test("one crew's secret opens no other crew's door", async () => {
  const world = await startTwoCrews();
  const bot = await startBot(world);
  const webhook = { name: 'x', output: 'y', kickoff_id: 'run' };
  for (const [method, path, body] of [
    ['post', '/webhooks/budget/task', webhook],
    ['put', '/crews/budget/executions/run', {}],
  ] as const) {
    const answer = await http.request({ method, url: bot.url + path, data: body, ...bearer(PRESS_SECRET) });
    expect(answer.status).toBe(401);
  }
});

test('a task that needs no approval is noted once in the thread of the execution', async () => {
  const world = await startTwoCrews({ press: { dialect: 'documented' } });
  const { workspace } = world;
  const bot = await startBot(world);
  const send = (name: string, output: string) =>
    http.post(`${bot.url}/webhooks/press/task`, { name, output, kickoff_id: 'run-1' }, bearer(PRESS_SECRET));
  expect((await send('research', 'nothing to hang it on')).data).toEqual({ status: 'noted' });
  expect((await send('draft', 'Hello')).data).toMatchObject({ status: 'created' });
  const card = await sees(workspace, 'the card', ({ buttons }) => buttons.length > 0);
  expect((await send('research', 'figures')).data).toEqual({ status: 'noted' });
  await send('research', 'figures');
  const note = await sees(workspace, 'the note', ({ all }) =>
    all.includes('*research*, which needs no approval'),
  );
  expect(note.thread_ts).toBe(card.ts);
  await sees(workspace, 'the warning', ({ all }) => all.includes('The run may have continued'));
  expect(shown(workspace)).toHaveLength(2);
});

test('a run for which no task URL is known says so before anyone clicks, until one is registered', async () => {
  const world = await startTwoCrews({ press: { dialect: 'documented' } });
  const { workspace } = world;
  const bot = await startBot(world);
  const id = 'run/with a slash';
  const { data: taken } = await http.post(
    `${bot.url}/webhooks/press/task`,
    { name: 'draft', output: 'x', kickoff_id: id },
    bearer(PRESS_SECRET),
  );
  await sees(workspace, 'the warning', ({ all }) => all.includes("CrewAI won't report back on this run"));
  const url = `${bot.url}/crews/press/executions/${encodeURIComponent(id)}`;
  const answer = await http.put(url, { taskWebhookUrl: 'https://a.example.com/t' }, bearer(PRESS_SECRET));
  expect(answer.data).toEqual({ crew: 'press', execution_id: id });
  await sees(
    workspace,
    'the registered URL',
    ({ approval, all }) => approval === taken.approval && !all.includes("won't report back"),
  );
});

test('a registration before the first webhook narrows channel and approvers, and the card tells what did not fit', async () => {
  const world = await startTwoCrews({ press: { dialect: 'documented' } });
  const { workspace } = world;
  const bot = await startBot(world);
  const put = (id: string, body: object) =>
    http.put(`${bot.url}/crews/press/executions/${id}`, body, bearer(PRESS_SECRET));
  expect((await put('run-1', { channel: 'CPRESS' })).data).toEqual({ crew: 'press', execution_id: 'run-1' });
  const second = await put('run-2', { channel: 'CSECRET', approvers: ['UCAT'] });
  expect(second.data.warnings).toHaveLength(2);
  const ids: string[] = [];
  for (const kickoff_id of ['run-1', 'run-2']) {
    const { data } = await http.post(
      `${bot.url}/webhooks/press/task`,
      { name: 'draft', output: 'x', kickoff_id },
      bearer(PRESS_SECRET),
    );
    ids.push(data.approval);
  }
  await sees(workspace, 'the card in its channel', ({ approval }) => approval === ids[0], 'CPRESS');
  const note = await sees(
    workspace,
    'the warning',
    ({ approval, all }) => approval === ids[1] && all.includes("Ignored from the run's settings"),
  );
  expect(note.all).toContain("channel isn't one of this crew's channels");
  expect(note.all).toContain('not approvers of press');
});

test.each([
  [{ taskWebhookUrl: 'javascript:alert(1)' }, 'taskWebhookUrl must be an http or https URL'],
  [{ crewWebhookUrl: 'ftp://example.com' }, 'crewWebhookUrl must be'],
  [{ stepWebhookUrl: null }, 'stepWebhookUrl must be'],
  [{ stepWebhookUrl: '' }, 'stepWebhookUrl must be'],
  [{ taskWebhookUrl: `https://example.com/${'x'.repeat(3000)}` }, 'taskWebhookUrl must be'],
  [
    { humanInputWebhook: { url: 'https://example.com', authentication: { strategy: 'none' } } },
    'humanInputWebhook.authentication',
  ],
  [{ approvers: ['ana'] }, 'approvers.0 must be the id of a Slack user'],
  [{ taskWebhookURL: 'https://example.com' }, 'taskWebhookURL is not a field of a registration'],
  [[], 'body must be a JSON object'],
])('a registration of %j is refused by the name of its field', async (body, sentence) => {
  const world = await startTwoCrews();
  const bot = await startBot(world);
  const answer = await http.put(`${bot.url}/crews/press/executions/run`, body, bearer(PRESS_SECRET));
  expect(answer.status).toBe(422);
  expect(answer.data.message).toContain(sentence);
});

test('an execution id of 256 characters is refused by name, one of 255 is taken', async () => {
  const world = await startTwoCrews();
  const bot = await startBot(world);
  const put = (length: number) =>
    http.put(`${bot.url}/crews/press/executions/${'x'.repeat(length)}`, {}, bearer(PRESS_SECRET));
  expect((await put(255)).status).toBe(200);
  const refused = await put(256);
  expect([refused.status, refused.data.message]).toEqual([
    422,
    'execution_id must be at most 255 characters long.',
  ]);
});

test('on the live platform a decision carries the UUID of the pause, and the continuation belongs to the same run', async () => {
  const world = await startTwoCrews();
  const { workspace, platform } = world;
  const bot = await startBot(world, { PUBLIC_URL: '' });
  const authentication = { strategy: 'bearer' as const, token: PRESS_SECRET };
  const humanInputWebhook = { url: `${bot.url}/webhooks/press/human-input`, authentication };
  const crewWebhookUrl = `${bot.url}/webhooks/press/crew?token=${PRESS_SECRET}`;
  const execution = platform.kickoff({ humanInputWebhook, crewWebhookUrl, meta: { crewWebhookUrl } });
  const card = await sees(workspace, 'the card', ({ buttons }) => buttons.length > 0);
  const taskId = platform.execution(execution).pendingTask?.taskId;
  platform.hold();
  await clickOn(world, card.ts, 'approve');
  await sees(workspace, 'accepted', ({ all }) => all.includes('not confirmed yet'));
  expect(withoutTickets(platform.resumes[0]?.body)).toEqual({
    executionId: execution,
    taskId,
    humanFeedback: 'Approved.',
    crewWebhookUrl,
  });
  expect(platform.resumes[0]?.answer).toEqual({ kickoff_id: platform.execution(execution).kickoffId });
  platform.release();
  await sees(workspace, 'went on', ({ all }) => all.includes(texts.card.continued));
  const result = await sees(workspace, 'the result', ({ all }) => all.includes('has finished'));
  expect(result.thread_ts).toBe(card.ts);
  expect(platform.execution(execution).status).toBe('completed');
});
