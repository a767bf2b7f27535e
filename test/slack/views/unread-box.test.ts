import { expect, test } from 'vitest';
import { readOutput } from '../../../src/approval/model/output.ts';
import { buildApproveModal } from '../../../src/slack/views/modals/decision-modals.ts';
import { buildOutputBlocks, describeCut } from '../../../src/slack/views/output/output-blocks.ts';
import { anApproval, aRound } from '../../approval/builders.ts';

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
