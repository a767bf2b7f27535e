import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import { clickOn, kickoff, ready, requestRevision } from '../support/process-steps.ts';
import { type Bot, type Shown, sees, startBot, startWorld, type World } from '../support/world.ts';
import {
  all,
  type Break,
  each,
  half,
  noHttp,
  page,
  type Road,
  says,
  seesInTheEnd,
  startRoad,
  startStranger,
  trickle,
} from './bad-world-steps.ts';

const accepted = ({ all }: { all: string }) => all.includes('CrewAI accepted it');

interface Case extends World {
  road: Road;
  bot: Bot;
  ts: string;
}

/** A card that can be decided; the run stays where it is. */
async function startCase(): Promise<Case> {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const road = await startRoad(world.platform.baseUrl);
  const bot = await startBot(world, { CREWAI_BASE_URL: road.url });
  kickoff(world, bot);
  const { ts } = await sees(world.workspace, 'the card', ready);
  world.platform.hold();
  return { ...world, road, bot, ts };
}

/** What the card says of an attempt that was not the last one, in a few words. */
async function notYet({ workspace }: World): Promise<string | undefined> {
  const { all } = await seesInTheEnd(workspace, 'not accepted yet', (message) =>
    message.all.includes("I'll keep trying"),
  );
  expect(all).not.toContain('CrewAI accepted it');
  return /UTC>\. (.+?) I'll keep trying/.exec(all)?.[1];
}

const statuses = ({ platform }: World) => platform.resumes.map(({ status }) => status);

describe('an answer to /resume that says nothing', () => {
  const answers: Record<string, Break> = {
    'half of the JSON': half('{"status": "resumed", "mess'),
    'headers alone': half(''),
    "a proxy's page with 200": page(200),
    "a proxy's page with 502": page(502),
    'a 500 in JSON': says(500, '{"error": "Internal error", "message": "Something broke"}'),
    'a JSON array': says(200, '[{"status": "resumed"}]'),
    'a number': says(200, '1'),
    null: says(200, 'null'),
    'an empty body': says(200, ''),
    'an empty object': says(200, '{}'),
    'an id that is none': says(200, '{"kickoff_id": 7}'),
    'a 204': says(204, ''),
    'two JSON objects': says(200, '{"status": "resumed"}{"status": "resumed"}'),
    'more than 256 KB': says(200, JSON.stringify({ status: 'resumed', message: 'x'.repeat(300_000) })),
    'gzip that is none': says(200, '{"status": "resumed"}', { 'content-encoding': 'gzip' }),
    'no HTTP': noHttp,
  };

  const approve = (taken: boolean) => async (answer: Break) => {
    const world = await startCase();
    world.road.breaks('/resume', answer, { taken });
    await clickOn(world, world.ts, 'approve');
    const between = await notYet(world);
    await sees(world.workspace, 'accepted', accepted);
    return { between, came: world.road.came('/resume').length, answered: statuses(world) };
  };
  const between = expect.stringMatching(/^CrewAI didn't respond\.$|^CrewAI reported an error\.$/);

  test('is asked for again; "not pending" proves that the first one arrived', async () => {
    expect(await each(answers, approve(true))).toEqual(
      all(answers, { between, came: 2, answered: [200, 400] }),
    );
  });

  test('is asked for again; if the first one did not arrive, the second one does', async () => {
    expect(await each(answers, approve(false))).toEqual(all(answers, { between, came: 2, answered: [200] }));
  });

  test.runIf(process.env.CI)(
    'and never ends is given 8 s, and asked for again',
    { timeout: 40_000 },
    async () => {
      const expected = { between, came: 2, answered: [200, 400] };
      expect(await approve(true)(trickle)).toEqual(expected);
    },
  );

  test('leaves a revision unsure too: it is sent again, and taken once', async () => {
    const world = await startCase();
    world.road.breaks('/resume', half('{"sta'), { taken: true });
    await requestRevision(world, world.ts, 'Shorter');
    expect(await notYet(world)).toEqual(between);
    const end = await sees(world.workspace, 'accepted', accepted);
    expect(end.all).toContain('Revision requested by <@UBEN>');
    expect(statuses(world)).toEqual([200, 400]);
    world.platform.release();
    await sees(world.workspace, 'round 2', (message) => message.all.includes('round 2') && ready(message));
  });
});

test('an answer with 2xx that is a JSON object is an acceptance, however it looks', async () => {
  const answers = {
    'a status that is not documented': says(200, '{"status": "queued"}'),
    'another type': says(200, '{"status": "resumed"}', { 'content-type': 'text/html' }),
    'no type': says(200, '{"status": "resumed"}', {}),
    'a 202': says(202, '{"status": "resumed"}'),
  };
  const came = await each(answers, async (answer) => {
    const world = await startCase();
    world.road.breaks('/resume', answer, { taken: true });
    await clickOn(world, world.ts, 'approve');
    await sees(world.workspace, 'accepted', accepted);
    world.platform.release();
    await sees(world.workspace, 'went on', ({ all }) => all.includes(texts.card.continued));
    return statuses(world);
  });
  expect(came).toEqual(all(answers, [200]));
});

const REJECTED = texts.crewai.failures.rejected;

describe('an answer that refuses', () => {
  /** What the card says then, and Details; Retry sends it again, and that one is accepted. */
  async function refusal(answer: Break) {
    const world = await startCase();
    world.road.breaks('/resume', answer, { taken: false });
    await clickOn(world, world.ts, 'approve');
    const card = await sees(world.workspace, 'the refusal', ({ buttons }) => buttons.includes('Retry'));
    const details = await readDetails(world, card);
    expect(world.road.came('/resume')).toHaveLength(1);
    await clickOn(world, world.ts, 'retry');
    await sees(world.workspace, 'accepted', accepted);
    expect(statuses(world)).toEqual([200]);
    return [/UTC>\. (.+?) \*Retry/.exec(card.all)?.[1], details];
  }

  /** The error that Details keep for operators. */
  async function readDetails(world: Case, { approval = '' }: Shown): Promise<string | undefined> {
    return /Last error: (.+)/.exec((await ask(world, approval)).all)?.[1];
  }

  test('as a redirect is not followed: the token reaches no other host', async () => {
    const stranger = await startStranger();
    const numbers = { '301': 301, '302': 302, '303': 303, '307': 307, '308': 308 };
    const redirect = (status: number) => page(status, { location: stranger.url });
    const said = await each(numbers, (status) => refusal(redirect(status)));
    expect(said).toEqual(
      Object.fromEntries(Object.keys(numbers).map((number) => [number, [REJECTED, `HTTP ${number}.`]])),
    );
    expect(stranger.seen()).toBe(0);
  });

  test("with a proxy's page is told in words, and its number in Details", async () => {
    const rejected = texts.crewai.failures.token_rejected;
    expect(await each({ '401': page(401), '403': page(403), '404': page(404) }, refusal)).toEqual({
      '401': [rejected, 'HTTP 401.'],
      '403': [rejected, 'HTTP 403.'],
      '404': [
        texts.crewai.failures.unknown_run,
        'HTTP 404. No such run, or no /resume: this may be a Flow or another deployment.',
      ],
    });
  });

  test('what the request says has no Retry, which would be refused the same way', async () => {
    const answers = { '400': page(400), '413': page(413), '422': says(422, '{"detail": "Not this"}') };
    const said = await each(answers, async (answer) => {
      const world = await startCase();
      world.road.breaks('/resume', answer, { taken: false });
      await clickOn(world, world.ts, 'approve');
      const card = await sees(
        world.workspace,
        'the refusal',
        ({ ts, all }) => ts === world.ts && all.includes(REJECTED),
      );
      expect(card.buttons).toEqual(['Close without a decision']);
      await sees(world.workspace, 'the note', ({ all }) => all.includes(texts.notes.close));
      return readDetails(world, card);
    });
    expect(said).toEqual({
      '400': 'HTTP 400.',
      '413': 'HTTP 413.',
      '422': 'HTTP 422: Not this.',
    });
  });
});

describe('CrewAI not ready', () => {
  test('is asked again, and not before it said', async () => {
    // A date has whole seconds.
    const until = Math.ceil(Date.now() / 1_000) * 1_000 + 3_000;
    const date = { 'retry-after': new Date(until).toUTCString() };
    const answers = {
      'a 429 with a date': { answer: page(429, date), until },
      'a 503 with a date': { answer: page(503, date), until },
      'a 503 with seconds': { answer: page(503, { 'retry-after': '3' }), until: until - 1_000 },
      'a 429 without any': { answer: page(429), until: 0 },
      'a 429 with nonsense': { answer: page(429, { 'retry-after': 'soon' }), until: 0 },
    };
    const asked = await each(answers, async ({ answer, until }) => {
      const world = await startCase();
      world.road.breaks('/resume', answer, { taken: false });
      await clickOn(world, world.ts, 'approve');
      const between = await notYet(world);
      await sees(world.workspace, 'accepted', accepted);
      const [, again = 0] = world.road.came('/resume');
      return { between, patient: again >= until, answered: statuses(world) };
    });
    expect(asked).toEqual(all(answers, { between: "CrewAI isn't ready.", patient: true, answered: [200] }));
  });

  test('at an https URL of a port without TLS is not reached; put right, the decision arrives once', async () => {
    const { bot, ...world } = await startCase();
    await bot.stop();
    const wrong = await startBot(world, { CREWAI_BASE_URL: world.road.url.replace('http:', 'https:') });
    await clickOn(world, world.ts, 'approve');
    expect(await notYet(world)).toBe("CrewAI can't be reached.");
    await wrong.stop();
    expect(statuses(world)).toEqual([]);
    await startBot(world, { CREWAI_BASE_URL: world.road.url });
    await sees(world.workspace, 'accepted', accepted);
    expect(statuses(world)).toEqual([200]);
  });

  test('at an http URL of a port with TLS is unsure, never refused; put right, the decision arrives once', async () => {
    const tls = createServer({}).listen(0, '127.0.0.1');
    tls.on('tlsClientError', () => {});
    await new Promise((resolve) => tls.once('listening', resolve));
    onTestFinished(() => void tls.close());
    const { bot, ...world } = await startCase();
    await bot.stop();
    const url = `http://127.0.0.1:${(tls.address() as AddressInfo).port}`;
    const wrong = await startBot(world, { CREWAI_BASE_URL: url });
    await clickOn(world, world.ts, 'approve');
    expect(await notYet(world)).toBe("CrewAI didn't respond.");
    await wrong.stop();
    await startBot(world, { CREWAI_BASE_URL: world.road.url });
    await sees(world.workspace, 'accepted', accepted);
    expect(statuses(world)).toEqual([200]);
  });
});
