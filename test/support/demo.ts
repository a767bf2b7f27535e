import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, checkout } from './checkout.ts';
import { atEnd, share } from './shared.ts';

export interface Demo {
  /** The link that it printed. */
  url: string;
  /** The lines of its output so far. */
  printed: readonly string[];
  signal(signal: NodeJS.Signals): void;
  /** Resolves with its exit code once it has ended; null when a signal ended it. */
  ended: Promise<number | null>;
  /** The process id of its bot, once that has one. */
  botPid(): Promise<number>;
  /** Its temporary folder, to share with another demo as TMPDIR. */
  temporary: string;
  /** What it has in its temporary folder. */
  leftBehind(): string[];
}

/** A clone that is built, to run a file's demos from. To be called at the file's beginning. */
export const builtCheckout = (): (() => string) =>
  share(() => {
    const folder = checkout();
    build(folder);
    return folder;
  });

/** Runs what `npm run demo` runs, in a clone that is built, and waits for its link; it ends with the test. */
export async function startDemo(
  folder: string,
  settings: Record<string, string> = {},
  options: string[] = [],
): Promise<Demo> {
  const demo = spawnDemo(folder, settings, { options });
  return { ...demo, url: await demo.link };
}

/** The same without waiting. `byShell`: by way of a shell, as npm does. */
export function spawnDemo(
  folder: string,
  settings: Record<string, string> = {},
  { byShell = false, options = [] }: { byShell?: boolean; options?: string[] } = {},
) {
  const temporary = mkdtempSync(join(tmpdir(), 'crew-approvals-test-'));
  const script = join(folder, 'src', 'start.mjs');
  const [command, args] = byShell
    ? ['sh', ['-c', `"${process.execPath}" "${script}" demo; true`]]
    : [process.execPath, [script, 'demo', ...options]];
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, TMPDIR: temporary, PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  let said = '';
  const link = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      printed.splice(0, printed.length, ...said.trimEnd().split('\n'));
      if (said.includes('\n')) resolve(printed[0] as string);
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.once('close', () => reject(new Error(`the demo has ended: ${complaint}`)));
  });
  // Whoever waits for the link is told; a demo that is to end before it is no failure.
  link.catch(() => {});
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  atEnd(async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(temporary, { recursive: true, force: true });
  });

  async function botPid(): Promise<number> {
    for (;;) {
      const page = await (await fetch(await link, { headers: { connection: 'close' } })).text();
      const pid = /Bot running, pid (\d+)/.exec(page)?.[1];
      if (pid) return Number(pid);
    }
  }

  return {
    link,
    printed,
    signal: (signal: NodeJS.Signals) => void child.kill(signal),
    ended,
    temporary,
    botPid,
    leftBehind: () => readdirSync(temporary),
  };
}

/** True while a process with this id runs. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
