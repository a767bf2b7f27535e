import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { listGalleryParts } from '../slack/gallery/gallery.ts';
import { galleryHtml } from './gallery/gallery-html.ts';
import { galleryReader } from './gallery/reader.ts';

// `npm run gallery`: every view of the bot on one page, without Slack.
const FILE = resolve('coverage/gallery.html');

mkdirSync(dirname(FILE), { recursive: true });
writeFileSync(FILE, galleryHtml(listGalleryParts(), galleryReader));
console.log(FILE);
