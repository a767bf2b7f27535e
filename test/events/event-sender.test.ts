import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { EventOutbox, PendingEvent } from '../../src/approval/ports.ts';
import { EventSender } from '../../src/events/event-sender.ts';
import { collectingLog } from '../slack/stage.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

test('a process renews its right to send while a receiver is slow, and sends nothing once another has it', async () => {
  const clock = createFakeClock();
  const sent: string[] = [];
  const server = createServer((request, response) => {
    sent.push(String(request.headers['webhook-id']));
    // Each event takes nine seconds.
    void clock.advance(9_000).then(() => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const all = Array.from({ length: 6 }, (_, n): PendingEvent => {
    const event = { id: `msg_${n}`, type: 'run.started' as const, at: clock.now(), data: {} };
    return { place: `${n}`, run: 'run-1', event };
  });
  const leases: number[] = [];
  const outbox: EventOutbox = {
    pending: async () => all.splice(0),
    remove: async () => {},
    // Another process has it from the third time on.
    claim: async (_crew, _owner, _now, until) => leases.push(until) < 3,
  };
  const app = { name: 'one', clock, log: collectingLog().log, alarm: () => {} };
  const sender = new EventSender(app, 'press', { receiver: { url, secret }, outbox, dropped: () => {} });
  sender.start();
  await clock.advance(1_000);
  await expect.poll(() => leases.length).toBe(3);
  await sender.stop();
  expect(sent).toEqual(['msg_0', 'msg_1', 'msg_2', 'msg_3']);
});
