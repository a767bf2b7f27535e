import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { summarizeError } from '../../src/lib/errors.ts';
import { openBrowser } from '../../src/lib/open-browser.ts';
import { readEnvironment } from '../../src/settings/load-settings.ts';
import { createQuietClient, readSlackError } from '../../src/slack/api/client.ts';
import type { GalleryView } from './gallery-view.ts';
import { buildGalleryPage } from './page.ts';
import { listGalleryParts } from './parts.ts';
import { validateViews } from './validate.ts';

// `npm run gallery` writes every view of the bot on one page. With --validate, Slack checks every view.
const FILE = resolve('coverage/gallery.html');

const parts = listGalleryParts();
try {
  // Throws for an unknown argument.
  const { values } = parseArgs({ options: { validate: { type: 'boolean' } } });
  if (values.validate) process.exitCode = await validate(parts.flatMap(({ views }) => views));
  else {
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(FILE, buildGalleryPage(parts));
    console.log(FILE);
    openBrowser(FILE);
  }
} catch (error) {
  console.error(summarizeError(error));
  process.exitCode = 1;
}

async function validate(views: readonly GalleryView[]): Promise<number> {
  const { SLACK_BOT_TOKEN: token, SLACK_API_URL: apiUrl } = readEnvironment(process.env);
  if (!token) {
    console.error('SLACK_BOT_TOKEN is missing: set it in the environment or in .env.');
    return 1;
  }
  const client = createQuietClient(token, apiUrl);
  try {
    await client.auth.test();
  } catch (error) {
    const code = readSlackError(error);
    console.error(
      code === undefined
        ? `Slack cannot be reached (${summarizeError(error)}).`
        : `Slack rejects SLACK_BOT_TOKEN: ${code}.`,
    );
    return 1;
  }
  const { checked, rejected, stopped } = await validateViews(client, views, sleep);
  for (const sentence of rejected) console.log(sentence);
  if (stopped !== undefined) console.log(`${checked} of ${views.length} views checked: ${stopped}.`);
  else if (rejected.length > 0) console.log(`Slack rejects ${rejected.length} of ${views.length} views.`);
  else console.log(`Slack accepts all ${views.length} views.`);
  return stopped === undefined && rejected.length === 0 ? 0 : 1;
}
