import { describe, expect, it, test } from 'vitest';
import type { Question } from '../../../src/approval/model/round.ts';
import { anApproval, aRound, became, decideBy, refusalOf } from '../builders.ts';

const question: Question = { id: 'q1', digest: 'd1', freeText: 'optional', editable: true };
const options = [
  { id: 'ship', label: 'Ship' },
  { id: 'hold', label: 'Hold' },
];
const ROUNDS = {
  'the pause of a crew': aRound(),
  'a question': aRound({ question }),
  'a question with options': aRound({ question: { ...question, options } }),
  'a question that needs a text': aRound({ question: { ...question, freeText: 'required' } }),
  'a question with JSON': aRound({ question, hashes: ['json:1'] }),
} as const;
const BLANKS = {
  nothing: '',
  'blanks and line ends': ' \t\r\n\u00a0\u3000\u2028',
  'spaces and joiners without width': '\u200b\u200c\u200d\u2060\ufeff',
  'marks of direction': '\u200e\u200f\u202e\u2066',
  fillers: '\u2800\u3164\u115f\uffa0',
  'tags and variation selectors': '\u{e0041}\ufe0f\u{e0100}',
  controls: '\u0000\u0007\u0085',
  'a soft hyphen': '\u00ad',
};

describe.each(Object.entries(ROUNDS))('an edited text of %s', (_, round) => {
  const way = round.question?.options ? ({ action: 'choose', option: 0 } as const) : {};

  it.each(Object.entries(BLANKS))('is refused if it has only %s', (__, edited) => {
    for (const required of [1, 2]) {
      const approval = anApproval([round]);
      const waiting = { ...approval, policy: { ...approval.policy, approvalsRequired: required } };
      expect(refusalOf(waiting, decideBy('UANA', { ...way, edited }))).toEqual({ code: 'edited_blank' });
    }
  });
});

test.each(Object.values(BLANKS))('a note of %j beside an edited text refuses nothing', (blank) => {
  const sent = became(
    anApproval([aRound({ question })]),
    decideBy('UANA', { edited: 'New', note: blank, feedback: blank }),
  );
  expect(sent.rounds[0]?.decision).toMatchObject({ action: 'approve', edited: 'New' });
});
