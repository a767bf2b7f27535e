import { describe, expect, test } from 'vitest';
import { anEvent, answers, aPause, createRun } from '../run-world.ts';

async function paused(options: Parameters<typeof createRun>[0] = {}) {
  const run = createRun(options);
  run.startWorker('w1');
  const id = await run.opens(aPause(1, 'A release'));
  return { run, id };
}

describe('a failure event that is older than the last accepted decision closes nothing', () => {
  test('not the next pause that waits in an approval of its own', async () => {
    const { run, id } = await paused();
    const old = run.clock.now();
    await run.clock.advance(5_000);
    run.crewDoes.push(answers.live('e2'));
    await run.approves(id);
    await run.clock.advance(5_000);
    const next = await run.opens(aPause(2, 'A budget', { alias: 'e2' }));
    await run.happens(anEvent('crew_kickoff_failed', { at: old, error: 'an earlier attempt' }));
    expect(await run.statuses(next)).toEqual(['waiting']);
  });
  test('not round 2 that waits', async () => {
    const { run, id } = await paused();
    const old = run.clock.now();
    await run.clock.advance(5_000);
    run.crewDoes.push(answers.live('e2'));
    await run.revises(id);
    await run.clock.advance(5_000);
    await run.receives(aPause(2, 'A shorter release', { alias: 'e2' }));
    await run.happens(anEvent('crew_kickoff_failed', { at: old, error: 'an earlier attempt' }));
    expect(await run.statuses(id)).toEqual(['revision_requested', 'waiting']);
  });
  test('nor a pause that comes after it', async () => {
    const { run, id } = await paused();
    const old = run.clock.now();
    await run.clock.advance(5_000);
    run.crewDoes.push(answers.live('e2'));
    await run.approves(id);
    await run.happens(anEvent('crew_kickoff_failed', { at: old, error: 'an earlier attempt' }));
    expect(await run.statuses(id)).toEqual(['approved']);
    await run.clock.advance(5_000);
    const next = await run.opens(aPause(2, 'A budget', { alias: 'e2' }));
    expect(await run.statuses(next)).toEqual(['waiting']);
  });
  test('and does not hide a later one', async () => {
    const { run, id } = await paused();
    const old = run.clock.now();
    await run.clock.advance(5_000);
    run.crewDoes.push(answers.live('e2'));
    await run.approves(id);
    await run.happens(anEvent('crew_kickoff_failed', { at: old, error: 'an earlier attempt' }));
    await run.clock.advance(5_000);
    await run.happens(
      anEvent('crew_kickoff_failed', { executionId: 'e2', at: run.clock.now(), error: 'boom' }),
    );
    expect((await run.approval(id)).runFailure?.reason).toBe('boom');
  });
});

test("a continuation that fails is told although CrewAI's clock is 3 s behind", async () => {
  const { run, id } = await paused();
  await run.clock.advance(60_000);
  run.crewDoes.push(answers.live('e2'));
  await run.approves(id);
  await run.clock.advance(500);
  await run.happens(
    anEvent('crew_kickoff_failed', {
      executionId: 'e2',
      at: run.clock.now() - 3_000,
      error: "'NoneType' object is not subscriptable",
    }),
  );
  const approval = await run.approval(id);
  expect({ failed: approval.runFailure !== undefined, wentOn: approval.rounds[0]?.continuedAt }).toEqual({
    failed: true,
    wentOn: undefined,
  });
});

test("a continuation that fails before CrewAI's answer names its id is told, whatever CrewAI's clock says", async () => {
  const { run, id } = await paused();
  run.crewDoes.push(answers.live('e2'));
  await run.approves(id);
  const next = await run.opens(aPause(2, 'A budget', { alias: 'e2' }));
  run.crewDoes.push(async () => {
    const at = run.clock.now() - 3_000;
    const failed = anEvent('crew_kickoff_failed', { executionId: 'e3', at, error: 'boom' });
    await run.receiver.receiveEvents(run.crew, [failed]);
    return answers.live('e3')();
  });
  await run.approves(next);
  await run.clock.advance(5_000);
  expect((await run.approval(next)).runFailure?.reason).toBe('boom');
});
