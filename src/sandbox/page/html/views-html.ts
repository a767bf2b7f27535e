import { blocksHtml } from './blocks-html.ts';
import { escapeHtml, mrkdwnHtml } from './mrkdwn-html.ts';
import type { Reader } from './reader.ts';

/** Draws the content of a message: its blocks, or its text if it has no blocks. */
export function saidHtml(
  { text, blocks }: { text: string; blocks?: readonly unknown[] | undefined },
  reader: Reader,
  within: string,
): string {
  return blocks && blocks.length > 0
    ? blocksHtml(blocks, reader, within)
    : `<div>${mrkdwnHtml(text, reader)}</div>`;
}

interface View {
  id?: string;
  type: string;
  title?: { text: string };
  submit?: { text: string } | null;
  close?: { text: string } | null;
  blocks: readonly unknown[];
  state?: { values: NonNullable<Reader['entered']> };
}

/** Draws a modal or a Home tab. */
export function viewHtml(view: object, reader: Reader): string {
  const { id = 'view', type, title, submit, close, blocks, state } = view as View;
  const content = blocksHtml(blocks, { ...reader, ...(state ? { entered: state.values } : {}) }, id);
  if (type === 'home') return `<div class="home" data-view="${escapeHtml(id)}">${content}</div>`;
  const closeButton = `<button type="button" class="button" data-do="close_modal" id="close-${escapeHtml(id)}">${escapeHtml(close?.text ?? 'Close')}</button>`;
  const submitButton = submit ? `<button class="button primary">${escapeHtml(submit.text)}</button>` : '';
  return `<form class="modal" id="view-${escapeHtml(id)}" tabindex="-1" data-view="${escapeHtml(id)}" data-do="submit" novalidate><header><h2 id="title-${escapeHtml(id)}">${escapeHtml(title?.text ?? '')}</h2><button type="button" class="x" data-do="close_modal" aria-label="Close">✕</button></header><div class="inside" tabindex="0" role="group" aria-labelledby="title-${escapeHtml(id)}">${content}</div><footer>${closeButton}${submitButton}</footer></form>`;
}
