import type { DrawContext } from './draw-context.ts';
import { escapeHtml } from './mrkdwn-html.ts';
import { fields, list } from './parts-html.ts';

const MARKS = [
  ['bold', 'b'],
  ['italic', 'i'],
  ['strike', 's'],
  ['code', 'code'],
] as const;

/** Draws a part of a rich_text block. A style is a tag; an unknown part is shown as JSON. */
export function richHtml(part: Record<string, unknown>, context: DrawContext): string {
  const drawEach = (draw: (html: string) => string) =>
    list(part.elements)
      .map((element) => draw(richHtml(fields(element), context)))
      .join('');
  const inner = () => drawEach((html) => html);
  switch (part.type) {
    case 'rich_text_section':
      return `<p>${inner()}</p>`;
    case 'rich_text_quote':
      return `<blockquote>${inner()}</blockquote>`;
    case 'rich_text_preformatted':
      return `<pre>${inner()}</pre>`;
    case 'rich_text_list':
      return `<ul>${drawEach((html) => `<li>${html}</li>`)}</ul>`;
    case 'text': {
      const style = fields(part.style);
      const text = escapeHtml(String(part.text));
      return MARKS.reduce((html, [name, tag]) => (style[name] ? `<${tag}>${html}</${tag}>` : html), text);
    }
    case 'link':
      return linkHtml(String(part.url), String(part.text ?? part.url), context);
    case 'user':
      return `<span class="mention">@${escapeHtml(context.names(String(part.user_id)))}</span>`;
    default:
      return escapeHtml(JSON.stringify(part));
  }
}

function linkHtml(url: string, text: string, context: DrawContext): string {
  return /^(https?:|mailto:)/.test(url)
    ? `<a href="${escapeHtml(context.href(url))}" rel="noreferrer">${escapeHtml(text)}</a>`
    : escapeHtml(text);
}
