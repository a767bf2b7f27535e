import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkedView } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { en as texts } from '../../../src/slack/texts/en.ts';
import { buildNotDoneModal, buildRevisionModal } from '../../../src/slack/views/modals/decision-modals.ts';
import { clean } from '../../../src/slack/views/text/escape.ts';
import { hostileText } from '../hostile.ts';
import { approval, round, text } from '../records.ts';

const plainTexts = (view: { blocks: unknown }) =>
  (view.blocks as { text?: { type: string; text: string } }[]).flatMap(({ text: shown }) =>
    shown?.type === 'plain_text' ? [shown.text] : [],
  );

it('what was typed into a form that was overtaken stands there whole, both fields of it, to be copied', () => {
  const feedback = Array.from({ length: 200 }, (_, n) => `${n} *stars* <b>`)
    .join('\n')
    .slice(0, 3_000);
  const note = `Not for CrewAI. ${'& '.repeat(1_490)}`.slice(0, 3_000).trim();
  const view = buildNotDoneModal('Request revision', 'It was decided.', { feedback, note });
  checkedView(view, 'modal');
  expect(plainTexts(view)).toEqual([feedback, note]);
  expect(JSON.stringify(view)).toContain(texts.forms.yourPeopleNote);
  expect(JSON.stringify(buildNotDoneModal('Assign', 'No.', { feedback: ' ', note: '' }))).not.toContain(
    'wrote',
  );
});

it('whatever was typed, all of it that can be seen stands there, and Slack takes it', () => {
  fc.assert(
    fc.property(hostileText, (typed) => {
      const view = buildNotDoneModal('Request revision', 'It was decided.', { feedback: typed, note: '' });
      checkedView(view, 'modal');
      const bare = (value: string) => value.replace(/[\s\p{Default_Ignorable_Code_Point}]/gu, '');
      expect(bare(plainTexts(view).join(''))).toBe(bare(clean(typed)));
    }),
  );
});

it('the revision modal says how much stands before the end that it shows', () => {
  const shown = (value: string) =>
    JSON.stringify(buildRevisionModal(approval([round()]), { round: 1 }, text(value)));
  expect(shown('All of it.')).toContain('The output:');
  expect(shown('All of it.')).toContain('The crew gets this text in full');
  const long = `${'x'.repeat(4_000)} ${'y'.repeat(1_000)}`;
  const said = shown(long);
  const kept = /y{5,}/.exec(said)?.[0].length ?? 0;
  expect(kept).toBe(1_000);
  expect(said).toContain(
    `The end of the output, after ${(long.length - kept - 1).toLocaleString('en-US')} characters:`,
  );
});
