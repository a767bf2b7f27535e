import { describe, expect, test } from 'vitest';
import {
  applyKickoffEvent,
  type KickoffEvent,
  type KickoffOutcome,
  nextKickoffStep,
} from '../../../src/approval/kickoffs/kickoff-events.ts';
import { AT, aKickoff } from './records.ts';

const MINUTE = 60_000;
const posted = aKickoff({ message: { channel: 'CAPPROVALS', ts: '1.0', shown: 'starting' } });
const happens = (...events: KickoffEvent[]) => events.reduce(applyKickoffEvent, posted);
const called = (at = AT): KickoffEvent => ({ type: 'called', at });
const answered = (outcome: KickoffOutcome, at = AT, backoffMs = 1_000): KickoffEvent => ({
  type: 'answered',
  at,
  outcome,
  backoffMs,
  silentAfterMs: 10 * MINUTE,
});
const unavailable = (retryAfterMs?: number): KickoffOutcome => ({
  kind: 'not_reached',
  reason: 'HTTP 503',
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

describe('a run that CrewAI certainly did not start', () => {
  test('is asked for again after the backoff, or when CrewAI says', () => {
    const later = happens(called(), answered(unavailable()));
    expect(later).toMatchObject({ status: 'starting', lane: { failures: 1 } });
    expect(later.calledAt).toBeUndefined();
    expect(nextKickoffStep(later)).toEqual({ step: { do: 'call' }, at: AT + 1_000 });
    const asked = happens(called(), answered(unavailable(2 * MINUTE)));
    expect(nextKickoffStep(asked)?.at).toBe(AT + 2 * MINUTE);
  });

  test('is asked for a last time after ten minutes, and then not started', () => {
    const last = happens(called(), answered(unavailable(), AT + 9 * MINUTE, 5 * MINUTE));
    expect(nextKickoffStep(last)?.at).toBe(AT + 10 * MINUTE);
    const over = applyKickoffEvent(last, answered(unavailable(), AT + 10 * MINUTE));
    expect(over).toMatchObject({ status: 'not_started', reason: 'HTTP 503', notes: ['not_started'] });
  });

  test('is not started when CrewAI wants to be asked later than that', () => {
    const over = happens(called(), answered(unavailable(60 * MINUTE)));
    expect(over).toMatchObject({ status: 'not_started', notes: ['not_started'] });
  });
});

describe('an answer that comes after the call counted as lost', () => {
  const lost: KickoffEvent = { type: 'call_lost', at: AT + 10_000 };

  test.each<[string, KickoffOutcome]>([
    ['a rejection', { kind: 'refused', reason: 'HTTP 401' }],
    ['no connection', unavailable()],
  ])('of %s says that nothing runs, and nobody asks again', (_, outcome) => {
    const kickoff = happens(called(), lost, answered(outcome, AT + 11_000));
    expect(kickoff).toMatchObject({ status: 'not_started', notes: ['not_started'] });
    expect(nextKickoffStep(kickoff)?.step.do).toBe('note');
  });

  test('of success says that it runs, and no note says otherwise', () => {
    const kickoff = happens(called(), lost, answered({ kind: 'started', executionId: 'run-1' }));
    expect(kickoff).toMatchObject({ status: 'running', executionId: 'run-1', notes: [] });
  });

  test('and leaves it unsure changes nothing', () => {
    const unsure = happens(called(), lost);
    expect(applyKickoffEvent(unsure, answered({ kind: 'unknown', reason: 'HTTP 504' }))).toBe(unsure);
  });
});

test('a refusal of the channel that another worker has posted to since changes nothing', () => {
  const refused: KickoffEvent = { type: 'not_posted', at: AT, reason: 'is_archived' };
  expect(applyKickoffEvent(posted, refused)).toBe(posted);
  const once = applyKickoffEvent(aKickoff(), refused);
  expect(once).toMatchObject({ status: 'not_started', notes: ['not_started'] });
  expect(applyKickoffEvent(once, refused)).toBe(once);
});

test('whichever comes first, the answer or a webhook, ties the run, and the other changes nothing', () => {
  const seen: KickoffEvent = { type: 'seen', at: AT + 1, executionId: 'run-1' };
  const first = happens(called(), seen);
  expect(first).toMatchObject({ status: 'running', executionId: 'run-1', tied: true });
  for (const outcome of [
    { kind: 'started', executionId: 'run-2' },
    { kind: 'unknown', reason: 'no answer in time' },
    { kind: 'refused', reason: 'HTTP 500' },
  ] as const)
    expect(applyKickoffEvent(first, answered(outcome))).toBe(first);
  const second = happens(called(), answered({ kind: 'started', executionId: 'run-1' }));
  expect(nextKickoffStep(second)?.step).toEqual({ do: 'tie' });
  expect(applyKickoffEvent(second, seen)).toBe(second);
});
