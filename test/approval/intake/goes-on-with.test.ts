import { describe, expect, test } from 'vitest';
import { aPause, createRun } from '../run-world.ts';
import { startWorld } from '../worker/worker-world.ts';

describe('the task that a run goes on with', () => {
  test('is the next one', async () => {
    const { approve, output, round, clock, id } = await startWorld();
    await approve(id);
    await clock.advance(1_000);
    await output('A plan', { task: 'plan' });
    expect(await round(id)).toMatchObject({ status: 'approved', continuedWith: 'plan' });
  });

  test('is none that waited beside it, and comes again after its own revision', async () => {
    const { approve, revise, output, round, clock, id } = await startWorld();
    const beside = await output('A plan', { task: 'plan' });
    await clock.advance(1_000);
    await revise(beside, 'UANA');
    await clock.advance(1_000);
    await approve(id);
    await clock.advance(1_000);
    await output('A shorter plan', { task: 'plan' });
    expect(await round(beside)).toMatchObject({ number: 2, status: 'waiting' });
    const { continuedAt, continuedWith } = await round(id);
    expect(continuedAt).toBeDefined();
    expect(continuedWith).toBeUndefined();
  });

  test('is the first that starts, in whatever order its events come', async () => {
    const { approve, receiver, crew, round, clock, id } = await startWorld();
    await approve(id);
    await clock.advance(1_000);
    const started = (task: string, sequence: number) => ({
      id: task,
      executionId: 'e1',
      at: clock.now() + sequence,
      type: 'task_started' as const,
      sequence,
      task,
    });
    await receiver.receiveEvents(crew, [started('layout', 3), started('legal', 1), started('print', 2)]);
    expect((await round(id)).continuedWith).toBe('legal');
  });
});

test('an output is named by the last of many events, not by where they are in the middle', async () => {
  const run = createRun({ dialect: 'live' });
  const id = await run.opens(aPause(1, 'Output'));
  const event = (type: 'task_started' | 'task_completed', task: string, sequence: number) => ({
    id: `event-${sequence}`,
    executionId: 'e1',
    at: run.clock.now(),
    type,
    sequence,
    task,
  });
  const events = [
    event('task_started', 'research', 0),
    ...Array.from({ length: 2_501 }, (_, n) =>
      event(n % 2 === 1 ? 'task_started' : 'task_completed', 'aside', n + 1),
    ),
    event('task_completed', 'research', 2_600),
    event('task_started', 'draft', 2_601),
  ];
  await run.receiver.receiveEvents(run.crew, events);
  expect((await run.approval(id)).task).toBe('draft');
});
