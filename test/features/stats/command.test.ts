import { expect, test } from 'vitest';
import { readDays } from '../../../src/features/stats/index.ts';
import { createListeningBot, startResponseUrl, type World } from '../../slack/listeners/fakes.ts';

test.each([
  ['', 7],
  ['30d', 30],
  ['30 dias', 30],
  ['1 day', 1],
  ['0d', undefined],
  ['91d', undefined],
  ['press', undefined],
])('reads %j as days: %j', (typed, days) => {
  expect(readDays(typed.split(' ').filter(Boolean))).toBe(days);
});

const UNCHECKED: World = { crew: { lookUps: 'members' }, people: { inChannel: () => undefined } };

test.each<[string, World, string]>([
  ['stats 30d', {}, '1 waiting now'],
  ['Estadísticas 30 dias', {}, '1 waiting now'],
  ['stats', UNCHECKED, "I can't check right now"],
  ['stats 0d', {}, 'Give a number of days, at most 90'],
  ['help', {}, '/approvals stats 30d'],
])('answers %s (%#)', async (typed, world, sentence) => {
  const bot = await createListeningBot(world);
  const { url, bodies } = await startResponseUrl();
  await bot.type(typed, url);
  expect([bot.acks, bodies]).toMatchObject([[undefined], [{ response_type: 'ephemeral' }]]);
  expect(JSON.stringify(bodies)).toContain(sentence);
});
