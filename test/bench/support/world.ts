import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CrewTask } from '../../../src/sandbox/crewai/crew-task.ts';
import type { Dialect } from '../../../src/sandbox/crewai/dialect.ts';
import { type Platform, startPlatform } from '../../../src/sandbox/crewai/platform.ts';
import { startWorkspace, type Workspace } from '../../../src/sandbox/slack/workspace.ts';
import type { Built } from './build.ts';
import { type Running, start } from './process.ts';
import type { Row } from './report.ts';

export interface Context {
  built: Built;
  /** A short run: fewer and shorter rounds, smaller stores. */
  quick: boolean;
  /** The whole soak. */
  soak: boolean;
  /** Whether rows have their list. */
  list: boolean;
  /** Tells how far it is; nothing of it is in the table. */
  progress(text: string): void;
}

/** One part of the run: it measures and gives its rows. */
export type Measurement = (context: Context) => Promise<Row[]>;

/** Carries out a round so many times, one after the other, and gives all results. */
export async function rounds<T>(count: number, round: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let index = 0; index < count; index += 1) results.push(await round(index));
  return results;
}

const SECRET = 'a-webhook-secret-of-crewai';
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
}

export interface World extends Surroundings {
  workspace: Workspace;
  platform: Platform;
  close(): Promise<void>;
}

interface WorldOptions {
  channels?: number;
  approvers?: number;
  /** Whether Slack refuses what exceeds its rates. */
  enforceRates?: boolean;
  dialect?: Dialect;
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
  dialect = 'documented',
}: WorldOptions = {}): Promise<World> {
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

export const databaseIn = (folder: string) => join(folder, 'approvals.db');

/** What any bot here is told: the product by its settings, the others by names of their own. */
function settingsOf({ slackUrl, crewaiUrl, channels, approvers = [APPROVER] }: Surroundings, folder: string) {
  const [channel = ''] = channels;
  const file = join(folder, 'crews.yml');
  const secrets = { bearer_token: CREW_TOKEN, webhook_secret: SECRET };
  const press = { base_url: crewaiUrl, ...secrets, channel, channels, approvers };
  // YAML reads JSON.
  writeFileSync(file, JSON.stringify({ crews: { [CREW]: press } }));
  const slack = {
    SLACK_BOT_TOKEN: BOT_TOKEN,
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_API_URL: slackUrl,
  };
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
    nothing: { STORES: 'nothing', CREW, SECRET },
    void: { STORES: 'void', CREW, SECRET },
  } satisfies Record<string, Record<string, string>>;
}

const REFERENCES = {
  careful: 'careful-bot',
  memory: 'memory-bot',
  nothing: 'null-route',
  void: 'null-route',
};

/**
 * The built product, on SQLite in this folder by default; or a reference: a Bolt bot that has every webhook and decision
 * on disk before it answers (`careful`) or keeps everything in memory, or the product's route that stores `nothing`, or
 * on a store that keeps nothing (`void`).
 */
export type Kind = keyof ReturnType<typeof settingsOf>;

export interface BotOptions {
  kind?: Kind;
  /** Tells of its heap, event loop or functions. */
  probe?: 'heap' | 'hold' | 'walk';
  /** More of its environment. */
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
    script: isProduct ? built.main : built.script(REFERENCES[kind]),
    env: { ...settingsOf(around, folder)[kind], ...env },
    folder,
    readyPath: isProduct ? '/readyz' : '/healthz',
    execArgv: [
      ...(probe === 'heap' ? ['--expose-gc'] : []),
      ...(probe ? ['--import', built.script(`${probe}-probe`)] : []),
    ],
  });
}

/** A bot in a world of its own, for as long as `work` takes. `prepare`: gets the STORE_URL before the bot starts. */
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

/** Lets the workspace deliver clicks to this bot. */
export function connect({ workspace }: World, bot: Running): Running {
  workspace.connectBot(`${bot.url}/slack/events`);
  return bot;
}

export const webhookUrl = (bot: { url: string }, kind = 'task') =>
  `${bot.url}/webhooks/${CREW}/${kind}?token=${SECRET}`;

/** Starts a run whose webhooks go to this bot, and returns its execution id. */
export const kickoff = ({ platform }: World, bot: Running, more: Parameters<Platform['kickoff']>[0] = {}) =>
  platform.kickoff({ taskWebhookUrl: webhookUrl(bot), crewWebhookUrl: webhookUrl(bot, 'crew'), ...more });

export async function sendWebhook(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  await response.text();
  if (response.status !== 202) throw new Error(`a webhook was answered ${response.status}`);
}

export interface Card {
  channel: string;
  ts: string;
}

export function hasButton(message: { blocks?: unknown } | undefined, actionId = 'approve'): boolean {
  return JSON.stringify(message?.blocks ?? []).includes(`"${actionId}"`);
}

/** The message with this button that comes into the channel after something was done. */
export async function nextCard(
  { workspace }: World,
  channel: string,
  act: () => unknown,
  { actionId = 'approve', timeoutMs = 30_000 } = {},
): Promise<Card> {
  const before = workspace.messages(channel).length;
  const find = () =>
    workspace
      .messages(channel)
      .slice(before)
      .find((message) => hasButton(message, actionId));
  await act();
  await workspace.changed(() => find() !== undefined, { what: `a card with ${actionId}`, timeoutMs });
  return { channel, ts: find()?.ts ?? '' };
}

/** How long until the workspace has changed so, in milliseconds; `most` if it has not by then. */
export async function timeUntil({ workspace }: World, check: () => boolean, most: number): Promise<number> {
  const begun = performance.now();
  return workspace.changed(check, { timeoutMs: most, what: 'what is timed' }).then(
    () => performance.now() - begun,
    () => most,
  );
}

export const clickApprove = ({ workspace }: World, card: Card, user = APPROVER) =>
  workspace.click({ user, ...card, actionId: 'approve' });

/** Clicks on Approve; returns how long the ack took. */
export async function approve(world: World, card: Card, user?: string): Promise<number> {
  const { acked, ms } = await clickApprove(world, card, user);
  if (!acked) throw new Error('a click was not acked');
  return ms;
}
