import { describe, expect, test } from 'vitest';
import { StoreError } from '../../../src/lib/errors.ts';
import {
  anEvent,
  anotherReplica,
  answers,
  aPause,
  approved,
  aStep,
  aTask,
  createRun,
  paused,
  type Run,
  theEnd,
} from '../run-world.ts';

const OWN_APPROVALS = 'alias rejected: the id has approvals of its own';
const ANOTHER_RUN = 'alias rejected: the id belongs to another run';
const failed = (at: number, executionId = 'e2') =>
  anEvent('crew_kickoff_failed', { executionId, at, error: 'out of tokens' });

/** A replica whose store is away once: for the merge. */
function flaky(run: Run) {
  let isAway = true;
  return anotherReplica(run, {
    save(changes) {
      if (!isAway || !changes.alias || !changes.execution) return run.store.save(changes);
      isAway = false;
      return Promise.reject(new StoreError('The store is away.'));
    },
  });
}

describe('another id of a run is tied to it', () => {
  test('by a webhook that names it beside the original id', async () => {
    const run = createRun();
    await run.opens(aPause(1, 'A release', { alias: 'e2' }));
    expect(await run.store.originalId('press', 'e2')).toBe('e1');
    expect(await run.run()).toMatchObject({ continuedAs: 'e2' });
    await run.receives(theEnd('Done', { run: 'e2' }));
    expect(await run.run()).toMatchObject({ finishedAt: expect.any(Number), hasResult: true });
    expect(await run.run('e2')).toBeUndefined();
  });

  test.each([
    ['live', answers.live('e2')],
    [
      'documented',
      async () => ({ kind: 'accepted', dialect: 'documented', says: 'resumed', aliasId: 'e2' }) as const,
    ],
  ] as const)("by CrewAI's answer to a decision, on the %s dialect", async (dialect, answer) => {
    const { run, id } = await approved(answer, { dialect });
    expect(await run.store.originalId('press', 'e2')).toBe('e1');
    await run.receives(theEnd('Done', { run: 'e2' }));
    expect((await run.round(id)).continuedAt).toBeDefined();
  });

  test('and a decision later still goes to the original id', async () => {
    const run = createRun();
    run.startWorker('w1');
    await run.opens(aPause(1, 'A release', { alias: 'e2' }));
    const id = await run.opens(aPause(2, 'A budget', { alias: 'e3' }));
    run.crewDoes.push(answers.live('e4'));
    await run.approves(id);
    expect(run.resumes.map(({ execution }) => execution.executionId)).toEqual(['e1']);
  });

  test('each of several; the run continues under the last one, also when an older one comes again', async () => {
    const run = createRun();
    await run.opens(aPause(1, 'A release', { alias: 'e2' }));
    await run.opens(aPause(2, 'A budget', { alias: 'e3' }));
    await run.receives(aPause(1, 'A release', { alias: 'e2' }));
    expect(await run.run()).toMatchObject({ continuedAs: 'e3' });
    for (const alias of ['e2', 'e3']) expect(await run.store.originalId('press', alias)).toBe('e1');
  });

  test('and what is registered under it counts for the run', async () => {
    const run = createRun();
    await run.opens(aPause(1, 'A release', { alias: 'e2' }));
    await run.receiver.register(run.crew, 'e2', { urls: { task: 'https://hooks.example/task' } });
    expect((await run.run()).registeredUrls).toEqual({ task: 'https://hooks.example/task' });
  });

  test('and a webhook that names the same id twice ties nothing', async () => {
    const run = createRun();
    await run.opens(aPause(1, 'A release', { alias: 'e1' }));
    expect(await run.store.originalId('press', 'e1')).toBe('e1');
    expect((await run.run()).continuedAs).toBeUndefined();
  });
});

describe('what came under the other id before it was known', () => {
  test('moves to the run in one commit: its facts, its reports and its result', async () => {
    const { run } = await approved(answers.lost);
    await run.receives(
      aTask('layout', 'Two columns', {
        run: 'e2',
        meta: { urls: { step: 'https://hooks.example/step' }, requestedBy: 'UCAT' },
      }),
      theEnd('The whole campaign', { run: 'e2' }),
    );
    expect(await run.run('e2')).toMatchObject({ approvals: [], hasResult: true });
    const { lastWebhookAt } = await run.run('e2');
    const commits = run.memory.commits();
    await run.receiver.recordAlias('press', 'e2', 'e1');
    expect(run.memory.commits()).toBe(commits + 1);
    expect(await run.run()).toMatchObject({
      metaUrls: { step: 'https://hooks.example/step' },
      requestedBy: 'UCAT',
      reports: [{ key: expect.any(String) }],
      hasResult: true,
      finishedAt: lastWebhookAt,
      lastWebhookAt,
      continuedAs: 'e2',
    });
    expect(await run.store.result('press', 'e1')).toEqual({ kind: 'text', text: 'The whole campaign' });
    expect(await run.run('e2')).toBeUndefined();
    expect(await run.store.result('press', 'e2')).toBeUndefined();
    expect(await run.store.list('runsToCheck', 'all', { until: Number.MAX_SAFE_INTEGER, limit: 10 })).toEqual(
      [],
    );
  });

  test('its end reaches the approvals of the run, with its result', async () => {
    const { run, id } = await approved(answers.lost);
    await run.receives(theEnd('The whole campaign', { run: 'e2' }));
    expect(await run.statuses(id)).toEqual(['sending']);
    const next = await run.receives(aPause(2, 'A budget', { alias: 'e2' }));
    expect(await run.round(id)).toMatchObject({ status: 'approved', continuedAt: expect.any(Number) });
    expect(await run.statuses(next.approval as string)).toEqual(['run_ended']);
    await run.clock.advance(20_000);
    expect(run.notes().map(({ kind }) => kind)).toEqual(['run_result', 'run_result']);
  });

  test('its failure reaches the approvals of the run, with its reason', async () => {
    const { run, id } = await approved(answers.lost);
    await run.happens(failed(run.clock.now() + 1_000));
    expect(await run.statuses(id)).toEqual(['sending']);
    const next = await run.receives(aPause(2, 'A budget', { alias: 'e2' }));
    expect(await run.approval(id)).toMatchObject({ runFailure: { reason: 'out of tokens' } });
    expect(await run.statuses(id)).toEqual(['approved']);
    expect(await run.statuses(next.approval as string)).toEqual(['run_ended']);
  });

  test('is applied when the answer to the decision names it', async () => {
    const { run, id } = await paused();
    await run.receives(theEnd('The whole campaign', { run: 'e2' }));
    run.crewDoes.push(answers.live('e2'));
    await run.approves(id);
    expect(await run.round(id)).toMatchObject({ status: 'approved', continuedAt: expect.any(Number) });
    expect((await run.approval(id)).runEndedAt).toBeDefined();
  });

  test('any webhook confirms what was decided before', async () => {
    const { run, id } = await approved(answers.live('e2'));
    await run.receives(aStep({ run: 'e3' }));
    expect((await run.round(id)).continuedAt).toBeUndefined();
    await run.receives(aPause(2, 'A budget', { alias: 'e3' }));
    expect((await run.round(id)).continuedAt).toBeDefined();
  });
});

describe('a crash in between is repeated safely', () => {
  const webhook = aPause(2, 'A budget', { alias: 'e2' });
  const earlier = async (what: 'end' | 'failure') => {
    const run = createRun();
    const id = await run.opens(aPause(1, 'A release'));
    if (what === 'end') await run.receives(theEnd('Done', { run: 'e2' }));
    else await run.happens(failed(run.clock.now()));
    return { run, id };
  };

  test.each([
    ['end', undefined],
    ['failure', { reason: 'out of tokens' }],
  ] as const)('before the two are tied: a redelivery tells the %s', async (what, runFailure) => {
    const { run, id } = await earlier(what);
    await expect(flaky(run).receive(run.crew, webhook)).rejects.toThrow(StoreError);
    await run.receives(webhook);
    expect(await run.store.originalId('press', 'e2')).toBe('e1');
    expect(await run.statuses(id)).toEqual(['run_ended']);
    const all = await run.approvals();
    expect(all).toHaveLength(2);
    for (const approval of all) expect(approval.runEndedAt).toBeDefined();
    if (runFailure) expect(await run.approval(id)).toMatchObject({ runFailure });
  });

  test("in CrewAI's answer: the outcome is recorded after the end", async () => {
    const { run } = await earlier('end');
    const receiver = flaky(run);
    await expect(receiver.recordAlias('press', 'e2', 'e1')).rejects.toThrow(StoreError);
    await receiver.recordAlias('press', 'e2', 'e1');
    for (const approval of await run.approvals()) expect(approval.runEndedAt).toBeDefined();
  });
});

describe('an id never becomes an alias', () => {
  test.each(['documented', 'unknown', 'live'] as const)(
    'when it has approvals of its own that people may decide: %s',
    async (dialect) => {
      const run = createRun({ dialect });
      await run.opens(aPause(1, 'A budget', { run: 'e2' }));
      const id = await run.opens(aPause(2, 'A release', { alias: 'e2' }));
      expect(await run.statuses(id)).toEqual(['waiting']);
      expect(await run.store.originalId('press', 'e2')).toBe('e2');
      expect(await run.approvals('e2')).toHaveLength(1);
      expect(run.logged).toContain(OWN_APPROVALS);
    },
  );

  test.each(['documented', 'unknown'] as const)(
    'when it has cards of tasks, on the %s dialect',
    async (dialect) => {
      const run = createRun({ dialect });
      await run.opens(aTask('layout', 'Two columns', { run: 'e2' }));
      await run.opens(aPause(1, 'A release', { alias: 'e2' }));
      expect(await run.store.originalId('press', 'e2')).toBe('e2');
      expect(run.logged).toContain(OWN_APPROVALS);
    },
  );

  test('except when all of them were cards of tasks that do not wait, once that is known', async () => {
    const run = createRun({ dialect: 'unknown' });
    await run.opens(aTask('layout', 'Two columns', { run: 'e2' }));
    run.dialects.become('live');
    await run.opens(aPause(1, 'A release', { alias: 'e2' }));
    expect(await run.store.originalId('press', 'e2')).toBe('e1');
    expect((await run.run()).approvals).toHaveLength(1);
    expect(run.logged).not.toContain(OWN_APPROVALS);
  });

  test('when a run of another crew has it', async () => {
    const run = createRun();
    await run.receiver.receive({ ...run.crew, name: 'sales' }, aStep({ run: 'e2' }));
    await run.opens(aPause(1, 'A release', { alias: 'e2' }));
    expect(await run.store.originalId('press', 'e2')).toBe('e2');
    expect(run.logged).toContain(ANOTHER_RUN);
  });

  test('when it is tied to another run already', async () => {
    const run = createRun();
    await run.opens(aPause(1, 'A release', { alias: 'e2' }));
    await run.opens(aPause(2, 'A budget', { run: 'e9', alias: 'e2' }));
    expect(await run.store.originalId('press', 'e2')).toBe('e1');
    expect(run.logged).toContain(ANOTHER_RUN);
  });
});
