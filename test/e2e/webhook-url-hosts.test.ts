import axios from 'axios';
import { expect, test } from 'vitest';
import { clickOn, ready } from '../support/process-steps.ts';
import { SECRET, sees, shown, startBot, startWorld, withoutTickets } from '../support/world.ts';

const LEFT_OUT = 'has a host that is not in WEBHOOK_URL_HOSTS; it is left out';
const secret = { headers: { authorization: `Bearer ${SECRET}` } };

test('URLs of other hosts never reach CrewAI, wherever they were learnt; the log, the thread and the sender are told', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace, platform } = world;
  const bot = await startBot(world, {
    WEBHOOK_URL_HOSTS: 'erp.example.com:8443, *.good.example',
  });
  const registration = {
    taskWebhookUrl: 'https://erp.example.com/x?token=stolen',
    stepWebhookUrl: 'https://hooks.good.example/step',
    humanInputWebhook: { url: 'https://evil.example/human' },
  };
  const run = {
    meta: { taskWebhookUrl: 'https://good.example/task', crewWebhookUrl: 'https://evil.example/crew' },
  };
  const { data } = await axios.put(`${bot.url}/crews/press/executions/run-1`, registration, secret);
  expect(data.warnings).toEqual([`taskWebhookUrl ${LEFT_OUT}`, `humanInputWebhook ${LEFT_OUT}`]);
  await axios.post(bot.webhook('human-input'), {
    execution_id: 'run-1',
    task_id: 'draft',
    task_output: 'Hello',
    ...run,
  });
  const card = await sees(workspace, 'the card', ready);
  expect(card.all).not.toContain('evil.example');
  await sees(workspace, 'the warning', ({ ts, all }) => ts === card.ts && all.includes('WEBHOOK_URL_HOSTS'));
  await clickOn(world, card.ts, 'approve');
  await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
  const [resume] = platform.resumes;
  expect(JSON.stringify(resume)).not.toMatch(/evil\.example|erp\.example\.com|https:\/\/good\.example/);
  expect(withoutTickets(resume?.body)).toMatchObject({ stepWebhookUrl: 'https://hooks.good.example/step' });
  expect(resume?.body).not.toHaveProperty('taskWebhookUrl');
  expect(resume?.body).not.toHaveProperty('crewWebhookUrl');
  expect(resume?.body).not.toHaveProperty('humanInputWebhook');
  const log = bot.logged.join('');
  expect(log).toContain(LEFT_OUT);
  expect(log).not.toMatch(/evil\.example|stolen/);
  const thread = shown(workspace).filter(({ thread_ts }) => thread_ts !== undefined);
  expect(thread.map(({ all }) => all).join('\n')).not.toContain('evil.example');
});

test("a host with its port is forwarded, and the bot's own URLs are, whatever the list has", async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace, platform } = world;
  const bot = await startBot(world, {
    WEBHOOK_URL_HOSTS: 'erp.example.com:8443',
    PUBLIC_URL: 'https://bot.example.org',
  });
  const taskWebhookUrl = 'https://erp.example.com:8443/task';
  await axios.put(`${bot.url}/crews/press/executions/run-1`, { taskWebhookUrl }, secret);
  await axios.post(bot.webhook('task'), { kickoff_id: 'run-1', name: 'draft', output: 'Hello' });
  const card = await sees(workspace, 'the card', ready);
  await clickOn(world, card.ts, 'approve');
  await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
  expect(withoutTickets(platform.resumes[0]?.body)).toMatchObject({
    taskWebhookUrl,
    crewWebhookUrl: `https://bot.example.org/webhooks/press/crew?token=${SECRET}`,
  });
});
