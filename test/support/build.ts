import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LEFT_OUT } from './only-in-ci.ts';

const root = join(import.meta.dirname, '..', '..');
const at = { cwd: root, stdio: 'inherit' } as const;
const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');

/** Folder of this run's build of the bot. It lies beside the packages, never in `dist`, which others may be running. */
export const BUILT =
  process.env.CREW_APPROVALS_BUILT ??
  join(root, 'node_modules', '.cache', `crew-approvals-test-${process.pid}`);

export default function build(): () => void {
  process.env.CREW_APPROVALS_BUILT = BUILT;
  // Each vitest project of the run calls this function.
  if (existsSync(BUILT)) return () => {};
  const leftOut = process.env.CI ? [] : Object.entries(LEFT_OUT);
  for (const [reason, files] of leftOut) console.log(`Only with CI=true: ${reason} (${files.length} files)`);
  if (isCurrent()) cpSync(join(root, 'dist'), BUILT, { recursive: true });
  else
    for (const config of ['tsconfig.build.json', 'tsconfig.clients.json'])
      execFileSync(process.execPath, [tsc, '-p', config, '--noCheck', '--outDir', BUILT], at);
  // The build expects these files beside its folder, as they lie beside `dist`.
  for (const name of ['manifest.yml', '.env.example', 'package.json'])
    copyFileSync(join(root, name), join(BUILT, '..', name));
  return () => rmSync(BUILT, { recursive: true, force: true });
}

/** True if the build that `npm ci` made belongs to this source. */
function isCurrent(): boolean {
  return spawnSync(process.execPath, [join('src', 'start.mjs'), '--check-build'], { cwd: root }).status === 0;
}
