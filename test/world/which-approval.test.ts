import { describe, expect, test } from 'vitest';
import { UNDECIDABLE } from '../../src/approval/intake/build-approval.ts';
import {
  answers,
  approved,
  event,
  type Happens,
  happen,
  pause,
  pauseBody,
  pauseId,
  playRun,
  revised,
  type Story,
  sendsNoMore,
  slowly,
  task,
  tell,
  wait,
} from './played-run.ts';
import { MINUTE, SECOND } from './world.ts';

const shown = pause(1, 'A release');
const again = [shown, pause(1, 'Another release')];
const [shorter, budget] = [pause(2, 'A shorter release'), pause(2, 'A budget')];
/** Webhooks that come at the same moment. */
const atOnce =
  (...pauses: [number, string][]): Happens =>
  async (run) => {
    await Promise.all(pauses.map(([id, output]) => run.post('human-input', pauseBody(id, output))));
    await run.pass(3 * SECOND);
  };
/** CrewAI answers decisions ten seconds later. */
const late = slowly(10 * SECOND);
/** The next round, or the approval of its own, that a pause opened. */
const NEXT = '1 A release (round 2): waiting, likely';
const OWN = '2 A budget: waiting';

describe.each([
  ['live', answers.live('e2'), answers.live('e2')],
  ['documented', answers.documented('retrying'), answers.documented()],
] as const)('on the %s dialect, a pause that is named by its id alone', (dialect, redone, taken) => {
  const confirmed = 'sent';

  describe('is a redelivery and never a round when it comes again, whatever its output', () => {
    // biome-ignore format: a table
    test.each<Story>([
      ['while it waits', [shown, ...again], ['1 A release: waiting']],
      ['after its revision was accepted', [shown, revised(redone), ...again], [`1 A release: ${confirmed}`]],
      ['while its revision is unsure', [shown, revised(answers.lost), ...again], ['1 A release: sending']],
      ['after it was approved', [shown, approved(taken), ...again], [`1 A release: ${confirmed}`]],
      ['after its next round came', [shown, revised(redone), shorter, ...again, shorter],
        ['1 A release: continued', NEXT]],
      ['after the run has ended', [shown, event('crew_kickoff_failed', { ago: 0 }), ...again],
        ['1 A release: ended, run failed']],
      ['at the same moment', [atOnce([1, 'A release'], [1, 'A release'])], ['1 A release: waiting']],
      ['at the same moment, as the answer to a revision',
        [shown, revised(redone), atOnce([2, 'A shorter release'], [2, 'A shorter release'])],
        ['1 A release: continued', NEXT]],
    ])('%s', async (...story) => {
      await tell(story, { dialect });
    });
  });

  // biome-ignore format: a table
  test.each<Story>([
    ['and comes with another one is an approval beside it', [atOnce([1, 'A release'], [2, 'A budget'])],
      ['1 A release: waiting, may have continued', OWN]],
    ['with the same output as one that waits is another pause all the same', [shown, pause(2, 'A release')],
      ['1 A release: waiting, may have continued', '2 A release: waiting']],
    ['is the next round of a revision that CrewAI took', [shown, revised(redone), shorter],
      ['1 A release: continued', NEXT]],
    ['is that also when it is unchanged', [shown, revised(redone), pause(2, 'A release')],
      ['1 A release: continued', '1 A release (round 2, unchanged): waiting, likely']],
    ['is that while the answer to the revision is lost, which proves that it was taken',
      [shown, revised(answers.lost), shorter, sendsNoMore], ['1 A release: continued', NEXT]],
    ['is that while the revision is on its way, whatever its answer is then',
      [shown, late, revised(redone), shorter, wait(20 * SECOND), sendsNoMore],
      ['1 A release: continued', NEXT]],
    ['is that after every answer to the revision was lost',
      [shown, revised(answers.lost), wait(3 * MINUTE), shorter], ['1 A release: continued', NEXT]],
    ['is an approval of its own where the revision did not arrive', [shown, revised(answers.refused), budget],
      ['1 A release: refused', OWN]],
    ['is an approval of its own where two revisions are open: nobody can tell which it answers',
      [shown, pause(2, 'A plan'), revised(redone, 1), revised(redone, 0), pause(3, 'A better plan')],
      ['1 A release: continued', '2 A plan: continued', '3 A better plan: waiting']],
    ['is an approval of its own where two revisions are unsure: nobody can tell which it answers',
      [shown, pause(2, 'A plan'), revised(answers.lost, 0), revised(answers.lost, 1), pause(3, 'A budget')],
      ['1 A release: sending', '2 A plan: sending', '3 A budget: waiting']],
    ['is an approval of its own after an approve that CrewAI took',
      [shown, approved(taken), budget, sendsNoMore], ['1 A release: continued', OWN], { notes: [] }],
    ['proves an approve whose answer was lost', [shown, approved(answers.lost), budget, sendsNoMore],
      ['1 A release: continued', OWN], { notes: [] }],
    ['proves an approve that is on its way, whatever its answer is then',
      [shown, late, approved(answers.refused), budget, wait(20 * SECOND)], ['1 A release: continued', OWN]],
    ['proves no approve that CrewAI certainly did not take', [shown, approved(answers.refused), budget],
      ['1 A release: refused', OWN]],
    ['with the output of an approved one again is an approval of its own without a ticket',
      [shown, approved(taken), pause(2, 'A release')],
      ['1 A release: continued', '2 A release: waiting']],
    ['with the output of an approve that was lost proves that this arrived',
      [shown, approved(answers.lost), pause(2, 'A release'), sendsNoMore],
      ['1 A release: continued', '2 A release: waiting'], { notes: [] }],
  ])('%s', async (...story) => {
    await tell(story, { dialect });
  });
});

test('a pause after a revision that was not sent yet is an approval of its own', async () => {
  const options = { settings: { UNDO_WINDOW: '1 min' } };
  await tell(['', [shown, revised(), budget], ['1 A release: sending', OWN]], options);
});

test.each([1, 2, 3, 4])(
  'of two pauses after one revision one is its next round, in any order (%s)',
  async (order) => {
    const run = await playRun({ order, replicas: 2 });
    await happen(run, shown, revised(answers.live('e2')));
    const sent = [2, 3].map((id) => {
      run.world.door = id % 2;
      return run.post('human-input', pauseBody(id, `Output ${id}`));
    });
    await Promise.all(sent);
    await run.pass(20 * SECOND);
    expect(run.cards()[0]).toBe('1 A release: continued');
    const rounds = run
      .cards()
      .slice(1)
      .map((card) => card.slice(0, 1));
    expect(rounds.sort()).toEqual(['1', '2']);
    expect(run.cards().every((card) => /continued|waiting/.test(card))).toBe(true);
  },
);

describe('on the documented dialect, a task id that is not a UUID', () => {
  const [research, draft] = [pause('research', 'Findings'), task('draft', 'A release', { taskId: 'id-7' })];

  // biome-ignore format: a table
  test.each<Story>([
    ['is its task, and the outputs tell its rounds', [research, research,
      revised(answers.documented('retrying')), research, pause('research', 'More findings')],
      ['1 Research: continued', '1 Research (round 2): superseded', '1 Research (round 3): waiting']],
    ['that another route named belongs to that approval, also to an older round of it', [draft,
      pause('id-7', 'A release'), pause('id-7', 'Another release'),
      pause('id-8', 'A third release', { task: 'draft' }), pause('id-7', 'A fourth release')],
      ['1 Draft: superseded', '1 Draft (round 2): superseded', '1 Draft (round 3): superseded',
      '1 Draft (round 4): waiting']],
  ])('%s', async (...story) => {
    await tell(story, { dialect: 'documented' });
  });
});

describe('a pause with the output of a task that has a card', () => {
  const [draft, plan] = [task('draft', 'Done.'), task('plan', 'A plan')];
  const [resumed, retrying] = [answers.documented(), answers.documented('retrying')];
  const options = { dialect: 'documented', settings: { APPROVE_TASKS: 'draft,plan' } } as const;

  // biome-ignore format: a table
  test.each<Story>([
    ['waits for a decision of its own where that was approved', [draft, approved(resumed), pause(1, 'Done.')],
      ['1 Draft: continued', '2 Done.: waiting']],
    ['belongs to it while it waits', [plan, draft, pause(1, 'Done.'), approved(resumed, 1)],
      ['1 Plan: waiting, may have continued', '2 Draft: sent']],
    ['belongs to the older one of two',
      [task('plan', 'Done.'), draft, pause(1, 'Done.'), approved(resumed, 0)],
      ['1 Plan: sent', '2 Draft: waiting']],
    ['is an approval of its own where both of two were approved',
      [task('plan', 'Done.'), draft, approved(resumed, 0), approved(resumed, 1), pause(1, 'Done.')],
      ['1 Plan: continued', '2 Draft: continued', '3 Done.: waiting']],
    ['belongs to it and not to the revision of another',
      [plan, draft, revised(retrying, 0), pause(2, 'Done.')], ['1 Plan: sent', '2 Draft: waiting']],
  ])('%s', async (...story) => {
    await tell(story, options);
  });

  test('is answered by its own id from then on', async () => {
    const run = await happen(
      await playRun(options),
      plan,
      draft,
      pause(1, 'Done.'),
      approved(resumed, 1),
      approved(resumed, 0),
    );
    expect(run.resumes().map(({ task_id }) => task_id)).toEqual([pauseId(1), 'plan']);
  });
});

describe('a task webhook of a run whose pauses are shown', () => {
  const draft = (output = 'A release', run = 'e1') => task('draft', output, { agent: 'Copywriter', run });
  const named = [shown, draft(), revised(answers.live('e2')), pause(2, 'A shorter release', { alias: 'e2' })];
  const layout = event('task_started', { task: 'layout', run: 'e2' });

  // biome-ignore format: a table
  test.each<Story>([
    ['opens no card', [draft()], []],
    ['names the pause that shows its output, and no other name counts then',
      [shown, draft(), task('layout', 'A release')], ['1 Draft: waiting, may have continued']],
    ['that came before names the pause that shows its output', [draft(), shown], ['1 Draft: waiting']],
    ['of a pause that events have named says nothing of going on',
      [event('task_started', { task: 'draft' }), shown, draft()], ['1 Draft: waiting']],
    ['of another task says that the run may have continued', [shown, task('layout')],
      ['1 A release: waiting, may have continued']],
    ['confirms an approve',
      [shown, approved(answers.live('e2')), task('layout', 'Two columns', { run: 'e2' })],
      ['1 A release: continued']],
    ['confirms a revision',
      [shown, revised(answers.live('e2')), task('layout', 'Two columns', { run: 'e2' })],
      ['1 A release: continued']],
    ['of what likely follows a revision changes nothing of it', [...named, draft('A shorter release', 'e2')],
      ['1 Draft: continued', '1 Draft (round 2): waiting, likely']],
    ['changes nothing of it by another name, nor do events',
      [...named, layout, task('layout', 'A shorter release', { run: 'e2' })],
      ['1 Draft: continued', '1 Draft (round 2): waiting, likely']],
    ['of the round before names also the later one',
      [shown, revised(answers.live('e2')), pause(2, 'A shorter release', { alias: 'e2' }), draft()],
      ['1 Draft: continued', '1 Draft (round 2): waiting, likely']],
  ])('%s', async (...story) => {
    await tell(story);
  });

  // biome-ignore format: a table
  test.each<Story>([
    ['does not belong to the pause of another task with the same output',
      [pause(1, 'Done.', { task: 'plan' }), task('draft', 'Done.')], ['1 Plan: waiting, may have continued']],
    ['does not belong to a pause with another output', [pause(1, 'A plan'), task('draft', 'Done.')],
      ['1 A plan: waiting, may have continued']],
    ...['A draft', 'A shorter draft'].map(
      (output): Story => [
        `belongs to the pause that showed its output in whatever round: ${output}`,
        [
          pause(1, 'A draft'),
          revised(answers.documented('retrying')),
          pause(2, 'A shorter draft'),
          approved(answers.documented()),
          task('draft', output),
        ],
        ['1 Draft: continued', '1 Draft (round 2): sent'],
      ],
    ),
  ])('%s', async (...story) => {
    await tell(story, { dialect: 'documented', settings: { APPROVE_TASKS: 'draft,plan' } });
  });
});

describe('events that name a task', () => {
  const started = (name: string, run = 'e1') => event('task_started', { task: name, run });
  const release = pause(2, 'A shorter release', { alias: 'e2' });
  const revisedDraft = [started('draft'), shown, revised(answers.live('e2'))];
  const named = [shown, task('draft', 'A release'), revised(answers.live('e2')), release];

  // biome-ignore format: a table
  test.each<Story>([
    ['do not make it certain what follows a revision', [...named, started('draft', 'e2')],
      ['1 Draft: continued', '1 Draft (round 2): waiting, likely']],
    ['nor when they came before', [...revisedDraft, started('draft', 'e2'), release],
      ['1 Draft: continued', '1 Draft (round 2): waiting, likely']],
    ['of the answer name its approval',
      [shown, revised(answers.live('e2')), started('draft', 'e2'), release, release],
      ['1 Draft: continued', '1 Draft (round 2): waiting, likely']],
    ['of another task do not either', [...revisedDraft, started('layout', 'e2'), release],
      ['1 Draft: continued', '1 Draft (round 2): waiting, likely']],
    ['name a pause of which nobody can tell which of two open revisions it answers', [shown, pause(2, 'Two columns'),
      task('draft', 'A release'), task('layout', 'Two columns'), revised(answers.live('e2'), 0),
      revised(answers.live('e2'), 1), started('layout', 'e2'), pause(3, 'Three columns', { alias: 'e2' })],
      ['1 Draft: continued', '2 Layout: continued', '3 Layout: waiting']],
    ['name a pause with the output of an approved task', [started('draft'), shown,
      approved(answers.live('e2')), started('layout', 'e2'), pause(2, 'A release', { alias: 'e2' })],
      ['1 Draft: continued', '2 Layout: waiting']],
    ['name a card that shows the beginning of its output, also after the decision',
      [shown, approved(answers.live('e2')), started('layout', 'e2'), started('draft')],
      ['1 Draft: continued']],
    ['name it by what is known of the round before',
      [shown, revised(answers.live('e2')), release, started('draft')],
      ['1 Draft: continued', '1 Draft (round 2): waiting, likely']],
    ['leave it as it is while they leave open which task paused', [shown, approved(answers.live('e2')),
      (run) => run.events([{ type: 'task_started', task: 'draft' }, { type: 'task_started', task: 'layout' }])],
      ['1 A release: sent']],
  ])('%s', async (...story) => {
    await tell(story);
  });
});

describe('a pause whose task is not certain is decided by the strictest rules', () => {
  const settings = {
    APPROVERS: 'UANA,UBEN',
    TASKS: JSON.stringify([{ match: 'legal', approvers: ['UBEN'] }]),
  };
  const started = event('task_started', { task: 'draft', emission_sequence: 1 });
  const legal = event('task_started', { task: 'legal', run: 'e2' });
  const contract = pause(2, 'A contract', { alias: 'e2' });
  const contractNamedLate = [
    started,
    pause(1, 'A contract'),
    event('task_completed', { task: 'draft', emission_sequence: 2 }),
    event('task_started', { task: 'legal', emission_sequence: 3 }),
  ];
  const chained = [
    started,
    pause(1, 'A draft'),
    event('task_completed', { task: 'draft' }),
    revised(answers.live('e2'), -1, 'UBEN'),
    contract,
  ];

  // biome-ignore format: a table
  test.each<[string, Happens[]]>([
    ['as it is taken for the answer to a revision', chained],
    ['also when its name is known then', [...chained, legal]],
    ['also when events that lag behind say that it is that answer',
      [...chained, event('task_started', { task: 'draft', run: 'e2', emission_sequence: 1 })]],
    ['with the output of an approved one',
      [started, pause(1, 'Done.'), approved(answers.live('e2'), -1, 'UBEN'), pause(2, 'Done.', { alias: 'e2' })]],
    ['when events lag behind the webhook of the task before',
      [started, task('draft', 'A draft'), pause(1, 'A contract')]],
    ['when events that name another task come later', contractNamedLate],
    ['when the run was at another task before it went on',
      [started, pause(1, 'A draft'), approved(answers.live('e2'), -1, 'UBEN'), contract]],
    ['when a task webhook with the same output has named it',
      [task('draft', 'A contract'), pause(1, 'A contract')]],
  ])('%s', async (_, happens) => {
    const run = await happen(await playRun({ settings }), ...happens);
    const { length } = run.resumes();
    expect(await run.approve(-1, 'UANA')).toContain('approver');
    await run.approve(-1, 'UBEN');
    expect(run.resumes()).toHaveLength(length + 1);
  });

  test.each([
    ['', [shown]],
    [', also when events named another task before', contractNamedLate],
  ])('with as many approvals as those need%s', async (_, happens) => {
    const tasks = JSON.stringify([{ match: 'legal', approvals_required: 3 }]);
    const run = await happen(await playRun({ settings: { TASKS: tasks } }), ...happens);
    await happen(run, approved(undefined, -1, 'UANA'), approved(undefined, -1, 'UBEN'));
    expect(run.resumes()).toEqual([]);
    await run.approve(-1, 'UCAT');
    expect(run.resumes()).toHaveLength(1);
  });

  test('in the channel of the crew, or in one of its channels that the run chose', async () => {
    const tasks = JSON.stringify([{ match: 'legal', channel: 'CPRESS' }]);
    const run = await happen(await playRun({ settings: { TASKS: tasks, CHANNELS: 'CPRESS' } }), shown);
    await happen(run, pause(2, 'A plan', { run: 'x9', meta: { channel: 'CPRESS' } }));
    expect([run.cards(), run.cards('CPRESS')]).toEqual([['1 A release: waiting'], ['1 A plan: waiting']]);
  });

  test('and only people who may decide it are reminded', async () => {
    const run = await playRun({ settings: { ...settings, NOTIFY: 'approvers', REMIND_AFTER: '1 h' } });
    await happen(run, shown, wait(61 * MINUTE));
    expect(run.notes()).toEqual([expect.stringMatching(/^[^@]*<@UBEN>[^@]*$/)]);
  });

  test('by nobody where no person is an approver of every task, and the log and the card say so', async () => {
    const apart = { ...settings, APPROVERS: 'UANA' };
    const run = await happen(await playRun({ settings: apart }), shown);
    for (const person of ['UANA', 'UBEN', 'UCAT'])
      expect(await run.approve(-1, person)).toContain('approver');
    expect(run.card().text).toContain("No one can decide this: CrewAI didn't name the task");
    expect(run.world.facts().filter((fact) => fact.includes(UNDECIDABLE))).toHaveLength(1);
    expect(run.resumes()).toEqual([]);
    // Events name it for people; who decides stays as it is.
    await happen(run, event('task_started', { task: 'legal', run: 'x9' }), pause(2, 'A text', { run: 'x9' }));
    expect(run.card().text).toContain('No one can decide this');
    // A webhook of its own that names it does.
    await happen(run, pause('legal', 'Terms', { run: 'x10', task: 'legal' }));
    expect(await run.approve(-1, 'UANA')).toContain('approver');
    await run.approve(-1, 'UBEN');
    expect(run.resumes()).toHaveLength(1);
  });

  test.each([
    ['that it may not be', [...chained, legal]],
    ['that events named before', contractNamedLate],
  ])('and not by the expiry of the task %s', async (_, happens) => {
    const expiring = { match: 'draft', on_expiry: 'approve', expire_after: '5 min' };
    const tasks = [...JSON.parse(settings.TASKS), expiring];
    const run = await playRun({ settings: { ...settings, TASKS: JSON.stringify(tasks) } });
    await happen(run, ...happens, sendsNoMore);
  });

  test.each<[string, Record<string, string>, object[], minutes: number | undefined]>([
    ["after the crew's time", { EXPIRE_AFTER: '5 min', ON_EXPIRY: 'approve' }, [], 5],
    [
      'after the longest time',
      { EXPIRE_AFTER: '5 min', ON_EXPIRY: 'approve' },
      [{ match: 'legal', expire_after: '1 h' }],
      60,
    ],
    [
      'never where a task is kept',
      { EXPIRE_AFTER: '5 min', ON_EXPIRY: 'approve' },
      [{ match: 'legal', on_expiry: 'keep' }],
      undefined,
    ],
  ])('time decides where it decides the same on all tasks: %s', async (_, rules, tasks, minutes) => {
    const run = await playRun({ settings: { ...rules, TASKS: JSON.stringify(tasks) } });
    await happen(run, shown, wait(((minutes ?? 24 * 60) - 1) * MINUTE));
    expect(run.resumes()).toEqual([]);
    await happen(run, wait(2 * MINUTE));
    expect(run.resumes()).toHaveLength(minutes === undefined ? 0 : 1);
  });

  test('and not by members of the crew channel where a task has its own', async () => {
    const tasks = JSON.stringify([{ match: 'legal', channel: 'CPRESS' }]);
    const run = await happen(await playRun({ settings: { APPROVERS: '', TASKS: tasks } }), shown);
    expect(await run.approve(-1, 'UCAT')).toBeDefined();
    expect(run.resumes()).toEqual([]);
    await run.approve(-1, 'UANA');
    expect(run.resumes()).toHaveLength(1);
  });
});
