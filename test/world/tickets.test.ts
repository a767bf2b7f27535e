import { describe, expect, test } from 'vitest';
import { ACTIONS } from '../../src/slack/app/ids.ts';
import {
  answers,
  approved,
  end,
  event,
  FINISHED,
  happen,
  pause,
  playRun,
  revised,
  type Story,
  sendsNoMore,
  slowly,
  step,
  task,
  tell,
  ticketed,
  wait,
} from './played-run.ts';
import { HOUR, MINUTE, SECOND } from './world.ts';

const IGNORED = 'run ticket ignored';
const shown = pause(1, 'A release');
const lost = [shown, approved(answers.lost)];
const ends = (run: string) => ticketed((sent) => end('The result', { run, ...sent }));
const steps = (run?: string) => ticketed((sent) => step({ run, ...sent }));

describe('when the answer to a decision was lost, its ticket', () => {
  // biome-ignore format: a table
  test.each<Story>([
    ['finds the run of an end under a new id: the decision is accepted, and sent no more',
      [...lost, ends('e2'), sendsNoMore], ['1 A release: continued'], { notes: [FINISHED] }],
    ['shows by a step under a new id that a revision arrived',
      [shown, revised(answers.lost), steps('e2'), sendsNoMore], ['1 A release: continued']],
    ['shows it by a task', [shown, revised(answers.lost),
      ticketed((sent) => task('layout', 'Two', { run: 'e2', ...sent })), sendsNoMore],
      ['1 A release: continued']],
    ['shows it when the tries are over, by a webhook under the known id',
      [...lost, wait(2 * MINUTE), steps(), sendsNoMore], ['1 A release: continued']],
    ['shows a revision when the tries are over, by a webhook under a new id',
      [shown, revised(answers.lost), wait(2 * MINUTE), steps('e2'), sendsNoMore], ['1 A release: continued']],
    ['shows it by a webhook under the known id', [...lost, steps(), sendsNoMore], ['1 A release: continued']],
    ['is not kept from its run by events without one that came first under the new id',
      [...lost, event('task_completed', { run: 'e2', task: 'draft' }), ends('e2')],
      ['1 A release: continued'], { notes: [FINISHED] }],
    ['brings what events without one said before under the new id',
      [...lost, event('crew_kickoff_failed', { run: 'e2', error: 'boom' }), steps('e2'), sendsNoMore],
      ['1 A release: continued, run failed']],
    ['shows it by an event, and the failure of the run is known', [...lost,
      ticketed((sent) => event('crew_kickoff_failed', { run: 'e2', error: 'boom' }, sent)), sendsNoMore],
      ['1 A release: sent, run failed']],
    ['shows it after a 503, by a webhook under a new id',
      [shown, approved(answers.away), steps('e2'), sendsNoMore], ['1 A release: continued']],
    ['is not used up by a pause that is delivered again',
      [...lost, ticketed((sent) => pause(1, 'A release', sent)), ends('e2')], ['1 A release: continued'],
      { notes: [FINISHED] }],
    ['of an older round, with a pause that came late, does not show that it arrived',
      [shown, revised(), pause(3, 'Three'), approved(answers.lost), wait(2 * HOUR),
        ticketed((sent) => pause(2, 'Two', sent))],
      ['1 A release: continued', '1 A release (round 2): undelivered unsure, likely', '2 Two: waiting']],
    ['is known when a person has said Retry since', [...lost, wait(2 * MINUTE),
      ({ world }) => world.click('UANA', ACTIONS.retry), ends('e2'), sendsNoMore], ['1 A release: continued']],
  ])('%s', async (...story) => {
    await tell(story);
  });

  test('leaves it to an answer that comes after the webhook to say what CrewAI did', async () => {
    const run = await playRun({ dialect: 'documented' });
    await happen(
      run,
      slowly(10 * SECOND),
      task('draft', 'A release'),
      approved(answers.documented('retrying')),
      steps(),
    );
    expect(run.cards()).toEqual(['1 Draft: continued']);
    await run.pass(30 * SECOND);
    expect(run.notes()).toEqual([expect.stringContaining('says that it is redoing the task')]);
  });
});

describe('URLs of one run that start another one do not join the two', () => {
  const budget = (run: string) => pause(2, 'A budget', { run });

  // biome-ignore format: a table
  test.each<Story>([
    ['when the run has gone on: its ticket is used', [...lost, steps('e2'), ends('x9'), budget('e1')],
      ['1 A release: continued', '2 A budget: waiting'], { notes: [], logged: IGNORED }],
    ['when the run has ended', [...lost, ends('e2'), steps('x9'), budget('x9')],
      ['1 A release: continued', '2 A budget: waiting']],
    ['when CrewAI has answered with the id under which the run goes on',
      [shown, approved(answers.live('e2')), ends('x9')], ['1 A release: sent'], { notes: [] }],
    ['and the run that goes on ends all the same',
      [shown, approved(answers.live('e2')), ends('x9'), ends('e2')], ['1 A release: continued'],
      { notes: [FINISHED] }],
    ['when the run is known to have ended although its ticket never came',
      [...lost, end('The result'), steps('x9'), budget('x9')],
      ['1 A release: continued', '2 A budget: waiting']],
    ['when the other one is known already, by a card of its own',
      [budget('x9'), ...lost, steps('x9')], ['1 A budget: waiting', '2 A release: sending'],
      { logged: IGNORED }],
    ['when the other one pauses: a pause names its own run',
      [...lost, ticketed((sent) => pause(2, 'A budget', { run: 'x9', ...sent }))],
      ['1 A release: sending', '2 A budget: waiting']],
  ])('%s', async (...story) => {
    await tell(story);
  });

  test.each([0, 1, 2, 3, 4, 5])('when both report at the same moment: one id is tied (%s)', async (order) => {
    const run = await happen(await playRun({ order, replicas: 2 }), ...lost);
    const about = { ticket: run.ticket() };
    const ended = run.post('crew', { kickoff_id: 'e2', result: 'The result' }, about);
    run.world.door = 1;
    await Promise.all([ended, run.post('step', { kickoff_id: 'x9' }, about)]);
    await happen(run, pause(2, 'A budget', { run: 'e2' }), pause(3, 'A plan', { run: 'x9' }));
    const states = run.cards().map((card) => card.split(': ')[1]);
    expect(states.sort()).toEqual(['continued', 'ended', 'waiting']);
  });
});

test('a ticket that cannot be read or is not known is ignored, logged, and the webhook is taken', async () => {
  const run = await happen(await playRun(), ...lost);
  const ticket = run.ticket();
  const [approval] = ticket.split('.');
  const spoiled = [
    'anything',
    `${ticket}${'0'.repeat(10 * 1024)}`,
    [ticket, ticket],
    [ticket, `${approval}.${'0'.repeat(20)}`],
    `${approval}.${'0'.repeat(20)}`,
    `0000000000000000.${'0'.repeat(20)}`,
    `00000000-0000-4000-8000-000000000000.${'0'.repeat(20)}`,
    `__proto__.${'0'.repeat(20)}`,
    `${ticket}\n`,
    `${ticket}\u0000`,
    '',
  ];
  for (const [index, one] of spoiled.entries()) {
    const answer = await run.end('A result', { run: `e2${index}`, ticket: one });
    expect(answer).toMatchObject({ http: 202, status: 'noted' });
  }
  expect(run.world.facts().filter((fact) => fact === IGNORED)).toHaveLength(spoiled.length);
  expect(run.cards()).toEqual(['1 A release: sending']);
  expect(run.notes()).toEqual([]);
});
