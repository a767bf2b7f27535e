import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');

/** The built JavaScript that is measured, as `npm start` runs it. */
export interface Built {
  /** Path of the bot. */
  main: string;
  /** Finds a command of src/cli. */
  command(name: string): string;
  /** Finds a script of test/bench/processes. */
  script(name: string): string;
  remove(): void;
}

/** Builds the bot and the processes beside it into a folder of this run, never `dist`, which others may be running. */
export function build(): Built {
  const folder = join(root, 'node_modules', '.cache', `crew-approvals-bench-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
  const project = join(import.meta.dirname, '..', 'tsconfig.processes.json');
  execFileSync(process.execPath, [tsc, '-p', project, '--outDir', folder], { cwd: root, stdio: 'inherit' });
  return {
    main: join(folder, 'src', 'main.js'),
    command: (name) => join(folder, 'src', 'cli', `${name}.js`),
    script: (name) => join(folder, 'test', 'bench', 'processes', `${name}.js`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
