import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Alert } from '../../src/approval/alerts.ts';
import type { EventOutbox, PendingEvent } from '../../src/approval/ports.ts';
import { EventSender } from '../../src/events/event-sender.ts';
import { collectingLog } from '../slack/stage.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

/** A receiver over HTTP, until the test ends. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

test('a process renews its right to send while a receiver is slow, and sends nothing once another has it', async () => {
  const clock = createFakeClock();
  const sent: string[] = [];
  const url = await serve((request, response) => {
    sent.push(String(request.headers['webhook-id']));
    // Each event takes nine seconds.
    void clock.advance(9_000).then(() => response.end());
  });
  const all = Array.from({ length: 6 }, (_, n): PendingEvent => {
    const event = { id: `msg_${n}`, type: 'run.started' as const, at: clock.now(), data: {} };
    return { place: `${n}`, run: 'run-1', event };
  });
  const leases: number[] = [];
  const outbox: EventOutbox = {
    pending: async () => all.splice(0),
    remove: async () => {},
    // Another process has it from the third time on.
    claim: async (_crew, { now }) => leases.push(now) < 3,
    release: async () => {},
  };
  const app = { name: 'one', sole: false, clock, log: collectingLog().log, alert: () => {} };
  const sender = new EventSender(app, 'press', { receiver: { url, secret }, outbox, countDropped: () => {} });
  sender.start();
  await clock.advance(1_000);
  await expect.poll(() => leases.length).toBe(3);
  await sender.stop();
  expect(sent).toEqual(['msg_0', 'msg_1', 'msg_2', 'msg_3']);
});

test.each([200, 400, 503])(
  'keeps Retry-After whatever the receiver answers to the events of other runs that were on their way: %i',
  async (status) => {
    const clock = createFakeClock();
    const sent: string[] = [];
    const waiting = new Map<string, ServerResponse>();
    const url = await serve((request, response) => {
      const id = String(request.headers['webhook-id']);
      sent.push(id);
      waiting.set(id, response);
    });
    const pending = ['one', 'other', 'third'].map((run): PendingEvent => {
      const event = { id: run, type: 'run.started' as const, at: clock.now(), data: {} };
      return { place: run, run, event };
    });
    const outbox: EventOutbox = {
      pending: async () => [...pending],
      remove: async () => {},
      claim: async () => true,
      release: async () => {},
    };
    const { log, lines } = collectingLog();
    const app = { name: 'one', sole: false, clock, log, alert: () => {} };
    const sender = new EventSender(app, 'press', {
      receiver: { url, secret },
      outbox,
      countDropped: () => {},
    });
    sender.start();
    await clock.advance(1_000);
    await expect.poll(() => waiting.size).toBe(3);
    waiting.get('one')?.writeHead(429, { 'retry-after': '600' }).end();
    await expect.poll(() => lines).toHaveLength(1);
    waiting.get('other')?.writeHead(status).end();
    waiting.get('third')?.writeHead(500).end();
    await expect.poll(() => lines).toHaveLength(status === 200 ? 2 : 3);
    await clock.advance(599_000);
    expect(sent).toHaveLength(3);
    const again = clock.advance(2_000);
    await expect.poll(() => sent.length).toBeGreaterThan(3);
    await again;
    for (const response of waiting.values()) response.end();
    await sender.stop();
  },
);

test('names the receiver in the alert of an event that is dropped, without what could be a secret', async () => {
  const clock = createFakeClock();
  const url = await serve((_, response) => void response.writeHead(410).end());
  const event = { id: 'msg', type: 'run.started' as const, at: clock.now(), data: {} };
  const pending: PendingEvent[] = [{ place: '1', run: 'run-1', event }];
  const outbox: EventOutbox = {
    pending: async () => pending.splice(0),
    remove: async () => {},
    claim: async () => true,
    release: async () => {},
  };
  const alerts: Alert[] = [];
  const alert = (alert: Alert) => void alerts.push(alert);
  const app = { name: 'one', sole: false, clock, log: collectingLog().log, alert };
  const receiver = { url: `${url}/a-part-of-the-path?key=secret`, secret };
  const sender = new EventSender(app, 'press', { receiver, outbox, countDropped: () => {} });
  sender.start();
  await clock.advance(1_000);
  await expect
    .poll(() => alerts)
    .toEqual([{ kind: 'events_dropped', receiver: `${new URL(url).host}/hook/…?…` }]);
  await sender.stop();
});
