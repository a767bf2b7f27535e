import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CrewTask } from '../../../src/sandbox/crewai/crew-task.ts';
import type { Dialect } from '../../../src/sandbox/crewai/dialect.ts';
import { type Platform, startPlatform } from '../../sandbox/crewai/platform.ts';
import { createRates } from '../../sandbox/slack/rates.ts';
import { startWorkspace, type Workspace } from '../../sandbox/slack/workspace.ts';
import type { Built } from './build.ts';
import { type Running, runCommand, start, type Taken } from './process.ts';

export const SECRET = 'a-webhook-secret-of-crewai';
const BOT_TOKEN = 'xoxb-sandbox-token';
export const SIGNING_SECRET = 'sandbox-signing-secret';
const CREW_TOKEN = 'crew-token-of-the-sandbox';
export const CREW = 'press';
export const APPROVER = 'UANA';
/** A crew whose programs ask questions. */
export const PROGRAMS = 'programs';
export const ASK_SECRET = 'an-ask-secret-of-programs';
export const FLOW_SECRET = 'a-secret-of-flow-reviews';

export const draft: CrewTask = {
  name: 'draft_press_release',
  agent: 'Copywriter',
  description: 'Write the press release',
  expectedOutput: 'A press release of 300 to 400 words in Markdown',
  humanInput: true,
  writeOutput: ({ revisions }) =>
    `# Spring collection\n\nMade from *recycled linen*.\n\n${revisions.join('\n')}`,
};

/** Addresses of the bot's Slack and CrewAI, and the people there. */
export interface Surroundings {
  slackUrl: string;
  crewaiUrl: string;
  channels: readonly string[];
  /** People who may decide; by default only the approver. */
  approvers?: readonly string[];
  /** True if programs ask questions and Flows send reviews. */
  asks?: boolean;
}

export interface World extends Surroundings {
  workspace: Workspace;
  platform: Platform;
  close(): Promise<void>;
}

interface WorldOptions {
  channels?: number;
  approvers?: number;
  /** True if Slack refuses calls that exceed its rates. */
  enforceRates?: boolean;
  dialect?: Dialect;
  /** True if programs ask questions and Flows send reviews. */
  asks?: boolean;
}

/** Milliseconds since 1970, finer than Date.now(). */
export const preciseNow = () => performance.timeOrigin + performance.now();

export function channelIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `C${String(index).padStart(5, '0')}`);
}

/**
 * Starts the sandbox's Slack with this many channels and approvers, and its CrewAI. In the documented dialect, the
 * default, a task webhook alone opens a card.
 */
export async function startWorld({
  channels: count = 1,
  approvers: people = 1,
  enforceRates = false,
  dialect = 'documented',
  asks = false,
}: WorldOptions = {}): Promise<World> {
  const channels = channelIds(count);
  const approvers = [APPROVER, ...Array.from({ length: people - 1 }, (_, index) => `UREADER${index}`)];
  const workspace = await startWorkspace({
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    manifest: join(import.meta.dirname, '..', '..', '..', 'manifest.yml'),
    people: approvers.map((id) => ({ id, name: id === APPROVER ? 'ana' : id.slice(1).toLowerCase() })),
    channels: channels.map((id) => ({ id, name: id.toLowerCase(), members: approvers, botIsMember: true })),
    ...(enforceRates && { retryAfter: createRates() }),
  });
  const platform = await startPlatform({ token: CREW_TOKEN, tasks: [draft], dialect, now: preciseNow });
  return {
    workspace,
    platform,
    channels,
    approvers,
    asks,
    slackUrl: workspace.apiUrl,
    crewaiUrl: platform.baseUrl,
    close: async () => void (await Promise.all([workspace.close(), platform.close()])),
  };
}

/** Runs `work` with a folder that is removed afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-bench-'));
  folders.add(folder);
  try {
    return await work(folder);
  } finally {
    removeFolders(folder);
  }
}

const folders = new Set<string>();

export function removeFolders(...which: string[]): void {
  for (const folder of which.length > 0 ? which : folders) {
    rmSync(folder, { recursive: true, force: true });
    folders.delete(folder);
  }
}

export const databaseIn = (folder: string) => join(folder, 'approvals.db');

/** Builds the settings of every kind of bot: for the product its own settings, for the references other names. */
function settingsOf(
  { slackUrl, crewaiUrl, channels, approvers = [APPROVER], asks = false }: Surroundings,
  folder: string,
) {
  const [channel = ''] = channels;
  const file = join(folder, 'crews.yml');
  const secrets = { bearer_token: CREW_TOKEN, webhook_secret: SECRET };
  const press = { base_url: crewaiUrl, ...secrets, channel, channels, approvers };
  const flow = { flow_webhook_secrets: [FLOW_SECRET], callback_hosts: [new URL(crewaiUrl).host] };
  const programs = { ask_secret: ASK_SECRET, channel, channels, approvers };
  const crews = asks ? { [CREW]: { ...press, ...flow }, [PROGRAMS]: programs } : { [CREW]: press };
  // YAML reads JSON.
  writeFileSync(file, JSON.stringify({ crews }));
  const slack = { SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_SIGNING_SECRET: SIGNING_SECRET, SLACK_API_URL: slackUrl };
  const reference = {
    CREWAI_BASE_URL: crewaiUrl,
    CREWAI_BEARER_TOKEN: CREW_TOKEN,
    APPROVAL_CHANNEL: channel,
    APPROVERS: approvers.join(','),
    SECRET,
    DATABASE: databaseIn(folder),
  };
  return {
    product: { ...slack, CREWS_FILE: file, STORE_URL: `sqlite://${databaseIn(folder)}` },
    careful: { ...slack, ...reference },
    memory: { ...slack, ...reference },
    nothing: { SECRET },
  } satisfies Record<string, Record<string, string>>;
}

const REFERENCES = { careful: 'careful-bot', memory: 'memory-bot', nothing: 'null-route' };

/**
 * The built product, by default on SQLite in this folder, or a reference: a Bolt bot that has every webhook and
 * decision on disk before it answers (`careful`) or keeps everything in memory, or the product's route with `nothing`
 * stored.
 */
export type Kind = keyof ReturnType<typeof settingsOf>;

export interface BotOptions {
  kind?: Kind;
  /** Reports its heap, event loop or functions. */
  probe?: 'heap' | 'hold' | 'walk';
  /** Further environment variables. */
  env?: Record<string, string>;
}

/** Starts a bot as a separate process. */
export function startBot(
  built: Built,
  around: Surroundings,
  folder: string,
  { kind = 'product', probe, env = {} }: BotOptions = {},
): Promise<Running> {
  const isProduct = kind === 'product';
  return start({
    args: [
      ...(probe === 'heap' ? ['--expose-gc'] : []),
      ...(probe ? ['--import', built.script(`${probe}-probe`)] : []),
      isProduct ? built.main : built.script(REFERENCES[kind]),
    ],
    env: { ...settingsOf(around, folder)[kind], ...env },
    folder,
    readyPath: isProduct ? '/readyz' : '/healthz',
  });
}

/** Writes a report of a store as a person does, also while a bot runs on it. */
export function writeReportOf(built: Built, around: Surroundings, storeUrl: string): Promise<Taken> {
  return inFolder((folder) =>
    runCommand(['--import', built.script('peak-probe'), built.command('report')], {
      env: { ...settingsOf(around, folder).product, STORE_URL: storeUrl },
      folder,
    }),
  );
}

/** Runs `work` with a bot in a world of its own. `prepare`: gets the STORE_URL before the bot starts. */
export function withBot<T>(
  built: Built,
  options: WorldOptions & BotOptions & { prepare?: (storeUrl: string) => Promise<void> },
  work: (world: World, bot: Running) => Promise<T>,
): Promise<T> {
  return inFolder(async (folder) => {
    const world = await startWorld(options);
    try {
      await options.prepare?.(`sqlite://${databaseIn(folder)}`);
      const bot = await startBot(built, world, folder, options);
      try {
        return await work(world, bot);
      } finally {
        await bot.stop();
      }
    } finally {
      await world.close();
    }
  });
}
