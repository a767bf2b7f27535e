import type { GalleryPart, GalleryView } from '../../slack/gallery/gallery-view.ts';
import { escapeHtml } from '../page/html/mrkdwn-html.ts';
import type { Reader } from '../page/html/reader.ts';
import { messageHtml, viewHtml } from '../page/html/views-html.ts';
import { GALLERY_CSS } from './gallery-css.ts';

/** Widths and colors that a visitor can choose; the page runs no script. */
const FORMS = { width: ['desktop', 'phone'], colors: ['light', 'dark'] } as const;

/** A page that draws each view once, below the choice of its form. Pure. */
export function galleryHtml(parts: readonly GalleryPart[], reader: Reader): string {
  const choices = Object.entries(FORMS).map(([name, forms]) => choiceHtml(name, forms));
  const links = parts.map(({ title }) => `<a href="#${partId(title)}">${escapeHtml(title)}</a>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>crew-approvals: what Slack shows</title><style>${GALLERY_CSS}</style></head>
<body><div class="forms">${choices.join('')}<nav aria-label="Parts">${links.join('')}</nav></div>
<main>${parts.map((part) => partHtml(part, reader)).join('\n')}</main></body></html>
`;
}

/** Of the heading of a part, in the address of the page. */
export function partId(title: string): string {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

function choiceHtml(name: string, forms: readonly string[]): string {
  const options = forms.map(
    (form, index) =>
      `<label><input type="radio" name="${name}" id="${form}"${index === 0 ? ' checked' : ''}> ${form}</label>`,
  );
  return `<fieldset aria-label="${name}">${options.join('')}</fieldset>`;
}

function partHtml({ title, views }: GalleryPart, reader: Reader): string {
  const figures = views.map((view) => figureHtml(view, reader));
  return `<section class="part" id="${partId(title)}"><h2>${escapeHtml(title)}</h2><div class="views">${figures.join('\n')}</div></section>`;
}

function figureHtml(shown: GalleryView, reader: Reader): string {
  const html = shown.kind === 'view' ? viewHtml(shown.view, reader) : messageHtml(shown.message, reader);
  return `<figure class="seen" data-name="${escapeHtml(shown.name)}"><figcaption>${escapeHtml(shown.name)}</figcaption><div class="frame">${html}</div></figure>`;
}
