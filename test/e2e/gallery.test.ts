import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildGalleryPage } from '../../src/sandbox/gallery/page.ts';
import { listGalleryParts } from '../../src/sandbox/gallery/parts.ts';
import { BUILT } from '../support/build.ts';
import { run } from '../support/spawn-bot.ts';
import { startWorld, type World } from '../support/world.ts';

const parts = listGalleryParts();
const views = parts.flatMap((part) => part.views);

function runGallery({ folder, settings }: World, args: string[], changed: Record<string, string> = {}) {
  const all = { ...settings, ...changed };
  return run(join(BUILT, 'sandbox', 'gallery.js'), all, { cwd: folder, args }).ended;
}

const validations = ({ workspace }: World) =>
  workspace.calls.filter(({ method }) => method === 'blocks.validate');

describe('npm run gallery', () => {
  test('writes the page, and says where', async () => {
    const world = await startWorld();
    const { code, stdout } = await runGallery(world, []);
    expect(code).toBe(0);
    expect(stdout.trim()).toMatch(/gallery\.html$/);
    expect(readFileSync(stdout.trim(), 'utf8')).toBe(buildGalleryPage(parts));
    expect(world.workspace.calls).toEqual([]);
  });

  test.each(['--validte', 'validate'])('names the unknown argument %s', async (unknown) => {
    const { code, stdout, stderr } = await runGallery(await startWorld(), ['--validate', unknown]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`'${unknown}'`);
  });

  test('--validate has Slack check every view of the bot', async () => {
    const world = await startWorld();
    const { code, stdout } = await runGallery(world, ['--validate']);
    expect(stdout).toBe(`Slack accepts all ${views.length} views.\n`);
    expect(code).toBe(0);
    expect(validations(world).map(({ answer }) => answer)).toEqual(views.map(() => ({ ok: true })));
  });

  test('--validate names the view that Slack rejects, with its reason, and ends with 1', async () => {
    const world = await startWorld();
    const isAssignModal = (args: unknown) => JSON.stringify(args).includes('"callback_id":"assign"');
    const errors = [
      { code: 'failed_constraint', message: 'unsupported type: input', pointer: '/blocks/1/type' },
    ];
    world.workspace.failures.plan({
      on: 'blocks.validate',
      when: isAssignModal,
      failure: {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ok: false, error: 'invalid_view', errors }),
      },
    });
    const { code, stdout } = await runGallery(world, ['--validate']);
    expect(stdout.trim().split('\n')).toEqual([
      'modal assign: unsupported type: input at /blocks/1/type.',
      `Slack rejects 1 of ${views.length} views.`,
    ]);
    expect(code).toBe(1);
  });

  test.each([
    [
      'Slack rejects the bot token',
      { SLACK_BOT_TOKEN: 'xoxb-of-another-app' },
      /^Slack rejects SLACK_BOT_TOKEN: invalid_auth\.\n$/,
    ],
    [
      'Slack is out of reach',
      { SLACK_API_URL: 'http://127.0.0.1:9/api/' },
      /^Slack cannot be reached \(.+\)\.\n$/,
    ],
  ])('--validate sends no view when %s, and ends with 1', async (_, changed, sentence) => {
    const world = await startWorld();
    const { code, stderr } = await runGallery(world, ['--validate'], changed);
    expect(stderr).toMatch(sentence);
    expect(code).toBe(1);
    expect(validations(world)).toEqual([]);
  });

  test('--validate names the missing bot token', async () => {
    const { code, stderr } = await runGallery(await startWorld(), ['--validate'], { SLACK_BOT_TOKEN: '' });
    expect([code, stderr]).toEqual([
      1,
      'SLACK_BOT_TOKEN is missing: set it in the environment or in .env.\n',
    ]);
  });
});
