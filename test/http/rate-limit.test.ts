import axios from 'axios';
import express from 'express';
import { expect, test } from 'vitest';
import { limitRate } from '../../src/http/rate-limit.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { BUDGET_SECRET, PRESS_SECRET, startTwoCrews } from '../support/two-crews.ts';

/** What the limit does to one webhook of a crew. */
function limiter(limits: Record<string, number>) {
  let now = 0;
  const limit = limitRate(new Map(Object.entries(limits).map(([crew, most]) => [crew, { most }])), () => now);
  return {
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    webhook(crew: string): 'passes' | { status: number; retryAfter: number } {
      const response = Object.create(express.response, {}) as express.Response;
      const got: { status?: number; retryAfter?: number } = {};
      Object.assign(response, {
        locals: { crew: { name: crew } },
        set: (_: string, value: string) => Object.assign(got, { retryAfter: Number(value) }),
        status: (status: number) => {
          got.status = status;
          return { json: () => {} };
        },
      });
      let passed = false;
      void limit({} as never, response, () => {
        passed = true;
      });
      return passed ? 'passes' : { status: got.status ?? 0, retryAfter: got.retryAfter ?? 0 };
    },
  };
}

test('so many a second pass, and as many at once; the others are told when to come again', () => {
  const { webhook, pass } = limiter({ press: 3 });
  const many = () => Array.from({ length: 5 }, () => webhook('press'));
  const refused = { status: 429, retryAfter: 1 };
  expect(many()).toEqual(['passes', 'passes', 'passes', refused, refused]);
  pass(334);
  expect(many()).toEqual(['passes', refused, refused, refused, refused]);
  pass(60_000);
  expect(many()).toEqual(['passes', 'passes', 'passes', refused, refused]);
});

test('over a minute no more pass than the limit and one burst, and what is refused does not count', () => {
  const { webhook, pass } = limiter({ press: 10 });
  let passed = 0;
  for (let tick = 0; tick < 60_000; tick += 5) {
    if (webhook('press') === 'passes') passed += 1;
    pass(5);
  }
  expect(passed).toBeGreaterThanOrEqual(600);
  expect(passed).toBeLessThanOrEqual(611);
});

test('a crew at its limit is in no other one’s way, and one without a limit has none', () => {
  const { webhook } = limiter({ press: 1, legal: 1 });
  expect([webhook('press'), webhook('legal'), webhook('press')]).toEqual([
    'passes',
    'passes',
    { status: 429, retryAfter: 1 },
  ]);
  expect(Array.from({ length: 1_000 }, () => webhook('budget')).every((one) => one === 'passes')).toBe(true);
});

test('a running bot answers 429 with Retry-After beyond webhooks_per_second, before it reads the body', async () => {
  const world = await startTwoCrews({ extra: '    webhooks_per_second: 2' });
  const bot = await spawnBot(world);
  const send = (crew: string, secret: string, number: number, url = `${bot.url}/webhooks/${crew}/task`) =>
    axios.post(
      `${url}?token=${secret}`,
      { name: 'draft', output: 'x', kickoff_id: `run-${number}` },
      { validateStatus: () => true },
    );
  const burst = (crew: string, secret: string) =>
    Promise.all(Array.from({ length: 20 }, (_, number) => send(crew, secret, number)));
  const [press, budget] = await Promise.all([burst('press', PRESS_SECRET), burst('budget', BUDGET_SECRET)]);
  expect(budget.map(({ status }) => status)).toEqual(Array(20).fill(202));
  const limited = press.filter(({ status }) => status === 429);
  expect(limited.length).toBeGreaterThanOrEqual(15);
  for (const { headers, data } of limited) {
    expect(headers['retry-after']).toBe('1');
    expect(data).toEqual({ error: 'too_many', message: expect.stringContaining('2 webhooks per second') });
  }
  // A stranger does not use the crew's share up.
  expect((await send('press', 'wrong-secret', 1)).status).toBe(401);
  await expect
    .poll(async () => (await send('press', PRESS_SECRET, 99)).status, { timeout: 5_000, interval: 600 })
    .toBe(202);
});
