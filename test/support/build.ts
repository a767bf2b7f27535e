import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Where the tests' own build of the bot lies: beside the packages, never in `dist`, which others may be running. */
export const BUILT = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'crew-approvals-test');

export default function build(): void {
  const root = join(import.meta.dirname, '..', '..');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', BUILT], {
    cwd: root,
    stdio: 'inherit',
  });
}
