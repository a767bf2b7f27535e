import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { until } from '../../support/until.ts';
import { createWorld } from './worker-world.ts';

test('the ninth decision of a crew is recorded without an attempt, and waits for its turn', async () => {
  const world = createWorld({ sole: true });
  world.startWorker('a');
  world.crewAlways(() => new Promise<never>(() => {}));
  const ids = await world.outputs(9);
  for (const id of ids) await world.approve(id);
  await until(() => expect(world.resumes).toHaveLength(8));
  const rounds = await Promise.all(ids.map((id) => world.round(id)));
  expect(rounds.map(({ delivery }) => delivery?.attempts)).toEqual([...Array(8).fill(1), 0]);
});

test('a decision does not wait for the turn of its card when its undo window ends', async () => {
  const world = createWorld({ sole: true, rules: { policy: { ...DEFAULT_POLICY, undoWindow: 30_000 } } });
  world.startWorker('a');
  await world.approve((await world.outputs(60)).at(-1) as string);
  await world.clock.advance(31_000);
  expect(world.slack.length).toBeLessThan(40);
  expect(world.resumes[0]?.at).toBeLessThan(31_000);
});
