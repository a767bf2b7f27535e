import { expect, test } from 'vitest';
import { createApprovalWork } from '../../../src/approval/worker/approval-work.ts';
import { RateLimits } from '../../../src/approval/worker/rate-limits.ts';
import { StepQueue } from '../../../src/approval/worker/step-queue.ts';
import { buildTestApp } from '../../support/app.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';
import { anApproval } from '../builders.ts';
import { nobodyKnown } from './worker-world.ts';

const SECOND = 1_000;

test('a decision is sent before the status of four hundred silent runs is asked for', async () => {
  const clock = createFakeClock();
  const started: string[] = [];
  const app = buildTestApp({
    rateLimits: new RateLimits(clock),
    clock,
    people: nobodyKnown,
    slackQueue: { enqueue: () => {}, pauseFor: () => {} },
  });
  const queue = new StepQueue(app, createApprovalWork(app), async (id) => {
    started.push(id);
    await new Promise<void>((resolve) => clock.after(8 * SECOND, resolve));
    return true;
  });
  const take = (id: string, step: 'ask_status' | 'attempt') =>
    queue.enqueue(anApproval(undefined, { id }), { lane: 'delivery', do: step, round: 1, at: 0 });
  for (let n = 0; n < 400; n += 1) take(`silent ${n}`, 'ask_status');
  take('decided', 'attempt');
  await clock.advance(8 * SECOND);
  await settled();
  expect(started.indexOf('decided')).toBe(8);
});
