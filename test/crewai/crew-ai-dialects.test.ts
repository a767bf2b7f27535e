import type { RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Crew } from '../../src/approval/model/crew/crew.ts';
import type { RunRecord } from '../../src/approval/model/run/run-record.ts';
import { CrewAIClient } from '../../src/crewai/crew-ai.ts';
import { createSystemClock } from '../../src/store/system-clock.ts';
import { approval, round } from '../slack/records.ts';
import { learner } from './dialects/learner.ts';
import { aRunRecord, decision } from './records.ts';
import { TOKEN } from './resume-at.ts';
import { serve } from './serve.ts';

const PAUSE = '5b2f6f5e-0d55-4f3a-9c5f-1f4a1b7d2c90';

/** A client of a crew at a server, and what is learned of the crew. */
function crewAt(
  baseUrl: string,
  format: Crew['resumeFormat'] = 'auto',
  { timeout = 8_000, now = Date.now } = {},
) {
  const { endpoints, dialects, learned } = learner(baseUrl, { format });
  const clock = { ...createSystemClock(), now };
  const api = new CrewAIClient({ endpoints, dialects, clock, timeout });
  const resume = (run: RunRecord = aRunRecord()) =>
    api.resume({
      approval: approval([round()]),
      round: round({ taskId: PAUSE, humanInput: true }),
      decision: decision({ feedback: 'A note for people' }),
      run: run,
    });
  return { dialects, learned, resume };
}

const reject = (type: string, ...names: string[]) =>
  JSON.stringify({ detail: names.map((name) => ({ type, loc: ['body', name], msg: type })) });
const WANTS_LIVE = reject('missing', 'executionId', 'taskId');
const WANTS_DOCUMENTED = reject('extra_forbidden', 'executionId', 'taskId', 'humanFeedback');
const LIVE_ANSWER = '{"kickoff_id":"run-2"}';
const DOCUMENTED_ANSWER = '{"status":"resumed","message":"Going on"}';

/** Answers one request after the other; the last one again and again. */
function answers(...planned: [number, string][]): RequestListener {
  let at = 0;
  return (_, response) => {
    const [status, body] = planned[Math.min(at, planned.length - 1)] as [number, string];
    at += 1;
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
}

const live = { executionId: 'run-1', taskId: PAUSE, humanFeedback: 'Approved.' };
const documented = {
  execution_id: 'run-1',
  task_id: PAUSE,
  human_feedback: 'A note for people',
  is_approve: true,
};
const both = { ...documented, human_feedback: 'Approved.', ...live };
const bodies = (seen: { body: string }[]) => seen.map(({ body }) => JSON.parse(body));

describe('a decision while the dialect is unknown', () => {
  it.each([
    ['live', LIVE_ANSWER, { aliasId: 'run-2' }, live],
    ['documented', DOCUMENTED_ANSWER, { says: 'resumed' }, documented],
  ] as const)('has both spellings, and is learned from: %s', async (dialect, answer, outcome, next) => {
    const { seen, url } = await serve(answers([200, answer]));
    const { dialects, learned, resume } = crewAt(url);
    expect(await resume()).toEqual({ kind: 'accepted', dialect, ...outcome });
    expect([dialects.of('press'), learned]).toEqual([dialect, [`press ${dialect}`]]);
    await resume();
    expect(bodies(seen)).toEqual([both, next]);
  });
});

describe('a 422 that proves that the request was not handled', () => {
  it.each([
    ['live', WANTS_LIVE, LIVE_ANSWER, live],
    ['documented', WANTS_DOCUMENTED, DOCUMENTED_ANSWER, documented],
  ] as const)('is answered once in the requested dialect: %s', async (dialect, refusal, taken, second) => {
    const { seen, url } = await serve(answers([422, refusal], [200, taken]));
    const { dialects, learned, resume } = crewAt(url);
    expect(await resume()).toMatchObject({ kind: 'accepted', dialect });
    expect(bodies(seen)).toEqual([both, second]);
    expect([dialects.of('press'), learned]).toEqual([dialect, [`press ${dialect}`]]);
  });

  it('replaces what was learned before', async () => {
    const { seen, url } = await serve(answers([422, WANTS_LIVE], [200, LIVE_ANSWER]));
    const { dialects, learned, resume } = crewAt(url);
    await dialects.learn('press', 'documented');
    expect(await resume()).toMatchObject({ kind: 'accepted', dialect: 'live' });
    expect(bodies(seen)).toEqual([documented, live]);
    expect([dialects.of('press'), learned]).toEqual(['live', ['press documented', 'press live']]);
  });

  it.each([WANTS_LIVE, WANTS_DOCUMENTED])('is a refusal when it comes again: %s', async (second) => {
    const { seen, url } = await serve(answers([422, WANTS_LIVE], [422, second]));
    expect(await crewAt(url).resume()).toMatchObject({ kind: 'refused', failure: { status: 422 } });
    expect(seen).toHaveLength(2);
  });

  it('is a refusal when it requests the dialect of the request', async () => {
    const { seen, url } = await serve(answers([422, WANTS_LIVE]));
    const { dialects, resume } = crewAt(url);
    await dialects.learn('press', 'live');
    expect(await resume()).toMatchObject({ kind: 'refused' });
    expect(bodies(seen.filter(({ method }) => method === 'POST'))).toEqual([live]);
  });

  it('is answered within the time that is left for the attempt', async () => {
    const { seen, url } = await serve((request, response) => {
      if (seen.length === 1) answers([422, WANTS_LIVE])(request, response);
    });
    // A second request that got the whole time would outlast the test.
    const times = [0, 58_000];
    const { resume } = crewAt(url, 'auto', { timeout: 60_000, now: () => times.shift() ?? 58_000 });
    expect(await resume()).toEqual({ kind: 'unknown', failure: { kind: 'unknown', detail: 'ETIMEDOUT' } });
    expect(seen).toHaveLength(2);
  });

  it('that comes too late for a second request leaves the right dialect to the next attempt', async () => {
    const { seen, url } = await serve(answers([422, WANTS_LIVE], [200, LIVE_ANSWER]));
    const times = [0, 7_500];
    const { dialects, resume } = crewAt(url, 'auto', { now: () => times.shift() ?? 7_500 });
    expect(await resume()).toMatchObject({ kind: 'not_reached' });
    expect([bodies(seen), dialects.of('press')]).toEqual([[both], 'live']);
    expect(await resume()).toMatchObject({ kind: 'accepted' });
    expect(bodies(seen)[1]).toEqual(live);
  });
});

it.each<[string, number, string]>([
  ['a 200 that shows neither dialect', 200, '{"message":"ok"}'],
  ['a 422 with another fault beside', 422, WANTS_LIVE.replace('"missing"', '"string_type"')],
  ['a 400', 400, WANTS_LIVE],
  ['a page', 502, '<html>'],
])('sends nothing again and learns nothing after %s', async (_, status, body) => {
  const { seen, url } = await serve(answers([status, body]));
  const { dialects, learned, resume } = crewAt(url);
  expect((await resume()).kind).not.toBe('accepted');
  expect(seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
  expect([dialects.of('press'), learned]).toEqual(['unknown', []]);
});

it.each([
  ['documented', 'documented', documented, WANTS_LIVE, LIVE_ANSWER],
  ['camelcase', 'live', live, WANTS_DOCUMENTED, DOCUMENTED_ANSWER],
] as const)('learns nothing where the settings say %s', async (format, dialect, sent, refusal, accepted) => {
  const { seen, url } = await serve(answers([422, refusal], [200, accepted]));
  const { dialects, learned, resume } = crewAt(url, format);
  expect(await resume()).toMatchObject({ kind: 'refused', failure: { status: 422 } });
  expect(bodies(seen)).toEqual([sent]);
  expect(await resume()).toMatchObject({ kind: 'accepted' });
  expect([dialects.of('press'), learned]).toEqual([dialect, []]);
});

it.each([
  ['documented', LIVE_ANSWER, 'live'],
  ['live', DOCUMENTED_ANSWER, 'documented'],
] as const)('learns from an accepted decision that contradicts %s', async (known, body, shown) => {
  const { url } = await serve(answers([200, body]));
  const { dialects, resume } = crewAt(url);
  await dialects.learn('press', known);
  await resume();
  expect(dialects.of('press')).toBe(shown);
});

it.each([400, 404, 422])('asks for the dialect after a %i', async (status) => {
  const { url } = await serve((request, response) => {
    const answer = request.url?.startsWith('/status') ? 404 : status;
    response.writeHead(answer).end('{"error":"Bad Request","message":"execution_id: Required"}');
  });
  const { dialects, resume } = crewAt(url);
  await dialects.learn('press', 'live');
  expect(await resume()).toMatchObject({ kind: 'refused' });
  await expect.poll(() => dialects.of('press')).toBe('documented');
});

it.each<[string, (said: string) => unknown]>([
  ['a sentence', (said) => said],
  ['a list', (said) => [{ type: 'value_error', loc: ['body', 'taskId'], msg: said }]],
])('hides secrets of the request that CrewAI repeats in %s', async (_, detail) => {
  const secret = 'human-input-secret';
  const hook = 'https://bot.example/webhooks/press/task?token=hook-secret-17';
  const said = `Bearer ${TOKEN}, ${secret} and ${hook} are wrong`;
  const { url } = await serve(answers([422, JSON.stringify({ detail: detail(said) })]));
  const authentication = { strategy: 'bearer', token: secret } as const;
  const run = aRunRecord({ registeredHumanInput: { url: 'https://bot.example/human', authentication } });
  const outcome = JSON.stringify(await crewAt(url).resume(run));
  expect(outcome).toContain('are wrong');
  expect(outcome).toContain('bot.example/webhooks/…?…');
  for (const hidden of [TOKEN, secret, 'hook-secret-17']) expect(outcome).not.toContain(hidden);
});
