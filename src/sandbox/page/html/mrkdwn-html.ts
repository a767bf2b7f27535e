import type { DrawContext } from './draw-context.ts';
import { emoji } from './emoji.ts';

export function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/** Keeps indents and repeated spaces, like Slack: nested lists and JSON need them. */
export function withSpaces(html: string): string {
  return html.replace(/^ +| {2,}/gm, (spaces) => '\u00a0'.repeat(spaces.length));
}

/** Decodes Slack's own escapes. */
function decodeEscapes(text: string): string {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}

const CODE = /```\n?([\s\S]*?)```|`([^`\n]+)`/g;
const ANGLE = /<([^<>\n]+)>/g;

/** Draws mrkdwn like Slack's client. Nothing in the text runs as HTML. */
export function mrkdwnHtml(text: string, context: DrawContext): string {
  const fragments: string[] = [];
  const saveFragment = (html: string) => `\u0001${fragments.push(html) - 1}\u0002`;
  const marked = text
    .replace(CODE, (_, block?: string, inline?: string) =>
      saveFragment(
        block === undefined
          ? `<code>${escapeHtml(decodeEscapes(inline ?? ''))}</code>`
          : `<pre>${escapeHtml(decodeEscapes(block))}</pre>`,
      ),
    )
    .replace(ANGLE, (_, inner: string) => saveFragment(angleHtml(inner, context)));
  const html = quoteHtml(escapeHtml(decodeEscapes(marked)));
  const styled = html
    .replace(/(^|[\s\u200b(])\*([^*\n]+)\*(?=[\s\u200b).,:;!?]|$)/gm, '$1<b>$2</b>')
    .replace(/(^|[\s\u200b(])_([^_\n]+)_(?=[\s\u200b).,:;!?]|$)/gm, '$1<i>$2</i>')
    .replace(/(^|[\s\u200b(])~([^~\n]+)~(?=[\s\u200b).,:;!?]|$)/gm, '$1<s>$2</s>')
    .replace(/:([a-z0-9_+-]+):/g, (whole, name: string) => emoji(name) ?? whole);
  const spaced = withSpaces(styled).replace(/\n/g, '<br>');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: our own marks
  return spaced.replace(/\u0001(\d+)\u0002/g, (_, index) => fragments[Number(index)] ?? '');
}

function quoteHtml(html: string): string {
  return html.replace(/(?:^&gt; ?.*(?:\n|$))+/gm, (lines) => {
    const text = lines.replace(/^&gt; ?/gm, '').replace(/\n$/, '');
    return `<blockquote>${text}</blockquote>`;
  });
}

function angleHtml(inner: string, { names, href }: DrawContext): string {
  const [target = '', label] = inner.split('|');
  if (/^[@#]/.test(target)) return mentionHtml(`${target.slice(0, 1)}${names(target.slice(1))}`);
  if (target.startsWith('!subteam^')) return mentionHtml(`@${names(target.slice('!subteam^'.length))}`);
  if (target.startsWith('!date^')) return dateHtml(target, label ?? '');
  if (target.startsWith('!')) return mentionHtml(`@${target.slice(1)}`);
  const linkText = escapeHtml(decodeEscapes(label ?? target));
  return /^(https?:|mailto:)/.test(target)
    ? `<a href="${escapeHtml(href(decodeEscapes(target)))}" rel="noreferrer">${linkText}</a>`
    : linkText;
}

function mentionHtml(text: string): string {
  return `<span class="mention">${escapeHtml(text)}</span>`;
}

function dateHtml(target: string, fallback: string): string {
  const [, at, format = ''] = target.split('^');
  const seconds = Number(at);
  if (!Number.isFinite(seconds)) return escapeHtml(fallback);
  const date = new Date(seconds * 1_000);
  const iso = date.toISOString();
  const timeStyle = format.includes('{time_secs}') ? 'medium' : 'short';
  const words = date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle });
  return `<time datetime="${iso}">${escapeHtml(words)}</time>`;
}
