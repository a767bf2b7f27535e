import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answers,
  approved,
  end,
  event,
  FINISHED,
  type Happens,
  happen,
  learnsLive,
  pause,
  playRun,
  register,
  revised,
  type Story,
  sendsNoMore,
  slowly,
  step,
  task,
  tell,
  wait,
} from './played-run.ts';
import { MINUTE, SECOND } from './world.ts';

const OWN_APPROVALS = 'alias rejected: the id has approvals of its own';
const ANOTHER_RUN = 'alias rejected: the id belongs to another run';
const failed = event('crew_kickoff_failed', { run: 'e2', ago: 0, error: 'out of tokens' });
const layout = (run: string) => task('layout', 'Two columns', { run });

describe('another id of a run belongs to it', () => {
  // biome-ignore format: a table
  test.each<Story>([
    ['by a webhook that names it beside the original id',
      [pause(1, 'A release', { alias: 'e2' }), end('Done', { run: 'e2' })], ['1 A release: ended'],
      { notes: [FINISHED] }],
    ["by CrewAI's answer to a decision",
      [pause(1, 'A release'), approved(answers.live('e2')), end('Done', { run: 'e2' })],
      ['1 A release: continued'], { notes: [FINISHED] }],
    ["by CrewAI's answer with a status", [pause(1, 'A release'),
      approved({ status: 200, body: { status: 'resumed', kickoff_id: 'e2' } }), end('Done', { run: 'e2' })],
      ['1 A release: continued']],
    ['each of several, also when an older one comes again', [pause(1, 'A release', { alias: 'e2' }),
      pause(2, 'A budget', { alias: 'e3' }), pause(1, 'A release', { alias: 'e2' }), layout('e3'),
      layout('e2'), event('crew_kickoff_failed', { run: 'e3', error: 'out of tokens' })],
      ['1 A release: ended, run failed', '2 A budget: ended, run failed']],
    ['and one that stands beside itself ties nothing',
      [pause(1, 'A release', { alias: 'e1' }), layout('e2'), end('Done')], ['1 A release: ended']],
  ])('%s', async (...story) => {
    await tell(story);
  });

  test('and a decision is sent to the original id, with what was registered under the other', async () => {
    const run = await playRun();
    await happen(run, pause(1, 'A release', { alias: 'e2' }), pause(2, 'A budget', { alias: 'e3' }));
    await happen(run, register({ taskWebhookUrl: 'https://hooks.example/task' }, 'e2'), approved());
    expect(run.resumes()).toMatchObject([
      { executionId: 'e1', taskWebhookUrl: 'https://hooks.example/task' },
    ]);
  });
});

describe('what came under the other id before it was known counts for the run', () => {
  // biome-ignore format: a table
  test.each<Story>([
    ['its end, with its result, by a webhook that names both', [pause(1, 'A release'), approved(answers.lost),
      layout('e2'), end('The whole campaign', { run: 'e2' }), pause(2, 'A budget', { alias: 'e2' }),
      sendsNoMore], ['1 A release: continued', '2 A budget: ended'], { notes: [FINISHED, FINISHED] }],
    ['its failure, with its reason',
      [pause(1, 'A release'), approved(answers.lost), failed, pause(2, 'A budget', { alias: 'e2' })],
      ['1 A release: continued, run failed', '2 A budget: ended, run failed']],
    ["its end, when CrewAI's answer to the decision names it",
      [pause(1, 'A release'), end('The whole campaign', { run: 'e2' }), approved(answers.live('e2'))],
      ['1 A release: continued'], { notes: [FINISHED] }],
    ["its end by an event, when CrewAI's answer to the decision names it later",
      [pause(1, 'A release'), slowly(6 * SECOND), approved(answers.live('e2')),
      event('crew_kickoff_completed', { run: 'e2', ago: 0 }), wait(10 * SECOND)],
      ['1 A release: continued']],
    ['and any webhook of it confirms what was decided before', [pause(1, 'A release'),
      approved(answers.live('e2')), step({ run: 'e3' }), pause(2, 'A budget', { alias: 'e3' })],
      ['1 A release: continued', '2 A budget: waiting']],
    ['and only then', [pause(1, 'A release'), approved(answers.live('e2')), step({ run: 'e3' })],
      ['1 A release: sent']],
    ['and nothing is proved by an id that was only registered', [pause(1, 'A release'),
      register({ taskWebhookUrl: 'https://hooks.example/task' }, 'e2'), approved(answers.live('e2'))],
      ['1 A release: sent']],
  ])('%s', async (...story) => {
    await tell(story);
  });

  test('its webhook URLs, and its requester', async () => {
    const run = await playRun();
    const meta = { stepWebhookUrl: 'https://hooks.example/step' };
    await happen(run, pause(1, 'A release'), approved(answers.lost), step({ run: 'e2', meta }));
    await happen(run, pause(2, 'A budget', { alias: 'e2' }), approved());
    expect(run.resumes().at(-1)).toMatchObject({ executionId: 'e1', stepWebhookUrl: meta.stepWebhookUrl });
  });

  test.each([
    ['end', end('Done', { run: 'e2' }), 'ended'],
    ['failure', failed, 'ended, run failed'],
  ] as const)(
    'also when the bot dies at any moment of it: a redelivery tells the %s',
    async (_, first, state) => {
      for (const when of ['before', 'after'] as const) {
        for (const at of [1, 2, 3]) {
          const run = await playRun();
          await happen(run, pause(1, 'A release'), first);
          run.world.strike(0, { at, when });
          const again = pause(2, 'A budget', { alias: 'e2' });
          await run.pass(5 * SECOND);
          await Promise.resolve(again(run)).catch(() => {});
          await run.pass(20 * SECOND);
          await happen(run, again);
          expect(run.cards(), `${when} ${at}`).toEqual([`1 A release: ${state}`, `2 A budget: ${state}`]);
        }
      }
    },
  );
});

describe('an id never becomes one of another run', () => {
  const two = [pause(1, 'A budget', { run: 'e2' }), pause(2, 'A release', { alias: 'e2' })];

  test.each(['documented', 'unknown', 'live'] as const)(
    'when it has approvals of its own that people can decide on: %s',
    async (dialect) => {
      const run = await tell(
        [
          '',
          [...two, end('Done', { run: 'e2' })],
          ['1 A budget: ended', '2 A release: waiting'],
          { logged: OWN_APPROVALS },
        ],
        { dialect },
      );
      await happen(run, approved());
      expect(JSON.stringify(run.resumes())).toContain('"e1"');
    },
  );

  test.each(['documented', 'unknown'] as const)('when it has cards of tasks (%s)', async (dialect) => {
    const cards = ['1 Layout: ended', '2 A release: waiting'];
    const happens = [layout('e2'), pause(2, 'A release', { alias: 'e2' }), end('Done', { run: 'e2' })];
    await tell(['', happens, cards, { logged: OWN_APPROVALS }], { dialect });
  });

  test('except when all of them were cards of tasks that turned out not to wait', async () => {
    const happens = [
      layout('e2'),
      learnsLive,
      pause(2, 'A release', { alias: 'e2' }),
      end('Done', { run: 'e2' }),
    ];
    const cards = ['1 Layout: closed, not waiting', '2 A release: ended'];
    await tell(['', happens, cards, { notLogged: OWN_APPROVALS }], { dialect: 'unknown' });
  });

  test('when it belongs to another run already', async () => {
    const both = [pause(1, 'A release', { alias: 'e2' }), pause(2, 'A budget', { run: 'e9', alias: 'e2' })];
    await tell([
      '',
      [...both, end('Done', { run: 'e2' })],
      ['1 A release: ended', '2 A budget: waiting'],
      { logged: ANOTHER_RUN },
    ]);
  });
});

describe('the webhooks of a run lead to the same cards in any order, some of them twice', () => {
  const told: Record<string, Happens> = {
    pause: pause(1, 'A release'),
    proof: pause(2, 'A budget', { alias: 'e2' }),
    task: layout('e2'),
    'step of e2': step({ run: 'e2' }),
    step: step(),
  };
  const boom = (run: string) => event('crew_kickoff_failed', { run, id: 'end', ago: -MINUTE, error: 'boom' });
  const completed = event('crew_kickoff_completed', { id: 'end', run: 'e2', ago: -MINUTE });
  const ends: Record<string, Happens> = {
    'end of e2': end('The campaign', { run: 'e2' }),
    'end of e1': end('The campaign'),
    'end and event': (run) => happen(run, end('The campaign', { run: 'e2' }), completed),
    'failure of e2': boom('e2'),
    'failure of e1': boom('e1'),
  };
  const all = { ...told, ...ends };

  test.each<[string, Happens[]]>([
    ['waiting', []],
    ['approved', [pause(1, 'A release'), approved(answers.live('e2'))]],
    ['approved without an answer', [pause(1, 'A release'), approved(answers.lost)]],
    ['revised without an answer', [pause(1, 'A release'), revised(answers.lost)]],
  ])('%s', async (beginning, begins) => {
    /** An end proves nothing of an unsure decision and settles it: the pause that proves the decision has to come before. */
    const provenFirst = (order: string[]) => {
      const [first, proof] = [order.findIndex((name) => name in ends), order.indexOf('proof')];
      if (!beginning.endsWith('without an answer') || first === -1 || proof < first) return order;
      return [...order.slice(0, first), 'proof', ...order.slice(first)];
    };
    async function see(order: string[]) {
      const run = await playRun();
      await happen(run, ...begins, ...provenFirst(order).map((name) => all[name] as Happens));
      // What came first says whether the run may have continued, and numbers the cards.
      const cards = run.cards().map((card) => card.replace(/^\d+ |, may have continued/g, ''));
      return { cards: cards.sort(), notes: [...new Set(run.notes())].sort() };
    }
    for (const ending of fc.sample(fc.constantFrom(...Object.keys(ends)), 2)) {
      const once = [...Object.keys(told), ending];
      const expected = await see(once);
      expect(expected.cards).toHaveLength(2);
      const orders = fc
        .subarray(once)
        .chain((twice) =>
          fc.shuffledSubarray([...once, ...twice], { minLength: once.length + twice.length }),
        );
      for (const order of fc.sample(orders, process.env.CI ? 20 : 4))
        expect(await see(order), `${beginning}: ${order.join(', ')}`).toEqual(expected);
    }
  });
});
