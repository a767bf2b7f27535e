import { spawn } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

import { BUILT } from './build.ts';
import { freePort } from './free-port.ts';
import { scaleLimit } from './limits.ts';
import { atEnd } from './shared.ts';
import { DIALECT_LEARNED, learnsDialect, ownAddress, SECRET, type World } from './world.ts';

export interface Ended {
  /** Null if a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A log line, as pino writes it in JSON. */
export interface LogLine {
  level: number;
  msg: string;
  [field: string]: unknown;
}

export interface Running {
  pid: number;
  /** The log lines so far. */
  logged: readonly LogLine[];
  /**
   * Resolves with the first log line, past or future, that satisfies the predicate. Rejects if the process ends before.
   */
  logs(what: string, predicate: (line: LogLine) => boolean, timeoutMs?: number): Promise<LogLine>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended, for whatever reason. */
  ended: Promise<Ended>;
}

/** Runs a script of the product in a process of its own. Its environment has only these settings and PATH. */
export function run(
  script: string,
  settings: Record<string, string>,
  { cwd, args = [] }: { cwd: string; args?: string[] },
): Running {
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const logged: LogLine[] = [];
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const look of [...watchers]) look();
  };
  let stdout = '';
  let stderr = '';
  let partialLine = '';
  let outcome: Ended | undefined;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    const lines = (partialLine + chunk).split('\n');
    partialLine = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{"')) logged.push(JSON.parse(line) as LogLine);
    notify();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      outcome = { code, signal, stdout, stderr };
      resolve(outcome);
      notify();
    });
  });
  atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
  });

  return {
    pid: child.pid ?? 0,
    logged,
    logs(what, predicate, timeoutMs = 30_000) {
      const limit = scaleLimit(timeoutMs);
      return new Promise((resolve, reject) => {
        const end = (settle: () => void) => {
          clearTimeout(timer);
          watchers.delete(look);
          settle();
        };
        const fail = (why: string) =>
          end(() => reject(new Error(`no log line "${what}": ${why}\n${stdout}\n${stderr}`)));
        const look = () => {
          const line = logged.find(predicate);
          if (line) end(() => resolve(line));
          else if (outcome) fail(`the process has ended (${outcome.code ?? outcome.signal})`);
        };
        const timer = setTimeout(() => fail(`not within ${limit} ms`), limit);
        watchers.add(look);
        look();
      });
    },
    signal: (signal) => void child.kill(signal),
    ended,
  };
}

/** Runs the bot until it ends by itself. */
export function runToEnd(settings: Record<string, string>, cwd: string, args: string[] = []): Promise<Ended> {
  return run(join(BUILT, 'main.js'), settings, { cwd, args }).ended;
}

export interface SpawnedBot extends Running {
  port: number;
  url: string;
  /** Builds the webhook URL of a kind, with the secret. */
  webhook(kind: string): string;
  /** Sends kill -9 and resolves when the bot is gone. */
  kill(): Promise<void>;
  /** Starts the same bot again, on the same port and store. */
  restart(settings?: Record<string, string>, args?: string[]): Promise<SpawnedBot>;
}

/**
 * Starts the built bot as a separate process in the world and waits until it is ready. `args`: its options; `built`:
 * folder of another build.
 */
export async function spawnBot(
  world: World,
  settings: Record<string, string> = {},
  args: string[] = [],
  built = BUILT,
): Promise<SpawnedBot> {
  const botSettings: Record<string, string> = { ...world.settings, ...settings };
  const address = await ownAddress(world, botSettings);
  const bot = run(join(built, 'main.js'), { ...botSettings, ...address }, { cwd: world.folder, args });
  const ready = await bot.logs('ready', ({ msg }) => msg === 'ready');
  const endedEarly = bot.ended.then(({ code, signal }) => {
    throw new Error(`the process has ended (${code ?? signal})`);
  });
  const learned = () => bot.logged.some(({ msg }) => msg === DIALECT_LEARNED);
  await Promise.race([learnsDialect(world, botSettings, learned), endedEarly]);
  const port = Number(ready.port);
  const url = `http://127.0.0.1:${port}`;
  if (!botSettings.SLACK_APP_TOKEN) world.workspace.connectBot(`${url}/slack/events`);
  return {
    ...bot,
    port,
    url,
    webhook: (kind) => `${url}/webhooks/press/${kind}?token=${SECRET}`,
    async kill() {
      bot.signal('SIGKILL');
      await bot.ended;
    },
    restart: (changed = {}, options = []) =>
      spawnBot(world, { ...settings, PORT: String(port), ...changed }, options, built),
  };
}

export interface Gate {
  url: string;
  /** Stops listening and cuts all connections. */
  shut(): Promise<void>;
  open(): Promise<void>;
  /** Lets requests pass and holds their answers. */
  hold(): void;
  release(): void;
}

/** Starts a network path to a server of this machine. A test can cut it or hold its answers. */
export async function startGate(target: string): Promise<Gate> {
  const to = new URL(target);
  const sockets = new Set<Socket>();
  let held = false;
  let delayed: (() => void)[] = [];
  const server = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk) => upstream.write(chunk));
    client.on('close', () => upstream.destroy());
    upstream.on('data', (chunk) => {
      const pass = () => client.write(chunk);
      if (held) delayed.push(pass);
      else pass();
    });
    upstream.on('close', () => {
      const end = () => client.destroy();
      if (held) delayed.push(end);
      else end();
    });
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  // No connection of this machine takes this port while the gate is shut.
  const port = await freePort();
  await listen(port);
  const shut = async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  atEnd(shut);
  return {
    url: `http://127.0.0.1:${port}${to.pathname}`,
    shut,
    open: () => listen(port),
    hold() {
      held = true;
    },
    release() {
      held = false;
      const passes = delayed;
      delayed = [];
      for (const pass of passes) pass();
    },
  };
}
