import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT } from './build.ts';
import { atEnd } from './shared.ts';

const CHECKOUT = join(import.meta.dirname, '..', '..');

/**
 * Makes a copy of the checkout as `git clone` leaves it, with its packages and without a build. It is deleted with the
 * test.
 */
export function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-start-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['src', 'docs', 'package.json', 'manifest.yml'])
    cpSync(join(CHECKOUT, name), join(folder, name), { recursive: true });
  symlinkSync(join(CHECKOUT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Puts a build into the folder and records its source, as `npm run build` does. */
export function build(folder: string): void {
  cpSync(BUILT, join(folder, 'dist'), { recursive: true });
  execFileSync(process.execPath, [join(folder, 'src', 'start.mjs'), '--record-build'], { stdio: 'inherit' });
}
