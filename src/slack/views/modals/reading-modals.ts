import type { Button, KnownBlock, ModalView } from '@slack/types';
import type { Approval } from '../../../approval/model/approval.ts';
import { type Output, outputText } from '../../../approval/model/output.ts';
import { modalTarget, type Opened, type PageTarget, writePage } from '../../app/button-values.ts';
import { ACTIONS } from '../../app/ids.ts';
import { en as texts } from '../../texts/en.ts';
import { buildChangesBlock, compareTexts, estimateLength, groupChanges } from '../output/changes.ts';
import { buildPreformatted } from '../output/json.ts';
import { convertSection } from '../output/mrkdwn.ts';
import { describeBlank } from '../output/output-blocks.ts';
import { packPages, paginateOutput } from '../output/sections.ts';
import { actions, button, context, plain, section } from '../text/elements.ts';
import { clean, escapeLine } from '../text/escape.ts';

/** The Markdown sections of one page of an output. Pure. */
export function listPageSections(output: Output, page: number): string[] {
  const pages = paginateOutput(output);
  return pages[Math.min(Math.max(0, page), pages.length - 1)] ?? [];
}

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
    const { nothingChanged, onlySpacesChanged } = texts.reading;
    const sentence = (one === two ? nothingChanged : onlySpacesChanged)(target.round - 1);
    return buildReader(approval, target, [() => [section(sentence)]], { what: 'changes', page });
  }
  const groups = groupChanges(changes).map((group) => ({ group, length: estimateLength(group) }));
  const legend = context(texts.reading.changesLegend);
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
  const { outputTitle: output, changesTitle: changes, stateTitle: state } = texts.reading;
  const place = texts.reading.place(
    `*${escapeLine(approval.task, 150)}*`,
    opened.round,
    pages.length > 1 ? { number: at + 1, of: pages.length } : undefined,
  );
  return {
    type: 'modal',
    title: plain({ output, changes, state }[what]),
    close: plain(texts.forms.close),
    blocks: [
      ...context(place),
      ...(pages[at]?.() ?? []),
      ...actions(buildTurningButtons({ target, what, page: at }, pages.length)),
    ],
  };
}

/** *First* and *Last* only where they lead further than *Back* and *Next*. */
function buildTurningButtons(shown: PageTarget, pages: number): Button[] {
  const { page } = shown;
  const last = pages - 1;
  const turns = [
    { action: ACTIONS.pageFirst, label: texts.reading.first, to: 0, offered: page > 1 },
    { action: ACTIONS.pageBefore, label: texts.reading.back, to: page - 1, offered: page > 0 },
    { action: ACTIONS.pageAfter, label: texts.reading.next, to: page + 1, offered: page < last },
    { action: ACTIONS.pageLast, label: texts.reading.last, to: last, offered: page < last - 1 },
  ];
  return turns
    .filter(({ offered }) => offered)
    .map(({ action, label, to }) => button(action, label, writePage({ ...shown, page: to })));
}
