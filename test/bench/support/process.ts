import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';

export { pause };

/** A function that ran. */
export interface Ran {
  /** Path below `src`. */
  file: string;
  /** Empty for a function without a name. */
  name: string;
  /** Offset of its beginning in the built file. */
  at: number;
  /** True if the main thread ran it, not another thread. */
  main: boolean;
}

export interface Running {
  url: string;
  /** From its spawn to its first 200, in milliseconds. */
  startedWithin: number;
  /** Reads its resident memory, in MB. */
  rss(): number;
  /** Reads its processor time since its start, in milliseconds; NaN if the system does not report it finely. */
  cpu(): number;
  /**
   * Reads how long its main thread has waited for a processor that others had, in milliseconds; 0 if the system does
   * not report it.
   */
  waited(): number;
  /** Reads its heap and RSS after a garbage collection, in MB; only with the heap probe. */
  heap(): Promise<{ heap: number; rss: number }>;
  /** Reads the longest hold of its event loop since the last call, in milliseconds; only with the hold probe. */
  hold(): Promise<{ held: number; taken: number }>;
  /** Lists the functions of the bot that ran since the last call; only with the walk probe. */
  ran(): Promise<Ran[]>;
  /** Sends SIGTERM, and SIGKILL if it has not ended within 15 s. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Arguments of Node, then the script. */
  args: readonly string[];
  env: Record<string, string>;
  folder: string;
  /** Path that answers 200 once the process can be measured. */
  readyPath: string;
}

/** Every process that was started and has not ended. */
const running = new Set<ChildProcess>();

/** Kills all processes at once, if the run itself is ended. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Starts Node in a process of its own. `end` resolves with its exit code. */
function startNode(args: readonly string[], options: SpawnOptions) {
  const child = spawn(process.execPath, args, options);
  running.add(child);
  const end = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  return { child, end };
}

/** Starts a server on a free port, given as PORT. Its output goes to a file in the folder. */
export async function start({ args, env, folder, readyPath }: StartOptions): Promise<Running> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(folder, `${port}.log`);
  const log = openSync(logFile, 'a');
  const begun = performance.now();
  const { child, end } = startNode(args, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PUBLIC_URL: url, ...env, PORT: String(port) },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  while ((await statusOf(`${url}${readyPath}`)) !== 200) {
    if (!running.has(child))
      throw new Error(`${args.at(-1)} has ended:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`);
    await pause(2);
  }
  const startedWithin = performance.now() - begun;
  /** Asks the probe that was loaded before the script. */
  const answerTo = <T>(question: string) =>
    new Promise<T>((resolve) => {
      child.once('message', (message) => resolve(message as T));
      child.send(question);
    });

  return {
    url,
    startedWithin,
    rss: () =>
      Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' })) / 1024,
    cpu: () => processorTime(child.pid),
    waited: () => waitedForProcessor(child.pid),
    heap: () => answerTo('heap'),
    hold: () => answerTo('hold'),
    ran: () => answerTo('ran'),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await end;
      clearTimeout(timer);
    },
  };
}

/** Runs a script to its end and parses the JSON that it prints. */
export async function runForJson<T>(script: string, settings: object): Promise<T> {
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const { child, end } = startNode([script, JSON.stringify(settings)], { stdio: [...stdio] });
  const printed = child.stdout ? text(child.stdout) : '';
  const code = await end;
  if (code !== 0) throw new Error(`${script} has ended with ${code}`);
  return JSON.parse(await printed) as T;
}

/** Costs of a command. */
export interface Taken {
  /** In seconds. */
  time: number;
  /** In seconds. */
  cpu: number;
  /** Peak of resident memory, in MB; NaN if the system does not report it. */
  peak: number;
}

/** Runs a command to its end, with the peak probe. */
export async function runCommand(
  args: readonly string[],
  { env, folder }: Pick<StartOptions, 'env' | 'folder'>,
): Promise<Taken> {
  const begun = performance.now();
  const { child, end } = startNode(args, {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let probeAnswer: Partial<Taken> = {};
  child.on('message', (message) => {
    probeAnswer = message as Partial<Taken>;
  });
  const code = await end;
  if (code !== 0) throw new Error(`${args.at(-1)} has ended with ${code}`);
  return { peak: Number.NaN, cpu: Number.NaN, ...probeAnswer, time: (performance.now() - begun) / 1_000 };
}

/**
 * Reads a process's processor time. Linux counts it in hundredths of a second:
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function processorTime(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

/** Reads the first thread's wait for a processor: https://docs.kernel.org/scheduler/sched-stats.html */
export function waitedForProcessor(pid: number | undefined): number {
  try {
    const [, waited] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ');
    return Number(waited) / 1e6;
  } catch {
    return 0;
  }
}

function statusOf(url: string): Promise<number> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', () => resolve(0));
  });
}
