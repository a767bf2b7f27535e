import { marked } from 'marked';
import { escapeHtml, mrkdwnHtml, type Names } from './mrkdwn-html.ts';

type Fields = Record<string, unknown>;

/** Blocks as HTML, as Slack's client would draw them. A block that is not known is shown as what it is. */
export function blocksHtml(blocks: readonly unknown[], names: Names): string {
  return blocks.map((block) => blockHtml(fields(block), names)).join('\n');
}

function blockHtml(block: Fields, names: Names): string {
  switch (block.type) {
    case 'section': {
      const texts = [block.text, ...list(block.fields)].filter((text) => text !== undefined);
      const said = texts.map((text) => `<div>${textHtml(text, names)}</div>`).join('');
      const accessory = block.accessory ? elementHtml(fields(block.accessory), names) : '';
      return `<div class="section"><div class="said">${said}</div>${accessory}</div>`;
    }
    case 'header':
      return `<h2>${textHtml(block.text, names)}</h2>`;
    case 'context':
      return `<div class="context">${list(block.elements)
        .map((part) => elementHtml(fields(part), names))
        .join(' ')}</div>`;
    case 'divider':
      return '<hr>';
    case 'actions':
      return `<div class="actions">${list(block.elements)
        .map((part) => elementHtml(fields(part), names))
        .join('')}</div>`;
    case 'markdown':
      return `<div class="markdown">${markdownHtml(String(block.text))}</div>`;
    case 'rich_text':
      return `<div class="rich">${list(block.elements)
        .map((part) => richHtml(fields(part), names))
        .join('')}</div>`;
    case 'table':
      return tableHtml(list(block.rows), names);
    case 'input':
      return inputHtml(block, names);
    case 'image':
      return `<div class="context">[image: ${escapeHtml(String(block.alt_text ?? ''))}]</div>`;
    default:
      return `<pre class="unknown">${escapeHtml(JSON.stringify(block, null, 1))}</pre>`;
  }
}

/** Raw HTML in it is shown, not run; links lead to http only. */
function markdownHtml(text: string): string {
  const renderer = new marked.Renderer();
  renderer.html = ({ text: html }) => escapeHtml(html);
  renderer.image = ({ text: alt }) => escapeHtml(alt);
  const link = renderer.link.bind(renderer);
  renderer.link = (token) => (/^https?:/.test(token.href) ? link(token) : escapeHtml(token.text));
  return marked.parse(text, { renderer, gfm: true, breaks: true, async: false });
}

function textHtml(value: unknown, names: Names): string {
  const { type, text } = fields(value);
  return type === 'mrkdwn'
    ? mrkdwnHtml(String(text), names)
    : escapeHtml(String(text ?? '')).replace(/\n/g, '<br>');
}

function elementHtml(element: Fields, names: Names): string {
  const data = `data-action="${escapeHtml(String(element.action_id ?? ''))}"`;
  switch (element.type) {
    case 'button': {
      const style = typeof element.style === 'string' ? ` ${escapeHtml(element.style)}` : '';
      const value = escapeHtml(String(element.value ?? ''));
      return `<button type="button" class="button${style}" ${data} data-value="${value}">${textHtml(element.text, names)}</button>`;
    }
    case 'overflow': {
      const options = list(element.options).map((option) => {
        const { text, value } = fields(option);
        return `<option value="${escapeHtml(String(value))}">${textHtml(text, names)}</option>`;
      });
      return `<select class="overflow" aria-label="More" ${data}><option value="">⋯</option>${options.join('')}</select>`;
    }
    case 'users_select':
      return `<select class="users" aria-label="Person" ${data}><option value="">Choose a person</option></select>`;
    case 'plain_text_input': {
      const id = escapeHtml(String(element.action_id ?? ''));
      return element.multiline
        ? `<textarea rows="3" ${data} name="${id}"></textarea>`
        : `<input ${data} name="${id}">`;
    }
    case 'mrkdwn':
    case 'plain_text':
      return `<span>${textHtml(element, names)}</span>`;
    case 'image':
      return `<span>[image: ${escapeHtml(String(element.alt_text ?? ''))}]</span>`;
    default:
      return `<pre class="unknown">${escapeHtml(JSON.stringify(element))}</pre>`;
  }
}

function inputHtml(block: Fields, names: Names): string {
  const optional = block.optional ? ' <span class="optional">(optional)</span>' : '';
  const hint = block.hint ? `<div class="context">${textHtml(block.hint, names)}</div>` : '';
  return `<label class="input" data-block="${escapeHtml(String(block.block_id ?? ''))}"><b>${textHtml(block.label, names)}${optional}</b>${elementHtml(fields(block.element), names)}${hint}</label>`;
}

function tableHtml(rows: readonly unknown[], names: Names): string {
  const cells = rows.map((row, at) => {
    const tag = at === 0 ? 'th' : 'td';
    return `<tr>${list(row)
      .map((cell) => `<${tag}>${cellHtml(fields(cell), names)}</${tag}>`)
      .join('')}</tr>`;
  });
  return `<div class="table"><table>${cells.join('')}</table></div>`;
}

function cellHtml(cell: Fields, names: Names): string {
  return cell.type === 'rich_text'
    ? list(cell.elements)
        .map((part) => richHtml(fields(part), names))
        .join('')
    : escapeHtml(String(cell.text ?? ''));
}

function richHtml(part: Fields, names: Names): string {
  const inner = () =>
    list(part.elements)
      .map((one) => richHtml(fields(one), names))
      .join('');
  switch (part.type) {
    case 'rich_text_section':
      return `<p>${inner()}</p>`;
    case 'rich_text_quote':
      return `<blockquote>${inner()}</blockquote>`;
    case 'rich_text_preformatted':
      return `<pre>${inner()}</pre>`;
    case 'rich_text_list':
      return `<ul>${list(part.elements)
        .map((one) => `<li>${richHtml(fields(one), names)}</li>`)
        .join('')}</ul>`;
    case 'text': {
      const style = fields(part.style);
      const text = escapeHtml(String(part.text)).replace(/\n/g, '<br>');
      const marks = [
        ['bold', 'b'],
        ['italic', 'i'],
        ['strike', 's'],
        ['code', 'code'],
      ] as const;
      return marks.reduce((html, [name, tag]) => (style[name] ? `<${tag}>${html}</${tag}>` : html), text);
    }
    case 'link':
      return `<a href="${escapeHtml(String(part.url))}">${escapeHtml(String(part.text ?? part.url))}</a>`;
    case 'user':
      return `<span class="mention">@${escapeHtml(names(String(part.user_id)))}</span>`;
    default:
      return escapeHtml(JSON.stringify(part));
  }
}

function fields(value: unknown): Fields {
  return value !== null && typeof value === 'object' ? (value as Fields) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
