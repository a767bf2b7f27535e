import axios from 'axios';
import { expect, test } from 'vitest';
import { says, serve } from '../crewai/serve.ts';
import { clickOn, ready } from '../support/process-steps.ts';
import { sees, startBot, startWorld } from '../support/world.ts';

test('the webhook URLs that a run names are sent to CrewAI with a decision, and the bot never calls them', async () => {
  const world = await startWorld([], { dialect: 'documented' });
  const bot = await startBot(world);
  const { seen, url } = await serve(says(200, '{}'));
  const urls = {
    taskWebhookUrl: `${url}/task`,
    stepWebhookUrl: `${url}/step`,
    crewWebhookUrl: `${url}/crew`,
  };
  const meta = { ...urls, base_url: url, baseUrl: url };
  const task = { name: 'draft', output: 'Hello', kickoff_id: 'run-1', meta };
  expect((await axios.post(bot.webhook('task'), task)).status).toBe(202);
  const card = await sees(world.workspace, 'the card', ready);
  await clickOn(world, card.ts, 'approve');
  await expect.poll(() => world.platform.resumes.length).toBe(1);
  expect(world.platform.resumes[0]?.body).toMatchObject(urls);
  // The run is not known there: the decision is refused, which ends its way.
  await sees(world.workspace, 'its end', ({ buttons }) => buttons.includes('Retry'));
  expect(seen).toEqual([]);
});
