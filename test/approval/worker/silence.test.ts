import { describe, expect, test } from 'vitest';
import { crew, startWorld } from './worker-world.ts';

const MINUTE = 60_000;

/** CrewAI accepted an approval. */
async function accepted() {
  const world = await startWorld();
  await world.approve(world.id);
  await world.clock.advance(1_000);
  expect((await world.round(world.id)).status).toBe('approved');
  return world;
}

describe('a run that sends nothing after CrewAI accepted a decision', () => {
  test('is reported once in the thread after ten minutes, with its status', async () => {
    const world = await accepted();
    await world.clock.advance(9 * MINUTE);
    expect(world.asked).toEqual([]);
    await world.clock.advance(2 * MINUTE);
    expect(world.asked.map(({ executionId }) => executionId)).toEqual(['e1']);
    expect(world.notes()).toMatchObject([
      { kind: 'run_silent', status: { kind: 'running' }, decision: { by: 'UANA' } },
    ]);
    await world.clock.advance(60 * MINUTE);
    expect(world.asked).toHaveLength(1);
    expect(world.notes()).toHaveLength(1);
  });

  test('is not reported when any webhook of the run came', async () => {
    const world = await accepted();
    const facts = { executionId: 'e1', meta: { urls: {} }, warnings: [] };
    await world.receiver.receive(crew, { kind: 'step', ...facts });
    await world.clock.advance(30 * MINUTE);
    expect(world.asked).toEqual([]);
    expect(world.notes()).toEqual([]);
  });

  test('is reported once per round', async () => {
    const world = await startWorld();
    await world.revise(world.id);
    await world.clock.advance(11 * MINUTE);
    await world.output('Another release');
    await world.clock.advance(0);
    await world.approve(world.id, 'UBEN', 2);
    await world.clock.advance(11 * MINUTE);
    expect(world.notes()).toMatchObject([
      { kind: 'run_silent', decision: { action: 'request_revision' } },
      { kind: 'run_silent', decision: { action: 'approve', by: 'UBEN' } },
    ]);
  });

  test('closes its other cards when its status is failed', async () => {
    const world = await startWorld();
    const other = await world.output('A layout', { task: 'layout' });
    await world.clock.advance(5_000);
    await world.approve(world.id);
    world.statusIs({ kind: 'failed', error: 'boom' });
    await world.clock.advance(20 * MINUTE);
    expect(await world.approval(world.id)).toMatchObject({ runFailure: { reason: 'boom' } });
    expect((await world.round(other)).status).toBe('run_ended');
  });

  test('is reported by another worker when the one that sent the decision was killed', async () => {
    const world = await accepted();
    world.kill();
    world.startWorker('w2');
    await world.clock.advance(11 * MINUTE);
    expect(world.notes()).toMatchObject([{ kind: 'run_silent' }]);
  });
});
