import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { BUILT } from './build.ts';

const INIT = join(BUILT, 'cli', 'init', 'init.js');
const PATIENCE = 45_000;

export interface InitProcess {
  /** All that it printed so far. */
  printed(): string;
  /** Resolves with what it printed since the last call, once that contains the text. Rejects when it ends before. */
  sees(text: string): Promise<string>;
  types(text: string): void;
  /** Ends the input. */
  close(): void;
  signal(signal: NodeJS.Signals): void;
  ended: Promise<{ code: number | null; printed: string }>;
}

/** Runs `init` in a folder, fed by a pipe or, with `columns`, by the keyboard of a terminal of that width. */
export function runInit(
  folder: string,
  settings: Record<string, string>,
  { columns }: { columns?: number } = {},
): InitProcess {
  const [command, args] =
    columns === undefined
      ? [process.execPath, [INIT]]
      : ['script', ['-qec', `stty cols ${columns}; exec "${process.execPath}" "${INIT}"`, '/dev/null']];
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, CI: 'true', ...settings },
  });
  let printed = '';
  let seen = 0;
  let code: number | null | undefined;
  const watchers = new Set<() => void>();
  const add = (chunk: string) => {
    printed += chunk;
    for (const look of [...watchers]) look();
  };
  child.stdout.setEncoding('utf8').on('data', add);
  child.stderr.setEncoding('utf8').on('data', add);
  child.stdin.on('error', () => {});
  const ended = new Promise<{ code: number | null; printed: string }>((resolve) => {
    child.once('close', (status) => {
      code = status;
      add('');
      resolve({ code: status, printed });
    });
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    printed: () => printed,
    sees: (text) =>
      new Promise((resolve, reject) => {
        const end = (settle: () => void) => {
          clearTimeout(timer);
          watchers.delete(look);
          settle();
        };
        const fail = (why: string) =>
          end(() => reject(new Error(`"${text}" not printed: ${why}\n${printed}`)));
        const look = () => {
          const at = printed.indexOf(text, seen);
          if (at !== -1) {
            const found = printed.slice(seen, at + text.length);
            seen = at + text.length;
            end(() => resolve(found));
          } else if (code !== undefined) fail(`it ended with ${code}`);
        };
        const timer = setTimeout(() => fail(`not within ${PATIENCE} ms`), PATIENCE);
        watchers.add(look);
        look();
      }),
    types: (text) => void child.stdin.write(text),
    close: () => void child.stdin.end(),
    signal: (signal) => void child.kill(signal),
    ended,
  };
}
