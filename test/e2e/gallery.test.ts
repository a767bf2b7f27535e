import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildGalleryPage } from '../gallery/page.ts';
import { listGalleryParts } from '../gallery/parts.ts';
import { blockMethods } from '../sandbox/slack/methods-blocks.ts';
import { run } from '../support/spawn-bot.ts';
import { startWorld, type World } from '../support/world.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TSX = join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs');
const GALLERY = join(ROOT, 'test', 'gallery', 'gallery.ts');

const parts = listGalleryParts();
const views = parts.flatMap((part) => part.views);

function runGallery({ folder, settings }: World, args: string[] = [], changed: Record<string, string> = {}) {
  const all = { ...settings, ...changed };
  return run(TSX, all, { cwd: folder, args: [GALLERY, ...args] }).ended;
}

const validations = ({ workspace }: World) =>
  workspace.calls.filter(({ method }) => method === 'blocks.validate');

describe('npm run gallery', () => {
  test('writes the page, and says where', async () => {
    const world = await startWorld(undefined, {}, { methods: blockMethods });
    const { code, stdout } = await runGallery(world);
    expect(code).toBe(0);
    expect(stdout.trim()).toMatch(/gallery\.html$/);
    expect(readFileSync(stdout.trim(), 'utf8')).toBe(buildGalleryPage(parts));
    expect(world.workspace.calls).toEqual([]);
  });

  test.runIf(process.env.CI)(
    '--validate has Slack check every view of the bot, and names one that Slack rejects',
    async () => {
      const world = await startWorld(undefined, {}, { methods: blockMethods });
      const fault = {
        code: 'failed_constraint',
        message: 'unsupported type: input',
        pointer: '/blocks/1/type',
      };
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ ok: false, error: 'invalid_view', errors: [fault] });
      const when = (args: unknown) =>
        (args as { view?: string }).view?.includes('"callback_id":"assign"') === true;
      world.workspace.failures.plan({ on: 'blocks.validate', when, failure: { status: 200, headers, body } });
      expect(await runGallery(world, ['--validate'])).toMatchObject({
        code: 1,
        stdout: [
          'modal assign: unsupported type: input at /blocks/1/type.\n',
          `Slack rejects 1 of ${views.length} views.\n`,
        ].join(''),
      });
      expect(validations(world)).toHaveLength(views.length);
    },
  );

  test.each<[string, string[], Record<string, string>, RegExp]>([
    ['an unknown argument', ['--validate', 'validate'], {}, /'validate'/],
    [
      'a bot token that Slack rejects',
      ['--validate'],
      { SLACK_BOT_TOKEN: 'xoxb-of-another-app' },
      /^Slack rejects SLACK_BOT_TOKEN: invalid_auth\.\n$/,
    ],
  ])('names %s, sends no view and ends with 1', async (_, args, changed, sentence) => {
    const world = await startWorld(undefined, {}, { methods: blockMethods });
    const { code, stdout, stderr } = await runGallery(world, args, changed);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(sentence);
    expect(validations(world)).toEqual([]);
  });
});
