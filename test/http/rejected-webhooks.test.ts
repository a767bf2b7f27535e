import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import type { Alert, Announcement } from '../../src/approval/alerts.ts';
import { BodyReader } from '../../src/crewai/payloads/body-reader.ts';
import { createBodyHandlers } from '../../src/http/body.ts';
import { handleErrors, notFound } from '../../src/http/errors.ts';
import { RejectedWebhooks } from '../../src/http/rejected-webhooks.ts';
import { buildWebhooksRouter } from '../../src/http/webhooks.ts';
import { en } from '../../src/slack/texts/en.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { noStarts } from '../approval/worker/worker-world.ts';
import { crew, endpointsOf } from '../crewai/records.ts';
import { collectingLog } from '../slack/stage.ts';
import { buildTestApp } from '../support/app.ts';
import { fixedDialect } from '../support/dialects.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { until } from '../support/until.ts';

/** Waits until a check passes. */
const waitFor = (check: () => unknown) => until(check);
const SECRET = 'a-webhook-secret-of-crewai';
const TEN_MINUTES = 10 * 60_000;

/** The webhooks' endpoint of two crews, on a clock that the test moves. */
async function endpoint() {
  const clock = createFakeClock();
  const { log, lines } = collectingLog();
  const alarms: Alert[] = [];
  const announced: (Announcement & { channel: string })[] = [];
  const names = ['press', 'budget'];
  const crews = new Map(names.map((name) => [name, { ...crew, name, channel: `C-${name}` }]));
  const rejected = new RejectedWebhooks({
    crews,
    count: () => {},
    log,
    alarm: (alert) => void alarms.push(alert),
    announce: async (channel, announcement) => void announced.push({ channel, ...announcement }),
    clock,
  });
  const bodyReader = new BodyReader();
  const app = express().use(
    rejected.watch,
    buildWebhooksRouter(
      buildTestApp({
        clock,
        log,
        crews,
        dialects: fixedDialect(),
        crewAI: noStarts,
        store: createApprovalStore(createMemoryRecords(clock.now).records, log),
      }),
      new Map([...crews].flatMap(([, one]) => [...endpointsOf(one, '', { secret: SECRET })])),
      createBodyHandlers(),
      (kind, body) => bodyReader.read(kind, body),
    ),
    notFound,
    handleErrors(log),
  );
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    rejected.close();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  let refusals = 0;
  /** Sends a request that is refused, and waits until it has been looked at. */
  const send = async (status: number, path: string, body: object | string = {}, secret = SECRET) => {
    const url = `http://127.0.0.1:${port}${path}?token=${secret}`;
    // As it is: axios would write a text as JSON.
    const answer = await axios.post(url, typeof body === 'string' ? Buffer.from(body) : body, {
      validateStatus: () => true,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(status);
    refusals += 1;
    return answer;
  };
  const logged = () => lines.filter(({ fact }) => fact === 'webhook rejected').map(({ fields }) => fields);
  return { clock, alarms, announced, send, logged, refusals: () => refusals };
}
const tooLarge = () =>
  JSON.stringify({ kickoff_id: 'run-1', name: 'draft', output: 'x'.repeat(8 * 1_048_576) });

test('a 422 with the right secret is reported to the log and the operators, by crew, kind and reason', async () => {
  const { send, logged, alarms, announced } = await endpoint();
  await send(422, '/webhooks/press/task', { kickoff_id: 'run-1' });
  await waitFor(() => expect(alarms).toHaveLength(1));
  expect(logged()).toEqual([
    { crew: 'press', kind: 'task', status: 422, reason: 'invalid_fields', address: '127.0.0.1', count: 1 },
  ]);
  expect(alarms[0]).toEqual({
    kind: 'webhooks_rejected',
    crew: 'press',
    webhook: 'task',
    status: 422,
    answer: 'name is missing; output is missing.',
    count: 1,
  });
  // Another kind, another crew and another reason are reported as well.
  await send(422, '/webhooks/press/human-input');
  await send(422, '/webhooks/budget/task');
  await send(422, '/webhooks/press/task', '['.repeat(100) + ']'.repeat(100));
  await waitFor(() => expect(alarms).toHaveLength(4));
  expect(announced).toEqual([]);
});

test('a 413 is reported in the channel of its crew as well', async () => {
  const { send, logged, alarms, announced } = await endpoint();
  await send(413, '/webhooks/press/task', tooLarge());
  await waitFor(() => expect(announced).toHaveLength(1));
  expect(announced).toEqual([
    { channel: 'C-press', kind: 'webhook_too_large', crew: 'press', webhook: 'task' },
  ]);
  expect(alarms).toMatchObject([{ status: 413, answer: 'The body is larger than 8 MiB.' }]);
  expect(logged()).toMatchObject([{ status: 413, reason: 'too_large', count: 1 }]);
});

test('the same refusal is reported once in ten minutes, then with a count', async () => {
  const { send, logged, alarms, clock } = await endpoint();
  for (let number = 0; number < 30; number += 1) await send(422, '/webhooks/press/task');
  // The last one has been looked at when the next one is reported.
  await send(422, '/webhooks/budget/task');
  await waitFor(() => expect(alarms).toHaveLength(2));
  await clock.advance(TEN_MINUTES - 1);
  expect(alarms).toHaveLength(2);
  await clock.advance(1);
  expect(alarms).toMatchObject([
    { kind: 'webhooks_rejected', crew: 'press', count: 1 },
    { kind: 'webhooks_rejected', crew: 'budget', count: 1 },
    { kind: 'webhooks_rejected', crew: 'press', count: 29 },
  ]);
  expect(logged()).toMatchObject([{ count: 1 }, { crew: 'budget', count: 1 }, { crew: 'press', count: 29 }]);
});

test('a wrong secret is one log line per address and minute, and hourly for the operators of a configured crew', async () => {
  const { send, logged, alarms, clock } = await endpoint();
  for (let number = 0; number < 20; number += 1) await send(401, '/webhooks/press/task', {}, 'wrong-secret');
  await waitFor(() => expect(alarms).toHaveLength(20));
  expect(logged()).toEqual([
    { crew: 'press', kind: 'task', status: 401, reason: 'unauthorized', address: '127.0.0.1', count: 1 },
  ]);
  const alert = { kind: 'webhook_url_wrong', crew: 'press', wrong: 'secret', address: '127.0.0.1' };
  expect(alarms).toEqual(Array.from({ length: 20 }, () => alert));
  await clock.advance(60_000);
  expect(logged()).toHaveLength(2);
  expect(logged()[1]).toMatchObject({ status: 401, count: 19 });
});

test('a scanner that asks for crews, kinds and pages that there are not gets one line per minute, and the operators get none', async () => {
  const { send, logged, alarms, clock } = await endpoint();
  for (let number = 0; number < 50; number += 1) {
    await send(404, `/webhooks/crew-${number}/task`, {}, 'wrong');
    await send(404, `/wp-login-${number}.php`, {}, 'wrong');
    await send(404, `/webhooks/other/${encodeURIComponent(`"kind-${number}\n`)}`, {}, 'wrong');
  }
  await waitFor(() => expect(logged()).toHaveLength(1));
  await clock.advance(60_000);
  expect(logged()).toMatchObject([{ count: 1 }, { count: 149 }]);
  expect(JSON.stringify(logged())).not.toMatch(/crew-\d|kind-\d|wp-login|wrong/);
  expect(alarms).toEqual([]);
});

test('a webhook of a configured crew at a wrong URL is reported to the operators', async () => {
  const { send, alarms } = await endpoint();
  await send(404, '/webhooks/press/tasks');
  await waitFor(() => expect(alarms).toHaveLength(1));
  await send(404, '/webhooks/press');
  await waitFor(() => expect(alarms).toHaveLength(2));
  expect(alarms).toMatchObject([
    { kind: 'webhook_url_wrong', crew: 'press', wrong: 'kind' },
    { kind: 'webhook_url_wrong', crew: 'press', wrong: 'path' },
  ]);
});

test('a review of a crew without FLOW_WEBHOOK_SECRETS is reported to the operators as such', async () => {
  const { send, alarms } = await endpoint();
  await send(404, '/webhooks/press/flow');
  await waitFor(() => expect(alarms).toHaveLength(1));
  await send(404, '/webhooks/unknown/flow');
  expect(alarms).toMatchObject([{ kind: 'webhook_url_wrong', crew: 'press', wrong: 'flow' }]);
  expect(en.alerts.webhook_url_wrong(alarms[0] as never)).toContain('FLOW_WEBHOOK_SECRETS is not set');
});

test('what is taken or refused for another reason is not reported', async () => {
  const { send, logged, alarms } = await endpoint();
  await send(202, '/webhooks/press/step', { kickoff_id: 'run-1' });
  await send(400, '/webhooks/press/task', '{broken');
  await send(422, '/webhooks/press/task');
  await waitFor(() => expect(alarms).toHaveLength(1));
  expect(logged()).toMatchObject([{ status: 422 }]);
});
