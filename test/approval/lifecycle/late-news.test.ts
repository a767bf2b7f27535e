import { expect, test } from 'vitest';
import { anEvent, answers, aPause, aTask, createRun } from '../run-world.ts';

test('a note that was for CrewAI is not lost when it turns out to speak the live dialect', async () => {
  const run = createRun({ dialect: 'documented' });
  run.startWorker('w1');
  const id = await run.opens(aPause(1, 'A release'));
  run.crewDoes.push(answers.live('e2'));
  await run.service.decide({ approvalId: id, round: 1, via: 'card' }, 'UANA', {
    action: 'approve',
    feedback: 'but fix the date',
  });
  await run.clock.advance(10_000);
  expect(JSON.stringify(run.notes())).toContain('but fix the date');
});

test('a late webhook of the id before the decision confirms nothing', async () => {
  const run = createRun();
  run.startWorker('w1');
  const id = await run.opens(aPause(1, 'A release'));
  run.crewDoes.push(answers.live('e2'));
  await run.approves(id);
  await run.receives(aTask('research', 'Findings', { run: 'e1' }));
  expect((await run.round(id)).continuedAt).toBeUndefined();
});

test('an earlier id of the run that completes ends nothing of its continuation', async () => {
  const run = createRun();
  run.startWorker('w1');
  const id = await run.opens(aPause(1, 'A release'));
  run.crewDoes.push(answers.live('e2'));
  await run.approves(id);
  const next = await run.opens(aPause(2, 'A budget', { alias: 'e2' }));
  await run.happens(anEvent('crew_kickoff_completed', { executionId: 'e1' }));
  expect(await run.statuses(next)).toEqual(['waiting']);
  await run.happens(anEvent('crew_kickoff_completed', { executionId: 'e2' }));
  expect(await run.statuses(next)).toEqual(['run_ended']);
});
