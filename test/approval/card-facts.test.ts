import { describe, expect, test } from 'vitest';
import { buildCardFacts, hashCardFacts } from '../../src/approval/card-facts.ts';
import { findCardDueTime } from '../../src/approval/lifecycle/next-steps.ts';
import { type Approval, currentRound } from '../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import { type Delivery, type Round, roundStatuses } from '../../src/approval/model/round.ts';
import {
  AT,
  aDelivery,
  anApproval,
  anOutput,
  approve,
  aRound,
  became,
  decided,
  deliveries,
  hashOfCard,
  outcomes,
  revision,
  secondRound,
  withCards,
  withCurrent,
} from './builders.ts';

const key = (approval: Approval, round: Round = currentRound(approval)) => hashOfCard(approval, round);
const of = (round: Round) => key(anApproval([round]));
const sending = (delivery: Delivery) => decided('sending', approve, delivery);
const accepted = (over: Partial<Round> = {}) => decided('approved', approve, deliveries.accepted, over);
const first = (approval: Approval) => [approval, approval.rounds[0] as Round] as const;

describe('what a card has to show', () => {
  test('differs with the status of its round', () => {
    const keys = roundStatuses.map((status) => of(decided(status, approve, deliveries.accepted)));
    expect(new Set(keys).size).toBe(roundStatuses.length);
  });

  // biome-ignore format: a table
  test.each<[string, Round, Round]>([
    ['a run that may have gone on', aRound(), aRound({ mayHaveContinued: true })],
    ['a run that went on', accepted(), accepted({ continuedAt: AT })],
    ['a failed try', sending(deliveries.notTried), sending(deliveries.notArrived)],
    ['a lost answer', sending(deliveries.notArrived), sending(deliveries.unsure)],
    ['another refusal', decided('refused', approve, deliveries.refused),
      decided('refused', approve, { ...deliveries.refused, failure: { kind: 'refused', status: 401 } })],
    ...(['undelivered', 'given_up'] as const).map((status): [string, Round, Round] => [
      `that it may have arrived, once it is ${status}`,
      decided(status, approve, { ...deliveries.unsure, unsure: false }),
      decided(status, approve, deliveries.unsure),
    ]),
    ['who wrote it', aRound(), aRound({ agent: 'Copywriter' })],
    ['what was expected', aRound(), aRound({ expectedOutput: '300 words' })],
  ])('differs with %s', (_, one, other) => {
    expect(of(one)).not.toBe(of(other));
  });

  // biome-ignore format: a table
  test.each<[string, Round, Round]>([
    ['another attempt that failed in the same way', sending(deliveries.notArrived),
      sending({ ...deliveries.notArrived, attempts: 7 })],
    ['an attempt under way', sending(deliveries.notTried), sending(deliveries.underway)],
    ['the second route of the pause', aRound(),
      aRound({ humanInput: true, taskId: 'pause-7', hashes: ['S', 'S2'] })],
    ['a duplicate card', aRound(), aRound({ duplicateCards: [{ channel: 'C', ts: '9', shown: '' }] })],
  ])('stays the same with %s', (_, one, other) => {
    expect(of(one)).toBe(of(other));
  });

  test('is what CrewAI says that it did, where that is not what was decided', () => {
    const says = (word: string) => {
      const round = decided('approved', approve, { ...deliveries.accepted, says: word });
      return buildCardFacts(...first(anApproval([round]))).accepted?.says;
    };
    expect(['resumed', 'retrying'].map(says)).toEqual([undefined, 'retrying']);
  });

  test('differs with another vote where two have to approve', () => {
    const policy = { ...DEFAULT_POLICY, approvalsRequired: 2 };
    const voted = (votes: Round['votes']) => key({ ...anApproval([aRound({ votes })]), policy });
    expect(voted([approve])).not.toBe(voted([]));
  });

  test('does not depend on the order in which a record was written', () => {
    const turned = (value: object): object =>
      Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, part]) => [
            name,
            part && typeof part === 'object' && !Array.isArray(part) ? turned(part) : part,
          ]),
      );
    const facts = buildCardFacts(...first(anApproval([decided('approved', approve, deliveries.accepted)])));
    expect(hashCardFacts(turned(facts) as typeof facts)).toBe(hashCardFacts(facts));
  });

  test('holds nothing that a Flow can be answered with', () => {
    const review = { options: ['publish'], callbackUrl: 'https://flows.example.com/callback?token=secret' };
    const facts = buildCardFacts(...first(anApproval([aRound({ review })])));
    expect(facts.question).toMatchObject({ options: ['publish'], canBeAnswered: true });
    expect(JSON.stringify(facts)).not.toContain('flows.example.com');
  });

  test('of an older round links to the newest card, once that one is posted', () => {
    const approval = became(secondRound(aRound()), anOutput('N'));
    const before = key(approval, approval.rounds[1]);
    const posted = withCurrent(approval, { card: { channel: 'C', ts: '3.0', shown: '' } });
    expect(key(posted, posted.rounds[1])).not.toBe(before);
  });

  test('is the same after a webhook that was delivered twice', () => {
    const approval = withCards(secondRound(aRound()));
    expect(key(became(approval, anOutput('S')))).toBe(key(approval));
  });
});

describe('when a card is updated', () => {
  test.each(roundStatuses.filter((status) => status !== 'sending'))(
    'at once when its round is %s',
    (status) => {
      expect(findCardDueTime(decided(status, revision, deliveries.accepted))).toBe(0);
    },
  );

  test('300 ms after a decision, so that a quick answer of CrewAI costs one update', () => {
    expect(findCardDueTime(decided('sending', approve, aDelivery({ since: AT })))).toBe(AT + 300);
    expect(findCardDueTime(decided('sending', approve, deliveries.underway))).toBe(AT + 300);
  });

  test('at once when the first try failed', () => {
    const failed = became(anApproval([decided('sending', approve, deliveries.underway)]), {
      type: 'attempt_ended',
      at: AT + 50,
      round: 1,
      outcome: outcomes.unknown,
      backoffMs: 1_000,
    });
    expect(findCardDueTime(currentRound(failed))).toBe(0);
  });
});
