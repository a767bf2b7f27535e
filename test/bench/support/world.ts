import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CrewTask } from '../../../src/sandbox/crewai/crew-task.ts';
import type { Dialect } from '../../../src/sandbox/crewai/dialect.ts';
import { type Platform, startPlatform } from '../../../src/sandbox/crewai/platform.ts';
import { startWorkspace, type Workspace } from '../../../src/sandbox/slack/workspace.ts';
import type { Built } from './build.ts';
import { type Running, start } from './process.ts';

export const SECRET = 'a-webhook-secret-of-crewai';
const BOT_TOKEN = 'xoxb-sandbox-token';
export const SIGNING_SECRET = 'sandbox-signing-secret';
const CREW_TOKEN = 'crew-token-of-the-sandbox';
export const CREW = 'press';
export const APPROVER = 'UANA';

export const draft: CrewTask = {
  name: 'draft_press_release',
  agent: 'Copywriter',
  description: 'Write the press release',
  expectedOutput: 'A press release of 300 to 400 words in Markdown',
  humanInput: true,
  output: ({ feedback }) => `# Spring collection\n\nMade from *recycled linen*.\n\n${feedback.join('\n')}`,
};

/** Where the bot's Slack and CrewAI are. */
export interface Surroundings {
  slackUrl: string;
  crewaiUrl: string;
  channels: readonly string[];
  /** Who may decide: only the approver, if nothing else is said. */
  approvers?: readonly string[];
  /** More of the bot's environment. */
  env?: Record<string, string>;
}

export interface World extends Surroundings {
  workspace: Workspace;
  platform: Platform;
  close(): Promise<void>;
}

/** Milliseconds since 1970, finer than Date.now(). */
export const preciseNow = () => performance.timeOrigin + performance.now();

export function channelIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `C${String(index).padStart(5, '0')}`);
}

/**
 * The sandbox's Slack, with so many channels and approvers, and its CrewAI. On the documented dialect, the default, a
 * task webhook alone opens a card.
 */
export async function startWorld({
  channels: count = 1,
  approvers: people = 1,
  enforceRates = false,
  dialect = 'documented' as Dialect,
} = {}): Promise<World> {
  const channels = channelIds(count);
  const approvers = [APPROVER, ...Array.from({ length: people - 1 }, (_, index) => `UREADER${index}`)];
  const workspace = await startWorkspace({
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    manifest: join(import.meta.dirname, '..', '..', '..', 'manifest.yml'),
    people: approvers.map((id) => ({ id, name: id === APPROVER ? 'ana' : id.slice(1).toLowerCase() })),
    channels: channels.map((id) => ({ id, name: id.toLowerCase(), members: approvers, botIsMember: true })),
    enforceRates,
  });
  const platform = await startPlatform({ token: CREW_TOKEN, tasks: [draft], dialect, now: preciseNow });
  return {
    workspace,
    platform,
    channels,
    approvers,
    slackUrl: workspace.apiUrl,
    crewaiUrl: platform.baseUrl,
    close: async () => void (await Promise.all([workspace.close(), platform.close()])),
  };
}

/** A folder of this measurement, removed after it. */
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

/** What any bot here is told: the product by its settings, the others by the same names. */
function settingsOf(
  { slackUrl, crewaiUrl, channels, approvers = [APPROVER], env }: Surroundings,
  folder: string,
) {
  const file = join(folder, 'crews.yml');
  const press = {
    base_url: crewaiUrl,
    bearer_token: CREW_TOKEN,
    webhook_secret: SECRET,
    channel: channels[0],
    channels,
    approvers,
  };
  // YAML reads JSON.
  writeFileSync(file, JSON.stringify({ crews: { [CREW]: press } }));
  return {
    SLACK_BOT_TOKEN: BOT_TOKEN,
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_API_URL: slackUrl,
    CREWS_FILE: file,
    STORE_URL: `sqlite://${databaseIn(folder)}`,
    ...env,
  };
}

export const databaseIn = (folder: string) => join(folder, 'approvals.db');

/** The built bot as a separate process, on SQLite in this folder by default; a probe tells of its heap, event loop or functions. */
export function startBot(
  built: Built,
  around: Surroundings,
  folder: string,
  { probe, storeUrl }: { probe?: 'heap' | 'hold' | 'walk'; storeUrl?: string } = {},
): Promise<Running> {
  return start({
    script: built.main,
    env: { ...settingsOf(around, folder), ...(storeUrl ? { STORE_URL: storeUrl } : {}) },
    folder,
    readyPath: '/readyz',
    execArgv: [
      ...(probe === 'heap' ? ['--expose-gc'] : []),
      ...(probe ? ['--import', built.script(`${probe}-probe`)] : []),
    ],
  });
}

/** A minimal Bolt bot that keeps everything in memory. */
export const startMemoryBot = (built: Built, around: Surroundings, folder: string) =>
  startReference('memory-bot', built, around, folder);

/** A Bolt bot that has every webhook and decision on disk before it answers. */
export const startCarefulBot = (built: Built, around: Surroundings, folder: string) =>
  startReference('careful-bot', built, around, folder);

function startReference(name: string, built: Built, around: Surroundings, folder: string): Promise<Running> {
  const env = {
    ...settingsOf(around, folder),
    CREWAI_BASE_URL: around.crewaiUrl,
    CREWAI_BEARER_TOKEN: CREW_TOKEN,
    APPROVAL_CHANNEL: around.channels[0] ?? '',
    APPROVERS: (around.approvers ?? [APPROVER]).join(','),
    SECRET,
    DATABASE: databaseIn(folder),
  };
  return start({ script: built.script(name), env, folder, readyPath: '/healthz' });
}

export const webhookUrl = (bot: { url: string }, kind = 'task') =>
  `${bot.url}/webhooks/${CREW}/${kind}?token=${SECRET}`;
