import { describe, expect, test } from 'vitest';
import { claimLane, failLane } from '../../../src/approval/lifecycle/lanes.ts';
import { dueAt, listNextSteps } from '../../../src/approval/lifecycle/next-steps.ts';
import type { Approval } from '../../../src/approval/model/approval.ts';
import type { Note } from '../../../src/approval/model/note.ts';
import { type Round, roundStatuses } from '../../../src/approval/model/round.ts';
import {
  AT,
  anApproval,
  anOutput,
  approve,
  aRound,
  attemptEnded,
  attemptStarted,
  became,
  decideBy,
  decided,
  deliveries,
  outcomes,
  secondRound,
  withCards,
  withCurrent,
} from '../builders.ts';

const NOW = AT + 1_000;
const HOUR = 3_600_000;
const note: Note = { kind: 'run_result' };
const step = (approval: Approval, lane: string, now = NOW, sole?: string) =>
  listNextSteps(approval, now, sole).find((next) => next.lane === lane);

describe('the card lane', () => {
  test('posts the card of a round that has none, at once', () => {
    expect(listNextSteps(anApproval(), NOW)).toEqual([{ lane: 'card', do: 'post', round: 1, at: 0 }]);
  });

  test('posts cards in order, also that of a round which was superseded meanwhile', () => {
    const approval = became(anApproval(), anOutput('N'));
    expect(step(approval, 'card')).toMatchObject({ do: 'post', round: 1 });
    const first = withCards({ ...approval, rounds: approval.rounds.slice(0, 1) }).rounds[0];
    const posted = {
      ...approval,
      rounds: approval.rounds.map((round, at) => (at === 0 && first ? first : round)),
    };
    expect(step(posted, 'card')).toMatchObject({ do: 'post', round: 2 });
  });

  test('updates a card that shows something else, 300 ms after a decision', () => {
    const approval = withCards(anApproval());
    expect(listNextSteps(approval, NOW)).toEqual([]);
    const decision = became(approval, decideBy('UANA', { at: NOW }));
    expect(step(decision, 'card')).toMatchObject({ do: 'update', round: 1, at: NOW + 300 });
    const tried = became(decision, attemptStarted(1, NOW + 10));
    const answered = became(tried, attemptEnded(outcomes.accepted, 1, NOW + 40));
    expect(step(answered, 'card')).toMatchObject({ do: 'update', at: 0 });
  });

  test('updates duplicateCards too, and the newest round before older ones', () => {
    const approval = withCards(secondRound(aRound()));
    const shown = approval.rounds[1]?.card?.shown as string;
    const stale = { channel: 'C', ts: 'stale', shown: '' };
    const duplicateCards = [{ channel: 'C', ts: 'fresh', shown }, stale];
    const twice = withCurrent(approval, { duplicateCards });
    expect(step(twice, 'card')).toMatchObject({ do: 'update', round: 2, card: { ts: 'stale' } });
    const [first, second] = twice.rounds as [Round, Round];
    const bothStale = { ...twice, rounds: [{ ...first, card: stale }, second] };
    expect(step(bothStale, 'card')).toMatchObject({ round: 2 });
  });

  test('waits after a failure', () => {
    expect(step(failLane(anApproval(), 'card', NOW + 7_000), 'card')).toMatchObject({ at: NOW + 7_000 });
  });
});

describe('the thread lane', () => {
  test('posts a note once the first card is there', () => {
    const approval = anApproval([aRound()], { notes: [note] });
    expect(step(approval, 'thread')).toBeUndefined();
    expect(step(withCards(approval), 'thread')).toMatchObject({ lane: 'thread', do: 'post_note', at: 0 });
  });
});

describe('the delivery lane', () => {
  test.each(roundStatuses.filter((status) => status !== 'sending'))(
    'has nothing to do for a round %s',
    (status) => {
      const round = decided(status, approve, deliveries.accepted, { continuedAt: AT });
      expect(step(anApproval([round]), 'delivery')).toBeUndefined();
    },
  );

  test.each(['approved', 'revision_requested'] as const)(
    'asks for the status of a run that stays silent after a round was %s, unless it has ended',
    (status) => {
      const silent = anApproval([decided(status, approve, deliveries.accepted)]);
      const at = AT + silent.policy.silentAfter;
      expect(step(silent, 'delivery')).toEqual({ lane: 'delivery', do: 'ask_status', round: 1, at });
      expect(step({ ...silent, runEndedAt: AT }, 'delivery')).toBeUndefined();
    },
  );

  test('sends a decision at once, without waiting for Slack', () => {
    const sending = anApproval([decided('sending', approve, deliveries.notTried)]);
    const attempt = { lane: 'delivery', do: 'attempt', round: 1, at: 0 };
    expect(step(sending, 'delivery')).toEqual(attempt);
  });

  test('tries again by backoff, and ends the tries after an hour', () => {
    const sending = anApproval([decided('sending', approve, deliveries.notArrived)]);
    const failed = failLane(sending, 'delivery', NOW + 5_000);
    expect(step(failed, 'delivery')).toMatchObject({ do: 'attempt', at: NOW + 5_000 });
    expect(step(failed, 'delivery', AT + HOUR)).toMatchObject({ do: 'expire_delivery', at: AT + HOUR });
    const late = failLane(sending, 'delivery', AT + HOUR + 1);
    expect(step(late, 'delivery')).toMatchObject({ do: 'expire_delivery', at: AT + HOUR });
  });
});

describe('leases', () => {
  const claimed = claimLane(anApproval(), 'card', 'other/1', NOW);

  test('a claimed lane is due when its lease ends; the other lanes are not held up', () => {
    expect(step(claimed, 'card')).toMatchObject({ at: NOW + 10_000 });
    const decision = anApproval([decided('sending', approve, deliveries.notTried)]);
    const sending = claimLane(decision, 'card', 'other/1', NOW);
    expect(step(sending, 'delivery')).toMatchObject({ at: 0 });
  });

  test('on a store for one process, the leases of any other worker are void', () => {
    expect(step(claimed, 'card', NOW, 'me')).toMatchObject({ at: 0 });
    expect(step(claimed, 'card', NOW, 'other')).toMatchObject({ at: NOW + 10_000 });
    expect(step(claimed, 'card', NOW, 'oth')).toMatchObject({ at: 0 });
  });
});

test('an approval is due when its first lane is, and never once nothing is left to do', () => {
  const approval = anApproval([aRound()], { notes: [note] });
  expect(dueAt(failLane(approval, 'card', NOW + 9), NOW)).toBe(NOW + 9);
  expect(dueAt(withCards(approval), NOW)).toBe(0);
  expect(dueAt(withCards(anApproval()), NOW)).toBeUndefined();
  const ended = decided('run_ended', approve, deliveries.notTried);
  expect(dueAt(withCards(anApproval([ended])), NOW)).toBeUndefined();
});
