import { expect, test } from 'vitest';
import { type Decision, listSeen } from '../../src/approval/model/round.ts';
import type { Seen } from '../../src/approval/model/seen.ts';
import { approve } from './builders.ts';

const onCard: Seen = { place: 'card', language: 'en', hash: 'text:1' };
const vote = (by: string, more: Partial<Decision> = {}): Decision => ({
  ...approve,
  by,
  seen: onCard,
  ...more,
});
const seenBy = (by: string) => ({ by, place: 'card', whole: true, asked: false });

test('a program reads what the people behind a decision were shown, in the order of their votes', () => {
  const votes = [vote('UANA'), vote('UBEN')];
  expect(listSeen({ votes, decision: vote('UBEN') })).toEqual([seenBy('UANA'), seenBy('UBEN')]);
});

test('it does not read what others were shown, who voted for something else', () => {
  const [other, ...same] = [
    vote('UANA', { action: 'choose', option: 0 }),
    vote('UBEN', { action: 'choose', option: 1 }),
    vote('UCAT', { action: 'choose', option: 1 }),
  ];
  const votes = [other as Decision, ...same];
  expect(listSeen({ votes, decision: same[1] })).toEqual([seenBy('UBEN'), seenBy('UCAT')]);
});

test('it reads how many characters of a part were shown, and nothing that is not known', () => {
  const part = { shown: 3, of: 9 };
  const votes = [
    vote('UANA', { seen: { ...onCard, part, asked: true } }),
    vote('UBEN', { seen: { place: 'home' } }),
    { ...approve, by: 'UCAT' },
  ];
  expect(listSeen({ votes, decision: votes[2] })).toEqual([
    { by: 'UANA', place: 'card', whole: false, asked: true, shown: 3, of: 9 },
    { by: 'UBEN', place: 'home' },
    { by: 'UCAT', place: 'unknown' },
  ]);
});

test('where a rule decided, nobody was shown anything', () => {
  expect(listSeen({ votes: [vote('UANA')], decision: { ...approve, by: '', rule: 'expiry' } })).toEqual([]);
});
