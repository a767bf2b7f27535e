import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';

/** A function that ran. */
export interface Ran {
  /** Below `src`. */
  file: string;
  /** Empty if it has none. */
  name: string;
  /** Where it begins in the built file. */
  at: number;
  /** Whether the main thread ran it; else another thread. */
  main: boolean;
}

export interface Running {
  url: string;
  /** From its spawn to its first 200, in milliseconds. */
  startedWithin: number;
  /** Resident memory, in MB. */
  rss(): number;
  /** Processor time since its start, in milliseconds; NaN where the system does not tell it finely. */
  cpu(): number;
  /** Its heap and RSS after a collection of garbage, in MB; only with the heap probe. */
  heap(): Promise<{ heap: number; rss: number }>;
  /** The longest hold of its event loop since this was asked last, in milliseconds; only with the hold probe. */
  hold(): Promise<{ held: number; taken: number }>;
  /** The functions of the bot that ran since this was asked last; only with the walk probe. */
  ran(): Promise<Ran[]>;
  /** SIGTERM, and SIGKILL when it has not ended within 15 s. */
  stop(): Promise<void>;
}

export interface StartOptions {
  script: string;
  env: Record<string, string>;
  folder: string;
  /** What answers 200 once it can be measured. */
  readyPath: string;
  execArgv?: string[];
}

/** Every process that was started and has not ended. */
const running = new Set<() => void>();

/** Ends them at once, when the run itself is ended. */
export function killAll(): void {
  for (const kill of running) kill();
}

/** Starts a server in a process of its own, on a free port that it gets as PORT, its output in a file of the folder. */
export async function start({
  script,
  env,
  folder,
  readyPath,
  execArgv = [],
}: StartOptions): Promise<Running> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(folder, `${port}.log`);
  const log = openSync(logFile, 'a');
  const begun = performance.now();
  const child = spawn(process.execPath, [...execArgv, script], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PUBLIC_URL: url, ...env, PORT: String(port) },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const kill = () => void child.kill('SIGKILL');
  running.add(kill);
  let ended = false;
  const end = new Promise<void>((resolve) => {
    child.once('close', () => {
      ended = true;
      running.delete(kill);
      resolve();
    });
  });
  while ((await statusOf(`${url}${readyPath}`)) !== 200) {
    if (ended) throw new Error(`${script} has ended:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`);
    await pause(2);
  }
  const startedWithin = performance.now() - begun;
  /** What the probe that was loaded before the script answers. */
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
    heap: () => answerTo('heap'),
    hold: () => answerTo('hold'),
    ran: () => answerTo('ran'),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(kill, 15_000);
      await end;
      clearTimeout(timer);
    },
  };
}

/** Runs a script to its end and gives the JSON that it prints. */
export function runForJson<T>(script: string, settings: object): Promise<T> {
  const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = () => void child.kill('SIGKILL');
  running.add(kill);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      running.delete(kill);
      if (code === 0) resolve(JSON.parse(printed) as T);
      else reject(new Error(`${script} has ended with ${code}`));
    });
  });
}

/** Linux counts it in hundredths of a second: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
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

export const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, milliseconds);
  });

function statusOf(url: string): Promise<number> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', () => resolve(0));
  });
}
