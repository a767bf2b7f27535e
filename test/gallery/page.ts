import type { DrawContext } from '../../src/sandbox/page/html/draw-context.ts';
import { escapeHtml } from '../../src/sandbox/page/html/mrkdwn-html.ts';
import { DARK_COLORS, LIGHT_COLORS, PAGE_CSS, PHONE_CSS } from '../../src/sandbox/page/html/page-css.ts';
import { saidHtml, viewHtml } from '../../src/sandbox/page/html/views-html.ts';
import type { MessageView } from '../../src/slack/views/message-view.ts';
import type { GalleryPart, GalleryView } from './gallery-view.ts';
import { PEOPLE } from './samples.ts';

/** Widths and colors that a visitor can choose. The page runs no script. */
const FORMS = { width: ['desktop', 'phone'], colors: ['light', 'dark'] } as const;

/** The demo's style. Slack's modals are 520 px wide on a desktop and as wide as the screen on a phone. */
const CSS = `${PAGE_CSS}
:root { --frame: 640px; --modal: 520px; scroll-padding-top: 56px; }
:root:has(#light:checked) { color-scheme: light;
${LIGHT_COLORS}}
:root:has(#dark:checked) { color-scheme: dark;
${DARK_COLORS}}
:root:has(#phone:checked) {
  --frame: 390px; --modal: 390px;
${PHONE_CSS}}
.forms { position: sticky; top: 0; z-index: 9; display: flex; flex-wrap: wrap; gap: 4px 24px; padding: 8px 16px; background: var(--bg); border-bottom: 1px solid var(--line); }
.forms fieldset { border: 0; margin: 0; padding: 0; display: flex; gap: 12px; } .forms input { width: auto; }
.gallery { display: grid; grid-template-columns: 260px minmax(0, 1fr); align-items: start; } .gallery > main { grid-area: auto; display: block; }
.index { position: sticky; top: 39px; height: calc(100vh - 39px); overflow-y: auto; padding: 12px 16px 24px; border-right: 1px solid var(--line); font-size: 13px; }
.index h2 { font-size: 15px; } .index details { margin-bottom: 12px; } .index summary { color: var(--soft); cursor: pointer; } .index ul { list-style: none; padding: 0; } .index a { text-decoration: none; }
.part { padding: 16px; } .part > h2 { margin-bottom: 12px; }
.views { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 16px; }
figure.seen { margin: 0; width: var(--frame); max-width: 100%; } figure.seen:has(.modal) { width: var(--modal); }
.seen figcaption { color: var(--soft); font-size: 12px; padding-bottom: 4px; } .seen:target figcaption { color: var(--fg); font-weight: 700; }
.frame { border: 1px solid var(--line); border-radius: 8px; } .frame .modal, .frame .home { border: 0 !important; margin: 0 auto !important; }
@media (max-width: 899px) { .gallery { display: block; } .index { position: static; height: auto; border: 0; } }
`;

/** A reader who knows the people of the gallery. Links lead where they say. */
const READER: DrawContext = {
  names: (id) => PEOPLE[id] ?? id,
  people: Object.entries(PEOPLE).map(([id, name]) => ({ id, name })),
  href: (url) => url,
  errors: {},
};

/** Builds a page that draws each view once, beside an index and below the choice of width and colors. */
export function buildGalleryPage(parts: readonly GalleryPart[]): string {
  const choices = Object.entries(FORMS).map(([name, forms]) => choiceHtml(name, forms));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>crew-approvals: what Slack shows</title><style>${CSS}</style></head>
<body><div class="forms">${choices.join('')}</div>
<div class="gallery"><nav class="index" aria-label="Index">${parts.map(indexHtml).join('')}</nav>
<main>${parts.map(partHtml).join('\n')}</main></div></body></html>
`;
}

/** Builds the id of a part or a view, for links within the page. */
export function buildAnchor(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

function choiceHtml(name: string, forms: readonly string[]): string {
  const options = forms.map(
    (form, index) =>
      `<label><input type="radio" name="${name}" id="${form}"${index === 0 ? ' checked' : ''}> ${form}</label>`,
  );
  return `<fieldset aria-label="${name}">${options.join('')}</fieldset>`;
}

function indexHtml({ title, views }: GalleryPart): string {
  const links = views.map(({ name }) => `<li>${linkHtml(name)}</li>`);
  return `<h2>${linkHtml(title)}</h2><details><summary>${views.length} views</summary><ul>${links.join('')}</ul></details>`;
}

function linkHtml(name: string): string {
  return `<a href="#${buildAnchor(name)}">${escapeHtml(name)}</a>`;
}

function partHtml({ title, views }: GalleryPart): string {
  return `<section class="part" id="${buildAnchor(title)}"><h2>${escapeHtml(title)}</h2><div class="views">${views.map(figureHtml).join('\n')}</div></section>`;
}

function figureHtml(shown: GalleryView): string {
  const name = escapeHtml(shown.name);
  return `<figure class="seen" id="${buildAnchor(shown.name)}" data-name="${name}"><figcaption>${name}</figcaption><div class="frame">${drawView(shown)}</div></figure>`;
}

function drawView(shown: GalleryView): string {
  if (shown.kind === 'message') return messageHtml(shown.message);
  // A focused input would scroll the page away from its top.
  const blocks = JSON.parse(JSON.stringify(shown.view.blocks), (key, value) =>
    key === 'focus_on_load' ? undefined : value,
  );
  // Each view has its own id, because labels find their inputs by it.
  return viewHtml({ ...shown.view, blocks, id: buildAnchor(shown.name) }, READER);
}

/** Draws a message of the app without the parts that a conversation adds. */
function messageHtml(message: MessageView): string {
  const said = saidHtml(message, READER, 'message');
  return `<article class="message"><div class="avatar bot" aria-hidden="true">✓</div><div class="body"><header><span class="name">Approvals</span> <span class="app">APP</span></header>${said}</div></article>`;
}
