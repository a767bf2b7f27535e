import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { CrewAIClient } from '../../src/crewai/crew-ai.ts';
import { answerReview } from '../../src/crewai/flow-callback.ts';
import { createSystemClock } from '../../src/store/system-clock.ts';
import { aStart } from '../approval/starts/records.ts';
import { approval, round } from '../slack/records.ts';
import { fixedDialect } from '../support/dialects.ts';
import { freePort } from '../support/free-port.ts';
import { learner } from './dialects/learner.ts';
import { aRunRecord, crew, decision, endpointsOf } from './records.ts';
import { says, serve } from './serve.ts';

/** Calls everything of a crew that is deployed there; the outcomes that were counted. */
async function callAll(baseUrl: string): Promise<string[]> {
  const counted: string[] = [];
  const countCall = (name: string, outcome: string) => void counted.push(`${name} ${outcome}`);
  const clock = createSystemClock();
  const endpoints = endpointsOf(crew, baseUrl);
  const client = new CrewAIClient({ endpoints, dialects: fixedDialect(), clock, timeout: 10_000, countCall });
  const paused = { approval: approval([round()]), round: round(), run: aRunRecord() };
  await client.resume({ ...paused, decision: decision() });
  await client.status('press', 'run-1');
  await client.inputs('press');
  await client.kickoff(aStart(), {});
  const review = { options: ['publish'], callbackUrl: `${baseUrl}/callback` };
  const callbackHosts = [new URL(baseUrl).host];
  await answerReview(review, decision(), { crew, callbackHosts }, { clock, timeout: 10_000, countCall });
  await learner(baseUrl, { countCall: countCall }).dialects.askAgain('press');
  return counted;
}

const silent: RequestListener = () => {};

test.each([
  ['answered', '200', says(200, '{}')],
  ['answered', '404', says(404)],
  ['answered', '429', says(429)],
  ['no_answer', '500', says(500)],
  ['no_answer', '503', says(503)],
])('every call of CrewAI is counted as %s when it is answered with %s', async (outcome, _, answer) => {
  const { url } = await serve(answer);
  expect(await callAll(url)).toEqual(Array.from({ length: 6 }, () => `press ${outcome}`));
});

test('a call of CrewAI is counted as not answered when there is no connection, or no answer in time', async () => {
  const none = Array.from({ length: 6 }, () => 'press no_answer');
  expect(await callAll(`http://127.0.0.1:${await freePort()}`)).toEqual(none);
  const endpoints = endpointsOf(crew, (await serve(silent)).url);
  const counted: string[] = [];
  const countCall = (name: string, outcome: string) => void counted.push(`${name} ${outcome}`);
  const clock = createSystemClock();
  const client = new CrewAIClient({ endpoints, dialects: fixedDialect(), clock, timeout: 100, countCall });
  await client.status('press', 'run-1');
  expect(counted).toEqual(['press no_answer']);
});

test('a call that is not made is not counted: the crew is not in the settings', async () => {
  const counted: string[] = [];
  const countCall = (name: string) => void counted.push(name);
  const clock = createSystemClock();
  const client = new CrewAIClient({ endpoints: new Map(), dialects: fixedDialect(), clock, countCall });
  expect(await client.status('sales', 'run-1')).toMatchObject({ kind: 'no_answer' });
  expect(counted).toEqual([]);
});
