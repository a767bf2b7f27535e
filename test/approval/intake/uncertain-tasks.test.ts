import { describe, expect, test } from 'vitest';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { anEvent, answers, aPause, aTask, createRun, paused, pauseId } from '../run-world.ts';

const rules = {
  approvers: ['UANA', 'ULEGAL'],
  tasks: [{ match: 'legal', approvers: ['ULEGAL'], policy: {} }],
};

/** A run that has started draft, whose first pause shows this. */
async function drafting(output = 'A draft', more: Partial<Crew> = {}) {
  const run = createRun({ rules: { ...rules, ...more } });
  run.startWorker('w1');
  await run.happens(anEvent('task_started', { task: 'draft', sequence: 1 }));
  return { run, id: await run.opens(aPause(1, output)) };
}

describe('a pause of legal that is taken for the answer to the revision of draft', () => {
  async function chained(more: Partial<Crew> = {}) {
    const { run, id } = await drafting('A draft', more);
    await run.happens(anEvent('task_completed', { task: 'draft' }));
    run.crewDoes.push(answers.live('e2'));
    await run.revises(id, 'UANA');
    await run.receives(aPause(2, 'A contract', { alias: 'e2' }));
    return { run, id };
  }

  test('is not decided by draft alone, before or after its name is known', async () => {
    const { run, id } = await chained();
    expect((await run.round(id)).chained).toBe(true);
    expect(await run.approves(id, 'UANA')).toMatchObject({ done: false });
    await run.happens(anEvent('task_started', { task: 'legal', executionId: 'e2' }));
    expect((await run.round(id)).chainDoubted).toBe(true);
    expect(await run.approves(id, 'UANA')).toMatchObject({ done: false });
  });

  test('is not approved by the rule of expiry of draft', async () => {
    const expiring = { match: 'draft', policy: { onExpiry: 'approve', expireAfter: 60_000 } } as const;
    const { run, id } = await chained({ policy: DEFAULT_POLICY, tasks: [expiring, ...rules.tasks] });
    await run.happens(anEvent('task_started', { task: 'legal', executionId: 'e2' }));
    expect((await run.round(id)).chainDoubted).toBe(true);
    await run.clock.advance(120_000);
    expect(run.resumes.map(({ decision, round }) => [decision.action, round, decision.rule])).toEqual([
      ['request_revision', 1, undefined],
    ]);
  });
});

test('a pause with the output of an approved one is not decided by its rules', async () => {
  const { run, id } = await drafting('Done.');
  run.crewDoes.push(answers.live('e2'));
  await run.approves(id, 'UANA');
  await run.receives(aPause(2, 'Done.', { alias: 'e2' }));
  const all = await run.approvals();
  expect(await run.approves(all.at(-1)?.id ?? '', 'UANA')).toMatchObject({ done: false });
});

describe('events that lag behind (realtime: false)', () => {
  test('do not give a pause of legal the rules of draft, whose own webhook has reported', async () => {
    const run = createRun({ rules });
    run.startWorker('w1');
    await run.happens(anEvent('task_started', { task: 'draft', sequence: 1 }));
    await run.receives(aTask('draft', 'A draft'));
    const id = await run.opens(aPause(1, 'A contract'));
    expect(await run.approves(id, 'UANA')).toMatchObject({ done: false });
  });

  test('narrow who can decide when they come', async () => {
    const { run, id } = await drafting('A contract');
    await run.happens(
      anEvent('task_completed', { task: 'draft', sequence: 2 }),
      anEvent('task_started', { task: 'legal', sequence: 3 }),
    );
    expect((await run.approval(id)).task).not.toBe('draft');
    expect(await run.approves(id, 'UANA')).toMatchObject({ done: false });
  });
});

test('the task of an earlier id of the run does not name a pause of its continuation', async () => {
  const { run, id } = await drafting();
  run.crewDoes.push(answers.live('e2'));
  await run.approves(id, 'UANA');
  const next = await run.opens(aPause(2, 'A contract', { alias: 'e2' }));
  expect((await run.approval(next)).task).not.toBe('draft');
  expect(await run.approves(next, 'UANA')).toMatchObject({ done: false });
});

test('members of the crew channel cannot decide a nameless pause that may be of a task with its own channel', async () => {
  const { run, id } = await paused({
    rules: {
      approvers: [],
      channels: ['CAPPROVALS'],
      tasks: [{ match: 'legal', channel: 'CLEGAL', policy: {} }],
    },
    people: {
      inChannel: (person: string, channel: string) => channel === 'CAPPROVALS' || person === 'ULEGAL',
    },
  });
  expect((await run.approval(id)).strictest).toBe(true);
  expect(await run.approves(id, 'UANA')).toMatchObject({ done: false });
});

test('a pause without a name that 0.1.0 opened is decided by the strictest rules as its round 2', async () => {
  const { run, id } = await paused({ rules });
  const stored = await run.store.approval(id);
  if (!stored) throw new Error('it was not stored');
  const { titleOnly: _, strictest: __, ...old } = stored.record;
  await run.store.save({ approvals: [{ previous: stored, next: { ...old, task: pauseId(1) } }] });
  run.crewDoes.push(answers.live('e2'));
  await run.revises(id, 'ULEGAL');
  await run.receives(aPause(2, 'Another contract', { alias: 'e2' }));
  expect(await run.statuses(id)).toEqual(['revision_requested', 'waiting']);
  expect(await run.approves(id, 'UANA')).toMatchObject({ done: false });
});
