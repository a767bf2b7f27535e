import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, checkout } from './checkout.ts';
import { atEnd, share } from './shared.ts';

export interface Demo {
  /** The link that the demo printed. */
  url: string;
  /** The lines of its output so far. */
  printed: readonly string[];
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code when the demo has ended; null if a signal ended it. */
  ended: Promise<number | null>;
  /** Resolves with the process id of its bot once the bot runs. */
  botPid(): Promise<number>;
  /** Temporary folder of the demo, to share with another demo as TMPDIR. */
  temporary: string;
  /** Lists the files in its temporary folder. */
  leftBehind(): string[];
}

/** Shares a built clone among a file's demos. Must be called at the beginning of the file. */
export const builtCheckout = (): (() => string) =>
  share(() => {
    const folder = checkout();
    build(folder);
    return folder;
  });

/** Runs what `npm run demo` runs in a built clone and waits for its link. The demo ends with the test. */
export async function startDemo(
  folder: string,
  settings: Record<string, string> = {},
  options: string[] = [],
): Promise<Demo> {
  const demo = spawnDemo(folder, settings, { options });
  return { ...demo, url: await demo.link };
}

/** Runs the demo without waiting for its link. `byShell`: start it through a shell, as npm does. */
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
  let output = '';
  const link = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      printed.splice(0, printed.length, ...output.trimEnd().split('\n'));
      if (output.includes('\n')) resolve(printed[0] as string);
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.once('close', () => reject(new Error(`the demo has ended: ${complaint}`)));
  });
  // Callers that await the link get the rejection. Otherwise a demo may end before it prints the link.
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

/** True if a process with this id runs. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
