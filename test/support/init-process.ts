import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { BUILT } from './build.ts';
import { until } from './until.ts';

const INIT = join(BUILT, 'cli', 'init', 'init.js');

export interface InitProcess {
  /** All that it printed so far. */
  printed(): string;
  /** Resolves with the output since the last call, once it contains the text. */
  sees(text: string): Promise<string>;
  types(text: string): void;
  /** Ends the input. */
  close(): void;
  signal(signal: NodeJS.Signals): void;
  ended: Promise<{ code: number | null; printed: string }>;
}

/**
 * Runs `init` in a folder. Input comes from a pipe or, with `columns`, from the keyboard of a terminal of that width.
 */
export function runInit(
  folder: string,
  settings: Record<string, string>,
  { columns }: { columns?: number } = {},
): InitProcess {
  const [command, args] =
    columns === undefined
      ? [process.execPath, [INIT]]
      : ['script', ['-qec', `stty cols ${columns}; exec "${process.execPath}" "${INIT}"`, '/dev/null']];
  const env = { PATH: process.env.PATH, CI: 'true', ...settings };
  const child = spawn(command, args, { cwd: folder, env });
  let printed = '';
  let readUpTo = 0;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
    });
  child.stdin.on('error', () => {});
  const ended = new Promise<{ code: number | null; printed: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, printed }));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    printed: () => printed,
    sees: (text) =>
      until(() => {
        const at = printed.indexOf(text, readUpTo);
        if (at === -1) throw new Error(`"${text}" not printed (exit code ${child.exitCode}):\n${printed}`);
        const found = printed.slice(readUpTo, at + text.length);
        readUpTo = at + text.length;
        return found;
      }),
    types: (text) => void child.stdin.write(text),
    close: () => void child.stdin.end(),
    signal: (signal) => void child.kill(signal),
    ended,
  };
}
