import { expect, test } from 'vitest';
import { startWorld } from '../worker/worker-world.ts';

async function begin() {
  const { approve, receiver, crew, round, clock, id } = await startWorld();
  await approve(id);
  await clock.advance(1_000);
  const event = (type: 'task_started', task: string, sequence: number | undefined) => ({
    id: `${type} ${task} ${sequence}`,
    executionId: 'e1',
    at: clock.now() + (sequence ?? 0),
    type,
    sequence,
    task,
  });
  return { receiver, crew, event, round: () => round(id) };
}

test('an event without a number is not before all others', async () => {
  const { receiver, crew, event, round } = await begin();
  const late = { ...event('task_started', 'print', undefined), at: event('task_started', 'x', 50).at };
  await receiver.receiveEvents(crew, [event('task_started', 'legal', 1), late]);
  expect((await round()).continuedWith).toBe('legal');
});
