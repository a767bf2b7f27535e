import { expect, test } from 'vitest';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import { readOutput } from '../../../src/approval/model/output.ts';
import { en } from '../../../src/slack/texts/en.ts';
import { buildApprovalView } from '../../../src/slack/views/lists/look-up.ts';
import {
  buildApproveModal,
  buildChoiceModal,
  buildEditModal,
} from '../../../src/slack/views/modals/decision-modals.ts';
import { buildWholeMessage } from '../../../src/slack/views/modals/reading-modals.ts';
import { buildOutputBlocks, describeCut } from '../../../src/slack/views/output/output-blocks.ts';
import { anApproval, aRound } from '../../approval/builders.ts';
import { reviewApproval } from '../records.ts';
import { cardOf, links } from './draw.ts';

const ROWS = Array.from({ length: 80 }, (_, id) => ({ id, name: `n${id}` }));

test.each([
  ['a table', JSON.stringify(ROWS)],
  ['a long text', 'A word of **it** & that.\n\n'.repeat(900)],
])('the box of a form that was opened on a card says what the card says: %s', (_, value) => {
  const output = readOutput(value);
  const { cut } = buildOutputBlocks(output, 'whole');
  const opened = { round: 1, via: 'card' as const, isCut: true };
  const { blocks } = buildApproveModal(anApproval([aRound({})]), opened, output, false);
  const box = blocks.find(({ block_id }) => block_id === 'unread');
  expect(cut).toBeDefined();
  expect(box).toMatchObject({ label: { text: cut && describeCut(cut) } });
});

test('a message whose escapes fill the card counts as far as it is shown', () => {
  const asked = reviewApproval({}, { description: '&'.repeat(1_400) });
  const card = JSON.stringify(cardOf(currentRound(asked), { output: readOutput('Build 42') }).blocks);
  expect(card).toContain('You have seen 299 of 1,400 characters');
});

test('what is not shown of a message counts on the card, in its form and in *Read in full*', () => {
  const message = 'Is the build ready? '.repeat(100).trim();
  const output = readOutput('Build 42');
  const of = (description: string) => reviewApproval({}, { description });
  const cardWith = (asked: Approval) => JSON.stringify(cardOf(currentRound(asked), { output }).blocks);
  const formOf = (asked: Approval) =>
    JSON.stringify(buildChoiceModal(asked, { round: 1, via: 'card', isCut: true }, output));
  const said = 'You have seen 1,499 of 1,999 characters';
  expect(cardWith(of(message))).toContain(said);
  expect(cardWith(of(message))).toContain(en.actions.readInFull);
  expect(formOf(of(message))).toContain(said);
  expect(JSON.stringify(buildWholeMessage(currentRound(of(message))))).toContain(message);
  const short = of(message.slice(0, 1_500));
  expect(cardWith(short)).not.toContain('You have seen');
  expect(cardWith(short)).not.toContain(en.actions.readInFull);
  expect(formOf(short)).not.toContain('You have seen');
  expect(buildWholeMessage(currentRound(short))).toEqual([]);
});

test.each([
  ['card', 1_499],
  ['home', 299],
] as const)('a form that edits an output asks where its message was not shown whole: %s', (via, seen) => {
  const message = 'It also pays the fair. '.repeat(90).trim();
  const edit = (description: string) =>
    JSON.stringify(buildEditModal(reviewApproval({}, { description }), { round: 1, via }, readOutput('Hi')));
  expect(edit(message)).toContain(en.actions.unread(seen, message.length));
  expect(edit(message.slice(0, 300))).not.toContain(en.forms.decideAnyway);
});

test('a look-up shows the message of a question above its buttons, and asks where that is not all of it', () => {
  const output = readOutput('Build 42');
  const look = (description: string) =>
    JSON.stringify(buildApprovalView(reviewApproval({}, { description }), output, links).blocks);
  expect(look('It pays the fair.')).toContain('It pays the fair.');
  expect(look('It pays the fair.')).not.toContain('You have seen');
  expect(look('It pays the fair. '.repeat(100))).toContain('You have seen 1,499 of 1,800 characters');
});
