import { describe, expect, test } from 'vitest';
import { buildCardFacts } from '../../../src/approval/card-facts.ts';
import { currentRound } from '../../../src/approval/model/approval.ts';
import { readOutput } from '../../../src/approval/model/output.ts';
import type { NamedDeciders } from '../../../src/approval/ports.ts';
import { buildSeveralItem, buildSeveralModal } from '../../../src/features/several/views/several-modal.ts';
import { checkedView } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { en, inLanguage } from '../../../src/slack/texts/texts.ts';
import { writeShown } from '../../../src/slack/views/parts/shown.ts';
import { anApproval, aRound } from '../../approval/builders.ts';
import { links } from '../../slack/views/draw.ts';
import { FULLEST, listTexts, OPEN, type OpenState, OUTPUT, WAITING } from '../../slack/views/open-states.ts';

test.each(OPEN)('says what the card says of a round, or leaves it out: %s', (_, state) => {
  const { approval, output = OUTPUT } = state;
  const item = buildSeveralItem(en, approval, output, links);
  if (!item) return;
  const drawn = JSON.stringify(item);
  const { said, plain } = listTexts(approval);
  expect([...said, ...plain].filter((text) => !drawn.includes(JSON.stringify(text).slice(1, -1)))).toEqual(
    [],
  );
});

test('keeps of what it shows only what stands in the form', () => {
  for (const [name, { approval, output = OUTPUT }] of WAITING) {
    const item = buildSeveralItem(en, approval, output, links);
    if (!item) continue;
    const drawn = JSON.stringify(item);
    const lines = writeShown(en, buildCardFacts(approval, currentRound(approval)), 'several').split('\n');
    for (const line of lines) expect(drawn, `${name}: ${line}`).toContain(JSON.stringify(line).slice(1, -1));
  }
});

test('names who can decide, as its card does', () => {
  const approval = anApproval([aRound()]);
  const drawn = (deciders: NamedDeciders) =>
    JSON.stringify(buildSeveralItem(en, approval, OUTPUT, links, deciders));
  expect(drawn({ names: ['*Ana*', 'Ben'], others: 0 })).toContain(
    '"plain_text","text":"*Ana* or Ben can decide."',
  );
  expect(drawn('channel')).toContain("Anyone in the card's channel can decide.");
});

const SHORT = { approval: FULLEST, output: readOutput('Yes') };
const STATES: readonly OpenState[] = [...WAITING, ['the fullest', SHORT]];
describe.each(['en', 'pt-BR', 'es'] as const)('in %s', (language) => {
  const texts = inLanguage(language);
  test.each(STATES)('Slack accepts it: %s', (_, { approval, output = OUTPUT }) => {
    const item = buildSeveralItem(texts, approval, output, links);
    if (item) checkedView(buildSeveralModal(texts, [{ approval, blocks: item }], { tooLong: 0 }), 'modal');
  });
});
