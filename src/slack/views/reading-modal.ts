import type { KnownBlock, ModalView, RichTextElement } from '@slack/types';
import { type Approval, type Round, roundNumbered } from '../../approval/approval.ts';
import { isBlankText, type Output, outputText } from '../../approval/output.ts';
import { ACTIONS } from '../ids.ts';
import { modalTarget, type Opened, type PageTarget, writePage } from '../target.ts';
import { type Change, changesBetween, foldedWords } from './changes.ts';
import { actions, button, context, plain, section } from './elements.ts';
import { mrkdwn } from './mrkdwn.ts';
import { blankWords } from './output.ts';
import { inPages, pagesOf } from './sections.ts';
import { clean, count, escaped, escapedLine } from './text.ts';

const SECTION_MAX = 3_000;
const RICH_TEXT_MAX = 2_000;

/** The whole of an output, in pages. Pure. */
export function outputModal(approval: Approval, target: Opened, output: Output, page: number): ModalView {
  const pages = pagesOf(output).map((sections) => () => sections.flatMap(inBlocks).map(section));
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
  const nothing = changes.every(({ kind }) => kind === 'folded');
  const blocks = nothing
    ? [
        section(
          one === two
            ? `Nothing changed from round ${target.round - 1}.`
            : `Only spaces or invisible characters changed from round ${target.round - 1}.`,
        ),
      ]
    : [...context('*Added* in bold, ~removed~ struck through.'), ...runsOf(changes).map(runBlock)];
  const sized = blocks.map((block) => ({ block, length: JSON.stringify(block).length }));
  const pages = inPages(sized).map((sizes) => () => sizes.map(({ block }) => block));
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
      ...actions([turn(ACTIONS.pageBefore, 'Back', at - 1), turn(ACTIONS.pageAfter, 'Next', at + 1)]),
    ],
  };
}

/** A section of Markdown as texts that each fit into one block: escapes make it longer. */
function inBlocks(markdown: string): string[] {
  if (isBlankText(markdown)) return [];
  const converted = mrkdwn(markdown);
  // What the conversion would hide is shown as it is written.
  const text = lettersIn(converted) < lettersIn(markdown) ? escaped(markdown) : converted;
  if (text.length <= SECTION_MAX) return [text];
  const points = [...markdown];
  const half = Math.ceil(points.length / 2);
  return [points.slice(0, half), points.slice(half)].flatMap((part) => inBlocks(part.join('')));
}

function lettersIn(text: string): number {
  return text.replace(/&(?:amp|lt|gt);/g, '').match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

type Run = Change[];

/** Changes in groups that each fit into one block. */
function runsOf(changes: readonly Change[]): Run[] {
  const runs: Run[] = [[]];
  let size = 0;
  for (const change of changes.flatMap(inParts)) {
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

function inParts(change: Change): Change[] {
  if (change.kind === 'folded' || change.text.length <= RICH_TEXT_MAX) return [change];
  const points = [...change.text];
  const parts: Change[] = [];
  for (let at = 0; at < points.length; at += RICH_TEXT_MAX / 2) {
    parts.push({ kind: change.kind, text: points.slice(at, at + RICH_TEXT_MAX / 2).join('') });
  }
  return parts;
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
  return roundNumbered(approval, round.number - 1);
}
