import { expect, test } from 'vitest';
import { tellStory } from './story.ts';
import { createWorld, MINUTE, type Process, SECOND } from './world.ts';

test('sends a decision again after a lost answer and a kill, and CrewAI takes it once', async () => {
  const world = await createWorld({ dialect: 'documented', replicas: 2 });
  const story = tellStory(world);
  await world.shown();
  await world.revise('UANA', 'Shorter');
  await world.pass(3 * SECOND);
  world.platform.failures.plan({ on: 'resume', failure: { answerLost: true } });
  world.network.holds = ({ url }) => url.includes('/webhooks/');
  await world.click('UBEN', 'approve');
  world.kill(world.living(0) as Process);
  await world.pass(2 * MINUTE);
  expect(world.cards().map(({ state }) => state)).toEqual(['continued', 'accepted']);
  world.network.holds = () => false;
  for (const { release } of world.network.held) release();
  await world.pass(3 * SECOND);

  expect(story.map((line) => line.slice(9)).filter((line) => /resume|killed|webhook:/.test(line))).toEqual([
    'CrewAI sends a task webhook: 202 created (round 1)',
    'CrewAI sends a human-input webhook: 202 duplicate (round 1)',
    'process a1 sends POST /resume, "Shorter": 200',
    'CrewAI sends a task webhook: 202 noted',
    'CrewAI sends a human-input webhook: 202 created (round 2)',
    'process a1 sends POST /resume, "Approved.": no answer',
    'process a1 of the bot is killed',
    'process b2 sends POST /resume, "Approved.": 400',
    'CrewAI sends a crew webhook: 202 noted',
  ]);
  expect(world.cards().map(({ state }) => state)).toEqual(['continued', 'continued']);
});
