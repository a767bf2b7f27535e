import { expect, test } from 'vitest';
import { createDecisions } from '../../../src/sandbox/demo/decisions.ts';

const APPROVAL = 'HRD5NEWA0KH21MPY';
const cardOf = (round: number, value = `${APPROVAL}.${round}.abc`) => [
  { type: 'markdown', text: `"value":"${APPROVAL}.7"` },
  { type: 'actions', elements: [{ type: 'button', value }] },
];

function heard(...acts: [msg: string, person: string, round?: number][]) {
  const decisions = createDecisions();
  for (const [msg, person, round = 1] of acts)
    decisions.read(JSON.stringify({ level: 30, approval: APPROVAL, round, person, msg }));
  return decisions;
}

test('the round that the buttons of a card name has the people whose decisions count', () => {
  const decisions = heard(
    ['decision recorded', 'UANA'],
    ['decision rejected', 'UCAT'],
    ['decision recorded', 'UBEN'],
    ['undo recorded', 'UBEN'],
    ['decision recorded', 'UCAT', 2],
  );
  expect(decisions.of(cardOf(1))).toEqual({ by: ['UANA'], isClosed: false });
  expect(decisions.of(cardOf(2, `details:${APPROVAL}.2`)).by).toEqual(['UCAT']);
  expect(decisions.of(cardOf(3)).by).toEqual([]);
  expect(decisions.of([]).by).toEqual([]);
});

test('a round that was closed without a decision is known as such', () => {
  expect(heard(['close rejected', 'UANA']).of(cardOf(1)).isClosed).toBe(false);
  expect(heard(['close recorded', 'UANA']).of(cardOf(1)).isClosed).toBe(true);
});

test('lines that are about something else, or no JSON, are not read', () => {
  const decisions = createDecisions();
  for (const line of ['', 'not JSON', '{"msg":"decision recorded"}', '{"msg":"ready","port":1}'])
    expect(decisions.read(line)).toBe(false);
});
