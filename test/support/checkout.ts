import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { BUILT } from './build.ts';
import { run } from './spawn-bot.ts';

const CHECKOUT = join(import.meta.dirname, '..', '..');

/** A copy of the checkout as `git clone` leaves it, with its packages and without a build. */
export function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['src', 'package.json', 'manifest.yml'])
    cpSync(join(CHECKOUT, name), join(folder, name), { recursive: true });
  symlinkSync(join(CHECKOUT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Puts a build there, and records what it was built from, as `npm run build` does. */
export async function build(folder: string): Promise<void> {
  cpSync(BUILT, join(folder, 'dist'), { recursive: true });
  const recorded = run(join(folder, 'src', 'start.mjs'), {}, { cwd: folder, args: ['--record-build'] });
  expect(await recorded.ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
}
