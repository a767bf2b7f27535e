import { DatabaseSync } from '@photostructure/sqlite';
import axios from 'axios';
import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import { BUDGET_SECRET, PRESS_SECRET, startTwoCrews } from '../support/two-crews.ts';
import { until } from '../support/until.ts';
import { type Bot, ephemeralsTo, sees, shown, startBot, startWorld, type World } from '../support/world.ts';

const http = axios.create({ validateStatus: () => true });
const post = (bot: Bot, kind: string, body: object) =>
  http.post(bot.webhook(kind), { kickoff_id: 'run-1', ...body });
const ready = ({ buttons }: { buttons: string[] }) => buttons.includes('Approve');
const file = (world: World) => (world.settings.STORE_URL as string).replace('sqlite://', '');
const approve = ({ workspace }: World, ts: string, user = 'UANA') =>
  workspace.click({ user, channel: 'CAPPROVALS', ts, actionId: 'approve' });

test('another text with the same JSON beside it is another output, and closes the card of the first', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const bot = await startBot(world);
  const output_json = { status: 'ok' };
  await post(bot, 'task', { name: 'draft', output: 'Pay Ana 100', output_json });
  const card = await sees(world.workspace, 'the card', ready);
  const second = await post(bot, 'task', { name: 'draft', output: 'Pay Mallory 1,000,000', output_json });
  expect(second.data).toMatchObject({ status: 'created', round: 2 });
  await approve(world, card.ts).catch(() => {});
  await sees(
    world.workspace,
    'the old card closed',
    ({ ts, all }) => ts === card.ts && all.includes('A newer output'),
  );
  await sees(
    world.workspace,
    'the new card',
    ({ all, buttons }) => all.includes('Mallory') && buttons.length > 0,
  );
});

test('a number that a parser would change is shown as it was written, and told apart from its neighbour', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const bot = await startBot(world);
  await post(bot, 'task', { name: 'pay', output: '{"account": 12345678901234567890, "a": 1, "a": 2}' });
  await sees(world.workspace, 'the number', ({ all }) =>
    all.includes('{"account": 12345678901234567890, "a": 1, "a": 2}'),
  );
  const next = await post(bot, 'task', {
    name: 'pay',
    output: '{"account": 12345678901234567891, "a": 1, "a": 2}',
  });
  expect(next.data).toMatchObject({ status: 'created', round: 2 });
});

test('a human-input webhook without the name of its task joins the card that the task webhook opened', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const bot = await startBot(world);
  const first = await post(bot, 'task', { name: 'draft', task_id: 't-1', output: 'x' });
  const second = await post(bot, 'human-input', { task_id: 't-1', task_output: 'x' });
  expect(second.data).toEqual({ ...first.data, status: 'duplicate' });
  await sees(world.workspace, 'the card', ready);
  expect(shown(world.workspace)).toHaveLength(1);
});

test('a group that a run names beyond the settings is left out and told: the crew can still decide', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const bot = await startBot(world);
  await post(bot, 'task', { name: 'draft', output: 'x', meta: { approvers: ['SEDITORS'] } });
  const card = await sees(world.workspace, 'the card', ready);
  await sees(world.workspace, 'the warning', ({ all }) => all.includes('not approvers of this crew'));
  await approve(world, card.ts);
  await sees(world.workspace, 'the decision', ({ all }) => all.includes('Approved by'));
});

test("what CrewAI says of a webhook URL is shown without the URL's secret, and without our token", async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace, platform } = world;
  const bot = await startBot(world, { PUBLIC_URL: 'https://bot.example.com' });
  const message = `${bot.webhook('task')} is not reachable with ${world.settings.CREWAI_BEARER_TOKEN}`;
  platform.failures.plan({ on: 'resume', failure: { status: 422, body: JSON.stringify({ message }) } });
  platform.kickoff({ taskWebhookUrl: bot.webhook('task') });
  const card = await sees(workspace, 'the card', ready);
  await approve(world, card.ts);
  await sees(workspace, 'the refusal', ({ all }) => all.includes(texts.crewai.failures.rejected));
  const details = await ask(world, card.approval ?? '');
  expect(details.all).toContain('is not reachable');
  const everything = JSON.stringify([shown(workspace), details]);
  expect(everything).not.toContain(world.settings.WEBHOOK_SECRET);
  expect(everything).not.toContain(world.settings.CREWAI_BEARER_TOKEN);
});

test('a database that another process holds for a second holds up nobody for longer, and the click is acked', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace } = world;
  const bot = await startBot(world);
  await post(bot, 'task', { name: 'draft', output: 'x' });
  const card = await sees(workspace, 'the card', ready);
  const other = new DatabaseSync(file(world), { timeout: 5_000 });
  other.exec('BEGIN IMMEDIATE');
  const click = approve(world, card.ts);
  const health = await http.get(`${bot.url}/healthz`, { timeout: 1_000 });
  expect(health.status).toBe(200);
  other.exec('COMMIT');
  other.close();
  expect((await click).acked).toBe(true);
  await sees(workspace, 'the decision', ({ all }) => all.includes('Approved by <@UANA>'));
});

test('a database that is held for good: the click is acked within 3 s, and told that nothing was recorded', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace } = world;
  const bot = await startBot(world);
  await post(bot, 'task', { name: 'draft', output: 'x' });
  const card = await sees(workspace, 'the card', ready);
  const other = new DatabaseSync(file(world), { timeout: 5_000 });
  other.exec('BEGIN IMMEDIATE');
  const click = await approve(world, card.ts);
  expect(click.acked).toBe(true);
  await workspace.changed(() => ephemeralsTo(workspace, 'UANA').length === 1, { what: 'the answer' });
  expect(ephemeralsTo(workspace, 'UANA')[0]?.text).toContain('nothing was saved');
  other.close();
  await approve(world, card.ts);
  await sees(workspace, 'the decision', ({ all }) => all.includes('Approved by <@UANA>'));
});

test('one damaged approval of a run refuses none of its other webhooks', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace } = world;
  const bot = await startBot(world);
  const { data } = await post(bot, 'task', { name: 'one', output: 'x' });
  await sees(workspace, 'the card', ready);
  const other = new DatabaseSync(file(world), { timeout: 5_000 });
  other.prepare('UPDATE records SET raw = ? WHERE key = ?').run('{}', `approval/${data.approval}`);
  other.close();
  expect((await post(bot, 'task', { name: 'two', output: 'y' })).data).toMatchObject({ status: 'created' });
  expect((await post(bot, 'crew', { result: 'done' })).status).toBe(202);
});

test('a registration whose second half failed is made good when it is sent again', async () => {
  const world = await startTwoCrews({ press: { dialect: 'documented' } });
  const { workspace } = world;
  const bot = await startBot(world);
  const headers = { authorization: `Bearer ${PRESS_SECRET}` };
  const { data: taken } = await http.post(
    `${bot.url}/webhooks/press/task`,
    { name: 'draft', output: 'x', kickoff_id: 'r' },
    { headers },
  );
  await sees(workspace, 'the warning', ({ all }) => all.includes("CrewAI won't report back"));
  const other = new DatabaseSync(file(world), { timeout: 5_000 });
  other.exec(
    "CREATE TRIGGER broken BEFORE UPDATE ON records WHEN NEW.key LIKE 'approval/%' BEGIN SELECT RAISE(ABORT, 'broken'); END",
  );
  const put = () =>
    http.put(
      `${bot.url}/crews/press/executions/r`,
      { taskWebhookUrl: 'https://a.example.com/t' },
      { headers },
    );
  expect((await put()).status).toBe(503);
  other.exec('DROP TRIGGER broken');
  other.close();
  expect((await put()).status).toBe(200);
  await sees(
    workspace,
    'the URL',
    ({ approval, all }) => approval === taken.approval && !all.includes("won't report back"),
  );
  expect(JSON.stringify(bot.logged)).not.toContain(BUDGET_SECRET);
});

test('a button that this version does not know is answered', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace } = world;
  const bot = await startBot(world);
  await post(bot, 'task', { name: 'draft', output: 'x' });
  const { ts } = await sees(workspace, 'the card', ready);
  const action = { type: 'button', block_id: 'newer', value: 'x' };
  const click = {
    user: 'UANA',
    channel: 'CAPPROVALS',
    ts,
    actionId: 'from_a_newer_version',
    stale: true,
    action,
  };
  expect((await workspace.click(click)).acked).toBe(true);
  await workspace.changed(() => ephemeralsTo(workspace, 'UANA').length === 1, { what: 'the answer' });
  expect(ephemeralsTo(workspace, 'UANA')[0]?.text).toBe(texts.refusals.unknownButton);
});

test('a channel that Slack does not know is named by /readyz, and its cards come once it was put right and the bot started anew', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace } = world;
  const bot = await startBot(world, { APPROVAL_CHANNEL: 'CAPPROVALS' });
  workspace.failures.plan({ on: 'chat.postMessage', failure: { error: 'channel_not_found' } });
  await post(bot, 'task', { name: 'draft', output: 'x' });
  const unready = async () =>
    (await http.get(`${bot.url}/readyz`)).data.faults?.channels as string | undefined;
  await until(async () => expect(await unready()).toBe('CAPPROVALS: channel_not_found'));
  await bot.stop();
  await startBot(world);
  await sees(workspace, 'the card', ready);
});

test('an execution with a short id is found by it', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace } = world;
  const bot = await startBot(world);
  await http.post(bot.webhook('task'), { kickoff_id: 'k1', name: 'draft', output: 'x' });
  await ask(world, 'k1');
  expect(JSON.stringify(ephemeralsTo(workspace, 'UANA'))).toContain('waiting for a decision');
});
