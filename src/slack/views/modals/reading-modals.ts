import type { Button, KnownBlock, ModalView } from '@slack/types';
import { type Approval, findRound } from '../../../approval/model/approval.ts';
import type { Output } from '../../../approval/model/output.ts';
import { isPause, listOptions, type Round } from '../../../approval/model/round.ts';
import { listArguments } from '../../../approval/model/tool-arguments.ts';
import {
  keepLanguage,
  modalTarget,
  type OpenedRound,
  type PageTarget,
  writePage,
  writeTarget,
} from '../../app/button-values.ts';
import { ACTIONS, CALLBACKS } from '../../app/ids.ts';
import type { Texts } from '../../texts/texts.ts';
import { numberOptions } from '../card/options.ts';
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
import { countMessage } from '../output/output-blocks.ts';
import { packPages, pickPage, SECTION_MAX } from '../output/sections.ts';
import { writeOutput } from '../output/write-output.ts';
import { actions, buildReadModal, button, context, plain, section } from '../text/elements.ts';
import { clean } from '../text/escape.ts';
import { writeTask } from '../text/names.ts';
import { packLines, splitText } from '../text/truncate.ts';

/** Builds a page of the changes since the previous round. Pure. */
export function buildChangesModal(
  texts: Texts,
  approval: Approval,
  target: OpenedRound,
  { before, after }: { before: Output; after: Output },
  page: number,
): ModalView {
  if (before.text.length + after.text.length > LONGEST_COMPARED)
    return buildReader(texts, approval, target, { what: 'changes', page: 0, of: 1 }, [
      section(texts.reading.tooLongToCompare),
    ]);
  const [beforeText, afterText] = [writeOutput(texts, before), writeOutput(texts, after)];
  const changes = compareOutputs(texts, before, after);
  if (changes.every(({ kind }) => kind === 'folded')) {
    const { nothingChanged, onlySpacesChanged } = texts.reading;
    const sentence = (beforeText === afterText ? nothingChanged : onlySpacesChanged)(target.round - 1);
    return buildReader(texts, approval, target, { what: 'changes', page: 0, of: 1 }, [section(sentence)]);
  }
  const groups = groupChanges(changes).map((group) => ({ group, length: estimateLength(group) }));
  const { shown = [], ...place } = pickPage(packPages(groups), page);
  return buildReader(texts, approval, target, { what: 'changes', ...place }, [
    ...(place.page === 0 ? context(texts.reading.changesLegend) : []),
    ...shown.map(({ group }) => buildChangesBlock(texts, group)),
  ]);
}

/** Compares two outputs as people read them on the cards: JSON by its lines, Markdown without its marks. */
function compareOutputs(texts: Texts, before: Output, after: Output): Change[] {
  if (before.kind === 'json' && after.kind === 'json') return compareTexts(...renderJsonTexts(before, after));
  return compareTexts(clean(writeOutput(texts, before)), clean(writeOutput(texts, after)), renderPlainText);
}

/** Builds a page of an output, its changes, its options or the state of a Flow. `of`: number of pages. Pure. */
export function buildReader(
  texts: Texts,
  approval: Approval,
  opened: OpenedRound,
  { what, page, of }: Pick<PageTarget, 'what' | 'page'> & { of: number },
  blocks: readonly KnownBlock[],
): ModalView {
  const target = modalTarget(approval, opened);
  const titles = {
    output: texts.actions.readInFull,
    changes: texts.actions.whatChanged,
    state: texts.reading.stateTitle,
    options: texts.actions.allAnswers,
  };
  const place = texts.reading.place(
    `*${writeTask(texts, approval.task, 150)}*`,
    opened.round,
    of > 1 ? { number: page + 1, of } : undefined,
  );
  return buildReadModal(texts, titles[what], [
    ...context(place),
    ...blocks,
    ...actions(buildTurningButtons(texts, { target, what, page }, of, isStepwise(approval, opened, what))),
  ]);
}

/** Builds the whole message of a question. Returns no block if the card already shows all of the message. */
export function buildWholeMessage(round: Round | undefined): KnownBlock[] {
  const message = round && !isPause(round) ? round.description : undefined;
  if (message === undefined || !countMessage(undefined, message)) return [];
  const parts = splitText(clean(message), SECTION_MAX);
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
  const nextSteps = round?.question?.options?.map((option) => option.next);
  const parts = packLines(numberOptions(texts, (round && listOptions(round)) ?? [], nextSteps), SECTION_MAX);
  const { shown = [], ...place } = pickPage(packPages(parts), page);
  const blocks = shown.map((part): KnownBlock => ({ type: 'section', text: plain(part) }));
  return buildReader(texts, approval, target, { what: 'options', ...place }, blocks);
}

/** Blocks of arguments per page. */
const PARTS_PER_PAGE = 2;

/** Builds a page of a tool's arguments, character by character. While the tool waits, the last page can allow it. Pure. */
export function buildArgumentsModal(
  texts: Texts,
  approval: Approval,
  opened: OpenedRound,
  output: Output,
  page: number,
): ModalView {
  const parts = splitArguments(listArguments(output));
  // Pages are short, so that people scroll through each one before they turn it.
  const pages = parts.flatMap((_, at) =>
    at % PARTS_PER_PAGE === 0 ? [parts.slice(at, at + PARTS_PER_PAGE)] : [],
  );
  const { shown = [], ...place } = pickPage(pages, page);
  const round = findRound(approval, opened.round);
  const view = buildReader(texts, approval, opened, { what: 'output', ...place }, [
    ...(place.page === 0 ? buildWholeMessage(round) : []),
    ...shown.map((shown) => buildArgumentsBlock(texts, shown)),
  ]);
  const isLast = place.page === place.of - 1;
  if (!isLast || round?.status !== 'waiting') return view;
  return {
    ...view,
    callback_id: CALLBACKS.allowRead,
    private_metadata: keepLanguage(texts, writeTarget(modalTarget(approval, opened))),
    submit: plain(texts.actions.allow),
  };
}

/** True if people must turn every page: only those who have read all arguments of a tool may allow the tool. */
function isStepwise(approval: Approval, { round }: OpenedRound, what: PageTarget['what']): boolean {
  return what === 'output' && findRound(approval, round)?.question?.tool === true;
}

/** Builds the buttons that turn pages. *First* and *Last* appear only if they lead further than *Back* and *Next*. */
function buildTurningButtons(
  texts: Texts,
  currentPage: PageTarget,
  pages: number,
  stepwise: boolean,
): Button[] {
  const { page } = currentPage;
  const lastPage = pages - 1;
  const turns = [
    { action: ACTIONS.pageFirst, label: texts.reading.first, to: 0, offered: page > 1 && !stepwise },
    { action: ACTIONS.pageBefore, label: texts.reading.back, to: page - 1, offered: page > 0 },
    { action: ACTIONS.pageAfter, label: texts.reading.next, to: page + 1, offered: page < lastPage },
    {
      action: ACTIONS.pageLast,
      label: texts.reading.last,
      to: lastPage,
      offered: page < lastPage - 1 && !stepwise,
    },
  ];
  return turns
    .filter(({ offered }) => offered)
    .map(({ action, label, to }) => button(action, label, writePage({ ...currentPage, page: to })));
}
