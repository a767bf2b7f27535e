import { describe, expect, test } from 'vitest';
import { ACTIONS } from '../../src/slack/app/ids.ts';
import { FIND_TARGETS } from '../sandbox/crewai/called-urls.ts';
import type { Card } from './cards.ts';
import { BOT_HOST } from './network.ts';
import {
  answers,
  approved,
  event,
  type Happens,
  happen,
  killed,
  type PlayedRun,
  pause,
  pauseBody,
  playRun,
  revised,
  sendsNoMore,
  slowly,
  step,
  task,
  ticketed,
  wait,
} from './played-run.ts';
import { CALLED, type Called } from './sent-urls.ts';
import { createWorld, draft, HOUR, MINUTE, SECOND } from './world.ts';

/**
 * What a webhook follows, on each platform that CrewAI may be: it calls the URLs of this /resume, the newest of the run, the
 * first ones for ever, or stale ones; `none`: URLs without tickets.
 */
interface Story {
  says: string;
  happens: readonly Happens[];
  /** How the cards look then: what `look` says. */
  cards: readonly string[];
  /** Where they look otherwise. */
  on?: Partial<Record<Called, readonly string[]>>;
  /** All platforms by default; where the cards look the same on all, some of them. */
  only?: readonly Called[];
  options?: Parameters<typeof playRun>[0];
  logged?: string;
}

const [TICKETED, OTHERS] = [
  ['resume', 'newest'],
  ['first', 'stale', 'none'],
] as const;
/** No story begins with a start from Slack: the first URLs for ever bring no ticket either. */
const PLATFORMS = process.env.CI ? CALLED : CALLED.filter((called) => called !== 'none');
const SOME = ['resume', 'stale'] as const;
const IGNORED = 'run ticket ignored';

/** What a card that waits says of the request before it. */
const SAYS: readonly [string, RegExp][] = [
  ['likely', /likely|probably/i],
  ['next', /New output after /],
  ['answers', /This answers .*'s request/],
];

/** The cards, with what each says of the request before it. */
function look(run: PlayedRun): string[] {
  const cards = run.world.cards();
  return run.cards().map((line, at) => {
    const said = SAYS.find(([, pattern]) => pattern.test(cards[at]?.text ?? ''))?.[0];
    const seen = line.replace(/, (?:new output|likely)/, '');
    return said === undefined ? seen : `${seen}, ${said}`;
  });
}

function tellAll(
  stories: readonly Story[],
  dialect: 'live' | 'documented',
  platforms: readonly Called[] = PLATFORMS,
): void {
  for (const story of stories) {
    const { says, happens, on, options, logged } = story;
    const { only = on || process.env.CI ? platforms : SOME } = story;
    for (const called of only) {
      test(`${says} (${called})`, async () => {
        const played = await playRun({ dialect, ...options, called });
        await happen(played, ...happens);
        expect(look(played)).toEqual(on?.[called] ?? story.cards);
        if (logged) expect(played.world.facts()).toContain(logged);
      });
    }
  }
}

/** For each of these platforms the same. */
const where = <T>(platforms: readonly Called[], value: T) =>
  Object.fromEntries(platforms.map((called) => [called, value])) as Partial<Record<Called, T>>;

/** A webhook to a URL of the attempt with this number, whatever the platform calls. */
const from =
  (
    attempt: number,
    webhook: (sent: { ticket: unknown }) => Happens,
    change: (ticket: string) => unknown = (t) => t,
  ): Happens =>
  (run) =>
    webhook({ ticket: change(run.ticket(attempt)) })(run);

const [shown, plan] = [pause(1, 'A release'), pause(2, 'A plan')];

describe.each([
  ['live', answers.live('e2'), answers.live('e3'), 'sent'],
  ['documented', answers.documented('retrying'), answers.documented('retrying'), 'sent'],
] as const)('on the %s dialect', (dialect, redone, redoneToo, confirmed) => {
  const taken = dialect === 'live' ? answers.live('e2') : answers.documented();
  const both = [shown, plan, revised(redone, 0), revised(redoneToo, 1)];
  const bothContinued = ['1 A release: continued', '2 A plan: continued'];
  const better = (n: number) => pause(n, 'A better plan', { follows: 1 });
  const shorter = (n: number) => pause(n, 'A shorter release', { follows: 0 });
  const apart = (first: string, second: string) => [
    ...bothContinued,
    `3 ${first}: waiting, may have continued`,
    `4 ${second}: waiting`,
  ];

  tellAll(
    [
      {
        says: 'the outputs of two parallel tasks come in the other order, and each is the next round of its own request',
        happens: [...both, better(3), shorter(4)],
        cards: [
          ...bothContinued,
          '2 A plan (round 2): waiting, may have continued, next',
          '1 A release (round 2): waiting, next',
        ],
        on: {
          newest: [
            ...bothContinued,
            '2 A plan (round 2): waiting, may have continued, next',
            '1 A release (round 2): waiting, likely',
          ],
          // The URL of the other request was called.
          stale: [
            ...bothContinued,
            '1 A release (round 2): waiting, may have continued, next',
            '2 A plan (round 2): waiting, likely',
          ],
          ...where(['first', 'none'], apart('A better plan', 'A shorter release')),
        },
      },
      {
        says: 'the outputs of two parallel tasks come in the order of their requests',
        happens: [...both, shorter(3), better(4)],
        cards: [
          ...bothContinued,
          '1 A release (round 2): waiting, may have continued, next',
          '2 A plan (round 2): waiting, next',
        ],
        on: {
          // Both come to the URL of the last request: nothing tells them apart.
          newest: [
            ...bothContinued,
            '2 A plan (round 2): waiting, may have continued, next',
            '1 A release (round 2): waiting, likely',
          ],
          stale: [
            ...bothContinued,
            '3 A shorter release: waiting, may have continued',
            '1 A release (round 2): waiting, next',
          ],
          ...where(['first', 'none'], apart('A shorter release', 'A better plan')),
        },
      },
      {
        says: 'two pauses after one approve are approvals of their own',
        happens: [shown, approved(taken), pause(2, 'A budget'), pause(3, 'A plan', { follows: 0 })],
        cards: ['1 A release: continued', '2 A budget: waiting, may have continued', '3 A plan: waiting'],
      },
      {
        says: 'of two pauses after one revision the first is its next round, the other an approval of its own',
        happens: [shown, revised(redone), pause(2, 'A shorter release'), pause(3, 'A plan', { follows: 0 })],
        cards: [
          '1 A release: continued',
          '1 A release (round 2): waiting, may have continued, next',
          '2 A plan: waiting',
        ],
        on: where(OTHERS, [
          '1 A release: continued',
          '1 A release (round 2): waiting, may have continued, likely',
          '2 A plan: waiting',
        ]),
      },
      {
        says: 'a third round follows the second request, and is only likely its answer under a stale URL',
        happens: [shown, revised(redone), pause(2, 'Second'), revised(redoneToo), pause(3, 'Third')],
        cards: [
          '1 A release: continued',
          '1 A release (round 2): continued',
          '1 A release (round 3): waiting, next',
        ],
        on: where(OTHERS, [
          '1 A release: continued',
          '1 A release (round 2): continued',
          '1 A release (round 3): waiting, likely',
        ]),
      },
      {
        says: 'a pause after an approve opens an approval of its own, under the stale URL of a revision too',
        happens: [shown, revised(redone), pause(2, 'Second'), approved(taken), pause(3, 'A budget')],
        cards: ['1 A release: continued', '1 A release (round 2): continued', '2 A budget: waiting'],
      },
      {
        says: 'a stale ticket leaves the pause to the one request that has no answer yet',
        happens: [
          shown,
          plan,
          revised(redone, 0),
          pause(3, 'A shorter release'),
          revised(redoneToo, 1),
          pause(4, 'A better plan'),
        ],
        cards: [
          ...bothContinued,
          '1 A release (round 2): waiting, may have continued, next',
          '2 A plan (round 2): waiting, next',
        ],
        on: where(OTHERS, [
          ...bothContinued,
          '1 A release (round 2): waiting, may have continued, likely',
          '2 A plan (round 2): waiting, likely',
        ]),
      },
      {
        says: 'a pause that comes before the lost answer of its request proves that this arrived',
        happens: [shown, revised(answers.lost), pause(2, 'A shorter release'), sendsNoMore],
        cards: ['1 A release: continued', '1 A release (round 2): waiting, next'],
        on: where(OTHERS, ['1 A release: continued', '1 A release (round 2): waiting, likely']),
      },
      {
        says: 'a pause that comes before the answer of its request follows it, whatever that answer is',
        happens: [
          shown,
          slowly(10 * SECOND),
          revised(redone),
          pause(2, 'A shorter release'),
          wait(20 * SECOND),
        ],
        cards: ['1 A release: continued', '1 A release (round 2): waiting, next'],
        on: where(OTHERS, ['1 A release: continued', '1 A release (round 2): waiting, likely']),
      },
      {
        says: 'a pause that comes before the lost answer of an approve proves that this arrived',
        happens: [shown, approved(answers.lost), pause(2, 'A budget'), sendsNoMore],
        cards: ['1 A release: continued', '2 A budget: waiting'],
      },
      {
        says: 'the next task repeats the approved text: the same output again, or without a ticket an approval of its own',
        happens: [pause(1, 'Done.'), approved(taken), pause(2, 'Done.')],
        cards: ['1 Done.: continued', '1 Done. (round 2, unchanged): waiting'],
        on: where(OTHERS, ['1 Done.: continued', '2 Done.: waiting']),
      },
      {
        says: 'the next task repeats the text of an approve whose answer was lost: its ticket proves that this arrived',
        happens: [pause(1, 'Done.'), approved(answers.lost), pause(2, 'Done.'), sendsNoMore],
        cards: ['1 Done.: continued', '1 Done. (round 2, unchanged): waiting'],
        on: where(OTHERS, ['1 Done.: continued', '2 Done.: waiting']),
      },
      {
        says: 'a round that somebody approved in CrewAI itself still waits beside the next pause',
        happens: [shown, pause(2, 'A budget')],
        cards: ['1 A release: waiting, may have continued', '2 A budget: waiting'],
      },
      {
        says: 'a round that somebody sent back in CrewAI itself is not superseded by the pause under the last URLs',
        happens: [shown, revised(redone), pause(2, 'Second'), pause(3, 'Third', { follows: 0 })],
        cards: [
          '1 A release: continued',
          '1 A release (round 2): waiting, may have continued, next',
          '2 Third: waiting',
        ],
        on: where(OTHERS, [
          '1 A release: continued',
          '1 A release (round 2): waiting, may have continued, likely',
          '2 Third: waiting',
        ]),
      },
      {
        says: 'a pause that is delivered again to the newest URL proves that the revision arrived, not that the run went on',
        happens: [shown, revised(answers.lost), pause(1, 'A release', { follows: 0 }), sendsNoMore],
        cards: [`1 A release: ${confirmed}`],
        only: TICKETED,
      },
      {
        says: 'a pause that is delivered again to the newest URL opens nothing',
        happens: [shown, revised(redone), pause(1, 'A release', { follows: 0 })],
        cards: [`1 A release: ${confirmed}`],
      },
      {
        says: 'pauses that are delivered again after the next one change nothing',
        happens: [
          shown,
          revised(redone),
          pause(2, 'Second'),
          pause(1, 'A release', { follows: 0 }),
          pause(2, 'Second', { follows: 0 }),
        ],
        cards: ['1 A release: continued', '1 A release (round 2): waiting, next'],
        on: where(OTHERS, ['1 A release: continued', '1 A release (round 2): waiting, likely']),
      },
    ],
    dialect,
    // Pauses with an id of their own are judged alike on both dialects.
    dialect === 'live' || process.env.CI ? PLATFORMS : ['resume', 'first'],
  );

  describe('whatever the platform calls', () => {
    const likely = ['1 A release: continued', '1 A release (round 2): waiting, likely'];
    const next = ['1 A release: continued', '1 A release (round 2): waiting, next'];
    const waits = 'sent';
    const only = ['none'] as const;
    const release = (sent: { ticket: unknown }) => pause(2, 'A shorter release', sent);

    tellAll(
      [
        ...(
          [
            ['twice', (ticket) => [ticket, ticket]],
            ['cut', (ticket) => ticket.slice(0, -1)],
            ['too long', (ticket) => `${ticket}${'0'.repeat(100)}`],
            ['of no decision', (ticket) => `${ticket.split('.')[0]}.${'0'.repeat(20)}`],
            ['of no approval', () => `0000000000000000.${'0'.repeat(20)}`],
            ['that is none', () => 'anything'],
          ] as const satisfies [string, (ticket: string) => unknown][]
        ).map(
          ([what, change]): Story => ({
            says: `a ticket ${what} is ignored, logged, and the pause is judged without it`,
            happens: [shown, revised(redone), from(0, release, change)],
            cards: likely,
            only,
            logged: IGNORED,
          }),
        ),
        {
          says: 'the ticket of another run ties no pause to it',
          happens: [
            pause(5, 'Theirs', { run: 'x9' }),
            revised(redone),
            shown,
            revised(redoneToo),
            from(0, (sent) => pause(2, 'A shorter release', sent)),
          ],
          cards: [`1 Theirs: ${waits}`, '2 A release: continued', '2 A release (round 2): waiting, likely'],
          only,
          logged: IGNORED,
        },
        {
          says: 'the ticket of an earlier attempt stands for its decision',
          happens: [
            shown,
            (run) => void run.resumeAnswers.push(answers.lost),
            revised(redone),
            from(0, release),
          ],
          cards: next,
          only,
        },
        {
          says: 'a ticket ties no pause of another kickoff that was started with the URLs of an answered decision',
          happens: [
            shown,
            revised(redone),
            from(0, (sent) => pause(7, 'Theirs', { run: 'x9', ...sent })),
            from(0, release),
          ],
          cards: ['1 A release: continued', '2 Theirs: waiting', '1 A release (round 2): waiting, next'],
          only,
          logged: IGNORED,
        },
        {
          says: 'a ticket ties no pause of another kickoff that was started with the URLs of a decision without an answer',
          happens: [
            shown,
            revised(answers.lost),
            from(0, (sent) => pause(7, 'Theirs', { run: 'x9', ...sent })),
            from(0, release),
            sendsNoMore,
          ],
          cards: ['1 A release: continued', '2 Theirs: waiting', '1 A release (round 2): waiting, next'],
          only,
          logged: IGNORED,
        },
        {
          says: 'a step that brings the ticket of a decision shows that the run went on, under the id of before too',
          happens: [shown, approved(taken), from(0, (sent) => step(sent))],
          cards: ['1 A release: continued'],
          only,
        },
        {
          says: 'an event of an earlier task that brings the ticket shows that the decision arrived, not that the run went on',
          happens: [
            event('task_started', { task: 'draft' }),
            shown,
            approved(answers.lost),
            from(0, (sent) => event('task_completed', { task: 'draft', ago: MINUTE }, sent)),
            sendsNoMore,
          ],
          cards: [`1 Draft: ${waits}`],
          only,
        },
        {
          says: 'a step that brings the ticket of a decision that got a 503 shows that it arrived, and nothing is sent again',
          happens: [shown, approved(answers.away), from(0, (sent) => step(sent)), sendsNoMore],
          cards: ['1 A release: continued'],
          only,
        },
        {
          says: 'the next task pauses under the ticket of an approve that got a 503: this arrived, and nothing is sent again',
          happens: [
            shown,
            approved(answers.away),
            from(0, (sent) => pause(2, 'A budget', sent)),
            sendsNoMore,
          ],
          cards: ['1 A release: continued', '2 A budget: waiting'],
          only,
        },
        {
          says: 'a pause that brings the ticket of a revision that got a 503 is its next round, and nothing is sent again',
          happens: [shown, revised(answers.away), from(0, release), sendsNoMore],
          cards: next,
          only,
        },
        {
          says: 'a pause that follows one decision proves nothing of an approve beside it whose answer was lost',
          happens: [
            shown,
            plan,
            approved(taken, 0),
            approved(answers.lost, 1),
            from(0, (sent) => pause(3, 'A budget', sent)),
          ],
          cards: ['1 A release: continued', '2 A plan: sending', '3 A budget: waiting'],
          only,
        },
        {
          says: 'the ticket of a decision that was given up after 503s shows that it arrived',
          happens: [shown, approved(answers.away), wait(2 * HOUR), from(-1, (sent) => step(sent))],
          cards: ['1 A release: continued'],
          only,
        },
        {
          says: 'a ticket that is not kept any more, of a decision with many attempts, is ignored',
          happens: [
            shown,
            (run) => void run.resumeAnswers.push(answers.lost),
            revised(answers.away),
            manyAttempts,
            from(0, release),
          ],
          cards: likely,
          only,
          logged: IGNORED,
        },
        {
          says: 'the ticket of an attempt that a restored store does not know is ignored, and what waits there is not superseded',
          happens: [shown, restoredAfter(revised(redone)), from(0, release)],
          cards: ['1 A release: waiting, may have continued', '2 A shorter release: waiting'],
          only,
          logged: IGNORED,
        },
      ],
      dialect,
    );
  });

  test.each(TICKETED.flatMap((called) => [1, 2, 3].map((order) => [called, order] as const)))(
    'two pauses at one moment after one revision, on two replicas, are its next round and an approval of its own (%s, %s)',
    async (called, order) => {
      const run = await playRun({ dialect, called, order, replicas: 2 });
      await happen(run, shown, revised(redone));
      const sent = [2, 3].map((id) => {
        run.world.door = id % 2;
        return run.post('human-input', pauseBody(id, `Output ${id}`));
      });
      await Promise.all(sent);
      await run.pass(20 * SECOND);
      const [first, ...others] = run.cards();
      expect(first).toBe('1 A release: continued');
      expect(others.map((card) => card.slice(0, 1)).sort()).toEqual(['1', '2']);
      expect(others.every((card) => card.includes('waiting'))).toBe(true);
    },
  );
});

test.each(['live', 'documented'] as const)(
  'a pause that the bot dies of is the next round once CrewAI delivers it again (%s)',
  async (dialect) => {
    for (const when of ['before', 'after'] as const)
      for (const at of [1, 2, 3]) {
        const run = await happen(await playRun({ dialect, called: 'resume' }), shown, revised(answers.lost));
        run.world.strike(0, { at, when });
        const again = pause(2, 'A shorter release', { follows: 0 });
        await Promise.resolve(again(run)).catch(() => {});
        await happen(run, wait(20 * SECOND), again, sendsNoMore);
        expect(look(run), `${when} ${at}`).toEqual([
          '1 A release: continued',
          '1 A release (round 2): waiting, next',
        ]);
      }
  },
);

describe('on the documented dialect', () => {
  const [resumed, retrying] = [answers.documented(), answers.documented('retrying')];
  const first = task('draft', 'A release');
  /** An earlier run of the crew: where its URLs come back with their tickets, the bot knows that. */
  const earlier = [
    task('draft', 'Old', { run: 'x1' }),
    revised(retrying),
    task('draft', 'New', { run: 'x1' }),
    approved(resumed),
  ];

  tellAll(
    [
      {
        says: 'a first task webhook that is delivered again after a revision is no round where tickets come back',
        happens: [...earlier, first, revised(retrying), first],
        cards: ['1 Draft: continued', '1 Draft (round 2): sent', '2 Draft: sent'],
        on: where(OTHERS, [
          '1 Draft: continued',
          '1 Draft (round 2): sent',
          '2 Draft: continued',
          '2 Draft (round 2, unchanged): waiting, next',
        ]),
      },
      {
        says: 'nobody approves what a webhook that was delivered again shows: the output that comes next is the next round',
        happens: [...earlier, first, revised(retrying), first, task('draft', 'A shorter release')],
        cards: [
          '1 Draft: continued',
          '1 Draft (round 2): sent',
          '2 Draft: continued',
          '2 Draft (round 2): waiting, answers',
        ],
        only: TICKETED,
      },
      {
        says: 'the same output again is the next round where it follows the revision',
        happens: [first, revised(retrying), task('draft', 'A release', { follows: 0 })],
        cards: ['1 Draft: continued', '1 Draft (round 2, unchanged): waiting, answers'],
        on: where(OTHERS, ['1 Draft: continued', '1 Draft (round 2, unchanged): waiting, next']),
      },
      {
        says: 'where a UUID names the task, another output is the next round if it follows the revision',
        happens: [shown, revised(retrying), pause(1, 'A shorter release', { follows: 0 })],
        cards: ['1 A release: continued', '1 A release (round 2): waiting, next'],
        on: where(OTHERS, ['1 A release: sent']),
      },
      {
        says: 'where a UUID names the task, another output without the ticket of the revision is a redelivery',
        happens: [shown, revised(retrying), pause(1, 'A shorter release')],
        cards: ['1 A release: sent'],
      },
      {
        says: 'where a webhook names its task beside a UUID, another output that follows the revision is the next round',
        happens: [
          pause(1, 'A release', { task: 'draft' }),
          revised(retrying),
          pause(1, 'A shorter release', { task: 'draft', follows: 0 }),
        ],
        cards: ['1 Draft: continued', '1 Draft (round 2): waiting, answers'],
        only: TICKETED,
      },
      {
        says: 'the output of the second request is shown, also when it is unchanged',
        happens: [
          first,
          revised(retrying),
          task('draft', 'A shorter release'),
          revised(retrying),
          task('draft', 'A shorter release', { follows: 1 }),
        ],
        cards: [
          '1 Draft: continued',
          '1 Draft (round 2): continued',
          '1 Draft (round 3, unchanged): waiting, answers',
        ],
        on: where(OTHERS, [
          '1 Draft: continued',
          '1 Draft (round 2): continued',
          '1 Draft (round 3, unchanged): waiting, next',
        ]),
      },
      {
        says: 'a pause that follows a request is its next round, and not a task with the same output that waits',
        happens: [
          task('plan', 'A plan'),
          task('draft', 'Done.'),
          revised(retrying, 0),
          pause(2, 'Done.', { follows: 0 }),
        ],
        cards: [
          '1 Plan: continued',
          '2 Draft: waiting, may have continued',
          '1 Plan (round 2): waiting, next',
        ],
        only: TICKETED,
        options: { settings: { APPROVE_TASKS: 'draft,plan' } },
      },
    ],
    'documented',
  );

  test.each([0, 1])(
    'a first task webhook that replica %s gets again is no round once one replica has seen a ticket come back',
    async (door) => {
      const run = await playRun({ dialect: 'documented', called: 'resume', replicas: 2 });
      await happen(run, ...earlier, first, revised(retrying));
      run.world.door = door;
      await happen(run, first);
      expect(look(run).slice(2)).toEqual(['2 Draft: sent']);
    },
  );

  test('another output under the UUID of a task is shown before the dialect is known', async () => {
    const run = await playRun({ dialect: 'unknown' });
    await happen(
      run,
      shown,
      revised(answers.lost),
      from(0, (sent) => pause(1, 'A shorter release', sent)),
    );
    expect(look(run)).toEqual(['1 A release: continued', '1 A release (round 2): waiting, next']);
  });

  test.each(PLATFORMS)(
    'two tasks of a run that come again say of their requests what their own webhooks name (%s)',
    async (called) => {
      const run = await playRun({ dialect: 'documented', called });
      const two = [
        task('draft', 'A release'),
        task('plan', 'A plan'),
        revised(retrying, 0),
        revised(retrying, 1),
      ];
      await happen(run, ...two, task('plan', 'A better plan'), task('draft', 'A shorter release'));
      expect(look(run)).toEqual([
        '1 Draft: continued',
        '2 Plan: continued',
        '2 Plan (round 2): waiting, may have continued, answers',
        '1 Draft (round 2): waiting, answers',
      ]);
    },
  );
});

describe('on the live dialect', () => {
  test.each(PLATFORMS)(
    'a pause id that comes again is a redelivery, whatever its output and URL (%s)',
    async (called) => {
      const run = await playRun({ called });
      await happen(run, shown, revised(answers.live('e2')), pause(1, 'A shorter release', { follows: 0 }));
      expect(look(run)).toEqual(['1 A release: sent']);
    },
  );
});

describe('the rules of a round that its own webhook does not name are the strictest', () => {
  const settings = {
    APPROVERS: 'UANA,UBEN',
    TASKS: JSON.stringify([{ match: 'legal', approvers: ['UBEN'] }]),
  };
  const started = event('task_started', { task: 'draft', emission_sequence: 1 });

  /** Ana, whom one task does not have as an approver, may not decide on the newest card; Ben may. */
  async function onlyBenDecides(run: PlayedRun) {
    const { length } = run.resumes();
    expect(await run.approve(-1, 'UANA')).toContain('approver');
    await run.approve(-1, 'UBEN');
    expect(run.resumes()).toHaveLength(length + 1);
  }

  test.each(PLATFORMS)(
    'where CrewAI takes a revision for a yes, and the next task pauses under its ticket (%s)',
    async (called) => {
      const run = await playRun({ settings, called });
      await happen(run, shown, revised(answers.live('e2'), -1, 'UBEN'), pause(2, 'A contract'));
      await onlyBenDecides(run);
    },
  );

  test('where events have named its task before', async () => {
    await onlyBenDecides(await happen(await playRun({ settings }), started, shown));
  });

  test('where a task webhook names it after its card was posted', async () => {
    const run = await playRun({ settings, called: 'resume' });
    await happen(run, started, shown, revised(answers.live('e2'), -1, 'UBEN'));
    await happen(run, pause(2, 'A contract', { alias: 'e2' }), task('draft', 'A contract', { run: 'e2' }));
    await onlyBenDecides(run);
  });

  test('and its own where its webhook names it', async () => {
    const run = await happen(await playRun({ settings }), pause(1, 'A release', { task: 'draft' }));
    await run.approve(-1, 'UANA');
    expect(run.resumes()).toHaveLength(1);
  });

  const retrying = answers.documented('retrying');
  const contract = pause(2, 'Done.', { follows: 0 });

  test('where a pause that follows a request has the output of a task that waits', async () => {
    const run = await playRun({
      dialect: 'documented',
      called: 'resume',
      settings: { ...settings, APPROVE_TASKS: 'draft,legal' },
    });
    await happen(run, task('legal', 'Terms'), task('draft', 'Done.'), revised(retrying, 0, 'UBEN'), contract);
    await onlyBenDecides(run);
  });

  test('and those of the task that its webhook names, under a UUID that another task had', async () => {
    const run = await playRun({ dialect: 'documented', called: 'resume', settings });
    await happen(run, pause(1, 'A release', { task: 'draft' }), revised(retrying, -1, 'UANA'));
    await happen(run, pause(1, 'A contract', { task: 'legal', follows: 0 }));
    expect(look(run).at(-1)).toBe('2 Legal: waiting');
    await onlyBenDecides(run);
  });

  const expiring = (more: object) => ({
    ON_EXPIRY: 'approve',
    EXPIRE_AFTER: '1 h',
    TASKS: JSON.stringify([{ match: 'legal', ...more }]),
  });

  test('and time decides after the longest time of all, where all have the same rule', async () => {
    const run = await happen(await playRun({ settings: expiring({ expire_after: '2 h' }) }), shown);
    await run.pass(90 * MINUTE);
    expect(run.resumes()).toEqual([]);
    await run.pass(HOUR);
    expect(run.resumes()).toHaveLength(1);
  });

  test('and time decides nothing where one task has another rule', async () => {
    const run = await playRun({ settings: expiring({ on_expiry: 'keep' }) });
    await happen(run, shown, sendsNoMore);
    expect(run.cards()).toEqual(['1 A release: waiting']);
  });
});

describe.each(['live', 'documented'] as const)('a crew with two parallel tasks (%s)', (dialect) => {
  const write = (name: string) => ({
    ...draft,
    name,
    writeOutput: ({ revisions }: { revisions: string[] }) => `# ${name}, version ${revisions.length + 1}`,
  });
  const tasks = [write('release'), { ...write('plan'), alongside: true as const }];

  /** Both are sent back, and the second one is done first. */
  async function sendsBothBack(calledUrls: Exclude<Called, 'none'>) {
    const world = await createWorld({ dialect, tasks, crewai: { findTargets: FIND_TARGETS[calledUrls] } });
    const run = await world.shown(world.urls('humanInput', 'crew'));
    const cards = world.cards();
    expect(cards).toHaveLength(2);
    world.network.holds = ({ url }) => url.includes('/webhooks/press/human-input');
    for (const [index, card] of cards.entries()) {
      await world.revise('UANA', `Shorter ${index}`, card);
      await world.pass(3 * SECOND);
    }
    world.network.holds = () => false;
    for (const { release } of world.network.held.splice(0).reverse()) {
      release();
      await world.pass(3 * SECOND);
    }
    return { world, run };
  }

  const told = (card: Card | undefined) => /(release|plan), version (\d)/.exec(card?.text ?? '')?.slice(1);

  // The documented human-input webhook names its task.
  test('shows each output as the next round of its own request where the URLs of this /resume are called', async () => {
    const { world } = await sendsBothBack('resume');
    const [release, plan, ...again] = world.cards();
    expect(again.map(told)).toEqual([
      ['plan', '2'],
      ['release', '2'],
    ]);
    expect(again.map(({ approval }) => approval)).toEqual([plan?.approval, release?.approval]);
  });

  test.each(['resume', 'newest', 'first', 'stale'] as const)(
    'shows each output once, and none takes the place of another that waits (%s)',
    async (calledUrls) => {
      const { world } = await sendsBothBack(calledUrls);
      const cards = world.cards();
      expect(cards.map(({ state }) => state)).toEqual(['continued', 'continued', 'waiting', 'waiting']);
      expect(cards.slice(2).map(told).sort()).toEqual([
        ['plan', '2'],
        ['release', '2'],
      ]);
    },
  );

  test.each(['resume', 'newest', 'first', 'stale'] as const)(
    'goes on to its end once both are approved (%s)',
    async (calledUrls) => {
      const { world, run } = await sendsBothBack(calledUrls);
      for (const card of world.cards().slice(2)) {
        await world.click('UANA', ACTIONS.approve, card);
        await world.pass(3 * SECOND);
      }
      expect(world.platform.execution(run).status).toBe('completed');
    },
  );
});

const twice = [
  approved(),
  pause(2, 'A release', { follows: 0 }),
  approved(),
  pause(3, 'A post', { follows: 1 }),
];
const ofFirst = ticketed((sent) => pause(3, 'A post', sent));
test.each<[Called, string, readonly Happens[], Record<string, number>]>([
  ['resume', 'two approvals', twice, { ticket: 2 }],
  ['newest', 'two approvals', twice, { ticket: 2 }],
  ['stale', 'two approvals', twice, { ticket: 1, none: 1 }],
  ['first', 'two approvals', twice, { none: 2 }],
  ['none', 'two approvals', twice, { none: 2 }],
  [
    'resume',
    'a revision and an approval, whose pause comes to the URL of the revision',
    [revised(), pause(2, 'A shorter plan', { follows: 0 }), approved(), ofFirst],
    { ticket: 1, older: 1 },
  ],
])(
  'pauses after a decision are counted by what their URLs brought, on a platform that calls the URLs "%s", after %s',
  async (called, _, steps, expected) => {
    const run = await playRun({ dialect: 'live', called });
    await happen(run, pause(1, 'A plan'), ...steps.flatMap((one) => [one, wait(MINUTE)]));
    const url = `http://${BOT_HOST}/metrics`;
    const asked = run.world.network.request({ url, method: 'GET', headers: {}, body: undefined });
    const { body = '' } = (await run.world.settle(asked)) ?? {};
    const counted = [
      ...body.matchAll(/^crew_approvals_pauses_after_decision_total{crew="press",brought="(\w+)"} (\d+)$/gm),
    ].map(([, brought, count]) => [brought, Number(count)]);
    const none = { ticket: 0, older: 0, start: 0, none: 0 };
    expect(Object.fromEntries(counted)).toEqual({ ...none, ...expected });
  },
);

/** Many attempts of the last decision, which CrewAI does not take. */
async function manyAttempts(run: PlayedRun) {
  for (let tries = 0; tries < 70 && run.resumes().length < 55; tries += 1) {
    await run.pass(2 * HOUR);
    await run.world.click('UBEN', ACTIONS.retry, run.card(0));
    await run.pass(MINUTE);
  }
  expect(run.resumes().length).toBeGreaterThan(50);
}

/** What happens is in no copy of the store: the bot starts again from one that was made before. */
function restoredAfter(happens: Happens): Happens {
  return async (run) => {
    const copy = run.world.records.all();
    await happens(run);
    await happen(run, killed(SECOND));
    run.world.records.restore(copy);
    await run.pass(10 * SECOND);
  };
}
