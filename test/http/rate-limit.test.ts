import axios from 'axios';
import { expect, test } from 'vitest';
import { RateLimits } from '../../src/approval/worker/rate-limits.ts';
import { limitRate } from '../../src/http/rate-limit.ts';
import { BUDGET_SECRET, PRESS_SECRET, startTwoCrews } from '../support/two-crews.ts';
import { startBot } from '../support/world.ts';

const REJECTED = { status: 429, retryAfter: '1' };

/** What the limit does to one webhook of a crew. */
function limiter(limits: Record<string, number>) {
  let now = 0;
  const turns = new RateLimits({ now: () => now, after: () => () => {} });
  const limit = limitRate(
    new Map(Object.entries(limits).map(([crew, maxWebhooksPerSecond]) => [crew, { maxWebhooksPerSecond }])),
    turns,
  );
  return {
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    webhook(crew: string): 'passes' | object {
      let answer: 'passes' | object = {};
      const response = {
        locals: { crew: { name: crew } },
        set: (_: string, retryAfter: string) => (answer = { retryAfter }),
        status(status: number) {
          answer = { status, ...(answer as object) };
          return { json: () => {} };
        },
      };
      limit({} as never, response as never, () => (answer = 'passes'));
      return answer;
    },
  };
}

test('the limit passes per second, and as many at once, and says when to try again to others', () => {
  const { webhook, pass } = limiter({ press: 3 });
  const many = () => Array.from({ length: 5 }, () => webhook('press'));
  expect(many()).toEqual(['passes', 'passes', 'passes', REJECTED, REJECTED]);
  pass(334);
  expect(many()).toEqual(['passes', REJECTED, REJECTED, REJECTED, REJECTED]);
  pass(60_000);
  expect(many()).toEqual(['passes', 'passes', 'passes', REJECTED, REJECTED]);
});

test('no more pass in a minute than the limit and one burst, and rejected webhooks do not count', () => {
  const { webhook, pass } = limiter({ press: 10 });
  let passed = 0;
  for (let tick = 0; tick < 60_000; tick += 5) {
    if (webhook('press') === 'passes') passed += 1;
    pass(5);
  }
  expect(passed).toBeGreaterThanOrEqual(600);
  expect(passed).toBeLessThanOrEqual(611);
});

test('a crew at its limit does not affect another one, and a crew without a limit has none', () => {
  const { webhook } = limiter({ press: 1, legal: 1 });
  expect(['press', 'legal', 'press'].map(webhook)).toEqual(['passes', 'passes', REJECTED]);
  expect(new Set(Array.from({ length: 1_000 }, () => webhook('budget')))).toEqual(new Set(['passes']));
});

test('a running bot answers 429 with Retry-After beyond webhooks_per_second, before it reads the body', async () => {
  const bot = await startBot(await startTwoCrews({ extra: '    webhooks_per_second: 2' }));
  const headers = { 'content-type': 'application/json' };
  const send = (crew: string, token: string, body = '{broken') =>
    axios.post(`${bot.url}/webhooks/${crew}/task`, Buffer.from(body), {
      headers,
      params: { token },
      validateStatus: () => true,
    });
  const burst = async (crew: string, token: string) => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => send(crew, token)));
    return answers.filter(({ status }) => status !== 400);
  };
  const [press, budget] = await Promise.all([burst('press', PRESS_SECRET), burst('budget', BUDGET_SECRET)]);
  expect(budget).toEqual([]);
  expect(press).not.toEqual([]);
  const message = expect.stringContaining('2 webhooks per second');
  for (const one of press) {
    expect(one).toMatchObject({ status: 429, data: { error: 'too_many', message } });
    expect(one.headers['retry-after']).toBe('1');
  }
  // A stranger does not use up the crew's share.
  expect((await send('press', 'wrong-secret')).status).toBe(401);
  const good = '{"name":"draft","output":"x","kickoff_id":"run-1"}';
  const again = async () => (await send('press', PRESS_SECRET, good)).status;
  await expect.poll(again, { interval: 600 }).toBe(202);
});
