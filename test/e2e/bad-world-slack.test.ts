import axios from 'axios';
import { expect, test } from 'vitest';
import { clickOn, kickoff, ready, roots } from '../support/process-steps.ts';
import { type Bot, ephemeralsTo, sees, startBot, startWorld, type World } from '../support/world.ts';
import {
  all,
  type Break,
  each,
  half,
  noHttp,
  PAGE,
  page,
  type Road,
  says,
  seesInTheEnd,
  startRoad,
} from './bad-world-steps.ts';

const answers: Record<string, Break> = {
  "a proxy's page with 200": page(200),
  "a proxy's page with 500": page(500),
  'a redirect': page(302, { location: 'https://login.example.com/' }),
  fatal_error: says(200, '{"ok": false, "error": "fatal_error"}'),
  'an error that is no word': says(200, '{"ok": false, "error": {"code": 7}}'),
  'half of the JSON': half('{"ok": tr'),
  'an empty body': says(200, ''),
  null: says(200, 'null'),
  'a JSON array': says(200, '[]'),
  'a 429 without Retry-After': says(429, '{"ok": false, "error": "ratelimited"}'),
  'no HTTP': noHttp,
};

async function startCase(): Promise<World & { road: Road; bot: Bot }> {
  const world = await startWorld();
  const road = await startRoad(new URL(world.workspace.apiUrl).origin);
  const bot = await startBot(world, { SLACK_API_URL: `${road.url}/api/` });
  return { ...world, road, bot };
}

const refused = { taken: false };
const accepted = ({ all }: { all: string }) => all.includes('CrewAI accepted it');

/** One card appears, it can be clicked, and it tells the end. */
async function cardLives(world: World, see = sees): Promise<{ cards: number; resumes: number }> {
  const { workspace, platform } = world;
  const card = await see(workspace, 'the card', ready);
  expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
  await see(workspace, 'accepted', (message) => message.ts === card.ts && accepted(message));
  return { cards: roots(world).length, resumes: platform.resumes.length };
}

async function lifeOver(answer: Break, see = sees) {
  const { road, bot, ...world } = await startCase();
  road.breaks('/chat.postMessage', answer, refused);
  road.breaks('/chat.update', answer, refused);
  kickoff(world, bot);
  return cardLives(world, see);
}

test('a card that Slack answers with nonsense appears in the end, once, and tells the end', async () => {
  const came = await each(answers, (answer) => lifeOver(answer));
  expect(came).toEqual(all(answers, { cards: 1, resumes: 1 }));
});

test.runIf(process.env.CI)(
  'a card that Slack never answers appears in the end, once, and tells the end',
  { timeout: 60_000 },
  async () => {
    expect(await lifeOver(() => {}, seesInTheEnd)).toEqual({ cards: 1, resumes: 1 });
  },
);

test('a card that Slack took without saying where it is can be decided all the same', async () => {
  const answers = {
    'ok alone': says(200, '{"ok": true}'),
    'no ts': says(200, '{"ok": true, "channel": "CAPPROVALS"}'),
    'an empty ts': says(200, '{"ok": true, "channel": "CAPPROVALS", "ts": ""}'),
  };
  const came = await each(answers, async (answer) => {
    const { road, bot, ...world } = await startCase();
    road.breaks('/chat.postMessage', answer, refused);
    kickoff(world, bot);
    return cardLives(world);
  });
  expect(came).toEqual(all(answers, { cards: 1, resumes: 1 }));
});

test('a form that Slack does not open is told, and the next click opens it', async () => {
  await each(answers, async (answer) => {
    const { road, bot, ...world } = await startCase();
    const { workspace } = world;
    kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    road.breaks('/views.open', answer, refused);
    expect((await clickOn(world, card.ts, 'request_revision')).acked).toBe(true);
    await workspace.changed(() => ephemeralsTo(workspace, 'UANA').length === 1, { what: 'an answer' });
    expect(ephemeralsTo(workspace, 'UANA')[0]?.text).toContain("Slack didn't open the form");
    await clickOn(world, card.ts, 'request_revision');
    await workspace.changed(() => workspace.openView('UANA') !== undefined, { what: 'the form' });
  });
});

test('nonsense at the start keeps the bot from nothing: webhooks are taken, cards appear', async () => {
  await each(answers, async (answer) => {
    const world = await startWorld();
    const road = await startRoad(new URL(world.workspace.apiUrl).origin);
    road.breaks('/auth.test', answer, refused);
    const bot = await startBot(world, { SLACK_API_URL: `${road.url}/api/` });
    expect((await axios.get(`${bot.url}/healthz`)).status).toBe(200);
    kickoff(world, bot);
    expect(await cardLives(world)).toEqual({ cards: 1, resumes: 1 });
  });
});

test("a proxy's page does not go into the log", async () => {
  const { road, bot, ...world } = await startCase();
  road.breaks('/chat.postMessage', page(200), refused);
  kickoff(world, bot);
  await sees(world.workspace, 'the card', ready);
  expect(bot.logged.join('')).toContain('Slack call failed');
  expect(bot.logged.join('')).not.toContain(JSON.stringify(PAGE.slice(0, 400)).slice(1, -1));
});
