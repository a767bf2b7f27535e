import { describe, expect, it } from 'vitest';
import { galleryHtml } from '../../src/sandbox/gallery/gallery-html.ts';
import { galleryReader } from '../../src/sandbox/gallery/reader.ts';
import { listGalleryParts } from '../../src/slack/gallery/gallery.ts';

const parts = listGalleryParts();
const html = galleryHtml(parts, galleryReader);
const body = html.slice(html.indexOf('<body>'));

describe('the page of the gallery', () => {
  it('draws every view once, below its name', () => {
    const drawn = [...body.matchAll(/<figcaption>([^<]*)<\/figcaption>/g)].map(([, name]) => name);
    expect(drawn).toEqual(parts.flatMap(({ views }) => views.map(({ name }) => name)));
  });

  it('draws every block, element and emoji that the bot uses', () => {
    expect(body.match(/class="unknown"/g)).toBeNull();
    // Times of day have colons too.
    expect(body.match(/:[a-z][a-z0-9_+-]*:/g)).toBeNull();
  });

  it.each(['desktop', 'phone', 'light', 'dark'])('offers the form %s', (form) => {
    expect(body).toContain(`id="${form}"`);
  });

  it('runs no script and loads nothing', () => {
    expect(html).not.toMatch(/<script|<link|<img|src=|@import|url\(/);
  });
});
