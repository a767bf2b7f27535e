import type { Button, KnownBlock, ModalView } from '@slack/types';
import { type Approval, findRound } from '../../../approval/model/approval.ts';
import { type Output, outputText } from '../../../approval/model/output.ts';
import type { Round } from '../../../approval/model/round.ts';
import { modalTarget, type Opened, type PageTarget, writePage } from '../../app/button-values.ts';
import { ACTIONS } from '../../app/ids.ts';
import { buildChangesBlock, estimateLength, groupChanges } from '../output/change-blocks.ts';
import { compareTexts } from '../output/changes.ts';
import { buildPreformatted } from '../output/json.ts';
import { describeBlank } from '../output/output-blocks.ts';
import { convertSection } from '../output/section-texts.ts';
import { packPages, paginateOutput } from '../output/sections.ts';
import { actions, button, context, plain, section } from '../text/elements.ts';
import { clean, escapeLine } from '../text/escape.ts';
import { formatCount } from '../text/text.ts';

/** The Markdown sections of one page of an output. Pure. */
export function listPageSections(output: Output, page: number): string[] {
  const pages = paginateOutput(output);
  return pages[Math.min(Math.max(0, page), pages.length - 1)] ?? [];
}

const TITLES = { output: 'Read in full', changes: 'What changed', state: 'State of the Flow' } as const;

/**
 * A whole output in pages, or the state of a Flow. `convert`: turns a section of Markdown into texts, which may have been converted before.
 * Pure.
 */
export function buildOutputModal(
  approval: Approval,
  target: Opened,
  output: Output,
  { what, page }: { what: 'output' | 'state'; page: number },
  convert: (markdown: string) => readonly string[] = convertSection,
): ModalView {
  const isJson = output.kind === 'json';
  const pages = paginateOutput(output).map(
    (sections) => () =>
      isJson ? sections.map(buildPreformatted) : sections.flatMap((one) => convert(one)).map(section),
  );
  const empty = describeBlank(output);
  return buildReader(approval, target, empty ? [() => [section(empty)]] : pages, { what, page });
}

/** The changes from the round before, in pages. Pure. */
export function buildChangesModal(
  approval: Approval,
  target: Opened,
  { before, after }: { before: Output; after: Output },
  page: number,
): ModalView {
  const [one, two] = [outputText(before), outputText(after)];
  const changes = compareTexts(clean(one), clean(two));
  if (changes.every(({ kind }) => kind === 'folded')) {
    const what = one === two ? 'Nothing' : 'Only spaces or invisible characters';
    const sentence = `${what} changed since round ${target.round - 1}.`;
    return buildReader(approval, target, [() => [section(sentence)]], { what: 'changes', page });
  }
  const groups = groupChanges(changes).map((group) => ({ group, length: estimateLength(group) }));
  const legend = context('*Added* in bold, ~removed~ struck through.');
  const pages = packPages(groups).map((shown, index) => () => [
    ...(index === 0 ? legend : []),
    ...shown.map(({ group }) => buildChangesBlock(group)),
  ]);
  return buildReader(approval, target, pages, { what: 'changes', page });
}

function buildReader(
  approval: Approval,
  opened: Opened,
  /** Built only when a page is shown, because converting a mebibyte takes long. */
  pages: (() => KnownBlock[])[],
  { what, page }: Pick<PageTarget, 'what' | 'page'>,
): ModalView {
  const at = Math.min(Math.max(0, page), pages.length - 1);
  const target = modalTarget(approval, opened);
  const place = pages.length > 1 ? ` · page ${formatCount(at + 1)} of ${formatCount(pages.length)}` : '';
  return {
    type: 'modal',
    title: plain(TITLES[what]),
    close: plain('Close'),
    blocks: [
      ...context(`*${escapeLine(approval.task, 150)}*, round ${opened.round}${place}`),
      ...(pages[at]?.() ?? []),
      ...actions(buildPageButtons({ target, what, page: at }, pages.length)),
    ],
  };
}

/** *First* and *Last* only where they lead further than *Back* and *Next*. */
function buildPageButtons(shown: PageTarget, pages: number): Button[] {
  const { page } = shown;
  const last = pages - 1;
  const turns = [
    { action: ACTIONS.pageFirst, label: 'First', to: 0, offered: page > 1 },
    { action: ACTIONS.pageBefore, label: 'Back', to: page - 1, offered: page > 0 },
    { action: ACTIONS.pageAfter, label: 'Next', to: page + 1, offered: page < last },
    { action: ACTIONS.pageLast, label: 'Last', to: last, offered: page < last - 1 },
  ];
  return turns
    .filter(({ offered }) => offered)
    .map(({ action, label, to }) => button(action, label, writePage({ ...shown, page: to })));
}

/** The round that *What changed* compares with. */
export function findRoundBefore(approval: Approval, round: Round): Round | undefined {
  return findRound(approval, round.number - 1);
}
