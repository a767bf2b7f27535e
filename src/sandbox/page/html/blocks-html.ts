import { marked } from 'marked';
import type { DrawContext } from './draw-context.ts';
import { elementHtml } from './elements-html.ts';
import { inputHtml } from './inputs-html.ts';
import { escapeHtml } from './mrkdwn-html.ts';
import { fields, list, textHtml, unknownHtml } from './parts-html.ts';
import { richHtml } from './rich-text-html.ts';

/** Draws blocks like Slack's client, and unknown blocks as JSON. `within`: prefix of the ids of their elements. */
export function blocksHtml(blocks: readonly unknown[], context: DrawContext, within: string): string {
  return blocks
    .map((block) => {
      const { block_id } = fields(block);
      const html = blockHtml(fields(block), context, within);
      return `<div class="block" data-block="${escapeHtml(String(block_id ?? ''))}">${html}</div>`;
    })
    .join('\n');
}

function blockHtml(block: Record<string, unknown>, context: DrawContext, within: string): string {
  const elements = () => list(block.elements).map((part) => elementHtml(fields(part), context, within));
  switch (block.type) {
    case 'section': {
      const texts = [block.text, ...list(block.fields)].filter((text) => text !== undefined);
      const textsHtml = texts.map((text) => `<div>${textHtml(text, context)}</div>`).join('');
      const accessory = block.accessory ? elementHtml(fields(block.accessory), context, within) : '';
      return `<div class="section"><div class="said">${textsHtml}</div>${accessory}</div>`;
    }
    case 'header':
      return `<h2>${textHtml(block.text, context)}</h2>`;
    case 'context':
      return `<div class="context">${elements().join(' ')}</div>`;
    case 'divider':
      return '<hr>';
    case 'actions':
      return `<div class="actions">${elements().join('')}</div>`;
    case 'markdown':
      return `<div class="markdown">${markdownHtml(String(block.text), context)}</div>`;
    case 'rich_text':
      return `<div class="rich">${list(block.elements)
        .map((part) => richHtml(fields(part), context))
        .join('')}</div>`;
    case 'table':
      return tableHtml(list(block.rows), context);
    case 'container':
      return containerHtml(block, context, within);
    case 'input':
      return inputHtml(block, context, within);
    case 'image':
      // Images are not loaded: the alternative text is shown instead.
      return `<div class="context">[image: ${escapeHtml(String(block.alt_text ?? ''))}]</div>`;
    default:
      return unknownHtml(block);
  }
}

/** Draws a container. Slack remembers for each person if it is unfolded; here the browser does (`open` in regions.ts). */
function containerHtml(block: Record<string, unknown>, context: DrawContext, within: string): string {
  const open = block.is_collapsible === true && block.default_collapsed === true ? '' : ' open';
  const title = textHtml(block.title, context);
  const inner = blocksHtml(list(block.child_blocks), context, within);
  const id = escapeHtml(`${within}-${block.block_id ?? 'container'}`);
  return `<details class="container" id="${id}"${open}><summary>${title}</summary>${inner}</details>`;
}

/** Draws Markdown. Raw HTML is shown as text, images as their alternative text; only http(s) links are links. */
function markdownHtml(text: string, context: DrawContext): string {
  const renderer = new marked.Renderer();
  renderer.html = ({ text: html }) => escapeHtml(html);
  renderer.image = ({ text: alt }) => escapeHtml(alt);
  const link = renderer.link.bind(renderer);
  renderer.link = (token) =>
    /^https?:/.test(token.href) ? link({ ...token, href: context.href(token.href) }) : escapeHtml(token.text);
  const table = renderer.table.bind(renderer);
  renderer.table = (token) => `<div class="table" tabindex="0">${table(token)}</div>`;
  return marked.parse(text, { renderer, gfm: true, breaks: true, async: false });
}

function tableHtml(rows: readonly unknown[], context: DrawContext): string {
  const drawnRows = rows.map((row, index) => {
    const tag = index === 0 ? 'th' : 'td';
    return `<tr>${list(row)
      .map((cell) => `<${tag}>${cellHtml(fields(cell), context)}</${tag}>`)
      .join('')}</tr>`;
  });
  return `<div class="table" tabindex="0"><table>${drawnRows.join('')}</table></div>`;
}

function cellHtml(cell: Record<string, unknown>, context: DrawContext): string {
  return cell.type === 'rich_text'
    ? list(cell.elements)
        .map((part) => richHtml(fields(part), context))
        .join('')
    : escapeHtml(String(cell.text ?? ''));
}
