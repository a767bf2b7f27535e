import { describe, expect, test } from 'vitest';
import { reportUnseenPauses } from '../../../src/approval/intake/unseen-pauses.ts';
import type { KickoffOutcome } from '../../../src/approval/kickoffs/kickoff-events.ts';
import type { ApprovalEvent, ResumeOutcome } from '../../../src/approval/lifecycle/events.ts';
import { settle } from '../../../src/approval/lifecycle/rounds.ts';
import { applyEvent } from '../../../src/approval/lifecycle/transitions.ts';
import { currentRound } from '../../../src/approval/model/approval.ts';
import { updateApproval } from '../../../src/approval/update.ts';
import { buildRunNote } from '../../../src/slack/views/runs/run-message.ts';
import { buildTestApp } from '../../support/app.ts';
import { anEvent, aPause, aTask, theEnd } from '../run-world.ts';
import { createKickoffWorld, createStartedWorld, ID } from './kickoff-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const meta = { requestId: ID };

describe('a run that was started from Slack', () => {
  test('keeps its channel and the person who started it, whatever `meta` says', async () => {
    const world = await createStartedWorld({ crew: { channels: ['CAPPROVALS', 'COTHER'] } });
    const claims = { ...meta, channel: 'COTHER', requestedBy: 'UBEN' };
    await world.intake.receive(world.crew, aPause(1, 'Text', { run: 'run-1', meta: claims }));
    expect((await world.store.execution('press', 'run-1'))?.record).toMatchObject({
      channel: 'CAPPROVALS',
      requestedBy: 'UANA',
    });
  });

  test('ends once, though its end is reported by an event and by a webhook, before and after', async () => {
    const world = await createStartedWorld();
    const end = theEnd('The result', { run: 'run-1', meta });
    const completed = anEvent('crew_kickoff_completed', { executionId: 'run-1' });
    for (const _ of ['first', 'second']) {
      await world.intake.receiveEvents(world.crew, [completed]);
      await world.intake.receive(world.crew, end);
    }
    await world.clock.advance(5 * SECOND);
    expect((await world.kickoff()).status).toBe('finished');
    expect(world.notes()).toEqual(['result']);
  });

  test('that failed before CrewAI answered the kickoff has failed once the answer names it', async () => {
    const world = createKickoffWorld();
    world.startWorker('one');
    world.crewDoes.push(async () => {
      const failed = anEvent('crew_kickoff_failed', { executionId: 'run-1', error: 'ValueError: boom' });
      await world.intake.receiveEvents(world.crew, [failed]);
      return { kind: 'started', executionId: 'run-1' };
    });
    await world.submit();
    await world.clock.advance(10 * SECOND);
    expect(await world.kickoff()).toMatchObject({ status: 'failed', reason: 'ValueError: boom' });
    expect(world.notes()).toEqual(['failed']);
  });

  test('that fails is reported once in its thread, and to the last decider', async () => {
    const world = await createStartedWorld({ dialect: 'live' });
    const receipt = await world.intake.receive(world.crew, aPause(1, 'A release', { run: 'run-1', meta }));
    const id = receipt.approval as string;
    const decision = { action: 'approve', feedback: '', by: 'UBEN', at: world.clock.now() } as const;
    await updateApproval(world.store, id, (approval) =>
      settle(approval, { ...currentRound(approval), decision }, 'approved', world.clock.now()),
    );
    await world.clock.advance(SECOND);
    await world.intake.receiveEvents(world.crew, [
      anEvent('crew_kickoff_failed', { executionId: 'run-1', error: 'ValueError: boom' }),
    ]);
    await world.clock.advance(10 * SECOND);
    expect(world.notes()).toEqual(['failed']);
    const approval = (await world.store.approval(id))?.record;
    expect(approval).toMatchObject({ runFailure: { reason: 'ValueError: boom' }, thread: expect.anything() });
    expect((approval?.notes ?? []).map(({ kind }) => kind)).not.toContain('run_failed');
    const { text } = buildRunNote(await world.kickoff(), 'failed', undefined, 'full');
    expect(text).toBe(':x: <@UANA> <@UBEN>, the run of *press* failed: ValueError: boom.');
  });

  test('that fails with a hidden input in its error does not show it', async () => {
    const world = await createStartedWorld({ crew: { inputs: { api_key: { hidden: 'a-constant' } } } });
    const error = 'AuthError: a-constant is not a key';
    await world.intake.receiveEvents(world.crew, [
      anEvent('crew_kickoff_failed', { executionId: 'run-1', error }),
    ]);
    expect(await world.kickoff()).toMatchObject({
      status: 'failed',
      reason: 'AuthError: … is not a key',
    });
  });

  test('has its pauses reported: its kickoff named the webhook for them', async () => {
    const announced: string[] = [];
    const world = await createStartedWorld({ dialect: 'live' });
    await world.intake.receive(world.crew, aTask('draft', 'Text', { run: 'run-1', meta }));
    await world.clock.advance(60 * MINUTE);
    const announce = async (channel: string) => void announced.push(channel);
    await reportUnseenPauses(buildTestApp({ ...world.app, announce }));
    expect(announced).toEqual([]);
  });
});

test('a webhook with the id of a start of another crew ties nothing', async () => {
  const world = await createStartedWorld();
  const other = { ...world.crew, name: 'sales' };
  await world.intake.receive(other, aTask('draft', 'Text', { run: 'run-9', meta }));
  expect((await world.store.execution('sales', 'run-9'))?.record.thread).toBeUndefined();
  expect(await world.kickoff()).toMatchObject({ executionId: 'run-1' });
});

test('a webhook of another run with the id of a start that runs ends nothing, and the result of the run comes', async () => {
  const world = await createStartedWorld();
  await world.intake.receive(world.crew, theEnd('Not its result', { run: 'run-9', meta }));
  await world.clock.advance(5 * SECOND);
  expect(await world.kickoff()).toMatchObject({ status: 'running', executionId: 'run-1' });
  await world.intake.receive(world.crew, theEnd('Its result', { run: 'run-1', meta }));
  await world.clock.advance(5 * SECOND);
  expect((await world.kickoff()).status).toBe('finished');
  expect(world.notes()).toEqual(['result']);
});

test('a webhook cannot claim a start that CrewAI refused', async () => {
  const world = await createStartedWorld({ crewAnswers: [{ kind: 'refused', reason: 'HTTP 401' }] });
  await world.intake.receive(world.crew, theEnd('Text', { run: 'run-9', meta }));
  expect((await world.kickoff()).status).toBe('not_started');
  expect((await world.store.execution('press', 'run-9'))?.record.thread).toBeUndefined();
});

describe('the ticket in the webhook URLs of a start', () => {
  const lost: KickoffOutcome = { kind: 'unknown', reason: 'no answer in time' };

  async function startLive(outcome?: KickoffOutcome) {
    const world = await createStartedWorld({ dialect: 'live', crewAnswers: outcome ? [outcome] : [] });
    return { ...world, ticket: `${ID}.${(await world.kickoff()).tickets?.at(-1)?.id}` };
  }

  test('ties the run by its first event when the answer to the kickoff was lost', async () => {
    const world = await startLive(lost);
    expect((await world.kickoff()).status).toBe('unsure');
    const began = anEvent('crew_kickoff_started', { executionId: 'run-7' });
    await world.intake.receiveEvents(world.crew, [began], world.ticket);
    await world.clock.advance(5_000);
    expect(await world.kickoff()).toMatchObject({ status: 'running', executionId: 'run-7' });
    const failed = anEvent('crew_kickoff_failed', { executionId: 'run-7', error: 'Out of tokens' });
    await world.intake.receiveEvents(world.crew, [failed], world.ticket);
    await world.clock.advance(5_000);
    expect(await world.kickoff()).toMatchObject({ status: 'failed', reason: 'Out of tokens' });
  });

  test('does not join a second run that was started with the same URLs', async () => {
    const world = await startLive();
    const began = anEvent('crew_kickoff_started', { executionId: 'x9' });
    await world.intake.receiveEvents(world.crew, [began], world.ticket);
    await world.intake.receive(world.crew, theEnd('Another result', { run: 'x9' }), world.ticket);
    await world.clock.advance(5_000);
    expect(await world.kickoff()).toMatchObject({ status: 'running', executionId: 'run-1' });
    expect((await world.store.execution('press', 'x9'))?.record.thread).toBeUndefined();
    expect(world.logged).toContain('run ticket ignored');
  });

  const opens = async (world: Awaited<ReturnType<typeof startLive>>, pause: number) => {
    const said = { run: 'run-1', meta: { requestId: ID } };
    const receipt = await world.intake.receive(world.crew, aPause(pause, `Text ${pause}`, said));
    return receipt.approval as string;
  };

  /** A person approves, and CrewAI's answer is lost. */
  async function loseAnswer({ store, clock }: Awaited<ReturnType<typeof startLive>>, id: string) {
    const at = clock.now();
    const outcome: ResumeOutcome = { kind: 'unknown', failure: { kind: 'unknown', detail: 'ETIMEDOUT' } };
    const ticket = '0123456789abcdef0123';
    const events: ApprovalEvent[] = [
      { type: 'decide', at, round: 1, action: 'approve', feedback: '', by: 'UANA' },
      { type: 'attempt_started', at, round: 1, dialect: 'live', ticket },
      { type: 'attempt_ended', at, round: 1, outcome, ticket, backoffMs: 60_000 },
    ];
    await updateApproval(store, id, (approval) => events.reduce(applyEvent, approval));
  }

  test('shows by an event of the continuation that a decision arrived whose answer was lost', async () => {
    const world = await startLive();
    const id = await opens(world, 1);
    await loseAnswer(world, id);
    const failed = anEvent('crew_kickoff_failed', { executionId: 'run-2', error: 'Out of tokens' });
    await world.intake.receiveEvents(world.crew, [failed], world.ticket);
    await world.clock.advance(5_000);
    const approval = (await world.store.approval(id))?.record;
    expect(approval && currentRound(approval).status).toBe('approved');
    expect(approval).toMatchObject({ runFailure: { reason: 'Out of tokens' } });
    expect(await world.kickoff()).toMatchObject({ status: 'failed', reason: 'Out of tokens' });
  });

  test('shows nothing where two decisions have no answer: either could have arrived', async () => {
    const world = await startLive();
    const ids = [await opens(world, 1), await opens(world, 2)];
    for (const id of ids) await loseAnswer(world, id);
    const began = anEvent('crew_kickoff_started', { executionId: 'run-2' });
    await world.intake.receiveEvents(world.crew, [began], world.ticket);
    const approvals = await Promise.all(ids.map((id) => world.store.approval(id)));
    expect(approvals.map((stored) => stored && currentRound(stored.record).status)).toEqual([
      'sending',
      'sending',
    ]);
    expect(world.logged).toContain('run ticket ignored');
  });
});
