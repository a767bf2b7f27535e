import { describe, expect, test } from 'vitest';
import { newExecution } from '../../../src/approval/model/run/execution.ts';
import { applyRunEvents, findActiveTask, type RunEvent } from '../../../src/approval/model/run/run-events.ts';
import { StoreError } from '../../../src/lib/errors.ts';
import {
  AT,
  anApproval,
  aRound,
  became,
  decided as decidedRound,
  deliveries,
  revision,
} from '../builders.ts';
import {
  anEvent,
  anotherReplica,
  answers,
  aPause,
  aTask,
  createRun,
  paused,
  type Run,
  theEnd,
} from '../run-world.ts';

const boom = (run: Run, over: Partial<RunEvent> = {}) =>
  anEvent('crew_kickoff_failed', { at: run.clock.now(), error: 'out of tokens', ...over });

async function decided(
  action: 'approves' | 'revises',
  outcome: Parameters<Run['crewAlways']>[0],
  options: Parameters<typeof paused>[0] = {},
) {
  const { run, id } = await paused(options);
  run.crewAlways(outcome);
  await run[action](id, 'UBEN');
  await run.clock.advance(1_000);
  return { run, id };
}

const failureNotes = (run: Run) => run.notes().filter(({ kind }) => kind === 'run_failed');

describe('a run that failed', () => {
  test('closes its waiting cards with the reason: nobody has to decide, nobody is called', async () => {
    const { run, id } = await paused();
    await run.happens(boom(run));
    await run.clock.advance(2_000);
    expect(await run.approval(id)).toMatchObject({
      runFailure: { reason: 'out of tokens' },
      runEndedAt: expect.any(Number),
      rounds: [{ status: 'run_ended' }],
    });
    expect(await run.approves(id)).toMatchObject({ done: false, refusal: { code: 'closed' } });
    expect(failureNotes(run)).toEqual([{ kind: 'run_failed', reason: 'out of tokens', unsure: false }]);
  });

  test.each([
    ['refused', 'approves', answers.refused, false],
    ['being sent', 'approves', answers.away, false],
    ['unsure', 'approves', answers.lost, true],
    ['unsure', 'revises', answers.lost, true],
  ] as const)(
    'tells the person whose decision is %s (%s): it does not count as accepted, and is not sent again',
    async (_, action, outcome, unsure) => {
      const { run, id } = await decided(action, outcome);
      await run.happens(boom(run));
      const sent = run.resumes.length;
      await run.clock.advance(2 * 60_000);
      expect(await run.statuses(id)).toEqual(['run_ended']);
      expect((await run.round(id)).delivery?.acceptedAt).toBeUndefined();
      expect(failureNotes(run)).toMatchObject([{ decision: { by: 'UBEN' }, unsure }]);
      expect(run.resumes).toHaveLength(sent);
    },
  );

  test('says so where the decision was accepted, which stays accepted', async () => {
    const { run, id } = await decided('approves', answers.live('e2'));
    await run.happens(boom(run, { executionId: 'e2' }));
    await run.clock.advance(2_000);
    expect(await run.statuses(id)).toEqual(['approved']);
    expect((await run.approval(id)).runFailure).toMatchObject({ reason: 'out of tokens' });
    expect(failureNotes(run)).toMatchObject([{ decision: { by: 'UBEN', action: 'approve' }, unsure: false }]);
  });

  test('is reported once, however often the event comes', async () => {
    const { run, id } = await decided('approves', answers.live('e2'));
    const event = boom(run, { executionId: 'e2' });
    expect(await run.happens(event, event)).toEqual({ status: 'noted' });
    expect(await run.happens(event)).toEqual({ status: 'duplicate' });
    expect(await run.happens({ ...event, id: 'another' })).toEqual({ status: 'noted' });
    await run.clock.advance(5_000);
    expect(failureNotes(run)).toHaveLength(1);
    expect(await run.statuses(id)).toEqual(['approved']);
  });

  test('and whose last pause comes later opens it closed, with the reason', async () => {
    const run = createRun();
    run.startWorker('w1');
    await run.happens(boom(run));
    const id = await run.opens(aPause(1, 'A release'));
    expect(await run.approval(id)).toMatchObject({
      runFailure: { reason: 'out of tokens' },
      rounds: [{ status: 'run_ended' }],
    });
  });

  test('without a reason and without a time failed when it was heard', async () => {
    const { run, id } = await paused();
    await run.happens(anEvent('crew_kickoff_failed'));
    expect((await run.approval(id)).runFailure).toEqual({ at: run.clock.now() - 10 });
  });

  test('is heard of by GET /status too', async () => {
    const { run, id } = await decided('approves', answers.live('e2'));
    run.statusIs({ kind: 'failed', error: 'boom' });
    await run.clock.advance(11 * 60_000);
    expect(run.asked.at(-1)?.executionId).toBe('e2');
    expect(await run.approval(id)).toMatchObject({ runFailure: { reason: 'boom' } });
    expect(failureNotes(run)).toMatchObject([{ reason: 'boom', decision: { by: 'UBEN' } }]);
    expect(run.notes().filter(({ kind }) => kind === 'run_silent')).toEqual([]);
  });
});

describe('a failure that is older than the last accepted decision', () => {
  const old = (run: Run) => boom(run, { at: run.clock.now() - 60_000, error: 'of another attempt' });

  test('closes neither the decided approval nor another one of the run, opened before or after it', async () => {
    const { run, id } = await decided('approves', answers.live('e2'));
    const before = await run.opens(aPause(2, 'A budget', { alias: 'e2' }));
    await run.happens(old(run));
    await run.clock.advance(5_000);
    const after = await run.opens(aPause(3, 'A plan', { alias: 'e2' }));
    expect((await run.approval(id)).runFailure).toBeUndefined();
    expect(failureNotes(run)).toEqual([]);
    expect(await run.statuses(id)).toEqual(['approved']);
    for (const other of [before, after]) expect(await run.statuses(other)).toEqual(['waiting']);
  });

  test('does not close the next round, which waits; a later failure does, in whichever order they come', async () => {
    for (const order of ['older first', 'one batch', 'one batch, newer first']) {
      const { run, id } = await decided('revises', answers.live('e2'));
      await run.receives(aPause(2, 'A shorter release', { alias: 'e2' }));
      const newer = boom(run, { executionId: 'e2', error: 'boom' });
      if (order === 'older first') {
        await run.happens(old(run));
        expect(await run.statuses(id)).toEqual(['revision_requested', 'waiting']);
        expect((await run.approval(id)).runEndedAt).toBeUndefined();
        await run.happens(newer);
      } else if (order === 'one batch') await run.happens(old(run), newer);
      else await run.happens(newer, old(run));
      expect(await run.statuses(id)).toEqual(['revision_requested', 'run_ended']);
      expect((await run.approval(id)).runFailure).toMatchObject({ reason: 'boom' });
    }
  });

  test('is distinguished from a later one by the time of the decision', () => {
    const [first, second] = [decidedRound('revision_requested', revision, deliveries.accepted), aRound()];
    const waiting = anApproval([first, second]);
    const failedAt = (at: number) =>
      became(waiting, { type: 'run_failed', at: AT + 5_000, failedAt: at, reason: 'boom' });
    expect(failedAt(AT - 1)).toBe(waiting);
    expect(failedAt(AT + 1).rounds.map(({ status }) => status)).toEqual(['revision_requested', 'run_ended']);
  });

  test("does not include one of the run's continuation: CrewAI's clock may be 3 s behind", async () => {
    const { run, id } = await decided('approves', answers.live('e2'));
    await run.happens(boom(run, { executionId: 'e2', at: run.clock.now() - 4_000 }));
    expect(await run.approval(id)).toMatchObject({ runFailure: { reason: 'out of tokens' } });
    expect((await run.round(id)).continuedAt).toBeUndefined();
  });
});

describe('a failure under an id that is not known', () => {
  test('is kept, closes nothing, and is applied when the alias becomes known', async () => {
    const { run, id } = await paused();
    await run.happens(boom(run, { executionId: 'e2' }));
    expect(await run.statuses(id)).toEqual(['waiting']);
    const next = await run.opens(aPause(2, 'A budget', { alias: 'e2' }));
    for (const one of [id, next]) {
      expect(await run.statuses(one)).toEqual(['run_ended']);
      expect((await run.approval(one)).runFailure).toMatchObject({ reason: 'out of tokens' });
    }
  });

  test('is the later one when both ids have one', async () => {
    const { run, id } = await decided('revises', answers.live('e2'));
    await run.happens(boom(run, { at: run.clock.now() - 60_000, error: 'old' }));
    await run.happens(boom(run, { executionId: 'e3', error: 'new' }));
    await run.receives(aPause(2, 'A shorter release', { alias: 'e3' }));
    expect(await run.statuses(id)).toEqual(['revision_requested', 'run_ended']);
    expect((await run.approval(id)).runFailure).toMatchObject({ reason: 'new' });
  });
});

describe('events', () => {
  test('of a crew that finished close what waits, and confirm what was decided', async () => {
    const { run, id } = await decided('approves', answers.live('e2'));
    const waiting = await run.opens(aPause(2, 'A budget', { alias: 'e2' }));
    await run.happens(anEvent('crew_kickoff_completed', { executionId: 'e2' }));
    expect(await run.statuses(waiting)).toEqual(['run_ended']);
    expect((await run.round(id)).continuedAt).toBeDefined();
    expect(await run.run()).toMatchObject({ finishedAt: expect.any(Number), hasResult: false });
  });

  test.each([
    ['before', true],
    ['after', false],
  ])('of the end that come %s the crew webhook: the result is posted once', async (_, first) => {
    const { run } = await paused();
    const event = anEvent('crew_kickoff_completed');
    if (first) await run.happens(event);
    await run.receives(theEnd('The campaign'));
    if (!first) await run.happens(event);
    await run.receives(theEnd('The campaign'));
    await run.clock.advance(10_000);
    expect(run.notes().map(({ kind }) => kind)).toEqual(['run_result']);
  });

  test('of a continuation confirm the decision that led to it', async () => {
    const { run, id } = await decided('approves', answers.live('e2'));
    expect((await run.round(id)).continuedAt).toBeUndefined();
    await run.happens(anEvent('task_started', { task: 'layout', executionId: 'e2' }));
    expect((await run.round(id)).continuedAt).toBeDefined();
  });

  test('that were emitted after the decision confirm it, those from before do not', async () => {
    const { run, id } = await decided('approves', answers.documented(), { dialect: 'documented' });
    const at = run.clock.now();
    await run.happens(
      anEvent('task_started', { task: 'layout', at: at - 60_000 }),
      anEvent('task_completed'),
    );
    expect((await run.round(id)).continuedAt).toBeUndefined();
    await run.happens(anEvent('task_started', { task: 'layout', at: at + 1 }));
    expect((await run.round(id)).continuedAt).toBeDefined();
  });

  test('of an earlier continuation that come late confirm no later decision', async () => {
    const { run, id } = await decided('revises', answers.live('e2'));
    const early = anEvent('task_started', { task: 'draft', executionId: 'e2', at: run.clock.now() });
    await run.receives(aPause(2, 'A shorter release', { alias: 'e2' }));
    run.crewAlways(answers.live('e3'));
    await run.approves(id);
    await run.happens(early);
    expect(await run.round(id)).toMatchObject({ status: 'approved' });
    expect((await run.round(id)).continuedAt).toBeUndefined();
  });

  test('say nothing of a run that may have gone on: a task that reports does', async () => {
    const { run, id } = await paused();
    await run.happens(
      anEvent('task_completed', { task: 'layout' }),
      anEvent('task_failed', { task: 'layout' }),
    );
    expect(await run.round(id)).toMatchObject({ status: 'waiting', mayHaveContinued: false });
  });

  test.each([
    ['the failure', 'crew_kickoff_failed'],
    ['the end', 'crew_kickoff_completed'],
  ] as const)('that the store did not take are recorded by their redelivery: %s', async (_, type) => {
    const { run, id } = await paused();
    let away = true;
    const flaky = anotherReplica(run, {
      save: (changes) =>
        away ? Promise.reject(new StoreError('The store is away.')) : run.store.save(changes),
    });
    const event = anEvent(type, { at: run.clock.now() });
    await expect(flaky.receiveEvents(run.crew, [event])).rejects.toThrow(StoreError);
    away = false;
    await flaky.receiveEvents(run.crew, [event]);
    expect(await run.statuses(id)).toEqual(['run_ended']);
  });

  test('of many runs in one batch, in any order and some twice, are each reported in their own run', async () => {
    const run = createRun();
    run.startWorker('w1');
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await run.opens(aPause(n, `Release ${n}`, { run: `run-${n}` })));
    const failed = boom(run, { executionId: 'run-3' });
    await run.happens(
      failed,
      anEvent('task_started', { executionId: 'run-1', task: 'draft' }),
      failed,
      anEvent('crew_kickoff_completed', { executionId: 'run-4' }),
    );
    const all = await Promise.all(ids.map(async (id) => (await run.round(id)).status));
    expect(all).toEqual(['waiting', 'waiting', 'waiting', 'run_ended', 'run_ended']);
    expect((await run.approval(ids[1] as string)).task).toBe('draft');
  });

  test('under an alias belong to the run', async () => {
    const { run, id } = await paused();
    await run.receives(aPause(1, 'A release', { alias: 'e2' }));
    await run.happens(boom(run, { executionId: 'e2' }));
    expect(await run.statuses(id)).toEqual(['run_ended']);
    expect(await run.run('e2')).toBeUndefined();
  });

  test('of a run that is not known are kept', async () => {
    const run = createRun();
    const event = anEvent('task_started', { executionId: 'e9', task: 'draft' });
    expect(await run.happens(event)).toEqual({ status: 'noted' });
    expect(await run.run('e9')).toMatchObject({ tasks: [{ name: 'draft', under: 'e9' }], approvals: [] });
  });
});

describe('the task that a run is at', () => {
  const atTask = (...events: RunEvent[]) =>
    findActiveTask(applyRunEvents(newExecution({ name: 'press' }, 'e1'), events, 0).execution)?.name;
  const started = (task: string, sequence: number, executionId = 'e1') =>
    anEvent('task_started', { task, sequence, executionId });
  const ended = (task: string, sequence: number, type: 'task_completed' | 'task_failed' = 'task_completed') =>
    anEvent(type, { task, sequence });

  const draft = [started('draft', 1), ended('draft', 2)];
  const unordered = { task: 'draft', sequence: undefined };

  test.each<[string, RunEvent[], string | undefined]>([
    ['the one that has started', [started('draft', 1)], 'draft'],
    ['none before it', [], undefined],
    ['none once it has completed', draft, undefined],
    ['none once it has failed', [started('draft', 1), ended('draft', 2, 'task_failed')], undefined],
    ['none while two have started', [started('draft', 1), started('layout', 2)], undefined],
    ['the one of two that has not completed', [...draft, started('layout', 3)], 'layout'],
    ['the same whichever event comes first', [...draft, started('layout', 3)].reverse(), 'layout'],
    ['one that was started again', [...draft, started('draft', 3)], 'draft'],
    [
      'none where the order is unknown',
      [anEvent('task_started', unordered), anEvent('task_completed', unordered)],
      undefined,
    ],
    ['none where no task is named', [anEvent('task_started')], undefined],
  ])('is %s', (_, events, task) => {
    expect(atTask(...events)).toBe(task);
  });

  test('is that of its continuation, once it has one: what the run was at before says nothing of it', () => {
    const before = { ...newExecution({ name: 'press' }, 'e1'), continuedAs: 'e2' };
    const one = applyRunEvents(before, [started('draft', 1)], 0).execution;
    expect(findActiveTask(one)).toBeUndefined();
    const two = applyRunEvents(one, [started('layout', 1, 'e2')], 0).execution;
    expect(findActiveTask(two)?.name).toBe('layout');
  });

  test('keeps what it needs of ten thousand events, and knows the last of them when they come again', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => started(`task ${n}`, n));
    const { execution, fresh } = applyRunEvents(newExecution({ name: 'press' }, 'e1'), many, 0);
    expect(fresh).toHaveLength(10_000);
    expect(execution.tasks?.length).toBeLessThanOrEqual(200);
    expect(execution.seenEvents?.length).toBeLessThanOrEqual(1_000);
    expect(applyRunEvents(execution, many.slice(-500), 0).fresh).toEqual([]);
  });

  test('is not taken from the same event id of another run for a redelivery', () => {
    const twin = { ...started('layout', 2, 'e2'), id: 'same' };
    const { fresh } = applyRunEvents(
      newExecution({ name: 'press' }, 'e1'),
      [{ ...started('draft', 1), id: 'same' }, twin, twin],
      0,
    );
    expect(fresh).toHaveLength(2);
  });
});

test('a webhook of a failed task that is delivered twice is reported once', () => {
  const event = { type: 'task_failed', at: AT, task: 'layout', reason: 'ValueError: boom' } as const;
  const once = became(anApproval(), event);
  expect(became(once, event)).toBe(once);
  expect(became(once, { ...event, reason: 'another' }).notes).toHaveLength(2);
});

test('a run keeps at most twenty notices of failed tasks while Slack accepts none', () => {
  const events = Array.from({ length: 100 }, (_, n) => {
    return { type: 'task_failed', at: AT, task: 'layout', reason: `boom ${n}` } as const;
  });
  expect(became(anApproval(), ...events).notes).toHaveLength(20);
});

test('a late webhook of the id before the decision does not confirm it', async () => {
  const { run, id } = await decided('approves', answers.live('e2'));
  await run.receives(aTask('research', 'Findings'));
  expect((await run.round(id)).continuedAt).toBeUndefined();
});

test('an earlier id of the run that completes does not end its continuation', async () => {
  const { run } = await decided('approves', answers.live('e2'));
  const next = await run.opens(aPause(2, 'A budget', { alias: 'e2' }));
  await run.happens(anEvent('crew_kickoff_completed'));
  expect(await run.statuses(next)).toEqual(['waiting']);
  await run.happens(anEvent('crew_kickoff_completed', { executionId: 'e2' }));
  expect(await run.statuses(next)).toEqual(['run_ended']);
});

test("a continuation that fails before CrewAI's answer names its id is reported, whatever CrewAI's clock says", async () => {
  const { run } = await decided('approves', answers.live('e2'));
  const next = await run.opens(aPause(2, 'A budget', { alias: 'e2' }));
  run.crewAlways(async () => {
    const failed = boom(run, { executionId: 'e3', at: run.clock.now() - 3_000 });
    await run.receiver.receiveEvents(run.crew, [failed]);
    return answers.live('e3')();
  });
  await run.approves(next);
  await run.clock.advance(5_000);
  expect(await run.approval(next)).toMatchObject({ runFailure: { reason: 'out of tokens' } });
});
