import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { BUILT } from '../support/build.ts';

const HOOK = join(BUILT, 'clients', 'hook.js');

export interface HookRun {
  args?: string[];
  env: Record<string, string>;
  cwd?: string;
  /** As the printed command: a shell waits for the hook. */
  inShell?: boolean;
}

/** Runs the hook as an agent does: the payload on stdin, an answer on stdout. */
export function startHook(
  payload: object | string | Buffer,
  { args = [], env, cwd, inShell = false }: HookRun,
) {
  const words = [process.execPath, HOOK, ...args];
  const [file = '', ...rest] = inShell ? ['sh', '-c', '"$0" "$@" || exit 2', ...words] : words;
  const child = spawn(file, rest, { cwd, env: { PATH: process.env.PATH, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  child.stdin.end(
    typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload),
  );
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  );
  return { child, ended };
}
