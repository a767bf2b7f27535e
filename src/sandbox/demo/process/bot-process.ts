import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { ShownBot } from '../../page/scene.ts';

export type BotProcess = ReturnType<typeof createBotProcess>;

/** The real bot as a process of its own, so that kill -9 is real. */
export function createBotProcess(options: {
  /** The bot's main.js. */
  main: string;
  /** What ends it when we are gone. */
  leash: string;
  /** Its working directory. */
  folder: string;
  /** All of its environment. */
  settings: Readonly<Record<string, string>>;
  /** Gets each line of its log. */
  onLine: (line: string) => void;
  onChange: () => void;
}) {
  let child: ChildProcess | undefined;
  let state: ShownBot['state'] = 'down';
  const story: { at: number; text: string }[] = [];

  function become(next: ShownBot['state'], text: string): void {
    state = next;
    story.push({ at: Date.now(), text });
    options.onChange();
  }

  /** Resolves when it says that it is ready; rejects when it ends before. */
  async function start(): Promise<void> {
    const began = Date.now();
    const args = ['--import', pathToFileURL(options.leash).href, options.main];
    const started = spawn(process.execPath, args, {
      cwd: options.folder,
      env: { ...options.settings, DEMO_PID: String(process.pid) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child = started;
    const { stdout, stderr } = started;
    if (!stdout || !stderr) throw new Error('the bot has no output');
    become('starting', `The bot starts, pid ${started.pid}.`);
    let complaint = '';
    stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-2_000);
    });
    const ready = new Promise<void>((resolve, reject) => {
      createInterface({ input: stdout }).on('line', (line) => {
        if (line.includes('"msg":"ready"')) resolve();
        options.onLine(line);
      });
      started.once('error', reject);
      started.once('exit', (code, signal) => {
        if (child === started) become('down', `The bot has ended (${signal ?? `code ${code}`}).`);
        reject(new Error(`The bot has ended before it was ready. ${complaint.trim()}`));
      });
    });
    await ready;
    become('running', `The bot is ready after ${((Date.now() - began) / 1_000).toFixed(1)} s.`);
  }

  /** kill -9. Resolves when it is gone. */
  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  return {
    start,
    kill,
    shown: (): ShownBot => ({ state, pid: child?.pid, story: [...story] }),
  };
}
