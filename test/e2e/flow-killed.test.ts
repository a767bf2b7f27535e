import { expect, onTestFinished, test } from 'vitest';
import { startFlowDeployment } from '../../src/sandbox/crewai/flow/deployment.ts';
import { clickOn } from '../support/process-steps.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { sees, shown, startWorld } from '../support/world.ts';

const SECRET = 'whsec_0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const QUESTION = {
  method: 'review',
  message: 'Is it ready?',
  output: 'A report',
  emit: ['publish', 'discard'],
};

async function startKilled() {
  const world = await startWorld();
  const flow = await startFlowDeployment({ secret: SECRET });
  onTestFinished(() => flow.close());
  const settings = { FLOW_WEBHOOK_SECRETS: SECRET, CALLBACK_HOSTS: new URL(flow.baseUrl).host };
  const bot = await spawnBot(world, settings);
  flow.sendTo(`${bot.url}/webhooks/press/flow`);
  return { world, flow, bot };
}

test('a review that was answered with 202 gets its card, though the bot is killed before it could post one', {
  timeout: 60_000,
}, async () => {
  const { world, flow, bot } = await startKilled();
  world.workspace.failures.plan({ on: 'chat.postMessage', times: 100, failure: { error: 'internal_error' } });
  const review = flow.ask(QUESTION);
  expect(await review.webhookStatus()).toBe(202);
  await bot.kill();
  expect(shown(world.workspace)).toEqual([]);
  world.workspace.failures.clear();
  await bot.restart();
  const card = await sees(world.workspace, 'the card', ({ all }) => all.includes('Is it ready?'));
  await clickOn(world, card.ts, 'choose_1');
  expect(await review.answered).toMatchObject({ feedback: 'publish' });
});

test('a choice is sent after a kill before its answer, and an answer that was taken before counts as ours', {
  timeout: 60_000,
}, async () => {
  const { world, flow, bot } = await startKilled();
  flow.failures.plan({ on: 'respond', failure: { noAnswer: true } });
  const review = flow.ask(QUESTION);
  const card = await sees(world.workspace, 'the card', ({ all }) => all.includes('Is it ready?'));
  expect((await clickOn(world, card.ts, 'choose_2')).acked).toBe(true);
  await flow.changed(() => flow.requests.some(({ method }) => method === 'POST'));
  await bot.kill();
  const next = await bot.restart();
  expect(await review.answered).toMatchObject({ feedback: 'discard' });
  await sees(
    world.workspace,
    'accepted',
    ({ ts, all }) => ts === card.ts && all.includes('CrewAI accepted it'),
  );

  flow.failures.plan({ on: 'respond', failure: { answerLost: true } });
  const second = flow.ask(QUESTION);
  const other = await sees(
    world.workspace,
    'the second card',
    ({ ts, all }) => ts !== card.ts && all.includes('Is it ready?'),
  );
  await clickOn(world, other.ts, 'choose_1');
  expect(await second.answered).toMatchObject({ feedback: 'publish' });
  await next.kill();
  await next.restart();
  const settled = await sees(
    world.workspace,
    'accepted',
    ({ ts, all }) => ts === other.ts && all.includes('CrewAI accepted it'),
  );
  expect(settled.all).toContain('*publish* chosen by <@UANA>');
});
