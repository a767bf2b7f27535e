import { describe, expect, it } from 'vitest';
import { buildAnchor, buildGalleryPage } from '../../../src/sandbox/gallery/page.ts';
import { listGalleryParts } from '../../../src/sandbox/gallery/parts.ts';

const parts = listGalleryParts();
const html = buildGalleryPage(parts);
const body = html.slice(html.indexOf('<body>'));

describe('the page of the gallery', () => {
  it('draws every view once, below its name', () => {
    const drawn = [...body.matchAll(/<figcaption>([^<]*)<\/figcaption>/g)].map(([, name]) => name);
    expect(drawn).toEqual(parts.flatMap(({ views }) => views.map(({ name }) => name)));
  });

  it('has an index of every part and view, and each link leads to one place', () => {
    const links = [...body.matchAll(/<a href="#([^"]*)">/g)].map(([, anchor]) => anchor);
    const names = parts.flatMap(({ title, views }) => [title, ...views.map(({ name }) => name)]);
    expect(links).toEqual(names.map(buildAnchor));
    const ids = [...body.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    for (const link of links) expect(ids.filter((id) => id === link)).toHaveLength(1);
  });

  it('opens at its top: no input takes the focus', () => {
    expect(JSON.stringify(parts)).toContain('focus_on_load');
    expect(body).not.toMatch(/ autofocus/);
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
