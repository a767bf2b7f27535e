import { describe, expect, test } from 'vitest';
import { adoptCard, recordCard, removeCard } from '../../../src/approval/lifecycle/cards.ts';
import {
  claimLane,
  failLane,
  LEASE,
  releaseLane,
  removeNote,
} from '../../../src/approval/lifecycle/lanes.ts';
import { currentRound, laneNames } from '../../../src/approval/model/approval.ts';
import type { Note } from '../../../src/approval/model/note.ts';
import type { Card } from '../../../src/approval/model/round.ts';
import { AT, anApproval, approve, aRound, decided, deliveries, withCards } from '../builders.ts';

const card: Card = { channel: 'C', ts: '1.0', shown: 'a' };
const twin: Card = { channel: 'C', ts: '2.0', shown: 'a' };

describe('a lane', () => {
  test.each(laneNames)('%s is held for 10 s after a claim, the other lanes stay free', (lane) => {
    const claimed = claimLane(anApproval(), lane, 'a/1', AT);
    expect(claimed.lanes[lane].lease).toEqual({ owner: 'a/1', until: AT + 10_000 });
    for (const other of laneNames) if (other !== lane) expect(claimed.lanes[other].lease).toBeUndefined();
    expect(releaseLane(claimed, lane, 'a/1').lanes[lane]).toEqual({ failures: 0 });
  });

  test('is not given back by a worker that another has taken it over from', () => {
    const taken = claimLane(claimLane(anApproval(), 'card', 'a/1', AT), 'card', 'b/1', AT + LEASE);
    expect(releaseLane(taken, 'card', 'a/1')).toBe(taken);
    expect(releaseLane(taken, 'card', 'b/1').lanes.card.lease).toBeUndefined();
  });

  test('counts its failures in a row, and forgets them once something worked', () => {
    const failed = failLane(failLane(anApproval(), 'card', AT + 1), 'card', AT + 5);
    expect(failed.lanes.card).toEqual({ failures: 2, notBefore: AT + 5 });
    expect(recordCard(failed, 1, card, AT).lanes.card).toEqual({ failures: 0 });
  });
});

describe('cards', () => {
  test('a posted card is kept with what it shows, and is a fact of the history', () => {
    const posted = recordCard(anApproval(), 1, card, AT);
    expect(currentRound(posted).card).toEqual(card);
    expect(posted.facts.at(-1)).toMatchObject({ what: 'posted', round: 1, detail: 'C' });
    const updated = recordCard(posted, 1, { ...card, shown: 'b' }, AT);
    expect(currentRound(updated).card?.shown).toBe('b');
    expect(updated.factCount).toBe(posted.factCount);
  });

  test('a click on an unknown card of a round adopts it, so that it is updated too', () => {
    const known = anApproval([aRound({ card })]);
    const adopted = adoptCard(known, 1, { channel: 'C', ts: '2.0' });
    expect(currentRound(adopted).duplicateCards).toEqual([{ channel: 'C', ts: '2.0', shown: '' }]);
    expect(adoptCard(adopted, 1, { channel: 'C', ts: '2.0' })).toBe(adopted);
    expect(adoptCard(adopted, 1, { channel: 'C', ts: '1.0' })).toBe(adopted);
    expect(currentRound(recordCard(adopted, 1, twin, AT)).duplicateCards).toEqual([twin]);
  });

  test('a click on the card of a round whose post has no known answer makes it the card', () => {
    const adopted = adoptCard(anApproval(), 1, { channel: 'C', ts: '1.0' });
    expect(currentRound(adopted).card).toEqual({ channel: 'C', ts: '1.0', shown: '' });
  });

  test('at most five duplicateCards are kept, the latest', () => {
    const adopted = [1, 2, 3, 4, 5, 6, 7].reduce(
      (approval, number) => adoptCard(approval, 1, { channel: 'C', ts: `twin ${number}` }),
      anApproval([aRound({ card })]),
    );
    expect(currentRound(adopted).duplicateCards.map(({ ts }) => ts)).toEqual(
      [3, 4, 5, 6, 7].map((n) => `twin ${n}`),
    );
  });

  test('a card that a second worker posted while the first was frozen is updated too', () => {
    const both = recordCard(anApproval([aRound({ card })]), 1, twin, AT);
    expect(currentRound(both).duplicateCards).toEqual([twin]);
  });

  test.each([
    ['waiting', 'is posted again', undefined],
    ['refused', 'is posted again', undefined],
    ['undelivered', 'is posted again', undefined],
    ['sending', 'stays away and is not updated', { ...card, shown: 'b' }],
    ['approved', 'stays away and is not updated', { ...card, shown: 'b' }],
    ['superseded', 'stays away and is not updated', { ...card, shown: 'b' }],
    ['given_up', 'stays away and is not updated', { ...card, shown: 'b' }],
  ] as const)('a card that was deleted in Slack while its round is %s %s', (status, _, left) => {
    const approval = anApproval([decided(status, approve, deliveries.accepted, { card })]);
    expect(currentRound(removeCard(approval, 1, card, 'b')).card).toEqual(left);
  });

  test('a twin that was deleted in Slack is forgotten, the card stays', () => {
    const gone = removeCard(anApproval([aRound({ card, duplicateCards: [twin] })]), 1, twin, 'b');
    expect(currentRound(gone)).toMatchObject({ card, duplicateCards: [] });
  });

  test('a round that does not exist changes nothing', () => {
    const approval = withCards(anApproval());
    expect(recordCard(approval, 9, card, AT)).toBe(approval);
    expect(removeCard(approval, 9, card, 'b')).toBe(approval);
    expect(adoptCard(approval, 9, { channel: 'C', ts: '9' })).toBe(approval);
  });
});

describe('notes', () => {
  const ended: Note = { kind: 'not_sent', why: 'run_ended', decision: approve, unsure: false };
  const result: Note = { kind: 'run_result' };

  test('a posted note is taken from the list, one of two equal ones', () => {
    const approval = anApproval([aRound()], { notes: [ended, result, structuredClone(ended)] });
    const posted = removeNote(approval, structuredClone(ended));
    expect(posted.notes).toEqual([result, ended]);
    expect(removeNote(posted, ended).notes).toEqual([result]);
  });

  test('a note that somebody else has posted meanwhile takes no other with it', () => {
    const approval = anApproval([aRound()], { notes: [result] });
    expect(removeNote(approval, ended).notes).toEqual([result]);
  });
});
