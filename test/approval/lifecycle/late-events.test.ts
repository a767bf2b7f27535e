import { expect, test } from 'vitest';
import type { ApprovalEvent } from '../../../src/approval/lifecycle/events.ts';
import { applyEvent, transition } from '../../../src/approval/lifecycle/transitions.ts';
import { AT, anApproval, approve, aRound, decided, deliveries } from '../builders.ts';

const waiting = anApproval([aRound()]);
const approved = anApproval([decided('approved', approve, deliveries.notTried)]);
const round = 9;

// Work that another replica has done meanwhile, or that is told twice.
test.each<ApprovalEvent>([
  { type: 'push_ended', at: AT, round, id: 'q1', of: 'answered', outcome: { kind: 'taken' }, backoffMs: 1 },
  { type: 'push_ended', at: AT, round: 1, id: 'q1', of: 'answered', outcome: { kind: 'gone' }, backoffMs: 1 },
  { type: 'push_expired', at: AT, round, id: 'q1' },
  { type: 'push_expired', at: AT, round: 1, id: 'q1' },
  { type: 'fetched', at: AT, round },
  { type: 'fetched', at: AT, round: 1, id: 'q2' },
  { type: 'offered', at: AT, round },
  { type: 'program_alive', at: AT, round },
  { type: 'withdrawn', at: AT, round },
  { type: 'delivery_expired', at: AT, round },
  { type: 'reminder_postponed', at: AT, round, until: AT + 1 },
  { type: 'restored', at: AT, round },
  { type: 'answered_elsewhere', at: AT, round },
  { type: 'attempt_proved', at: AT, ticket: 'a ticket that it does not have' },
  { type: 'stall_checked', at: AT, round, status: undefined },
  { type: 'callback_allowed', at: AT, requestId: 'another review', callbackUrl: 'https://crewai.com/' },
  { type: 'escalation_asked', at: AT, requestId: 'another review' },
])('an event about what an approval does not have changes nothing: $type of round $round', (event) => {
  expect(applyEvent(waiting, event)).toBe(waiting);
  expect(applyEvent(approved, event)).toBe(approved);
});

test.each(['retry', 'give_up', 'undo', 'end_permission', 'claim', 'release'] as const)(
  'a person who would %s a round that there is not is refused',
  (type) => {
    expect(transition(waiting, { type, at: AT, round, by: 'UANA' })).toHaveProperty('refusal');
  },
);

test('a task that is reported twice is noted once', () => {
  const done = { type: 'task_done', at: AT, key: 'layout', task: 'layout' } as const;
  const noted = applyEvent(approved, done);
  expect(noted).not.toBe(approved);
  expect(applyEvent(noted, { ...done, at: AT + 1 })).toBe(noted);
  const failed = { type: 'task_failed', at: AT, task: 'layout', reason: undefined } as const;
  const told = applyEvent(noted, failed);
  expect(told).not.toBe(noted);
  expect(applyEvent(told, { ...failed, at: AT + 1 })).toBe(told);
});
