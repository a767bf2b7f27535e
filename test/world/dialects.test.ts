import { describe, expect, test } from 'vitest';
import {
  answers,
  approved,
  end,
  event,
  type Happens,
  happen,
  killed,
  learnsLive,
  type PlayedRun,
  pause,
  playRun,
  register,
  revised,
  type Story,
  statusIs,
  step,
  task,
  tell,
  wait,
} from './played-run.ts';
import { MINUTE, SECOND } from './world.ts';

const unknown = { dialect: 'unknown' } as const;
const draft = task('draft', 'A release');
const DOES_NOT_WAIT = "had no effect: this task didn't need one";

describe('while the dialect of a crew is not known', () => {
  // biome-ignore format: a table
  test.each<Story>([
    ['a task webhook opens a card', [draft], ['1 Draft: waiting']],
    ['a task webhook of a run that has shown a pause opens none', [pause(1, 'A release'), task('layout')],
      ['1 A release: waiting, may have continued']],
    ['and turns out to be live, cards of tasks are closed, those of pauses are not',
      [task('draft', 'A release', { run: 'e2' }), pause(1, 'A budget'), learnsLive],
      ['1 Draft: closed, not waiting', '2 A budget: waiting']],
    ['a card whose pause came by the other route stays open', [draft, pause(1, 'A release'), learnsLive],
      ['1 Draft: waiting']],
    ['a decision on a pause that teaches it is accepted',
      [pause(1, 'A release'), approved(answers.live('e2'))], ['1 A release: sent'], { notes: [] }],
    ...[
      ['rejected', answers.refused],
      ['not delivered', answers.lost],
    ].map(
      ([state, answer]): Story => [
        `the decider of a task's card that was ${state} is told that the task does not wait`,
        [draft, approved(answer as typeof answers.lost, -1, 'UBEN'), wait(3 * MINUTE), learnsLive],
        ['1 Draft: closed, not waiting'],
        { notes: [expect.any(String), expect.stringContaining(DOES_NOT_WAIT)] },
      ],
    ),
    ['the decider of the card whose answer teaches it is told so',
      [draft, approved(answers.live('e2'), -1, 'UBEN')], ['1 Draft: closed, not waiting'],
      { notes: [expect.stringContaining(DOES_NOT_WAIT)] }],
    ['whoever asked for the revision that teaches it is told so',
      [draft, revised(answers.live('e2'), -1, 'UBEN')], ['1 Draft: closed, not waiting'],
      { notes: [expect.stringContaining(DOES_NOT_WAIT)] }],
  ])('%s', async (...story) => {
    await tell(story, unknown);
  });

  test('hundreds of cards of tasks are closed when it is live, and nobody can decide them', async () => {
    const run = await playRun(unknown);
    for (let n = 0; n < 130; n += 1)
      await run.post('task', { kickoff_id: `run-${n}`, name: 'draft', output: `Release ${n}` });
    await happen(run, wait(3 * MINUTE), learnsLive, wait(10 * MINUTE));
    expect(run.cards()).toHaveLength(130);
    expect(run.cards().every((card) => card.endsWith('closed, not waiting'))).toBe(true);
    expect(run.card().buttons).not.toContain('approve');
    expect(run.resumes()).toEqual([]);
  });
});

describe('a run of a live crew whose pauses nothing shows', () => {
  const reports = (run: PlayedRun) =>
    run.notes().filter((note) => note.includes('may be waiting for approval'));
  const humanInputWebhookUrl = 'https://h.example/h';

  test('is reported once its webhooks have stopped for SILENT_AFTER, once, in the channel and in the log', async () => {
    const run = await happen(await playRun(), draft);
    for (let n = 0; n < 4; n += 1) await happen(run, wait(9 * MINUTE), n % 2 ? step() : task(`task ${n}`));
    expect(reports(run)).toEqual([]);
    await run.pass(11 * MINUTE);
    expect(reports(run)).toHaveLength(1);
    await happen(run, task('another'), wait(120 * MINUTE));
    expect(reports(run)).toHaveLength(1);
    const fact = 'pauses of a run cannot be seen: no humanInputWebhookUrl';
    expect(run.world.facts().filter((one) => one === fact)).toHaveLength(1);
  });

  // biome-ignore format: a table
  test.each<[string, Happens[], number, Parameters<typeof playRun>[0]?]>([
    ['by one of several replicas', [draft, wait(20 * MINUTE)], 1, { replicas: 2 }],
    ['after the SILENT_AFTER of its crew', [draft, wait(2 * MINUTE + 6 * SECOND)], 1,
      { settings: { SILENT_AFTER: '2 min' } }],
    ['once, though it has another id',
      [draft, step({ run: 'e2' }), pause(1, 'A plan', { run: 'e1', alias: 'e2' }), wait(20 * MINUTE)], 0],
    ['once its crew is known to be live', [draft, wait(5 * MINUTE), learnsLive, wait(11 * MINUTE)], 1,
      unknown],
    ['after the next start of the bot', [draft, killed(30 * MINUTE), wait(60 * MINUTE)], 1],
    ['each of many', [manyRuns, wait(20 * MINUTE)], 60],
    ['not while the dialect is unknown', [draft, wait(60 * MINUTE)], 0, unknown],
    ['not when it turns out to be documented',
      [draft, wait(MINUTE), statusIs({ status: 'running' }), wait(60 * MINUTE)], 0, unknown],
    ['not on the documented dialect', [draft, wait(60 * MINUTE)], 0, { dialect: 'documented' }],
  ])('is reported %s', async (_, happens, times, options) => {
    const run = await happen(await playRun(options), ...happens);
    expect(reports(run)).toHaveLength(times);
  });

  test('is not reported where pauses are shown, registered or named, or it has ended, before or after its task webhook', async () => {
    const shows: ((run: string) => Happens)[] = [
      (run) => pause(1, 'A release', { run }),
      (run) => register({ humanInputWebhookUrl }, run),
      (run) => step({ run, meta: { humanInputWebhookUrl } }),
      (run) => end('Done', { run }),
      (run) => event('crew_kickoff_completed', { run }),
      (run) => event('crew_kickoff_failed', { run }),
    ];
    const run = await playRun();
    for (const [index, show] of shows.entries()) {
      await happen(run, show(`a-${index}`), task('draft', 'A text', { run: `a-${index}` }));
      await happen(run, task('draft', 'A text', { run: `b-${index}` }), show(`b-${index}`));
    }
    await run.pass(60 * MINUTE);
    expect(reports(run)).toEqual([]);
  });
});

async function manyRuns(run: PlayedRun) {
  for (let n = 0; n < 60; n += 1)
    await run.post('task', { kickoff_id: `run-${n}`, name: 'draft', output: 'x' });
  await run.pass(SECOND);
}
