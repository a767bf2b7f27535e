import { describe, expect, test } from 'vitest';
import type { ResumeOutcome } from '../../../src/approval/lifecycle/events.ts';
import { currentRound } from '../../../src/approval/model/approval.ts';
import {
  anEvent,
  anOvertakenReplica,
  answers,
  aPause,
  approved,
  aTask,
  createRun,
  paused,
  pauseId,
  type Run,
  revised,
} from '../run-world.ts';

const dialects = ['live', 'documented', 'unknown'] as const;
const DUPLICATE = { status: 'duplicate' };

/** CrewAI's answer to the next attempt, given when the test wants it. */
function answerLater() {
  let answer: (outcome: ResumeOutcome) => void = () => {};
  const asked = () => new Promise<ResumeOutcome>((resolve) => (answer = resolve));
  return { asked, answer: (outcome: ResumeOutcome) => answer(outcome) };
}

describe.each(dialects)('on the %s dialect, a pause that is named by its id alone', (dialect) => {
  const documented = dialect === 'documented';
  const accepted = documented ? answers.documented('retrying') : answers.live('e2');
  const taken = documented ? answers.documented('resumed') : answers.live('e2');

  describe('is a redelivery and never a round when it comes again', () => {
    const again = [
      ['with the same output', aPause(1, 'A release')],
      ['with another output', aPause(1, 'Another release')],
    ] as const;

    test.each(again)('while it waits, %s', async (_, webhook) => {
      const { run, id } = await paused({ dialect });
      expect(await run.receives(webhook)).toEqual({ ...DUPLICATE, approval: id, round: 1 });
      expect(run.slack.filter((call) => call.do === 'post')).toHaveLength(1);
    });

    test.each([
      ['while it waits', () => paused({ dialect }), ['waiting']],
      ['after its revision was accepted', () => revised(accepted, { dialect }), ['revision_requested']],
      ['while its revision is unsure', () => revised(answers.lost, { dialect }), ['sending']],
      ['after it was approved', () => approved(accepted, { dialect }), ['approved']],
      [
        'after its next round came',
        async () => {
          const begun = await revised(accepted, { dialect });
          await begun.run.receives(aPause(2, 'A shorter release'));
          return begun;
        },
        ['revision_requested', 'waiting'],
      ],
    ] as const)('%s, and changes nothing', async (_, begin, statuses) => {
      for (const [, webhook] of again) {
        const { run, id } = await begin();
        const before = await run.approval(id);
        expect(await run.receives(webhook)).toMatchObject(DUPLICATE);
        expect(await run.statuses(id)).toEqual(statuses);
        expect(await run.approval(id)).toEqual(before);
        expect(await run.approvals()).toHaveLength(1);
      }
    });

    test('after the run has ended', async () => {
      const { run, id } = await paused({ dialect });
      await run.happens(anEvent('crew_kickoff_failed', { at: run.clock.now(), error: 'boom' }));
      expect(await run.receives(aPause(1, 'A release'))).toMatchObject(DUPLICATE);
      expect(await run.statuses(id)).toEqual(['run_ended']);
    });
  });

  test('that comes twice at once is one approval', async () => {
    const run = createRun({ dialect });
    const both = await Promise.all([1, 2].map(() => run.receiver.receive(run.crew, aPause(1, 'A release'))));
    expect(both.map(({ status }) => status).sort()).toEqual(['created', 'duplicate']);
    expect(await run.approvals()).toHaveLength(1);
  });

  test('that answers a revision and comes twice at once is one round', async () => {
    const { run, id } = await revised(accepted, { dialect });
    const webhook = aPause(2, 'A shorter release');
    const both = await Promise.all([1, 2].map(() => run.receiver.receive(run.crew, webhook)));
    expect(await run.statuses(id)).toEqual(['revision_requested', 'waiting']);
    expect(both.map(({ status, round }) => [status, round]).sort()).toEqual([
      ['created', 2],
      ['duplicate', 2],
    ]);
  });

  test('of two that come at once after one revision, one is its next round and the other an approval', async () => {
    const { run, id } = await revised(accepted, { dialect });
    await Promise.all(
      [aPause(2, 'A shorter release'), aPause(3, 'A budget')].map((webhook) =>
        run.receiver.receive(run.crew, webhook),
      ),
    );
    expect(await run.statuses(id)).toEqual(['revision_requested', 'waiting']);
    const all = await run.approvals();
    expect(all).toHaveLength(2);
    expect(all.map((approval) => currentRound(approval).status)).toEqual(['waiting', 'waiting']);
    const open = all.map((approval) => currentRound(approval).taskId).sort();
    expect(open).toEqual([pauseId(2), pauseId(3)]);
  });

  test.each([
    ['the same one', aPause(2, 'A shorter release'), 1],
    ['another one', aPause(3, 'A budget'), 2],
  ])(
    'that answers a revision while %s is recorded by another replica supersedes nothing',
    async (_, first, count) => {
      const { run, id } = await revised(accepted, { dialect });
      const slow = anOvertakenReplica(run, () => run.receiver.receive(run.crew, first));
      const receipt = await slow.receive(run.crew, aPause(2, 'A shorter release'));
      expect(receipt.status).toBe(count === 1 ? 'duplicate' : 'created');
      expect(await run.statuses(id)).toEqual(['revision_requested', 'waiting']);
      const open = (await run.approvals()).map((approval) => currentRound(approval));
      expect(open.map(({ status }) => status)).toEqual(Array(count).fill('waiting'));
      expect(new Set(open.map(({ taskId }) => taskId)).size).toBe(count);
    },
  );

  test('two at once are two approvals, each of which waits', async () => {
    const run = createRun({ dialect });
    run.startWorker('w1');
    await Promise.all(
      [aPause(1, 'A release'), aPause(2, 'A budget')].map((one) => run.receiver.receive(run.crew, one)),
    );
    const all = await run.approvals();
    expect(all.map((approval) => currentRound(approval).status)).toEqual(['waiting', 'waiting']);
  });

  test('with the same output as one that waits is another pause all the same', async () => {
    const { run } = await paused({ dialect });
    expect(await run.receives(aPause(2, 'A release'))).toMatchObject({ status: 'created', round: 1 });
    expect(await run.approvals()).toHaveLength(2);
  });

  describe('is the next round of the revision that it probably answers', () => {
    test.each([
      ['another output', 'A shorter release', false],
      ['the same output', 'A release', true],
    ])('once CrewAI took it: %s', async (_, output, unchanged) => {
      const { run, id } = await revised(accepted, { dialect });
      const receipt = await run.receives(aPause(2, output));
      expect(receipt).toEqual({ status: 'created', approval: id, round: 2 });
      expect(await run.statuses(id)).toEqual(['revision_requested', 'waiting']);
      const { rounds } = await run.approval(id);
      expect(rounds[0]).toMatchObject({ continuedAt: expect.any(Number) });
      expect(rounds[1]).toMatchObject({ taskId: pauseId(2), chained: true, unchanged });
    });

    test('while its answer is lost, which proves that it was taken: nothing is sent again', async () => {
      const { run, id } = await revised(answers.lost, { dialect });
      await run.receives(aPause(2, 'A shorter release'));
      expect(await run.statuses(id)).toEqual(['revision_requested', 'waiting']);
      await run.clock.advance(5 * 60_000);
      expect(run.resumes).toHaveLength(1);
    });

    test('while its attempt is under way: the answer that comes later changes nothing', async () => {
      const { asked, answer } = answerLater();
      const { run, id } = await revised(asked, { dialect });
      expect(await run.statuses(id)).toEqual(['sending']);
      await run.receives(aPause(2, 'A shorter release'));
      expect(await run.statuses(id)).toEqual(['revision_requested', 'waiting']);
      answer(await accepted());
      await run.clock.advance(1_000);
      expect(await run.statuses(id)).toEqual(['revision_requested', 'waiting']);
      expect(run.resumes).toHaveLength(1);
    });

    test('after its minute was over with every answer lost', async () => {
      const { run, id } = await paused({ dialect });
      run.crewAlways(answers.lost);
      await run.revises(id);
      await run.clock.advance(3 * 60_000);
      expect(await run.statuses(id)).toEqual(['undelivered']);
      await run.receives(aPause(2, 'A shorter release'));
      expect(await run.statuses(id)).toEqual(['revision_requested', 'waiting']);
    });

    test('but not where it certainly did not arrive: that pause is an approval of its own', async () => {
      const { run, id } = await revised(answers.refused, { dialect });
      const receipt = await run.receives(aPause(2, 'A budget'));
      expect(receipt).toMatchObject({ status: 'created', round: 1 });
      expect(receipt.approval).not.toBe(id);
      expect(await run.statuses(id)).toEqual(['refused']);
    });

    test('but not where it was not sent yet', async () => {
      const { run, id } = await paused({ dialect, rules: { policy: { ...WITH_UNDO } } });
      await run.revises(id);
      expect((await run.receives(aPause(2, 'A budget'))).approval).not.toBe(id);
      expect(await run.statuses(id)).toEqual(['sending']);
    });

    test('but not where two revisions are open: nobody can tell which it answers', async () => {
      const run = createRun({ dialect });
      run.startWorker('w1');
      const ids = [await run.opens(aPause(1, 'A release')), await run.opens(aPause(2, 'A budget'))];
      run.crewAlways(accepted);
      for (const id of ids) await run.revises(id);
      const receipt = await run.receives(aPause(3, 'A shorter release'));
      expect(receipt).toMatchObject({ status: 'created', round: 1 });
      expect(ids).not.toContain(receipt.approval);
      for (const id of ids) expect(await run.statuses(id)).toEqual(['revision_requested']);
    });
  });

  describe('after an approve', () => {
    test.each([
      ['that CrewAI took', taken],
      ['whose answer was lost', answers.lost],
    ])('%s: CrewAI moved on, and the pause is an approval of its own', async (_, outcome) => {
      const { run, id } = await approved(outcome, { dialect });
      const receipt = await run.receives(aPause(2, 'A budget'));
      expect(receipt).toMatchObject({ status: 'created', round: 1 });
      expect(receipt.approval).not.toBe(id);
      expect(await run.round(id)).toMatchObject({ status: 'approved', continuedAt: expect.any(Number) });
      await run.clock.advance(5 * 60_000);
      expect(run.resumes).toHaveLength(1);
      expect(run.notes()).toEqual([]);
    });

    test('whose attempt is under way: the same, whatever its answer is', async () => {
      const { asked, answer } = answerLater();
      const { run, id } = await approved(asked, { dialect });
      await run.receives(aPause(2, 'A budget'));
      expect(await run.statuses(id)).toEqual(['approved']);
      answer(await answers.refused());
      await run.clock.advance(1_000);
      expect(await run.statuses(id)).toEqual(['approved']);
    });

    test('that CrewAI certainly did not take: it proves nothing', async () => {
      const { run, id } = await approved(answers.refused, { dialect });
      await run.receives(aPause(2, 'A budget'));
      expect(await run.statuses(id)).toEqual(['refused']);
    });

    test('with its own output again: that is its next round, unchanged', async () => {
      const { run, id } = await approved(taken, { dialect });
      expect(await run.receives(aPause(2, 'A release'))).toEqual({
        status: 'created',
        approval: id,
        round: 2,
      });
      expect(await run.statuses(id)).toEqual(['approved', 'waiting']);
      expect(await run.round(id)).toMatchObject({ taskId: pauseId(2), unchanged: true });
      expect(await run.approvals()).toHaveLength(1);
    });

    test('whose answer was lost, with its own output again: it was not accepted, and its decider is notified', async () => {
      const { run, id } = await approved(answers.lost, { dialect });
      await run.receives(aPause(2, 'A release'));
      expect(await run.statuses(id)).toEqual(['resolved_elsewhere', 'waiting']);
      await run.clock.advance(5 * 60_000);
      expect(run.notes()).toMatchObject([{ kind: 'not_taken', decision: { by: 'UANA' } }]);
      expect(run.resumes).toHaveLength(1);
    });
  });
});

const WITH_UNDO = { ...createRun().crew.policy, undoWindow: 60_000 };

describe('a task id that is not a UUID, on the documented dialect', () => {
  test('is its task, whatever became of it: the table of outputs counts', async () => {
    const run = createRun({ dialect: 'documented' });
    run.startWorker('w1');
    const id = await run.opens(aPause('research_task', 'Findings'));
    expect((await run.approval(id)).task).toBe('research_task');
    expect(await run.receives(aPause('research_task', 'Findings'))).toMatchObject(DUPLICATE);
    run.crewDoes.push(answers.documented('retrying'));
    await run.revises(id);
    expect(await run.receives(aPause('research_task', 'Findings'))).toEqual({
      status: 'created',
      approval: id,
      round: 2,
    });
    expect(await run.round(id)).toMatchObject({ unchanged: true, status: 'waiting' });
    expect(await run.receives(aPause('research_task', 'More findings'))).toMatchObject({
      approval: id,
      round: 3,
    });
    expect(await run.statuses(id)).toEqual(['revision_requested', 'superseded', 'waiting']);
  });

  test('that another route named belongs to that approval, also to an older round of it', async () => {
    const run = createRun({ dialect: 'documented' });
    run.startWorker('w1');
    const id = await run.opens(aTask('draft', 'A release', { taskId: 'id-7' }));
    expect(await run.receives(aPause('id-7', 'A release'))).toEqual({ ...DUPLICATE, approval: id, round: 1 });
    expect(await run.receives(aPause('id-7', 'Another release'))).toEqual({
      status: 'created',
      approval: id,
      round: 2,
    });
    await run.receives(aPause('id-8', 'A third release', { task: 'draft' }));
    expect(await run.receives(aPause('id-7', 'A fourth release'))).toMatchObject({ approval: id });
    expect(await run.approvals()).toHaveLength(1);
  });
});

describe('a task webhook on the live dialect', () => {
  test('opens no card, and is kept with its run', async () => {
    const run = createRun();
    run.startWorker('w1');
    expect(await run.receives(aTask('draft', 'A release'))).toEqual({ status: 'noted' });
    expect(await run.run()).toMatchObject({ approvals: [], reports: [{ key: expect.any(String) }] });
    expect(run.slack).toEqual([]);
  });

  test('names the pause that shows its output, and says nothing of going on', async () => {
    const { run, id } = await paused();
    expect(await run.approval(id)).toMatchObject({ task: 'A release', titleOnly: true, strictest: true });
    const receipt = await run.receives(aTask('draft', 'A release', { agent: 'Copywriter' }));
    expect(receipt).toEqual({ ...DUPLICATE, approval: id, round: 1 });
    const named = await run.approval(id);
    expect(named).toMatchObject({ task: 'draft', strictest: true });
    expect(named.titleOnly).toBeUndefined();
    expect(currentRound(named)).toMatchObject({
      status: 'waiting',
      agent: 'Copywriter',
      taskId: pauseId(1),
      mayHaveContinued: false,
    });
    await run.receives(aTask('layout', 'A release'));
    expect((await run.approval(id)).task).toBe('draft');
  });

  test('of a pause that the events have named already says nothing of going on either', async () => {
    const run = createRun();
    await run.happens(anEvent('task_started', { task: 'draft' }));
    const id = await run.opens(aPause(1, 'A release'));
    expect(await run.approval(id)).toMatchObject({ task: 'draft' });
    expect(await run.receives(aTask('draft', 'A release'))).toEqual({ ...DUPLICATE, approval: id, round: 1 });
    expect(await run.round(id)).toMatchObject({ status: 'waiting', mayHaveContinued: false });
  });

  test('of another task says that the run may have continued', async () => {
    const { run, id } = await paused();
    await run.receives(aTask('layout', 'Two columns'));
    expect(await run.round(id)).toMatchObject({ status: 'waiting', mayHaveContinued: true });
  });

  test.each(['approve', 'request_revision'] as const)('confirms a decision: %s', async (action) => {
    const { run, id } = await (action === 'approve' ? approved : revised)(answers.live('e2'));
    expect((await run.round(id)).continuedAt).toBeUndefined();
    await run.receives(aTask('layout', 'Two columns', { run: 'e2' }));
    expect((await run.round(id)).continuedAt).toBe(run.clock.now() - 10);
    expect(await run.approvals()).toHaveLength(1);
  });
});

describe('a round that was taken for the answer to a revision', () => {
  const named = async () => {
    const run = createRun();
    run.startWorker('w1');
    const id = await run.opens(aPause(1, 'A release'));
    await run.receives(aTask('draft', 'A release'));
    run.crewDoes.push(answers.live('e2'));
    await run.revises(id);
    await run.receives(aPause(2, 'A shorter release', { alias: 'e2' }));
    expect(await run.round(id)).toMatchObject({ number: 2, chained: true });
    return { run, id };
  };

  test('is confirmed by a task webhook that names the same task, also after it was doubted', async () => {
    for (const doubts of [false, true]) {
      const { run, id } = await named();
      if (doubts) await run.happens(anEvent('task_started', { task: 'layout', executionId: 'e2' }));
      await run.receives(aTask('draft', 'A shorter release', { run: 'e2', agent: 'Copywriter' }));
      const round = await run.round(id);
      expect(round).toMatchObject({ mayHaveContinued: false, agent: 'Copywriter' });
      expect([round.chained, round.chainDoubted]).toEqual([undefined, undefined]);
    }
  });

  test('is doubted by a task webhook that names another task', async () => {
    const { run, id } = await named();
    await run.receives(aTask('layout', 'A shorter release', { run: 'e2', agent: 'Designer' }));
    expect(await run.round(id)).toMatchObject({ chained: true, chainDoubted: true, agent: 'Designer' });
    expect((await run.approval(id)).task).toBe('draft');
  });

  test.each([
    ['confirmed by an event that names the same task', 'draft', [undefined, undefined]],
    ['doubted by an event that names another task', 'layout', [true, true]],
  ])('is %s', async (_, task, expected) => {
    const { run, id } = await named();
    await run.happens(anEvent('task_started', { task, executionId: 'e2' }));
    const { chained, chainDoubted } = await run.round(id);
    expect([chained, chainDoubted]).toEqual(expected);
  });

  /** A revision of draft, which the events named, and what the run starts then. */
  async function revisedDraft(then: string) {
    const run = createRun();
    run.startWorker('w1');
    await run.happens(anEvent('task_started', { task: 'draft' }));
    const id = await run.opens(aPause(1, 'A release'));
    run.crewDoes.push(answers.live('e2'));
    await run.revises(id);
    await run.happens(anEvent('task_started', { task: then, executionId: 'e2' }));
    return { run, id };
  }

  test('is certain where the events named its task before', async () => {
    const { run, id } = await revisedDraft('draft');
    await run.receives(aPause(2, 'A shorter release', { alias: 'e2' }));
    const round = await run.round(id);
    expect([round.number, round.chained]).toEqual([2, undefined]);
  });

  test('names its approval where the events named its own task before', async () => {
    const { run, id } = await revised(answers.live('e2'));
    await run.happens(anEvent('task_started', { task: 'draft', executionId: 'e2' }));
    const webhook = aPause(2, 'A shorter release', { alias: 'e2' });
    await run.receives(webhook);
    const named = await run.approval(id);
    expect(named).toMatchObject({ task: 'draft', strictest: true, rounds: [{}, { chained: true }] });
    expect(await run.receives(webhook)).toMatchObject(DUPLICATE);
    expect(await run.approval(id)).toEqual(named);
  });

  test('does not answer the revision of another task than the events named before', async () => {
    const { run } = await revisedDraft('layout');
    const receipt = await run.receives(aPause(2, 'Two columns', { alias: 'e2' }));
    expect(receipt).toMatchObject({ status: 'created', round: 1 });
    expect((await run.approval(receipt.approval as string)).task).toBe('layout');
  });

  test('of two open revisions it answers that of the task that the events name', async () => {
    const run = createRun();
    run.startWorker('w1');
    const [draft, layout] = [
      await run.opens(aPause(1, 'A release')),
      await run.opens(aPause(2, 'Two columns')),
    ];
    await run.receives(aTask('draft', 'A release'), aTask('layout', 'Two columns'));
    run.crewAlways(answers.live('e2'));
    for (const id of [draft, layout]) await run.revises(id);
    await run.happens(anEvent('task_started', { task: 'layout', executionId: 'e2' }));
    expect(await run.receives(aPause(3, 'Three columns', { alias: 'e2' }))).toMatchObject({
      approval: layout,
      round: 2,
    });
    expect(await run.statuses(draft)).toEqual(['revision_requested']);
  });
});

describe('a card that has the first line of the output as its title', () => {
  const draft = { task: 'draft', agent: 'Copywriter' };
  const task = async ({ run, id }: Awaited<ReturnType<typeof paused>>) => {
    const { task, titleOnly } = await run.approval(id);
    return titleOnly ? undefined : task;
  };
  const countUpdates = ({ slack }: Run) => slack.filter((call) => call.do === 'update').length;

  test('has the name of its task after events that come later than the decision', async () => {
    const it = await approved(answers.live('e2'));
    await it.run.happens(anEvent('task_started', { task: 'layout', executionId: 'e2' }));
    expect(await task(it)).toBeUndefined();
    const before = countUpdates(it.run);
    await it.run.happens(anEvent('task_started', draft));
    expect(await task(it)).toBe('draft');
    expect(countUpdates(it.run)).toBe(before + 1);
  });

  test('has it in a later round, by events about the round before', async () => {
    const it = await revised(answers.live('e2'));
    await it.run.receives(aPause(2, 'A shorter release', { alias: 'e2' }));
    await it.run.happens(anEvent('task_started', draft));
    expect(await task(it)).toBe('draft');
    expect((await it.run.approval(it.id)).rounds[0]).toMatchObject({ agent: 'Copywriter' });
    // Which task the later round belongs to stays uncertain.
    expect(await it.run.round(it.id)).toMatchObject({ number: 2, chained: true, status: 'waiting' });
  });

  test('has it in a later round, by the task webhook of the round before', async () => {
    const it = await revised(answers.live('e2'));
    await it.run.receives(aPause(2, 'A shorter release', { alias: 'e2' }));
    await it.run.clock.advance(10_000);
    const before = countUpdates(it.run);
    await it.run.receives(aTask('draft', 'A release', { agent: 'Copywriter' }));
    expect(await task(it)).toBe('draft');
    expect(await it.run.statuses(it.id)).toEqual(['revision_requested', 'waiting']);
    await it.run.clock.advance(10_000);
    expect(countUpdates(it.run)).toBe(before + 2);
  });

  test('keeps it while events leave open which task paused', async () => {
    const it = await approved(answers.live('e2'));
    await it.run.happens(anEvent('task_started', draft), anEvent('task_started', { task: 'layout' }));
    expect(await task(it)).toBeUndefined();
  });
});

test('the first 500 characters of an output are kept with its round for the search, of JSON too', async () => {
  const run = createRun();
  const id = await run.opens(aPause(1, `Zebra ${'x'.repeat(1_000)}`));
  expect((await run.round(id)).excerpt).toBe(`Zebra ${'x'.repeat(494)}`);
  const other = await run.opens(aPause(2, { animal: 'zebra' }));
  expect((await run.round(other)).excerpt).toBe('{"animal":"zebra"}');
});
