import { emoji } from './emoji.ts';
import type { Reader } from './reader.ts';

export function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/** Slack keeps spaces: lists in lists and JSON are written with them. */
export function withSpaces(html: string): string {
  return html.replace(/^ +| {2,}/gm, (spaces) => '\u00a0'.repeat(spaces.length));
}

/** Slack's own escapes, read back. */
function readBack(text: string): string {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}

const CODE = /```\n?([\s\S]*?)```|`([^`\n]+)`/g;
const ANGLE = /<([^<>\n]+)>/g;

/** Slack's mrkdwn as HTML, as its client would show it. Nothing of it runs. */
export function mrkdwnHtml(text: string, reader: Reader): string {
  const kept: string[] = [];
  const keep = (html: string) => `\u0001${kept.push(html) - 1}\u0002`;
  const marked = text
    .replace(CODE, (_, block?: string, inline?: string) =>
      keep(
        block === undefined
          ? `<code>${escapeHtml(readBack(inline ?? ''))}</code>`
          : `<pre>${escapeHtml(readBack(block))}</pre>`,
      ),
    )
    .replace(ANGLE, (_, inner: string) => keep(angleHtml(inner, reader)));
  const html = quotes(escapeHtml(readBack(marked)));
  const styled = html
    .replace(/(^|[\s\u200b(])\*([^*\n]+)\*(?=[\s\u200b).,:;!?]|$)/gm, '$1<b>$2</b>')
    .replace(/(^|[\s\u200b(])_([^_\n]+)_(?=[\s\u200b).,:;!?]|$)/gm, '$1<i>$2</i>')
    .replace(/(^|[\s\u200b(])~([^~\n]+)~(?=[\s\u200b).,:;!?]|$)/gm, '$1<s>$2</s>')
    .replace(/:([a-z0-9_+-]+):/g, (whole, name: string) => emoji(name) ?? whole);
  const spaced = withSpaces(styled).replace(/\n/g, '<br>');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: our own marks
  return spaced.replace(/\u0001(\d+)\u0002/g, (_, index) => kept[Number(index)] ?? '');
}

function quotes(html: string): string {
  return html.replace(/(?:^&gt; ?.*(?:\n|$))+/gm, (lines) => {
    const text = lines.replace(/^&gt; ?/gm, '').replace(/\n$/, '');
    return `<blockquote>${text}</blockquote>`;
  });
}

function angleHtml(inner: string, { names, href }: Reader): string {
  const [target = '', label] = inner.split('|');
  if (/^[@#]/.test(target)) return mention(`${target.slice(0, 1)}${names(target.slice(1))}`);
  if (target.startsWith('!subteam^')) return mention(`@${names(target.slice('!subteam^'.length))}`);
  if (target.startsWith('!date^')) return dateHtml(target, label ?? '');
  if (target.startsWith('!')) return mention(`@${target.slice(1)}`);
  const shown = escapeHtml(readBack(label ?? target));
  return /^(https?:|mailto:)/.test(target)
    ? `<a href="${escapeHtml(href(readBack(target)))}" rel="noreferrer">${shown}</a>`
    : shown;
}

function mention(text: string): string {
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
