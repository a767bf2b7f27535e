import { describe, expect, test } from 'vitest';
import {
  answers,
  approved,
  type Event,
  end,
  event,
  FINISHED,
  type Happens,
  happen,
  pause,
  playRun,
  revised,
  type Story,
  sendsNoMore,
  slowly,
  task,
  tell,
} from './played-run.ts';
import { MINUTE, SECOND } from './world.ts';

const shown = pause(1, 'A release');
const boom = (more: Partial<Event> = {}) => event('crew_kickoff_failed', { ago: 0, error: 'boom', ...more });
const old = (more: Partial<Event> = {}) => boom({ ago: MINUTE, error: 'old', ...more });
const FAILED = ':x: The run failed: boom.';
const TOLD = ':x: <@UBEN>, the run failed: boom.';
type Said = Parameters<typeof approved>[0];
const said = (answer: Said): Happens[] => [shown, approved(answer, -1, 'UBEN')];
const asked = (answer: Said): Happens[] => [shown, revised(answer, -1, 'UBEN')];
const shorter = pause(2, 'A shorter release', { alias: 'e2' });

describe('a run that failed', () => {
  // biome-ignore format: a table
  test.each<Story>([
    ['closes its waiting cards with the reason', [shown, boom()], ['1 A release: ended, run failed'],
      { notes: [FAILED] }],
    ['tells the person whose decision CrewAI rejected', [...said(answers.refused), boom(), sendsNoMore],
      ['1 A release: ended, run failed'], { notes: [expect.stringContaining("wasn't accepted"), TOLD] }],
    ['tells the person whose decision did not reach CrewAI yet, and it is not sent again',
      [...said(answers.away), boom(), sendsNoMore], ['1 A release: ended, run failed'], { notes: [TOLD] }],
    ['tells the person whose decision may have arrived', [...said(answers.lost), boom(), sendsNoMore],
      ['1 A release: ended, run failed'],
      { notes: [`${TOLD} CrewAI may have accepted the last decision before that.`] }],
    ['tells the person whose revision may have arrived', [...asked(answers.lost), boom(), sendsNoMore],
      ['1 A release: ended, run failed'],
      { notes: [`${TOLD} CrewAI may have accepted the last decision before that.`] }],
    ['says so where the decision was accepted, which stays accepted',
      [...said(answers.live('e2')), boom({ run: 'e2' })], ['1 A release: sent, run failed'],
      { notes: [TOLD] }],
    ['is reported once, however often and under whatever id the event comes', [...said(answers.live('e2')),
      (run) => run.events(Array(2).fill({ type: 'crew_kickoff_failed', id: 'one', run: 'e2', ago: 0, error: 'boom' })),
      boom({ id: 'one', run: 'e2' }), boom({ id: 'another', run: 'e2' })], ['1 A release: sent, run failed'],
      { notes: [TOLD] }],
    ['and whose last pause comes later has its card closed', [boom(), shown],
      ['1 A release: ended, run failed']],
    ['without a reason and a time failed when it was heard', [shown, event('crew_kickoff_failed')],
      ['1 A release: ended, run failed'], { notes: [':x: The run failed.'] }],
    ['closes the next round that waits', [...asked(answers.live('e2')), shorter, boom({ run: 'e2' })],
      ['1 A release: continued', '1 A release (round 2): ended, run failed']],
    ['is not closed by an event of its attempt before the last accepted decision',
      [...said(answers.live('e2')), pause(2, 'A budget', { alias: 'e2' }), old(),
      pause(3, 'A plan', { alias: 'e2' })],
      ['1 A release: continued', '2 A budget: waiting, may have continued', '3 A plan: waiting'],
      { notes: [] }],
    ['and before that in another attempt: only the later failure counts',
      [...asked(answers.live('e2')), shorter, boom({ run: 'e2' }), old()],
      ['1 A release: continued', '1 A release (round 2): ended, run failed'], { notes: [FAILED] }],
    ['and in one batch with the older failure', [...asked(answers.live('e2')), shorter,
      (run) => run.events([{ type: 'crew_kickoff_failed', ago: 0, run: 'e2', error: 'boom' }, { type: 'crew_kickoff_failed', ago: MINUTE, error: 'old' }])],
      ['1 A release: continued', '1 A release (round 2): ended, run failed'], { notes: [FAILED] }],
    ['as its continuation did, though the clock of CrewAI is some seconds behind',
      [...said(answers.live('e2')), boom({ run: 'e2', ago: 6 * SECOND })], ['1 A release: sent, run failed']],
    ['under an id that is not known closes nothing until that id is', [shown, boom({ run: 'e2' })],
      ['1 A release: waiting']],
    ['under two ids has the reason of the later failure', [...asked(answers.live('e2')), old(),
      boom({ run: 'e3' }), pause(2, 'A shorter release', { alias: 'e3' })],
      ['1 A release: continued', '1 A release (round 2): ended, run failed'], { notes: [FAILED] }],
  ])('%s', async (...story) => {
    await tell(story);
  });

  test("after a decision and before CrewAI's answer to it is reported, whatever CrewAI's clock says", async () => {
    const run = await happen(await playRun(), ...said(answers.live('e2')));
    await happen(run, pause(2, 'A budget', { alias: 'e2' }));
    await happen(
      run,
      slowly(10 * SECOND),
      approved(answers.live('e3')),
      boom({ run: 'e3', ago: 20 * SECOND }),
    );
    await run.pass(20 * SECOND);
    expect(run.cards().at(-1)).toBe('2 A budget: sent, run failed');
  });

  test('under the id that was known, while an answer is awaited, does not say that the decision was not accepted', async () => {
    const run = await happen(await playRun({ dialect: 'documented' }), task('draft', 'A release'));
    await happen(run, slowly(5 * SECOND), approved(answers.documented()), boom());
    await run.pass(20 * SECOND);
    expect(run.card().text).toContain('CrewAI may have accepted it before that.');
  });
});

describe('events', () => {
  const started = (more: Partial<Event>) => event('task_started', { task: 'layout', ...more });

  // biome-ignore format: a table
  test.each<Story>([
    ['of a crew that finished close what waits, and confirm what was decided', [...said(answers.live('e2')),
      pause(2, 'A budget', { alias: 'e2' }), event('crew_kickoff_completed', { run: 'e2' })],
      ['1 A release: continued', '2 A budget: ended']],
    ['of the end before the crew webhook: the result is posted once',
      [shown, event('crew_kickoff_completed'), end('The campaign'), end('The campaign')],
      ['1 A release: ended'], { notes: [FINISHED] }],
    ['of the end after the crew webhook: the result is posted once',
      [shown, end('The campaign'), event('crew_kickoff_completed'), end('The campaign')],
      ['1 A release: ended'], { notes: [FINISHED] }],
    ['of a continuation confirm the decision that led to it',
      [...said(answers.live('e2')), started({ run: 'e2' })], ['1 A release: continued']],
    ['of an earlier continuation that come late confirm no later decision', [...asked(answers.live('e2')),
      shorter, approved(answers.live('e3')), started({ run: 'e2', task: 'draft', ago: 8 * SECOND })],
      ['1 Draft: continued', '1 Draft (round 2): sent']],
    ['do not say that the run may have gone on: a task that reports does',
      [shown, event('task_completed', { task: 'layout' }), event('task_failed', { task: 'layout' })],
      ['1 A release: waiting']],
    ['of the end of an earlier id do not end the continuation',
      [...said(answers.live('e2')), pause(2, 'A budget', { alias: 'e2' }), event('crew_kickoff_completed')],
      ['1 A release: continued', '2 A budget: waiting']],
    ['under another id of the run belong to it',
      [pause(1, 'A release', { alias: 'e2' }), boom({ run: 'e2' })], ['1 A release: ended, run failed']],
    ['and webhooks of the id before the decision that come late do not confirm it',
      [...said(answers.live('e2')), task('research', 'Findings')], ['1 A release: sent']],
  ])('%s', async (...story) => {
    await tell(story);
  });

  test('from before a decision do not confirm it, those emitted after it do', async () => {
    const run = await playRun({ dialect: 'documented' });
    await happen(run, ...said(answers.documented()), started({ ago: MINUTE }), event('task_completed'));
    expect(run.cards()).toEqual(['1 A release: sent']);
    await happen(run, started({ ago: 0 }));
    expect(run.cards()).toEqual(['1 A release: continued']);
  });

  test.each(['crew_kickoff_failed', 'crew_kickoff_completed'] as const)(
    'that the store did not take are recorded by their redelivery: %s',
    async (type) => {
      const run = await happen(await playRun(), shown);
      const again = () => run.events([{ type, id: 'end', ago: 0 }]);
      run.world.records.failing = 'writes';
      expect((await again()).http).toBe(503);
      run.world.records.failing = undefined;
      await again();
      expect(run.cards()[0]).toContain('ended');
    },
  );

  test('of many runs in one batch, in any order and some twice, are each reported in their own run', async () => {
    const run = await playRun();
    for (let n = 0; n < 5; n += 1) await run.pause(n, `Release ${n}`, { run: `run-${n}` });
    const failed: Event = { type: 'crew_kickoff_failed', id: 'f', run: 'run-3', error: 'boom' };
    await run.events([
      failed,
      { type: 'task_started', run: 'run-1', task: 'draft' },
      failed,
      { type: 'crew_kickoff_completed', run: 'run-4' },
    ]);
    expect(run.cards()).toEqual([
      '1 Release 0: waiting',
      '2 Draft: waiting',
      '3 Release 2: waiting',
      '4 Release 3: ended, run failed',
      '5 Release 4: ended',
    ]);
  });
});

describe('the task that a run is at names its pause', () => {
  const [draft, done] = [
    { type: 'task_started', task: 'draft', emission_sequence: 1 },
    { type: 'task_completed', task: 'draft', emission_sequence: 2 },
  ] as const;
  const layout = { ...draft, task: 'layout', emission_sequence: 3 };
  const unordered = { task: 'draft', emission_sequence: undefined };

  test('where exactly one task has started and not ended', async () => {
    const rows: [string, Event[], string][] = [
      ['the one that has started', [draft], 'Draft'],
      ['none once it has completed', [draft, done], 'A text'],
      ['none once it has failed', [draft, { ...done, type: 'task_failed' }], 'A text'],
      ['none while two have started', [draft, layout], 'A text'],
      ['the one of two that has not completed', [draft, done, layout], 'Layout'],
      ['the same whichever event comes first', [layout, done, draft], 'Layout'],
      ['one that was started again', [draft, done, { ...draft, emission_sequence: 3 }], 'Draft'],
      [
        'none where the order is unknown',
        [
          { ...draft, ...unordered },
          { ...done, ...unordered },
        ],
        'A text',
      ],
      ['none where no task is named', [{ type: 'task_started' }], 'A text'],
    ];
    const run = await playRun();
    for (const [index, [says, events, title]] of rows.entries()) {
      await run.events(events, { run: `run-${index}` });
      await run.pause(index, 'A text', { run: `run-${index}` });
      expect(run.cards().at(-1), says).toBe(`${index + 1} ${title}: waiting`);
    }
  });

  test('and what the run was at before its continuation says nothing of that', async () => {
    const run = await happen(await playRun(), event('task_started', { task: 'draft' }), shown);
    await happen(run, approved(answers.live('e2')), pause(2, 'A plan', { alias: 'e2' }));
    await happen(run, event('task_started', { task: 'layout', run: 'e2' }), pause(3, 'A contract'));
    expect(run.cards()).toEqual([
      '1 Draft: continued',
      '2 Layout: waiting, may have continued',
      '3 Layout: waiting',
    ]);
  });
});

test('the failure of a task is reported once, and twenty of them at most while Slack accepts none', async () => {
  const run = await happen(await playRun(), shown);
  for (let n = 0; n < 2; n += 1) await run.taskFailed('layout', 'boom');
  await run.taskFailed('layout', 'another');
  expect(run.notes().filter((note) => note.includes('*Layout* failed'))).toHaveLength(2);
  run.world.workspace.failures.plan({
    on: 'chat.postMessage',
    times: 1_000,
    failure: { error: 'internal_error' },
  });
  const failures = Array.from({ length: 40 }, (_, n) => ({
    kickoff_id: 'e1',
    name: 'layout',
    status: 'error',
    error: `${n}`,
  }));
  for (const failure of failures) await run.post('task', failure);
  run.world.workspace.failures.clear();
  await run.pass(60 * MINUTE);
  expect(run.notes().filter((note) => note.includes('*Layout* failed'))).toHaveLength(22);
});
