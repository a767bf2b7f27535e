import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { ShownBot } from '../../page/scene.ts';

export type BotProcess = ReturnType<typeof createBotProcess>;

/** Creates the process of the real bot. A separate process makes kill -9 real. */
export function createBotProcess(options: {
  /** Path of the bot's main.js. */
  main: string;
  /** Path of the module that ends the bot when the demo is gone. */
  parentWatch: string;
  /** Working directory of the bot. */
  folder: string;
  /** Environment of the bot. Only DEMO_PID is added. */
  settings: Readonly<Record<string, string>>;
  /** Called with each line of the bot's log. */
  onLine: (line: string) => void;
  onChange: () => void;
}) {
  let child: ChildProcess | undefined;
  let state: ShownBot['state'] = 'down';
  const story: { at: number; text: string }[] = [];

  function changeState(next: ShownBot['state'], text: string): void {
    state = next;
    story.push({ at: Date.now(), text });
    options.onChange();
  }

  /** Starts the bot. Resolves when the bot logs that it is ready; rejects if it ends before that. */
  async function start(): Promise<void> {
    const startedAt = Date.now();
    const args = ['--import', pathToFileURL(options.parentWatch).href, options.main];
    const botProcess = spawn(process.execPath, args, {
      cwd: options.folder,
      env: { ...options.settings, DEMO_PID: String(process.pid) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child = botProcess;
    const { stdout, stderr } = botProcess;
    if (!stdout || !stderr) throw new Error('the bot has no output');
    changeState('starting', `The bot starts, pid ${botProcess.pid}.`);
    let errorOutput = '';
    stderr.setEncoding('utf8').on('data', (text: string) => {
      errorOutput = (errorOutput + text).slice(-2_000);
    });
    const ready = new Promise<void>((resolve, reject) => {
      createInterface({ input: stdout }).on('line', (line) => {
        if (line.includes('"msg":"ready"')) resolve();
        options.onLine(line);
      });
      botProcess.once('error', reject);
      botProcess.once('exit', (code, signal) => {
        if (child === botProcess) changeState('down', `The bot has ended (${signal ?? `code ${code}`}).`);
        reject(new Error(`The bot has ended before it was ready. ${errorOutput.trim()}`));
      });
    });
    await ready;
    changeState('running', `The bot is ready after ${((Date.now() - startedAt) / 1_000).toFixed(1)} s.`);
  }

  /** Kills the bot (kill -9). Resolves when its process has ended. */
  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  return {
    start,
    kill,
    shown: (): ShownBot => ({ state, pid: child?.pid, story: [...story] }),
  };
}
