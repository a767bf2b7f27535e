import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** Where this run's own build of the bot lies: beside the packages, never in `dist`, which others may be running. */
export const BUILT =
  process.env.CREW_APPROVALS_BUILT ??
  join(root, 'node_modules', '.cache', `crew-approvals-test-${process.pid}`);

export default function build(): () => void {
  process.env.CREW_APPROVALS_BUILT = BUILT;
  // Each project of the run asks for it.
  if (existsSync(BUILT)) return () => {};
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', BUILT], {
    cwd: root,
    stdio: 'inherit',
  });
  // Beside the folder of the build, as it lies beside `dist`.
  copyFileSync(join(root, 'manifest.yml'), join(BUILT, '..', 'manifest.yml'));
  return () => rmSync(BUILT, { recursive: true, force: true });
}
