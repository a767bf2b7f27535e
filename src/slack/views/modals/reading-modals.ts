import type { Button, KnownBlock, ModalView } from '@slack/types';
import { buildCardFacts, type CardFacts } from '../../../approval/card-facts.ts';
import { type Approval, findRound } from '../../../approval/model/approval.ts';
import { isBlankText, type Output } from '../../../approval/model/output.ts';
import { isPause, listOptions, type Round } from '../../../approval/model/round.ts';
import { listArguments } from '../../../approval/model/tool-arguments.ts';
import {
  appendLanguage,
  modalTarget,
  type OpenedRound,
  type PageTarget,
  writePage,
  writeTarget,
} from '../../app/button-values.ts';
import { ACTIONS } from '../../app/ids.ts';
import type { Texts } from '../../texts/texts.ts';
import { buildLastPageButtons } from '../card/buttons.ts';
import { listOptionPages, packOptions } from '../card/options.ts';
import { LONGEST_TITLE } from '../card/state.ts';
import { buildArgumentsBlock, splitArguments } from '../output/arguments.ts';
import {
  buildChangesBlock,
  type Change,
  compareTexts,
  estimateLength,
  groupChanges,
  LONGEST_COMPARED,
} from '../output/changes.ts';
import { renderJsonTexts } from '../output/json.ts';
import { renderPlainText } from '../output/mrkdwn.ts';
import { describeUnseen } from '../output/output-blocks.ts';
import { packPages, pickPage, SECTION_MAX } from '../output/sections.ts';
import { writeOutput } from '../output/write-output.ts';
import { describeAfterOutput, describeBeforeOutput } from '../parts/describe.ts';
import { describeDrawn } from '../parts/shown.ts';
import { actions, buildReadModal, button, context, plain, section } from '../text/elements.ts';
import { clean } from '../text/escape.ts';
import { writeSubject } from '../text/names.ts';
import { splitText } from '../text/truncate.ts';

/** Builds a page of the changes since the previous round. Pure. */
export function buildChangesModal(
  texts: Texts,
  approval: Approval,
  target: OpenedRound,
  { before, after }: { before: Output; after: Output },
  page: number,
): ModalView {
  if (before.text.length + after.text.length > LONGEST_COMPARED)
    return buildReadingPage(texts, approval, target, { content: 'changes', page: 0, of: 1 }, [
      section(texts.reading.tooLongToCompare),
    ]);
  const [beforeText, afterText] = [writeOutput(texts, before), writeOutput(texts, after)];
  const changes = compareOutputs(texts, before, after);
  if (changes.every(({ kind }) => kind === 'folded')) {
    const { nothingChanged, onlySpacesChanged } = texts.reading;
    const sentence = (beforeText === afterText ? nothingChanged : onlySpacesChanged)(target.round - 1);
    return buildReadingPage(texts, approval, target, { content: 'changes', page: 0, of: 1 }, [
      section(sentence),
    ]);
  }
  const groups = groupChanges(changes).map((group) => ({ group, length: estimateLength(group) }));
  const { shown = [], ...place } = pickPage(packPages(groups), page);
  return buildReadingPage(texts, approval, target, { content: 'changes', ...place }, [
    ...(place.page === 0 ? context(texts.reading.changesLegend) : []),
    ...shown.map(({ group }) => buildChangesBlock(texts, group)),
  ]);
}

/** Compares two outputs as people read them on the cards: JSON by its lines, Markdown without its marks. */
function compareOutputs(texts: Texts, before: Output, after: Output): Change[] {
  if (before.kind === 'json' && after.kind === 'json') return compareTexts(...renderJsonTexts(before, after));
  return compareTexts(clean(writeOutput(texts, before)), clean(writeOutput(texts, after)), renderPlainText);
}

/** A page of a text. `of`: number of its pages. */
type PagePosition = Pick<PageTarget, 'page' | 'opened'> & { of: number };

/** Builds a page of an output, its changes, its options or the state of a Flow. Pure. */
export function buildReadingPage(
  texts: Texts,
  approval: Approval,
  openedRound: OpenedRound,
  { content, page, of, opened }: PagePosition & Pick<PageTarget, 'content'>,
  blocks: readonly KnownBlock[],
): ModalView {
  const target = modalTarget(approval, openedRound);
  const titles = {
    output: texts.actions.readInFull,
    changes: texts.actions.whatChanged,
    state: texts.reading.stateTitle,
    options: texts.actions.allAnswers,
  };
  const isTool = findRound(approval, openedRound.round)?.question?.tool === true;
  const place = texts.reading.place(
    `*${writeSubject(texts, approval.task, isTool, LONGEST_TITLE)}*`,
    openedRound.round,
    of > 1 ? { number: page + 1, of } : undefined,
  );
  return buildReadModal(texts, titles[content], [
    ...context(place),
    ...blocks,
    ...actions(buildTurningButtons(texts, { target, content, page, opened }, of)),
  ]);
}

/**
 * Builds a page of an output or of a tool's arguments. The first page begins with the whole message. The last page has the choices
 * of the card while the round waits, for a person who has opened all pages in order. Pure.
 */
export function buildOutputPage(
  texts: Texts,
  approval: Approval,
  openedRound: OpenedRound,
  output: Output,
  position: PagePosition,
  blocks: readonly KnownBlock[],
): ModalView {
  const { page, of } = position;
  const round = findRound(approval, openedRound.round);
  const facts = round && buildCardFacts(approval, round);
  const isWaiting = facts?.isCurrent === true && facts.status === 'waiting' && output.kind !== 'lost';
  const decidingFacts = isWaiting && page === of - 1 ? facts : undefined;
  const canBeAnswered = facts?.question?.canBeAnswered ?? true;
  const opened = countOpened(position);
  const drawn =
    decidingFacts && opened >= of
      ? { ...describeDrawn(texts, decidingFacts, 'last_page', undefined), pages: of }
      : undefined;
  // In the order of the card: what the output itself says cannot look like a part of what the bot says.
  const { before, after } = decidingFacts ? describeAround(texts, decidingFacts) : { before: [], after: [] };
  const content = [
    ...(page === 0 ? buildMessage(round) : []),
    ...(page === 0 && !decidingFacts ? describeUnseen(texts, round?.unseen) : []),
    ...before,
    ...blocks,
    ...(decidingFacts && drawn ? buildLastPageButtons(texts, decidingFacts, drawn) : []),
    ...(decidingFacts && !drawn && canBeAnswered ? context(texts.reading.openAllPages(opened + 1)) : []),
    ...after,
  ];
  const view = buildReadingPage(
    texts,
    approval,
    openedRound,
    { content: 'output', page, of, opened },
    content,
  );
  if (!drawn) return view;
  const target = modalTarget(approval, { ...openedRound, drawn });
  return { ...view, private_metadata: appendLanguage(texts, writeTarget(target)) };
}

/** Counts the pages that the person has opened in order, this one included: a page after an unopened one does not count. */
function countOpened({ page, opened = 0 }: PagePosition): number {
  return page <= opened ? Math.max(opened, page + 1) : opened;
}

/** Describes, around the last page, what people must know to decide. The first page has the message. */
function describeAround(texts: Texts, facts: CardFacts): { before: KnownBlock[]; after: KnownBlock[] } {
  const before = describeBeforeOutput(texts, { facts }).filter(({ kind }) => kind !== 'message');
  return {
    before: before.flatMap(({ blocks }) => blocks),
    after: describeAfterOutput(texts, { facts }).flatMap(({ blocks }) => blocks),
  };
}

/** Builds the whole message of a question: people can come from a place that shows less of it than the card. */
function buildMessage(round: Round | undefined): KnownBlock[] {
  const message = (round && !isPause(round) ? round.description : undefined) ?? '';
  const parts = splitText(clean(message), SECTION_MAX).filter((part) => !isBlankText(part));
  return parts.map((part): KnownBlock => ({ type: 'section', text: plain(part), expand: true }));
}

/** Builds a page of the options of a question, whole. Pure. */
export function buildOptionsModal(
  texts: Texts,
  approval: Approval,
  target: OpenedRound,
  page: number,
): ModalView {
  const round = findRound(approval, target.round);
  const next = round?.question?.options?.map((option) => option.next);
  const { shown = [], ...place } = pickPage(
    packOptions(texts, { options: round && listOptions(round), next }),
    page,
  );
  return buildReadingPage(texts, approval, target, { content: 'options', ...place }, shown.map(plainSection));
}

/** Builds the pages of options that follow those of an output. */
export function buildOptionPages(texts: Texts, approval: Approval, round: Round): KnownBlock[][] {
  return listOptionPages(texts, buildCardFacts(approval, round)).map((page) => page.map(plainSection));
}

function plainSection(text: string): KnownBlock {
  return { type: 'section', text: plain(text) };
}

/** Blocks of arguments per page. */
const PARTS_PER_PAGE = 2;

/** Builds a page of a tool's arguments, character by character. Pure. */
export function buildArgumentsModal(
  texts: Texts,
  approval: Approval,
  openedRound: OpenedRound,
  output: Output,
  { page, opened }: Pick<PageTarget, 'page' | 'opened'>,
): ModalView {
  const parts = splitArguments(listArguments(output));
  // Pages are short, so that people scroll through each one before they turn it.
  const pages = parts.flatMap((_, at) =>
    at % PARTS_PER_PAGE === 0 ? [parts.slice(at, at + PARTS_PER_PAGE)] : [],
  );
  const { shown = [], ...place } = pickPage(pages, page);
  const blocks = shown.map((part) => buildArgumentsBlock(texts, part));
  return buildOutputPage(texts, approval, openedRound, output, { ...place, opened }, blocks);
}

/** Builds the buttons that turn pages. *First* and *Last* appear only if they lead further than *Back* and *Next*. */
function buildTurningButtons(texts: Texts, currentPage: PageTarget, pages: number): Button[] {
  const { page } = currentPage;
  const lastPage = pages - 1;
  const buttons = [
    { action: ACTIONS.pageFirst, label: texts.reading.first, to: 0, offered: page > 1 },
    { action: ACTIONS.pageBefore, label: texts.reading.back, to: page - 1, offered: page > 0 },
    { action: ACTIONS.pageAfter, label: texts.reading.next, to: page + 1, offered: page < lastPage },
    { action: ACTIONS.pageLast, label: texts.reading.last, to: lastPage, offered: page < lastPage - 1 },
  ];
  return buttons
    .filter(({ offered }) => offered)
    .map(({ action, label, to }) => button(action, label, writePage({ ...currentPage, page: to })));
}
