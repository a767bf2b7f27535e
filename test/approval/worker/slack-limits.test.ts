import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { CardError } from '../../../src/approval/ports.ts';
import { RateLimits } from '../../../src/approval/worker/rate-limits.ts';
import { StepQueue } from '../../../src/approval/worker/step-queue.ts';
import { buildTestApp } from '../../support/app.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';
import { anApproval } from '../builders.ts';
import { createWorld, nobodyKnown, startWorld } from './worker-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const people = { inChannel: () => true, channelSize: () => 12 };

describe('the card of a next round', () => {
  test('does not wait for the rate limit of an update of the previous card', async () => {
    const world = await startWorld({ rules: { approvers: ['UANA'] }, people });
    world.slackDoes.push(async () => {
      throw new CardError({ kind: 'try_again', reason: 'ratelimited', retryAfterMs: 30 * MINUTE });
    });
    await world.revise(world.id);
    await world.clock.advance(5 * SECOND);
    await world.output('A shorter release');
    await world.clock.advance(10 * SECOND);
    expect(world.posts().map(({ round }) => round)).toEqual([1, 2]);
  });

  test('is posted before the updates of sixty other cards', async () => {
    const world = createWorld({ rules: { approvers: ['UANA'] }, people });
    world.startWorker('a');
    const ids = await world.outputs(60);
    await world.clock.advance(90 * SECOND);
    expect(world.posts()).toHaveLength(60);
    for (const id of ids) await world.revise(id);
    await world.clock.advance(SECOND);
    await world.output('A shorter release', { executionId: 'e60' });
    await world.clock.advance(5 * SECOND);
    expect(world.posts().slice(60)).toMatchObject([{ round: 2 }]);
  });
});

test('an escalation is posted while one card per second comes in', async () => {
  const policy = { ...DEFAULT_POLICY, urgent: true, escalateAfter: 30 * SECOND, escalateTo: ['UBOSS'] };
  const world = createWorld({ rules: { approvers: ['UANA'], policy }, people });
  world.startWorker('a');
  const id = await world.output('A release', { executionId: 'first' });
  for (let n = 0; n < 60; n += 1) {
    await world.output('A release', { executionId: `e${n}` });
    await world.clock.advance(SECOND);
  }
  const { notes } = await world.approval(id);
  expect(notes.map(({ kind }) => kind)).toEqual(['mention']);
  expect(world.notes()[0]).toMatchObject({ kind: 'escalated' });
});

test('a decision is sent before the status of four hundred silent runs is asked for', async () => {
  const clock = createFakeClock();
  const started: string[] = [];
  const app = buildTestApp({
    turns: new RateLimits(clock),
    clock,
    people: nobodyKnown,
    slackTurns: { take: () => {}, limited: () => {} },
  });
  const queue = new StepQueue(app, async (id) => {
    started.push(id);
    await new Promise<void>((resolve) => clock.after(8 * SECOND, resolve));
    return true;
  });
  const take = (id: string, step: 'ask_status' | 'attempt') =>
    queue.take(anApproval(undefined, { id }), { lane: 'delivery', do: step, round: 1, at: 0 });
  for (let n = 0; n < 400; n += 1) take(`silent ${n}`, 'ask_status');
  take('decided', 'attempt');
  await clock.advance(8 * SECOND);
  await settled();
  expect(started.indexOf('decided')).toBe(8);
});

test('two processes post a card once when Slack takes nine seconds to answer', async () => {
  let slow = false;
  const world = createWorld({
    rules: { approvers: ['UANA', 'UBEN'], excludeRequester: true },
    people: {
      ...people,
      learn: () => new Promise<void>((resolve) => world.clock.after(SECOND, resolve)),
    },
  });
  const { execution } = world.store;
  world.store.execution = async (...args) => {
    if (slow) await new Promise<void>((resolve) => world.clock.after(200, resolve));
    return execution(...args);
  };
  world.startWorker('a');
  world.startWorker('b');
  world.slackDoes.push(() => new Promise<void>((resolve) => world.clock.after(8_900, resolve)));
  await world.output('A release', { meta: { requestedBy: 'req@example.com' } });
  slow = true;
  await world.clock.advance(MINUTE);
  expect(world.posts()).toHaveLength(1);
});
