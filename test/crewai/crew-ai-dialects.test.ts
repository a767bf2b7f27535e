import type { RequestListener } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Crew } from '../../src/approval/model/crew/crew.ts';
import type { Execution } from '../../src/approval/model/run/execution.ts';
import { CrewAIClient } from '../../src/crewai/crew-ai.ts';
import { LearnedDialects } from '../../src/crewai/dialects/learn-dialects.ts';
import { startPlatform } from '../../src/sandbox/crewai/platform.ts';
import { createSystemClock } from '../../src/store/system-clock.ts';
import { approval, round } from '../slack/records.ts';
import { collectingLog } from '../slack/stage.ts';
import { crew, decision, endpointsOf, execution } from './records.ts';
import { serve } from './serve.ts';

const TOKEN = 'crew-token-that-nobody-may-see';
const PAUSE = '5b2f6f5e-0d55-4f3a-9c5f-1f4a1b7d2c90';

/** A crew of this format at a server, and what is learned of it. */
function crewAt(
  baseUrl: string,
  {
    format = 'auto' as Crew['resumeFormat'],
    timeout = 8_000,
    now = undefined as (() => number) | undefined,
  } = {},
) {
  const clock = createSystemClock();
  const endpoints = endpointsOf({ ...crew, resumeFormat: format }, baseUrl);
  const kept: string[] = [];
  const dialects = new LearnedDialects({
    endpoints,
    store: {
      dialect: async () => undefined,
      saveDialect: async (_, __, dialect) => void kept.push(dialect),
    },
    clock,
    log: collectingLog().log,
    alarm: () => {},
  });
  const api = new CrewAIClient({
    endpoints,
    dialects,
    clock: now ? { ...clock, now } : clock,
    timeout,
  });
  const resume = (run: Execution = execution()) =>
    api.resume({
      approval: approval([round()]),
      round: round({ taskId: PAUSE, humanInput: true }),
      decision: decision({ feedback: 'A note for people' }),
      execution: run,
    });
  return { api, dialects, kept, resume };
}

const missing = (...names: string[]) =>
  JSON.stringify({
    detail: names.map((name) => ({ type: 'missing', loc: ['body', name], msg: 'Field required' })),
  });
const forbidden = (...names: string[]) =>
  JSON.stringify({
    detail: names.map((name) => ({ type: 'extra_forbidden', loc: ['body', name], msg: 'Extra inputs' })),
  });
const WANTS_LIVE = missing('executionId', 'taskId');
const WANTS_DOCUMENTED = forbidden('executionId', 'taskId', 'humanFeedback');

/** Answers one request after the other; the last one again and again. */
function answers(...planned: [number, string][]): RequestListener {
  let at = 0;
  return (_, response) => {
    const [status, body] = planned[Math.min(at, planned.length - 1)] as [number, string];
    at += 1;
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
}

const both = {
  execution_id: 'run-1',
  task_id: PAUSE,
  human_feedback: 'Approved.',
  is_approve: true,
  executionId: 'run-1',
  taskId: PAUSE,
  humanFeedback: 'Approved.',
};
const documented = {
  execution_id: 'run-1',
  task_id: PAUSE,
  human_feedback: 'A note for people',
  is_approve: true,
};
const live = { executionId: 'run-1', taskId: PAUSE, humanFeedback: 'Approved.' };
const bodies = (seen: { body: string }[]) => seen.map(({ body }) => JSON.parse(body));

describe('a decision while the dialect is unknown', () => {
  it('is one request with both spellings, and a live answer teaches the live dialect', async () => {
    const { seen, url } = await serve(answers([200, '{"kickoff_id":"run-2"}']));
    const { dialects, kept, resume } = crewAt(url);
    expect(await resume()).toEqual({ kind: 'accepted', dialect: 'live', aliasId: 'run-2' });
    expect(bodies(seen)).toEqual([both]);
    expect([dialects.of('press'), kept]).toEqual(['live', ['live']]);
    await resume();
    expect(bodies(seen)[1]).toEqual(live);
  });

  it('is one request with both spellings, and a documented answer teaches the documented dialect', async () => {
    const { seen, url } = await serve(answers([200, '{"status":"resumed","message":"Going on"}']));
    const { dialects, resume } = crewAt(url);
    expect(await resume()).toMatchObject({ kind: 'accepted', dialect: 'documented' });
    expect(bodies(seen)).toEqual([both]);
    expect(dialects.of('press')).toBe('documented');
    await resume();
    expect(bodies(seen)[1]).toEqual(documented);
  });

  it('is taken by the live sandbox platform in this form', async () => {
    const platform = await startPlatform({ dialect: 'live', token: TOKEN, tasks: [] });
    onTestFinished(platform.close);
    const { dialects, resume } = crewAt(platform.baseUrl);
    expect(await resume()).toMatchObject({ kind: 'accepted', dialect: 'live', aliasId: expect.any(String) });
    expect(dialects.of('press')).toBe('live');
  });

  it.each([
    ['{}', { kind: 'unknown' }],
    ['{"message":"ok"}', { kind: 'unknown' }],
  ])('learns nothing from a 200 that shows neither: %s', async (body, outcome) => {
    const { seen, url } = await serve(answers([200, body]));
    const { dialects, kept, resume } = crewAt(url);
    expect(await resume()).toMatchObject(outcome);
    expect(seen).toHaveLength(1);
    expect([dialects.of('press'), kept]).toEqual(['unknown', []]);
  });
});

describe('a 422 that proves that the request was never handled', () => {
  it.each([
    ['the live dialect', 'live', WANTS_LIVE, '{"kickoff_id":"run-2"}', live],
    ['the documented dialect', 'documented', WANTS_DOCUMENTED, '{"status":"resumed"}', documented],
  ] as const)(
    'is answered once in the form that it asks for: %s',
    async (_, dialect, refusal, taken, second) => {
      const { seen, url } = await serve(answers([422, refusal], [200, taken]));
      const { dialects, kept, resume } = crewAt(url);
      expect(await resume()).toMatchObject({ kind: 'accepted', dialect });
      expect(bodies(seen)).toEqual([both, second]);
      expect([dialects.of('press'), kept]).toEqual([dialect, [dialect]]);
    },
  );

  it('contradicts what was learned: it is learned again', async () => {
    const { seen, url } = await serve(answers([422, WANTS_LIVE], [200, '{"kickoff_id":"run-2"}']));
    const { dialects, kept, resume } = crewAt(url);
    await dialects.learn('press', 'documented');
    expect(await resume()).toMatchObject({ kind: 'accepted', dialect: 'live' });
    expect(bodies(seen)).toEqual([documented, live]);
    expect([dialects.of('press'), kept]).toEqual(['live', ['documented', 'live']]);
  });

  it('that comes again is a refusal: nothing is sent a third time', async () => {
    for (const second of [WANTS_LIVE, WANTS_DOCUMENTED]) {
      const { seen, url } = await serve(answers([422, WANTS_LIVE], [422, second]));
      expect(await crewAt(url).resume()).toMatchObject({ kind: 'refused', failure: { status: 422 } });
      expect(seen).toHaveLength(2);
    }
  });

  it('that asks for the form in which it was sent is a refusal', async () => {
    const { seen, url } = await serve(answers([422, WANTS_LIVE]));
    const { dialects, resume } = crewAt(url);
    await dialects.learn('press', 'live');
    expect(await resume()).toMatchObject({ kind: 'refused' });
    expect(bodies(seen)).toEqual([live]);
  });

  it.each([
    ['documented', documented, WANTS_LIVE],
    ['camelcase', live, WANTS_DOCUMENTED],
  ] as const)('changes nothing where the settings say the format: %s', async (format, sent, refusal) => {
    const { seen, url } = await serve(answers([422, refusal]));
    const { kept, resume } = crewAt(url, { format });
    expect(await resume()).toMatchObject({ kind: 'refused', failure: { status: 422 } });
    expect(bodies(seen)).toEqual([sent]);
    expect(kept).toEqual([]);
  });

  it('is answered within what is left of the time for one attempt', async () => {
    const { seen, url } = await serve((request, response) => {
      if (seen.length === 1) answers([422, WANTS_LIVE])(request, response);
    });
    // A second request that got the whole time would outlast the test.
    const times = [0, 58_000];
    const { resume } = crewAt(url, { timeout: 60_000, now: () => times.shift() ?? 58_000 });
    expect(await resume()).toEqual({ kind: 'unknown', failure: { kind: 'unknown', detail: 'ETIMEDOUT' } });
    expect(seen).toHaveLength(2);
  });

  it('that came too late for another request is left to the next attempt, which has the right form', async () => {
    const { seen, url } = await serve(answers([422, WANTS_LIVE], [200, '{"kickoff_id":"run-2"}']));
    const times = [0, 7_500];
    const { dialects, resume } = crewAt(url, { now: () => times.shift() ?? 7_500 });
    expect(await resume()).toMatchObject({ kind: 'not_reached' });
    expect(bodies(seen)).toEqual([both]);
    expect(dialects.of('press')).toBe('live');
    expect(await resume()).toMatchObject({ kind: 'accepted' });
    expect(bodies(seen)[1]).toEqual(live);
  });
});

it.each<[string, number, string]>([
  [
    'a 422 with another fault beside',
    422,
    `{"detail":[${missing('executionId').slice(11, -2)},{"type":"string_type","loc":["body","taskId"],"msg":"x"}]}`,
  ],
  ['a 422 about a field that we did not send', 422, forbidden('colour')],
  ['a 422 of the documented API', 422, '{"error":"validation","message":"executionId is required"}'],
  ['a 400', 400, WANTS_LIVE],
  ['a 500', 500, WANTS_LIVE],
  ['a page', 502, '<html>'],
])('nothing is sent again in another form, and nothing is learned, after %s', async (_, status, body) => {
  const { seen, url } = await serve(answers([status, body]));
  const { dialects, kept, resume } = crewAt(url);
  expect((await resume()).kind).not.toBe('accepted');
  expect(seen).toHaveLength(1);
  expect([dialects.of('press'), kept]).toEqual(['unknown', []]);
});

it.each([
  ['documented', '{"kickoff_id":"run-2"}'],
  ['camelcase', '{"status":"resumed"}'],
] as const)(
  'an answer of the other dialect teaches nothing where the format is set to %s',
  async (format, body) => {
    const { url } = await serve(answers([200, body]));
    const { dialects, kept, resume } = crewAt(url, { format });
    expect((await resume()).kind).toBe('accepted');
    expect(kept).toEqual([]);
    expect(dialects.of('press')).toBe(format === 'camelcase' ? 'live' : 'documented');
  },
);

it.each([
  ['documented', '{"kickoff_id":"run-2"}', 'live'],
  ['live', '{"status":"resumed"}', 'documented'],
] as const)('an accepted decision that contradicts %s is learned from', async (known, body, shown) => {
  const { url } = await serve(answers([200, body]));
  const { dialects, resume } = crewAt(url);
  await dialects.learn('press', known);
  await resume();
  expect(dialects.of('press')).toBe(shown);
});

it.each<[string, (said: string) => unknown]>([
  ['a sentence', (said) => said],
  ['a list', (said) => [{ type: 'value_error', loc: ['body', 'taskId'], msg: said }]],
])('what CrewAI repeats of our request is hidden from people: in %s', async (_, detail) => {
  const secret = 'human-input-secret';
  const url = 'https://bot.example/webhooks/press/task?token=hook-secret-17';
  const said = `Bearer ${TOKEN}, ${secret} and ${url} are wrong`;
  const at = await serve(answers([422, JSON.stringify({ detail: detail(said) })]));
  const run = execution({
    registeredHumanInput: {
      url: 'https://bot.example/human',
      authentication: { strategy: 'bearer', token: secret },
    },
  });
  const outcome = JSON.stringify(await crewAt(at.url).resume(run));
  expect(outcome).toContain('are wrong');
  expect(outcome).toContain('bot.example/webhooks/…?…');
  for (const hidden of [TOKEN, secret, 'hook-secret-17']) expect(outcome).not.toContain(hidden);
});
