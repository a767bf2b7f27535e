import { describe, expect, test } from 'vitest';
import {
  approved,
  end,
  FINISHED,
  happen,
  pauseBody,
  pauseId,
  playRun,
  register,
  revised,
  type Story,
  step,
  task,
  tell,
  wait,
} from './played-run.ts';
import { MINUTE, SECOND } from './world.ts';

const documented = { dialect: 'documented' } as const;
const draft = task('draft', 'A release');
const NOWHERE = { channel: 'CNOWHERE' };
const IGNORED = "Some settings of the run were ignored: its channel isn't one of this crew's channels";
const humanInputWebhookUrl = 'https://hooks.example/human';

describe('what a run asks for and does not get', () => {
  test('is answered, and named on its card once, however often it is registered', async () => {
    const run = await happen(await playRun(documented), draft);
    run.world.records.failing = 'writes';
    expect((await run.register(NOWHERE)).http).toBe(503);
    run.world.records.failing = undefined;
    for (let n = 0; n < 3; n += 1)
      expect(await run.register(NOWHERE)).toMatchObject({ warnings: ['channel_not_of_crew'] });
    expect(run.card().text.split(IGNORED)).toHaveLength(2);
    await run.register({ ...NOWHERE, approvers: ['UNOBODY1'] });
    expect(run.card().text).toContain(`${IGNORED}; some of its approvers are not approvers of this crew`);
  });

  test('is named on the card also when it came before it', async () => {
    const run = await happen(await playRun(documented), register(NOWHERE), draft, register(NOWHERE));
    expect(run.card().text.split(IGNORED)).toHaveLength(2);
  });

  test('is named in the thread when it comes after the decision', async () => {
    const run = await happen(await playRun(documented), draft, approved(), register(NOWHERE));
    expect(run.notes()).toEqual([expect.stringContaining(IGNORED)]);
  });
});

describe('a run that is registered', () => {
  test('is decided by the people whom it names, and its decision is sent with its webhook URLs', async () => {
    const run = await playRun(documented);
    const taskWebhookUrl = 'https://hooks.example/registered';
    await happen(run, register({ taskWebhookUrl, approvers: ['UBEN'] }), draft);
    await happen(run, step({ meta: { taskWebhookUrl: 'https://hooks.example/meta' } }));
    expect(await run.approve(-1, 'UANA')).toContain('not an approver');
    await run.approve(-1, 'UBEN');
    expect(run.resumes()).toMatchObject([{ taskWebhookUrl }]);
  });

  test('is decided by the people whom its first webhook names, whatever a later one says', async () => {
    const run = await playRun(documented);
    await happen(run, task('draft', 'A release', { meta: { approvers: ['UANA'] } }));
    await happen(run, step({ meta: { approvers: ['UBEN'] } }));
    expect(await run.approve(-1, 'UBEN')).toContain('not an approver');
    await run.approve(-1, 'UANA');
    expect(run.resumes()).toHaveLength(1);
  });

  // biome-ignore format: a table
  test.each<Story>([
    ['with a human-input webhook opens no cards by task webhooks',
      [register({ humanInputWebhookUrl }), draft], []],
    ['and named one in meta opens none', [task('draft', 'A release', { meta: { humanInputWebhookUrl } })], []],
    ['again without one opens them', [register({ humanInputWebhookUrl }), draft, register({}), draft],
      ['1 Draft: waiting']],
    [
      'at the same moment opens none',
      [
        async (run) => {
          await Promise.all([
            run.register({ humanInputWebhookUrl }),
            run.post('task', { kickoff_id: 'e1', name: 'draft', output: 'A release' }),
          ]);
          await run.pass(MINUTE);
        },
      ],
      [],
    ],
  ])('%s', async (...story) => {
    await tell(story, documented);
  });
});

describe('a report of a task without a card', () => {
  const check = task('check', 'Checked');
  test('is noted in one thread, and a redelivery says of no later card that the run has gone on', async () => {
    const run = await playRun({ ...documented, settings: { APPROVE_TASKS: 'draft,publish' } });
    await happen(run, draft, check, task('publish', 'Published'), check, check);
    const cards = ['1 Draft: waiting, may have continued', '2 Publish: waiting'];
    expect(run.cards()).toEqual(cards);
    expect(run.notes()).toEqual([expect.stringContaining('finished *Check*')]);
    // Much later it is no redelivery: the task was done once more.
    await happen(run, wait(10 * MINUTE), check);
    expect(run.cards()).toEqual([cards[0], '2 Publish: waiting, may have continued']);
    expect(run.notes()).toHaveLength(2);
  });
});

describe('two webhooks of one pause by two routes', () => {
  const bodies: [string, Record<string, unknown>][] = [
    ['human-input', { execution_id: 'e1', task_id: pauseId(1), task_output: 'A release' }],
    ['task', { kickoff_id: 'e1', name: 'draft', output: 'A release' }],
  ];
  test.each([1, 2, 3])('at once are one approval with one card (%s)', async (order) => {
    const run = await playRun({ ...documented, order, replicas: 2 });
    const posts = bodies.map(([kind, body], index) => {
      run.world.door = index;
      return run.post(kind, body);
    });
    const receipts = await Promise.all(posts);
    await run.pass(MINUTE);
    expect(receipts.map(({ status }) => status).sort()).toEqual(['created', 'duplicate']);
    expect(run.cards()).toHaveLength(1);
  });

  test.each([1, 2, 3])('at once after a revision are one round (%s)', async (order) => {
    const run = await happen(await playRun({ ...documented, order, replicas: 2 }), draft, revised());
    const outputs = { task_id: pauseId(2), task_output: 'A shorter release', output: 'A shorter release' };
    const posts = bodies.map(([kind, body], index) => {
      run.world.door = index;
      return run.post(kind, { ...body, ...outputs });
    });
    await Promise.all(posts);
    await run.pass(MINUTE);
    expect(run.cards()).toEqual([
      '1 Draft: continued',
      expect.stringMatching(/^1 Draft \(round 2\): waiting/),
    ]);
  });
});

describe('a run', () => {
  test.each([1, 2, 3, 4, 5, 6])(
    'that two pauses open at the same moment on two replicas has both, and its end closes both (%s)',
    async (order) => {
      const run = await playRun({ order, replicas: 2 });
      const posts = [1, 2].map((id, index) => {
        run.world.door = index;
        return run.post('human-input', pauseBody(id, `Output ${id}`));
      });
      expect(await Promise.all(posts)).toMatchObject([{ status: 'created' }, { status: 'created' }]);
      await run.pass(MINUTE);
      await happen(run, end());
      const cards = run.cards().map((card) => card.slice(2));
      expect(cards.sort()).toEqual(['Output 1: ended', 'Output 2: ended']);
    },
  );

  test('whose first outputs come twenty times at once, of three tasks, has three cards, and its end closes them', async () => {
    const run = await playRun({ ...documented, replicas: 2, order: 7 });
    const names = ['draft', 'translate', 'check'];
    const posts = Array.from({ length: 20 }, (_, n) => {
      run.world.door = n % 2;
      const name = names[n % 3];
      return run.post('task', { kickoff_id: 'e1', name, output: `The ${name}` });
    });
    await Promise.all(posts);
    await run.pass(MINUTE);
    expect(run.cards()).toHaveLength(3);
    await happen(run, end());
    for (const card of run.cards()) expect(card).toContain('ended');
  });

  // biome-ignore format: a table
  test.each<Story>([
    ['that ends has its cards closed, and its result once in the thread', [draft, end(), end(), wait(MINUTE)],
      ['1 Draft: ended'], { notes: [FINISHED] }],
    ['whose end overtook the answer to a revision has that closed',
      [draft, revised(), end(), task('draft', 'A shorter release')],
      ['1 Draft: continued', '1 Draft (round 2): ended']],
    ['has the webhooks of many tasks, each with a card, and all are told of the others',
      [...Array.from({ length: 5 }, (_, n) => task(`task ${n}`)), wait(10 * SECOND)],
      [0, 1, 2, 3, 4].map((n) => `${n + 1} task ${n}: waiting${n < 4 ? ', may have continued' : ''}`)],
  ])('%s', async (...story) => {
    await tell(story, documented);
  });
});
