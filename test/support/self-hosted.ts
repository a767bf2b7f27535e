import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { describeIf } from './describe-if.ts';
import { freePort } from './free-port.ts';
import { atEnd } from './shared.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

/** Supported releases of the `crewai` package: the oldest for Flows, the oldest for tasks, the newest. */
export const OLDEST_FOR_FLOWS = '1.8.0';
export const OLDEST_FOR_TASKS = '1.10.1';
export const NEWEST = '1.15.30';
/** A release between the oldest and the newest: the last one whose agents run without a Flow of their own. */
export const MIDDLE = '1.14.4';
/** The last of the releases (1.14.5 to 1.15.1) whose agents lose feedback on tasks. */
export const LOSES_FEEDBACK = '1.15.1';

const ASK_SECRET = 'the-ask-secret-of-the-program';

/** Folder in which `.ci/run` makes virtual environments. */
export const VENVS = process.env.CREWAI_VENVS ?? join(homedir(), '.cache', 'crew-approvals');
/** Finds the Python of the virtual environment with this release. */
export const pythonOf = (version: string) => join(VENVS, `crewai-${version}`, 'bin', 'python');

/** Returns `describe`, or a skip if this release of the real package is not installed. */
export function describeCrewAI(version: string) {
  const python = pythonOf(version);
  return describeIf(
    existsSync(python),
    `crewai ${version} is not installed (${python}): what needs it is skipped`,
  );
}

export interface Program {
  /** The output so far. */
  output(): string;
  /** Resolves when the output matches. */
  writes(words: RegExp): Promise<void>;
  /** Writes a line to the program's input. */
  send(line: string): void;
  /** Sends kill -9 and resolves when the program is gone. */
  kill(): Promise<void>;
  /** Asks the program to end. */
  terminate(): void;
  /** Resolves when the program has ended. */
  ended: Promise<void>;
  /** Lists the steps of its Flows, in order. */
  journal(): { step: string; text: string }[];
}

/** Settings of a bot whose crew only gets questions from programs: a channel and a secret, no webhooks. */
export const HOSTED: Record<string, string> = {
  CREWAI_BASE_URL: '',
  CREWAI_BEARER_TOKEN: '',
  WEBHOOK_SECRET: '',
  RESUME_FORMAT: 'camelcase',
  PUBLIC_URL: '',
  ASK_SECRET,
};

/** Runs a program of test/python with the real package and waits until it is ready. It ends with the test. */
export async function startProgram(
  name: 'flow_program' | 'crew_program' | 'tools_program',
  version: string,
  {
    world: { folder },
    botUrl,
    settings,
    env,
  }: { world: World; botUrl: string; settings?: object; env?: Record<string, string> },
): Promise<Program> {
  const journal = join(folder, 'journal');
  const db = join(folder, 'crew_approvals.db');
  const approvals = { url: botUrl, crew: 'press', secret: ASK_SECRET, db };
  const programSettings = JSON.stringify({ approvals, journal, ...settings });
  const program = runPython(
    pythonOf(version),
    [join(process.cwd(), 'test', 'python', `${name}.py`), programSettings],
    folder,
    env,
  );
  await program.writes(/^ready$/m);
  const lines = () => (existsSync(journal) ? readFileSync(journal, 'utf8').trim().split('\n') : []);
  return { ...program, journal: () => lines().map((line) => JSON.parse(line)) };
}

/** Runs a program of examples/, which a document prints. `change`: for lines that the document says to change. */
export function runExample(
  path: string,
  version: string,
  {
    world: { folder },
    botUrl,
    env = {},
    change = (program) => program,
  }: { world: World; botUrl: string; env?: Record<string, string>; change?: (program: string) => string },
) {
  const name = basename(path);
  writeFileSync(join(folder, name), change(readFileSync(join('examples', path), 'utf8')));
  return runPython(pythonOf(version), [name, 'start'], folder, { BOT_URL: botUrl, ASK_SECRET, ...env });
}

/**
 * Starts a model behind an endpoint like OpenAI's, which gives everyone the same answer. `call`: a tool that the model
 * calls first. `asked`: the requests so far.
 */
export async function startModel(
  text: string,
  call?: { name: string; input: object },
): Promise<{ env: Record<string, string>; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      asked.push(body);
      const { messages = [], tools = [] } = JSON.parse(body) as {
        messages?: { role: string }[];
        tools?: unknown[];
      };
      const calls = call && tools.length > 0 && !messages.some(({ role }) => role === 'tool');
      const tool = { name: call?.name, arguments: JSON.stringify(call?.input) };
      const message = calls
        ? { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: tool }] }
        : { role: 'assistant', content: text };
      const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
      const choices = [{ index: 0, message, finish_reason: calls ? 'tool_calls' : 'stop' }];
      const answer = { id: '1', object: 'chat.completion', created: 1, model: 'm', choices, usage };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
  });
  atEnd(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${port}/v1`;
  return { env: { OPENAI_BASE_URL: url, OPENAI_API_BASE: url }, asked };
}

/** Importing the package takes long on a busy machine. In milliseconds. */
const WRITES_WITHIN = 90_000;

/** Runs a program with a Python that has the real package. It ends with the test. */
export function runPython(python: string, args: string[], folder: string, env: Record<string, string> = {}) {
  const child = spawn(python, args, {
    cwd: folder,
    env: {
      ...PYTHON_ENVIRONMENT,
      PATH: process.env.PATH,
      HOME: folder,
      CREWAI_STORAGE_DIR: join(folder, 'crewai'),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  atEnd(kill);
  const writes = (words: RegExp) =>
    until(
      () => {
        if (!words.test(output)) throw new Error(`no ${words} (exit code ${child.exitCode}):\n${output}`);
      },
      { within: WRITES_WITHIN, interval: 20 },
    );
  const terminate = () => void child.kill('SIGTERM');
  const send = (line: string) => void child.stdin.write(`${line}\n`);
  return { output: () => output, kill, terminate, ended, writes, send };
}

/** Environment in which the package sends no telemetry and reaches no model. */
const PYTHON_ENVIRONMENT = {
  PYTHONPATH: join(process.cwd(), 'src', 'python'),
  // Compiling takes as long as the rest of the import. With a shared cache it is done once.
  PYTHONPYCACHEPREFIX: join(VENVS, 'bytecode'),
  PYTHONUNBUFFERED: '1',
  CREWAI_DISABLE_TELEMETRY: 'true',
  CREWAI_TRACING_ENABLED: 'false',
  CREWAI_TESTING: 'true',
  OTEL_SDK_DISABLED: 'true',
  OPENAI_API_KEY: 'none',
  OPENAI_BASE_URL: 'http://127.0.0.1:9',
};
