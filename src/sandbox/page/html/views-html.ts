import { blocksHtml } from './blocks-html.ts';
import type { DrawContext } from './draw-context.ts';
import { escapeHtml, mrkdwnHtml } from './mrkdwn-html.ts';

/** Draws the content of a message: its blocks, or its text if it has no blocks. */
export function saidHtml(
  { text, blocks }: { text: string; blocks?: readonly unknown[] | undefined },
  context: DrawContext,
  within: string,
): string {
  return blocks && blocks.length > 0
    ? blocksHtml(blocks, context, within)
    : `<div>${mrkdwnHtml(text, context)}</div>`;
}

interface View {
  id?: string;
  type: string;
  title?: { text: string };
  submit?: { text: string } | null;
  close?: { text: string } | null;
  blocks: readonly unknown[];
  state?: { values: NonNullable<DrawContext['entered']> };
}

/** Draws a modal or a Home tab. */
export function viewHtml(view: object, context: DrawContext): string {
  const { id = 'view', type, title, submit, close, blocks, state } = view as View;
  const content = blocksHtml(blocks, { ...context, ...(state ? { entered: state.values } : {}) }, id);
  if (type === 'home') return `<div class="home" data-view="${escapeHtml(id)}">${content}</div>`;
  const closeButton = `<button type="button" class="button" data-do="close_modal" id="close-${escapeHtml(id)}">${escapeHtml(close?.text ?? 'Close')}</button>`;
  const submitButton = submit ? `<button class="button primary">${escapeHtml(submit.text)}</button>` : '';
  return `<form class="modal" id="view-${escapeHtml(id)}" tabindex="-1" data-view="${escapeHtml(id)}" data-do="submit" novalidate><header><h2 id="title-${escapeHtml(id)}">${escapeHtml(title?.text ?? '')}</h2><button type="button" class="x" data-do="close_modal" aria-label="Close">✕</button></header><div class="inside" tabindex="0" role="group" aria-labelledby="title-${escapeHtml(id)}">${content}</div><footer>${closeButton}${submitButton}</footer></form>`;
}
