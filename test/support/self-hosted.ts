import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { describeIf } from './describe-if.ts';
import { freePort } from './free-port.ts';
import { atEnd } from './shared.ts';
import { SECRET, type World } from './world.ts';

/** The releases of the `crewai` package that are supported: the oldest for flows, the oldest for tasks, the newest. */
export const OLDEST_FOR_FLOWS = '1.8.0';
export const OLDEST_FOR_TASKS = '1.10.1';
export const NEWEST = '1.15.30';
/** The last of the releases (1.14.5 to 1.15.1) whose agents lose feedback on tasks. */
export const LOSES_FEEDBACK = '1.15.1';

const FLOW_SECRET = 'whsec_4c1d8e0f6a2b5937c8d1e0f2a3b4c5d6';
const TOKEN = 'crew-token-of-the-program';

/** The Python of a virtual environment with this release; `.ci/run` makes it. */
const VENVS = process.env.CREWAI_VENVS ?? join(homedir(), '.cache', 'crew-approvals');
const pythonOf = (version: string) => join(VENVS, `crewai-${version}`, 'bin', 'python');

/** `describe` with a release of the real package. */
export function describeCrewAI(version: string) {
  const python = pythonOf(version);
  return describeIf(
    existsSync(python),
    `crewai ${version} is not installed (${python}): what needs it is skipped`,
  );
}

export interface Program {
  /** What it has written so far. */
  output(): string;
  /** Resolves when it has written this. */
  writes(words: RegExp): Promise<void>;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves when it has ended. */
  ended: Promise<void>;
  /** The steps of its flows, in order. */
  journal(): { step: string; text: string }[];
}

/** How the crew of these programs is set in the bot. */
export interface SelfHosted {
  /** The settings of the bot. */
  settings: Record<string, string>;
  /** The arguments of CrewApprovals. */
  approvals(botUrl: string): Record<string, unknown>;
  baseUrl: string;
  folder: string;
}

/** An address for a program, and the settings of a bot that works with it. */
export async function prepareSelfHosted(world: World): Promise<SelfHosted> {
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  return {
    baseUrl,
    folder: world.folder,
    settings: {
      CREWAI_BASE_URL: baseUrl,
      CREWAI_BEARER_TOKEN: TOKEN,
      FLOW_WEBHOOK_SECRETS: FLOW_SECRET,
      CALLBACK_HOSTS: `127.0.0.1:${port}`,
    },
    approvals: (url) => ({
      url,
      crew: 'press',
      secret: SECRET,
      flow_secret: FLOW_SECRET,
      token: TOKEN,
      listen: ['127.0.0.1', port],
      db: join(world.folder, 'crew_approvals.db'),
    }),
  };
}

/** Runs a program of test/python with the real package, until it says that it is ready. It ends with the test. */
export async function startProgram(
  name: 'flow_program' | 'crew_program',
  version: string,
  { settings, hosted, botUrl }: { settings?: object; hosted: SelfHosted; botUrl: string },
): Promise<Program> {
  const { folder } = hosted;
  const journal = join(folder, 'journal');
  const given = { approvals: hosted.approvals(botUrl), journal, ...settings };
  const program = runPython(version, [join('test', 'python', `${name}.py`), JSON.stringify(given)], folder);
  await program.writes(/^ready$/m);
  const lines = () => (existsSync(journal) ? readFileSync(journal, 'utf8').trim().split('\n') : []);
  return { ...program, journal: () => lines().map((line) => JSON.parse(line)) };
}

/** Runs the program that docs/self-hosted.md prints under this name, with an address of its own. */
export function runExample(
  name: string,
  version: string,
  { hosted, botUrl, env = {} }: { hosted: SelfHosted; botUrl: string; env?: Record<string, string> },
) {
  const docs = readFileSync(join('docs', 'self-hosted.md'), 'utf8');
  const [, source] = docs.split(`\`${name}\`:\n\n\`\`\`python\n`);
  const { host } = new URL(hosted.baseUrl);
  const [address, port] = host.split(':');
  const own = `    listen=("${address}", ${port}),\n    db="${join(hosted.folder, 'approvals.sqlite')}",\n`;
  const program = (source ?? '')
    .split('\n```')[0]
    ?.replace('http://127.0.0.1:8765', hosted.baseUrl)
    .replace(/^ {4}(?:listen|db)=.*\n/gm, '')
    .replace('approvals = CrewApprovals(\n', `$&${own}`);
  const path = join(hosted.folder, name);
  writeFileSync(path, program ?? '');
  return runPython(version, [path, 'start'], hosted.folder, {
    BOT_URL: botUrl,
    WEBHOOK_SECRET: SECRET,
    FLOW_WEBHOOK_SECRETS: FLOW_SECRET,
    CREWAI_BEARER_TOKEN: TOKEN,
    ...env,
  });
}

/** Importing the package takes long on a busy machine. */
const WRITES_WITHIN = 90_000;

/** Runs a Python program with a release of the real package; it ends with the test. */
function runPython(version: string, args: string[], folder: string, env: Record<string, string> = {}) {
  const child = spawn(pythonOf(version), args, {
    env: {
      ...PYTHON_ENVIRONMENT,
      PATH: process.env.PATH,
      HOME: folder,
      CREWAI_STORAGE_DIR: join(folder, 'crewai'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
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
  const writes = async (words: RegExp) =>
    void (await vi.waitFor(
      () => {
        if (!words.test(output)) throw new Error(`no ${words} (exit code ${child.exitCode}):\n${output}`);
      },
      { timeout: WRITES_WITHIN, interval: 20 },
    ));
  return { output: () => output, kill, ended, writes };
}

/** The package calls nobody, and no model can be reached. */
const PYTHON_ENVIRONMENT = {
  PYTHONPATH: join('src', 'python'),
  // Compiling the package takes as long as all else that happens at its import: it is done once.
  PYTHONPYCACHEPREFIX: join(VENVS, 'bytecode'),
  PYTHONUNBUFFERED: '1',
  CREWAI_DISABLE_TELEMETRY: 'true',
  CREWAI_TRACING_ENABLED: 'false',
  CREWAI_TESTING: 'true',
  OTEL_SDK_DISABLED: 'true',
  OPENAI_API_KEY: 'none',
  OPENAI_BASE_URL: 'http://127.0.0.1:9',
};
