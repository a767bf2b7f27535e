import { describe, expect, test } from 'vitest';
import { createWorld, crew } from './worker-world.ts';

const MINUTE = 60_000;

/** An approve that CrewAI took. */
async function accepted() {
  const world = createWorld();
  world.startWorker('w1');
  const id = await world.shown();
  await world.approve(id);
  await world.clock.advance(1_000);
  expect((await world.round(id)).status).toBe('approved');
  return { world, id };
}

describe('a run of which nothing is heard after CrewAI took a decision', () => {
  test('is told in the thread after ten minutes, once, with what CrewAI says of it', async () => {
    const { world } = await accepted();
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

  test('is not told when a webhook of the run came, of whatever kind', async () => {
    const { world } = await accepted();
    const facts = { executionId: 'e1', meta: { urls: {} }, warnings: [] };
    await world.receiver.receive(crew, { kind: 'step', ...facts });
    await world.clock.advance(30 * MINUTE);
    expect(world.asked).toEqual([]);
    expect(world.notes()).toEqual([]);
  });

  test('is told of each round anew', async () => {
    const world = createWorld();
    world.startWorker('w1');
    const id = await world.shown();
    await world.revise(id);
    await world.clock.advance(11 * MINUTE);
    await world.output('Another release');
    await world.clock.advance(0);
    await world.approve(id, 'UBEN', 2);
    await world.clock.advance(11 * MINUTE);
    expect(world.notes()).toMatchObject([
      { kind: 'run_silent', decision: { action: 'request_revision' } },
      { kind: 'run_silent', decision: { action: 'approve', by: 'UBEN' } },
    ]);
  });

  test('closes its other cards when its status tells that it failed', async () => {
    const world = createWorld();
    world.startWorker('w1');
    const id = await world.shown();
    const other = await world.output('A layout', { task: 'layout' });
    await world.clock.advance(5_000);
    await world.approve(id);
    world.statusIs({ kind: 'failed', error: 'boom' });
    await world.clock.advance(20 * MINUTE);
    expect(await world.approval(id)).toMatchObject({ runFailure: { reason: 'boom' } });
    expect((await world.round(other)).status).toBe('run_ended');
  });

  test('is told by another process when the one that sent the decision died', async () => {
    const world = createWorld();
    const { kill } = world.startWorker('w1');
    const id = await world.shown();
    await world.approve(id);
    await world.clock.advance(1_000);
    kill();
    world.startWorker('w2');
    await world.clock.advance(11 * MINUTE);
    expect(world.notes()).toMatchObject([{ kind: 'run_silent' }]);
  });
});
