import axios from 'axios';
import { expect, test } from 'vitest';
import { ask } from '../support/asking.ts';
import { clickOn, ready } from '../support/process-steps.ts';
import { BUDGET_SECRET, PRESS_SECRET, startTwoCrews } from '../support/two-crews.ts';
import {
  approvalOf,
  type Bot,
  DIALECTS,
  ephemeralsTo,
  sees,
  shown,
  startBot,
  withoutTickets,
} from '../support/world.ts';

const http = axios.create({ validateStatus: () => true });
const bearer = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } });
const register = ({ url }: Bot, id: string, body: object, secret = PRESS_SECRET) =>
  http.put(`${url}/crews/press/executions/${encodeURIComponent(id)}`, body, bearer(secret));
const report = ({ url }: Bot, kickoff_id: string, name = 'draft', output = 'x') =>
  http.post(`${url}/webhooks/press/task`, { name, output, kickoff_id }, bearer(PRESS_SECRET));

test.each(DIALECTS)(
  '%s: two crews have their own tokens, channels and approvers, and each decision its URLs from where they are known',
  async (dialect) => {
    const world = await startTwoCrews({ press: { dialect } });
    const { workspace, platform, budgetPlatform } = world;
    const bot = await startBot(world, { PUBLIC_URL: 'https://bot.example.com' });
    const urlsOf = (crew: string, token: string) => ({
      taskWebhookUrl: `${bot.url}/webhooks/${crew}/task?token=${token}`,
      ...(dialect === 'live'
        ? { humanInputWebhookUrl: `${bot.url}/webhooks/${crew}/human-input?token=${token}` }
        : {}),
    });
    const crewWebhookUrl = 'https://press.example.com/done?key=123';
    platform.kickoff({ ...urlsOf('press', PRESS_SECRET), meta: { crewWebhookUrl } });
    const card = await sees(workspace, 'the press card', ready);
    expect(JSON.stringify(shown(workspace))).not.toContain(PRESS_SECRET);
    await ask(world, approvalOf(card));
    const lookedUp = JSON.stringify(ephemeralsTo(workspace, 'UANA').at(-1));
    expect(lookedUp).toContain("task → bot.example.com/webhooks/press/task?… (the bot's own)");
    expect(lookedUp).toContain("crew → press.example.com/done?… (from the run's meta)");
    expect(lookedUp).not.toContain('key=123');
    await clickOn(world, card.ts, 'approve', 'UBEN');
    await workspace.changed(() => ephemeralsTo(workspace, 'UBEN').length === 1, { what: 'ben is refused' });
    await clickOn(world, card.ts, 'approve');
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume of press' });
    expect(platform.resumes[0]?.status).toBe(200);
    expect(withoutTickets(platform.resumes[0]?.body)).toMatchObject({
      taskWebhookUrl: `https://bot.example.com/webhooks/press/task?token=${PRESS_SECRET}`,
      crewWebhookUrl,
    });

    const execution = budgetPlatform.kickoff(urlsOf('budget', BUDGET_SECRET));
    const tracker = 'https://tracker.example.com';
    const body = { taskWebhookUrl: `${tracker}/task`, stepWebhookUrl: `${tracker}/step` };
    const registration = `${bot.url}/crews/budget/executions/${execution}`;
    expect(await http.put(registration, body, bearer(BUDGET_SECRET))).toMatchObject({
      status: 200,
      data: { crew: 'budget', execution_id: execution },
    });
    const budgetCard = await sees(workspace, 'the budget card', ready, 'CPRESS');
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

test('a registration names URLs, narrows channel and approvers, and the card says what was missing or ignored', async () => {
  const world = await startTwoCrews({ press: { dialect: 'documented' } });
  const { workspace } = world;
  const bot = await startBot(world);
  const seesOf = (approval: string, what: (all: string) => boolean, channel?: string) =>
    sees(workspace, approval, (it) => it.approval === approval && what(it.all), channel);
  const id = 'run/with a slash';
  const { data: unknown } = await report(bot, id);
  await seesOf(unknown.approval, (all) => all.includes("CrewAI won't report back on this run"));
  const named = await register(bot, id, { taskWebhookUrl: 'https://a.example.com/t' });
  expect(named.data).toEqual({ crew: 'press', execution_id: id });
  await seesOf(unknown.approval, (all) => !all.includes("won't report back"));

  expect((await register(bot, 'run-1', { channel: 'CPRESS' })).data).not.toHaveProperty('warnings');
  const ignored = await register(bot, 'run-2', { channel: 'CSECRET', approvers: ['UCAT'] });
  expect(ignored.data.warnings).toHaveLength(2);
  await seesOf((await report(bot, 'run-1')).data.approval, () => true, 'CPRESS');
  const { approval } = (await report(bot, 'run-2')).data;
  const { all } = await seesOf(approval, (said) => said.includes('Some settings of the run were ignored'));
  expect(all).toContain("channel isn't one of this crew's channels");
  expect(all).toContain('not approvers of this crew');
});

test("a registration is rejected by the name of a wrong field, and every request with another crew's secret", async () => {
  const world = await startTwoCrews();
  const bot = await startBot(world);
  const long = `https://example.com/${'x'.repeat(3000)}`;
  const unsigned = { url: 'https://example.com', authentication: { strategy: 'none' } };
  const wrong: [body: object, sentence: string][] = [
    [{ taskWebhookUrl: 'javascript:alert(1)' }, 'taskWebhookUrl must be an http or https URL'],
    [{ crewWebhookUrl: 'ftp://example.com' }, 'crewWebhookUrl must be'],
    [{ stepWebhookUrl: null }, 'stepWebhookUrl must be'],
    [{ stepWebhookUrl: '' }, 'stepWebhookUrl must be'],
    [{ taskWebhookUrl: long }, 'taskWebhookUrl must be'],
    [{ humanInputWebhook: unsigned }, 'humanInputWebhook.authentication'],
    [{ approvers: ['ana'] }, 'approvers.0 must be the id of a Slack user'],
    [{ taskWebhookURL: 'https://example.com' }, 'taskWebhookURL is not a field of a registration'],
    [[], 'body must be a JSON object'],
  ];
  for (const [body, sentence] of wrong)
    expect(await register(bot, 'run', body), sentence).toMatchObject({
      status: 422,
      data: { message: expect.stringContaining(sentence) },
    });
  expect((await register(bot, 'x'.repeat(255), {})).status).toBe(200);
  expect(await register(bot, 'x'.repeat(256), {})).toMatchObject({
    status: 422,
    data: { message: 'execution_id must be at most 255 characters long.' },
  });
  expect((await register(bot, 'run', {}, BUDGET_SECRET)).status).toBe(401);
  const task = { name: 'x', output: 'y', kickoff_id: 'run' };
  expect((await http.post(`${bot.url}/webhooks/budget/task`, task, bearer(PRESS_SECRET))).status).toBe(401);
});
