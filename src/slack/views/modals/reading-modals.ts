import type { KnownBlock, ModalView, RichTextElement } from '@slack/types';
import { type Approval, findRound } from '../../../approval/model/approval.ts';
import { isBlankText, type Output, outputText } from '../../../approval/model/output.ts';
import type { Round } from '../../../approval/model/round.ts';
import { modalTarget, type Opened, type PageTarget, writePage } from '../../app/button-values.ts';
import { ACTIONS } from '../../app/ids.ts';
import { type Change, changesBetween, foldedWords } from '../output/changes.ts';
import { preformatted } from '../output/json.ts';
import { mrkdwn } from '../output/mrkdwn.ts';
import { blankWords } from '../output/output-blocks.ts';
import { inPages, pagesOf } from '../output/sections.ts';
import { actions, button, context, plain, section } from '../text/elements.ts';
import { clean, count, escaped, escapedLine, inParts } from '../text/text.ts';

const SECTION_MAX = 3_000;
const RICH_TEXT_MAX = 2_000;

/** The Markdown sections of one page of an output. Pure. */
export function pageSections(output: Output, page: number): string[] {
  const pages = pagesOf(output);
  return pages[Math.min(Math.max(0, page), pages.length - 1)] ?? [];
}

/**
 * The whole of an output, in pages. `convert`: what a section of Markdown becomes, where that was worked out before.
 * Pure.
 */
export function outputModal(
  approval: Approval,
  target: Opened,
  output: Output,
  page: number,
  convert: (markdown: string) => readonly string[] = sectionTexts,
): ModalView {
  const isJson = output.kind === 'json';
  const pages = pagesOf(output).map(
    (sections) => () =>
      isJson ? sections.map(preformatted) : sections.flatMap((one) => convert(one)).map(section),
  );
  const empty = blankWords(output);
  return reader(approval, target, 'Read in full', empty ? [() => [section(empty)]] : pages, {
    what: 'output',
    page,
  });
}

/** What a round changed from the one before it, in pages. Pure. */
export function changesModal(
  approval: Approval,
  target: Opened,
  { before, after }: { before: Output; after: Output },
  page: number,
): ModalView {
  const [one, two] = [outputText(before), outputText(after)];
  const changes = changesBetween(clean(one), clean(two));
  if (changes.every(({ kind }) => kind === 'folded')) {
    const what = one === two ? 'Nothing' : 'Only spaces or invisible characters';
    const sentence = `${what} changed from round ${target.round - 1}.`;
    return reader(approval, target, 'What changed', [() => [section(sentence)]], { what: 'changes', page });
  }
  const runs = runsOf(changes).map((run) => ({ run, length: lengthOf(run) }));
  const legend = context('*Added* in bold, ~removed~ struck through.');
  const pages = inPages(runs).map((shown, index) => () => [
    ...(index === 0 ? legend : []),
    ...shown.map(({ run }) => runBlock(run)),
  ]);
  return reader(approval, target, 'What changed', pages, { what: 'changes', page });
}

function reader(
  approval: Approval,
  opened: Opened,
  title: string,
  /** Drawn when they are shown: converting a mebibyte takes long. */
  pages: (() => KnownBlock[])[],
  { what, page }: Pick<PageTarget, 'what' | 'page'>,
): ModalView {
  const at = Math.min(Math.max(0, page), pages.length - 1);
  const target = modalTarget(approval, opened);
  const turn = (action: string, label: string, to: number) =>
    to >= 0 && to < pages.length ? button(action, label, writePage({ target, what, page: to })) : undefined;
  const place = pages.length > 1 ? ` · page ${count(at + 1)} of ${count(pages.length)}` : '';
  return {
    type: 'modal',
    title: plain(title),
    close: plain('Close'),
    blocks: [
      ...context(`*${escapedLine(approval.task, 150)}*, round ${opened.round}${place}`),
      ...(pages[at]?.() ?? []),
      ...actions([
        at > 1 ? turn(ACTIONS.pageFirst, 'First', 0) : undefined,
        turn(ACTIONS.pageBefore, 'Back', at - 1),
        turn(ACTIONS.pageAfter, 'Next', at + 1),
        at < pages.length - 2 ? turn(ACTIONS.pageLast, 'Last', pages.length - 1) : undefined,
      ]),
    ],
  };
}

/** A section of Markdown as texts that each fit into one block: escapes make it longer. */
export function sectionTexts(markdown: string): string[] {
  return textsOf(markdown, (part) => {
    const converted = mrkdwn(part);
    // What the conversion would hide is shown as it is written.
    return lettersIn(converted) < lettersIn(part) ? escaped(part) : converted;
  });
}

/** The same as it is written: it takes no time. */
export function plainSectionTexts(markdown: string): string[] {
  return textsOf(markdown, (part) => escaped(part));
}

function textsOf(markdown: string, write: (part: string) => string): string[] {
  if (isBlankText(markdown)) return [];
  const text = write(markdown);
  if (text.length <= SECTION_MAX) return [text];
  const points = [...markdown];
  const half = Math.ceil(points.length / 2);
  return [points.slice(0, half), points.slice(half)].flatMap((part) => textsOf(part.join(''), write));
}

function lettersIn(text: string): number {
  return text.replace(/&(?:amp|lt|gt);/g, '').match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

type Run = Change[];

/** Changes in groups that each fit into one block. */
function runsOf(changes: readonly Change[]): Run[] {
  const runs: Run[] = [[]];
  let size = 0;
  for (const change of changes.flatMap(partsOf)) {
    const length = change.kind === 'folded' ? 30 : change.text.length;
    if (size + length > RICH_TEXT_MAX && size > 0) {
      runs.push([]);
      size = 0;
    }
    runs.at(-1)?.push(change);
    size += length;
  }
  return runs.filter((run) => run.length > 0);
}

function partsOf(change: Change): Change[] {
  if (change.kind === 'folded' || change.text.length <= RICH_TEXT_MAX) return [change];
  return inParts(change.text, RICH_TEXT_MAX / 2).map((text) => ({ kind: change.kind, text }));
}

/** About how long the block of a run is, in characters. */
function lengthOf(run: Run): number {
  return run.reduce((sum, change) => sum + 60 + (change.kind === 'folded' ? 30 : change.text.length), 60);
}

function runBlock(run: Run): KnownBlock {
  const elements = run.map((change): RichTextElement => {
    if (change.kind === 'folded') {
      return { type: 'text', text: `… ${foldedWords(change.paragraphs)} …\n\n`, style: { italic: true } };
    }
    const style = { added: { bold: true }, removed: { strike: true }, same: undefined }[change.kind];
    return { type: 'text', text: change.text, ...(style ? { style } : {}) };
  });
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}

/** The round before, which a round's changes are told from. */
export function roundBefore(approval: Approval, round: Round): Round | undefined {
  return findRound(approval, round.number - 1);
}
