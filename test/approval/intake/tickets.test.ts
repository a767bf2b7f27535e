import { describe, expect, test } from 'vitest';
import { currentRound } from '../../../src/approval/model/approval.ts';
import type { WebhookFacts } from '../../../src/approval/model/run/webhook.ts';
import {
  anEvent,
  answers,
  aPause,
  approved,
  aStep,
  aTask,
  createRun,
  type Run,
  revised,
  theEnd,
} from '../run-world.ts';

/** A run of the live platform with an approval whose decision was sent; `answer`: what came of it. */
async function decided(
  answer: (typeof answers)['lost'] | ReturnType<(typeof answers)['live']>,
  { action = 'approve' }: { action?: 'approve' | 'request_revision' } = {},
) {
  const { run, id } = await (action === 'approve' ? approved : revised)(answer);
  const round = async () => currentRound(await run.approval(id));
  const ticket = `${id}.${(await round()).delivery?.tickets?.at(-1)?.id}`;
  return { ...run, id, ticket, round };
}

const comes = ({ receiver, crew }: Pick<Run, 'receiver' | 'crew'>, webhook: WebhookFacts, ticket?: unknown) =>
  receiver.receive(crew, webhook, ticket);

describe('when the answer to a decision was lost', () => {
  test('the end of the run under a new id finds its run: the decision is accepted, and sent no more', async () => {
    const run = await decided(answers.lost);
    expect(await run.round()).toMatchObject({ status: 'sending', delivery: { unsure: true } });
    await comes(run, theEnd('The result', { run: 'e2' }), run.ticket);
    await run.clock.advance(2 * 60 * 60_000);
    expect(await run.round()).toMatchObject({ status: 'approved', continuedAt: expect.any(Number) });
    expect(run.resumes).toHaveLength(1);
    expect(await run.run()).toMatchObject({ finishedAt: expect.any(Number), hasResult: true });
    expect(run.notes()).toMatchObject([{ kind: 'run_result' }]);
  });

  test.each<[string, WebhookFacts]>([
    ['a step', aStep({ run: 'e2' })],
    ['a task', aTask('layout', 'A layout', { run: 'e2' })],
  ])('%s under a new id shows that a revision arrived', async (_, webhook) => {
    const run = await decided(answers.lost, { action: 'request_revision' });
    await comes(run, webhook, run.ticket);
    await run.clock.advance(10_000);
    expect(await run.round()).toMatchObject({
      status: 'revision_requested',
      continuedAt: expect.any(Number),
    });
    expect(run.resumes).toHaveLength(1);
    expect((await run.run()).continuedAs).toBe('e2');
  });

  test('a webhook under the known id shows it too', async () => {
    const run = await decided(answers.lost);
    await comes(run, aStep(), run.ticket);
    expect((await run.round()).status).toBe('approved');
  });

  test('events without a ticket that came first under the new id do not keep it from its run', async () => {
    const run = await decided(answers.lost);
    await run.happens(anEvent('task_completed', { executionId: 'e2', task: 'draft' }));
    await comes(run, theEnd('The result', { run: 'e2' }), run.ticket);
    expect((await run.round()).status).toBe('approved');
    expect(await run.run('e1')).toMatchObject({ finishedAt: expect.any(Number), hasResult: true });
  });

  test('an event under a new id shows it, and the failure of the run is known', async () => {
    const run = await decided(answers.lost);
    const failed = anEvent('crew_kickoff_failed', { executionId: 'e2', error: 'Out of tokens' });
    await run.receiver.receiveEvents(run.crew, [failed], run.ticket);
    await run.clock.advance(10_000);
    expect(await run.round()).toMatchObject({ status: 'approved' });
    expect(await run.approval(run.id)).toMatchObject({ runFailure: { reason: 'Out of tokens' } });
  });

  test('an answer that comes after the webhook still says what CrewAI did', async () => {
    const run = createRun({ dialect: 'documented' });
    run.startWorker('w1');
    const id = await run.opens(aTask('draft', 'A release'));
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    run.crewDoes.push(async () => {
      await held;
      return answers.documented('retrying')();
    });
    await run.approves(id);
    const { delivery } = currentRound(await run.approval(id));
    await comes(run, aStep(), `${id}.${delivery?.tickets?.at(-1)?.id}`);
    expect(await run.statuses(id)).toEqual(['approved']);
    answer();
    await run.clock.advance(5_000);
    expect(run.notes()).toMatchObject([{ kind: 'answered_otherwise', says: 'retrying' }]);
  });
});

describe('URLs of one run that start another one do not join the two', () => {
  /** The first webhook of another run, which was started with the same URLs. */
  const other = { run: 'x9' };

  test('when the run has gone on: its ticket is used', async () => {
    const run = await decided(answers.lost);
    await comes(run, aStep({ run: 'e2' }), run.ticket);
    await comes(run, theEnd('Another result', other), run.ticket);
    expect((await run.run('e1')).finishedAt).toBeUndefined();
    expect((await run.run('x9')).finishedAt).toBeDefined();
    expect(run.logged).toContain('run ticket ignored');
  });

  test('when the run has ended', async () => {
    const run = await decided(answers.lost);
    await comes(run, theEnd('The result', { run: 'e2' }), run.ticket);
    await comes(run, aStep(other), run.ticket);
    expect((await run.run('x9')).executionId).toBe('x9');
  });

  test('when CrewAI has just answered with the id under which the run goes on', async () => {
    const run = await decided(answers.live('e2'));
    await comes(run, theEnd('Another result', other), run.ticket);
    expect((await run.run('e1')).finishedAt).toBeUndefined();
    await comes(run, theEnd('The result', { run: 'e2' }), run.ticket);
    expect((await run.run('e1')).finishedAt).toBeDefined();
  });

  test('when both report at the same moment: one id is tied', async () => {
    const run = await decided(answers.lost);
    await Promise.all([
      comes(run, theEnd('The result', { run: 'e2' }), run.ticket),
      comes(run, aStep(other), run.ticket),
    ]);
    const first = await Promise.all(['e2', 'x9'].map((id) => run.store.originalId('press', id)));
    expect(first.filter((id) => id === 'e1')).toHaveLength(1);
  });

  test('when the run is known to have ended although its ticket never came', async () => {
    const run = await decided(answers.lost);
    await comes(run, theEnd('The result'));
    await comes(run, aStep(other), run.ticket);
    expect(await run.store.originalId('press', 'x9')).toBe('x9');
  });

  test('when the other one pauses: a pause names its own run', async () => {
    const run = await decided(answers.lost);
    const receipt = await comes(run, aPause(7, 'Another release', other), run.ticket);
    expect(receipt).toMatchObject({ status: 'created' });
    expect(receipt.approval).not.toBe(run.id);
    expect((await run.round()).status).toBe('sending');
    expect((await run.run('x9')).approvals).toEqual([receipt.approval]);
  });
});

test.each<[string, (ticket: string, id: string) => unknown]>([
  ['spelled wrong', () => 'anything'],
  ['of 10 KB', (ticket) => `${ticket}${'0'.repeat(10_000)}`],
  ['given twice', (ticket) => [ticket, ticket]],
  ['of nothing known', (_, id) => `${id}.${'0'.repeat(20)}`],
  ['of an unknown approval', () => `0000000000000000.${'0'.repeat(20)}`],
  ['of an unknown start', () => `00000000-0000-4000-8000-000000000000.${'0'.repeat(20)}`],
])('a ticket that is %s is ignored, logged, and the webhook is taken', async (_, spoil) => {
  const run = await decided(answers.lost);
  const ticket = spoil(run.ticket, run.id);
  expect(await comes(run, theEnd('A result', { run: 'e2' }), ticket)).toMatchObject({ status: 'noted' });
  expect(run.logged).toContain('run ticket ignored');
  expect((await run.round()).status).toBe('sending');
  expect((await run.run('e1')).finishedAt).toBeUndefined();
});

test('the tickets of earlier attempts stay known when a person says Retry', async () => {
  const run = await decided(answers.lost);
  run.crewAlways(answers.lost);
  await run.clock.advance(2 * 60_000);
  expect((await run.round()).status).toBe('undelivered');
  await run.service.retry({ approvalId: run.id, round: 1 }, 'UANA');
  await run.clock.advance(10);
  await comes(run, theEnd('The result', { run: 'e2' }), run.ticket);
  expect((await run.round()).status).toBe('approved');
});
