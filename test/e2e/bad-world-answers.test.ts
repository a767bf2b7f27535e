import { expect, test } from 'vitest';
import type { Failure } from '../../src/sandbox/failures.ts';
import { clickOn, kickoff, ready, roots, startRunWithCard } from '../support/process-steps.ts';
import { startBot, startWorld } from '../support/world.ts';
import { http, openModal, says, told, waits } from './people-steps.ts';

const PAGE = `<html><body><h1>Please sign in</h1>${'<p>…</p>'.repeat(100)}</body></html>`;
const html = { 'content-type': 'text/html' };
const page = (status: number, headers = {}): Failure => ({
  status,
  body: PAGE,
  headers: { ...html, ...headers },
});
const json = (body: string, status = 200): Failure => ({
  status,
  body,
  headers: { 'content-type': 'application/json' },
});

/** Carries each case out, all at once. */
async function each<C>(cases: Readonly<Record<string, C>>, carryOut: (given: C) => Promise<unknown>) {
  const entries = Object.entries(cases).map(([name, given]) =>
    carryOut(given).catch((error: unknown) => {
      throw new Error(`${name}: ${String(error)}`, { cause: error });
    }),
  );
  await Promise.all(entries);
}

test('an answer to /resume that proves nothing is asked for again, and the card says so meanwhile', async () => {
  const answers = {
    "a proxy's page with 200": page(200),
    "a proxy's page with 502": page(502),
    'half of the JSON': json('{"status": "resumed", "mess'),
    'gzip that is none': {
      status: 200,
      body: '{"status": "resumed"}',
      headers: { 'content-encoding': 'gzip' },
    },
  };
  await each(answers, async (failure) => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const { platform } = world;
    const { ts } = (await startRunWithCard(world, await startBot(world))).card;
    platform.failures.plan({ on: 'resume', failure });
    await clickOn(world, ts, 'approve');
    const between = await says(world, ts, "I'll keep trying");
    expect(between.all).toMatch(/CrewAI didn't respond\.|CrewAI reported an error\./);
    expect(between.all).not.toContain('Decision sent. ');
    await says(world, ts, 'Decision sent. ');
    const effects = platform.resumes.filter(({ fate }) => fate === 'answered');
    expect(platform.resumes).toHaveLength(2);
    expect(effects.map(({ status }) => status).at(-1)).toBe(200);
  });
});

test('nonsense that Slack answers delays cards, forms and updates, and is not in the log', async () => {
  const nonsense = [
    page(200),
    page(500),
    page(302, { location: 'https://login.example.com/' }),
    json('{"ok": false, "error": "fatal_error"}'),
    json('{"ok": false, "error": {"code": 7}}'),
    json('{"ok": tr'),
    json(''),
    json('null'),
    json('[]'),
    json('{"ok": false, "error": "ratelimited"}', 429),
  ];
  const world = await startWorld();
  const { workspace, platform } = world;
  workspace.failures.plan({ on: 'auth.test', failure: page(200) });
  const bot = await startBot(world);
  expect((await http.get(`${bot.url}/healthz`)).status).toBe(200);
  for (const failure of nonsense) {
    workspace.failures.plan({ on: 'chat.postMessage', failure });
    kickoff(world, bot);
  }
  const cards = () => roots(world).filter(ready);
  await workspace.changed(() => cards().length === nonsense.length, { what: 'a card of each run' });
  const [first = '', ...others] = cards().map(({ ts }) => ts);
  for (const [index, failure] of nonsense.entries()) {
    workspace.failures.plan({ on: 'views.open', failure });
    await clickOn(world, first, 'request_revision', 'UBEN');
    expect((await told(world, 'UBEN', index + 1))[index]).toContain("Slack didn't open the form");
  }
  await openModal(world, first);
  for (const failure of nonsense) workspace.failures.plan({ on: 'chat.update', failure });
  for (const ts of [first, ...others]) expect((await clickOn(world, ts, 'approve')).acked).toBe(true);
  for (const ts of [first, ...others]) await says(world, ts, 'Decision sent. ');
  expect(platform.resumes).toHaveLength(nonsense.length);
  expect(roots(world)).toHaveLength(nonsense.length);
  expect(bot.logged.join('')).not.toContain(JSON.stringify(PAGE.slice(0, 400)).slice(1, -1));
});

test('a card that Slack took without saying where it is can be decided all the same', async () => {
  const answers = {
    'ok alone': json('{"ok": true}'),
    'no ts': json('{"ok": true, "channel": "CAPPROVALS"}'),
    'an empty ts': json('{"ok": true, "channel": "CAPPROVALS", "ts": ""}'),
  };
  await each(answers, async (failure) => {
    const world = await startWorld();
    world.workspace.failures.plan({ on: 'chat.postMessage', failure });
    kickoff(world, await startBot(world));
    const { ts } = await waits(world, 'Spring collection');
    await clickOn(world, ts, 'approve');
    await says(world, ts, 'Decision sent. ');
    expect(roots(world)).toHaveLength(1);
  });
});
