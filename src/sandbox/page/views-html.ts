import { blocksHtml } from './blocks-html.ts';
import { escapeHtml, type Names } from './mrkdwn-html.ts';

/** A message as it stands in a channel. */
export function messageHtml(
  { text, blocks }: { text: string; blocks?: readonly unknown[] },
  names: Names,
): string {
  const said = blocks && blocks.length > 0 ? blocksHtml(blocks, names) : `<div>${escapeHtml(text)}</div>`;
  return `<article class="message"><div class="avatar" aria-hidden="true">✓</div><div><span class="name">Approvals</span> <span class="app">APP</span>${said}</div></article>`;
}

/** A modal, or a home tab. */
export function viewHtml(view: object, names: Names): string {
  const { type, title, submit, close, blocks } = view as {
    type: string;
    title?: { text: string };
    submit?: { text: string };
    close?: { text: string };
    blocks: readonly unknown[];
  };
  const said = blocksHtml(blocks, names);
  if (type === 'home') return `<main class="home">${said}</main>`;
  const buttons = [
    close ? `<button type="button" class="button">${escapeHtml(close.text)}</button>` : '',
    submit ? `<button type="button" class="button primary">${escapeHtml(submit.text)}</button>` : '',
  ];
  return `<section class="modal" role="dialog"><header>${escapeHtml(title?.text ?? '')}</header>${said}<footer>${buttons.join('')}</footer></section>`;
}
