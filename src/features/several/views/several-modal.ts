import type { KnownBlock, ModalView } from '@slack/types';
import { buildCardFacts, type CardFacts } from '../../../approval/card-facts.ts';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Output } from '../../../approval/model/output.ts';
import type { NamedDeciders } from '../../../approval/ports.ts';
import { appendLanguage, buildTarget, writeTarget } from '../../../slack/app/button-values.ts';
import type { Texts } from '../../../slack/texts/texts.ts';
import { buildEntryHeader, describeTask, writePlainTask } from '../../../slack/views/card/state.ts';
import type { CardLinks } from '../../../slack/views/message-view.ts';
import {
  buildJsonLines,
  buildPreformatted,
  formatJson,
  splitJson,
} from '../../../slack/views/output/json.ts';
import { convertSection } from '../../../slack/views/output/mrkdwn.ts';
import { addHiddenMessage, describeEmptyOutput } from '../../../slack/views/output/output-blocks.ts';
import { packParts, splitSections } from '../../../slack/views/output/sections.ts';
import { writeOutput } from '../../../slack/views/output/write-output.ts';
import {
  describeAfterOutput,
  describeBeforeOutput,
  nameDecidersAwayFromCard,
} from '../../../slack/views/parts/describe.ts';
import { describeDrawn } from '../../../slack/views/parts/shown.ts';
import {
  actions,
  buildReadModal,
  button,
  context,
  formatDate,
  plain,
  readSection,
  section,
} from '../../../slack/views/text/elements.ts';
import { clean, escapeLine } from '../../../slack/views/text/escape.ts';
import { buildCardLink } from '../../../slack/views/text/links.ts';
import { SELECTED, SEVERAL_ACTIONS, SEVERAL_FORM, selectBlock } from '../ids.ts';
import { severalTexts } from '../texts.ts';
import { type SeveralTargets, writeSeveral } from '../values.ts';

/** Most blocks of all texts together; a modal accepts 100: https://docs.slack.dev/reference/block-kit */
export const SEVERAL_BLOCKS = 90;
/**
 * Largest size of all texts together, as JSON in bytes; Slack accepts 250,000 for the view:
 * https://docs.slack.dev/reference/methods/views.update
 */
export const SEVERAL_BYTES = 200_000;
export const MAX_TOGETHER = 10;
/** Longest text, in characters. A longer one can be read on its card. */
const LONGEST_TEXT = 8_000;
const LONGEST_ITEM = 20;

/** Builds the blocks of an approval: its whole text and a checkbox; undefined if they do not fit into the form. Pure. */
export function buildSeveralItem(
  texts: Texts,
  approval: Approval,
  output: Output,
  links: CardLinks,
  deciders?: NamedDeciders | undefined,
): KnownBlock[] | undefined {
  const round = currentRound(approval);
  const wholeText = buildWholeText(texts, output);
  if (!wholeText || wholeText.length > LONGEST_ITEM) return undefined;
  const facts = buildCardFacts(approval, round);
  if (addHiddenMessage(undefined, facts.question?.text)) return undefined;
  const described = { facts, deciders: nameDecidersAwayFromCard(deciders) };
  const link = buildCardLink(approval, round, links);
  const smallPrint = texts.lists.ofCrewSince(
    escapeLine(approval.crew, 64),
    formatDate(texts, round.receivedAt),
  );
  return [
    { type: 'divider' },
    buildEntryHeader(texts, facts),
    ...context(
      `${describeTask(texts, facts)}\n${link ? `${smallPrint} · <${link}|${texts.actions.openCard}>` : smallPrint}`,
    ),
    ...describeBeforeOutput(texts, described).flatMap(({ blocks }) => blocks),
    ...wholeText,
    ...describeAfterOutput(texts, described).flatMap(({ blocks }) => blocks),
    buildCheckbox(texts, facts),
  ];
}

function buildWholeText(texts: Texts, output: Output): KnownBlock[] | undefined {
  if (output.kind === 'lost') return undefined;
  const blank = describeEmptyOutput(texts, output);
  if (blank) return [section(blank)];
  const isJson = output.kind === 'json';
  if (output.text.length > 2 * LONGEST_TEXT) return undefined;
  const text = isJson ? formatJson(output) : clean(writeOutput(texts, output));
  if (text.length > LONGEST_TEXT) return undefined;
  if (!isJson)
    return packParts(splitSections(text), '\n\n')
      .flatMap((markdown) => convertSection(texts, markdown))
      .map(readSection);
  const lines = buildJsonLines(output);
  return lines ? [lines] : splitJson(text, 2_000).map(buildPreformatted);
}

/**
 * Shows approvals with their whole texts and a checkbox each. `next`: place of the next page; `tooLong`: number of approvals left
 * out because of their length. Pure.
 */
export function buildSeveralModal(
  texts: Texts,
  items: readonly { approval: Approval; blocks: readonly KnownBlock[] }[],
  { next, tooLong }: { next?: string | undefined; tooLong: number },
): ModalView {
  const tooLongNotice = context(tooLong > 0 ? severalTexts(texts).tooLong(tooLong) : undefined);
  const nextButton = buildNextButton(texts, next, severalTexts(texts).nextHint);
  if (items.length === 0)
    return buildReadModal(texts, severalTexts(texts).title, [
      section(next === undefined ? severalTexts(texts).nothing : severalTexts(texts).nothingYet),
      ...tooLongNotice,
      ...nextButton,
    ]);
  const targets = items.map(({ approval }) => {
    const round = currentRound(approval);
    const drawn = describeDrawn(texts, buildCardFacts(approval, round), 'several', undefined);
    return { ...buildTarget(approval, round.number), drawn };
  });
  return {
    type: 'modal',
    callback_id: SEVERAL_FORM,
    private_metadata: appendLanguage(texts, writeSeveral({ targets, next } satisfies SeveralTargets)),
    title: plain(severalTexts(texts).title),
    submit: plain(severalTexts(texts).approve),
    close: plain(texts.actions.cancel),
    blocks: [
      section(severalTexts(texts).question),
      ...items.flatMap(({ blocks }) => blocks),
      { type: 'divider' },
      ...tooLongNotice,
      ...nextButton,
    ],
  };
}

function buildCheckbox(texts: Texts, facts: CardFacts): KnownBlock {
  return {
    type: 'input',
    block_id: selectBlock(writeTarget(facts)),
    optional: true,
    label: plain(writePlainTask(texts, facts)),
    element: {
      type: 'checkboxes',
      action_id: SELECTED,
      options: [{ text: plain(texts.actions.approve), value: 'approve' }],
    },
  };
}

/** Shows one line per decision. Pure. */
export function buildSeveralDone(
  texts: Texts,
  lines: readonly string[],
  next: string | undefined,
): ModalView {
  return buildReadModal(texts, severalTexts(texts).title, [
    ...lines.map(section),
    ...buildNextButton(texts, next),
  ]);
}

function buildNextButton(texts: Texts, next: string | undefined, hint?: string): KnownBlock[] {
  if (next === undefined) return [];
  return [...context(hint), ...actions([button(SEVERAL_ACTIONS.decideSeveral, texts.reading.next, next)])];
}
