import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect } from 'vitest';
import { type RunningApp, startApp } from '../../src/app.ts';
import { summarizeError } from '../../src/lib/errors.ts';
import type { CrewTask } from '../../src/sandbox/crewai/crew-task.ts';
import type { Dialect } from '../../src/sandbox/crewai/dialect.ts';
import { readApprovalId } from '../../src/sandbox/demo/run-of-card.ts';
import { loadSettings } from '../../src/settings/load-settings.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import {
  DEFAULT_DIALECT,
  type Platform,
  type PlatformOptions,
  startPlatform,
} from '../sandbox/crewai/platform.ts';
import { startWorkspace, type Workspace, type WorkspaceOptions } from '../sandbox/slack/workspace.ts';
import { isDeciding } from './deciding.ts';
import { freePort } from './free-port.ts';
import { scaleWaits } from './limits.ts';
import { atEnd } from './shared.ts';
import { until } from './until.ts';

export const SECRET = 'a-webhook-secret-of-crewai';
const BOT_TOKEN = 'xoxb-sandbox-token';
const SIGNING_SECRET = 'sandbox-signing-secret';
const CREW_TOKEN = 'crew-token-of-the-sandbox';

export const draft: CrewTask = {
  name: 'draft_press_release',
  agent: 'Copywriter',
  description: 'Write the press release',
  expectedOutput: 'A press release of 300 to 400 words in Markdown',
  humanInput: true,
  writeOutput: ({ revisions }) =>
    `# Spring collection\n\nMade from *recycled linen*.\n\n${revisions.join('\n')}`,
};

/** Both contracts of CrewAI's API, for tests whose sentence is true in each. */
export const DIALECTS = ['live', 'documented'] as const satisfies readonly Dialect[];

/** A time zone in which it is about noon: reminders wait for the morning of the people they mention. */
const NOON = nameZoneAtNoon(new Date().getUTCHours());

export interface World {
  workspace: Workspace;
  platform: Platform;
  /** The contract that the platform follows. */
  dialect: Dialect;
  /** Settings of a bot in this world, as environment variables. */
  settings: Record<string, string>;
  folder: string;
}

/** Starts a Slack workspace and a CrewAI platform on free ports. They end with the test. */
export async function startWorld(
  tasks: readonly CrewTask[] = [draft],
  crewai: Partial<PlatformOptions> = {},
  slack: Partial<WorkspaceOptions> = {},
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-'));
  const workspace = await startWorkspace({
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    manifest: 'manifest.yml',
    people: [
      { id: 'UANA', name: 'ana', tz: NOON },
      { id: 'UBEN', name: 'ben', tz: NOON },
      { id: 'UCAT', name: 'cat', tz: NOON },
    ],
    channels: [
      { id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN', 'UCAT'], botIsMember: true },
      { id: 'CPRESS', name: 'press', members: ['UANA', 'UBEN'], botIsMember: true },
    ],
    groups: [{ id: 'SEDITORS', handle: 'editors', users: ['UBEN'] }],
    ...slack,
  });
  const platform = await startPlatform({ token: CREW_TOKEN, tasks, ...crewai });
  for (const simulated of [workspace, platform]) scaleWaits(simulated);
  atEnd(async () => {
    await Promise.all([workspace.close(), platform.close()]);
    rmSync(folder, { recursive: true, force: true });
  });
  const settings = {
    SLACK_BOT_TOKEN: BOT_TOKEN,
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_API_URL: workspace.apiUrl,
    CREWAI_BASE_URL: platform.baseUrl,
    CREWAI_BEARER_TOKEN: CREW_TOKEN,
    CREW_NAME: 'press',
    APPROVAL_CHANNEL: 'CAPPROVALS',
    APPROVERS: 'UANA,UBEN',
    WEBHOOK_SECRET: SECRET,
    STORE_URL: `sqlite://${join(folder, 'approvals.db')}`,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
  };
  const { dialect = DEFAULT_DIALECT } = crewai;
  return { workspace, platform, dialect, settings, folder };
}

export interface Bot extends RunningApp {
  url: string;
  dialect: Dialect;
  /** Builds the webhook URL of a kind, with the secret. */
  webhook(kind: string): string;
  /** The log lines so far. */
  logged: string[];
}

/**
 * Starts the real bot in this process, connected to the world. It stops with the test. `onLine`: called with each log
 * line.
 */
export async function startBot(
  world: World,
  settings: Record<string, string> = {},
  onLine: (line: string) => void = () => {},
): Promise<Bot> {
  const logged: string[] = [];
  const serializers = { error: summarizeError, err: summarizeError };
  const log = pino(
    { level: 'info', base: null, serializers },
    {
      write: (line: string) => {
        logged.push(line);
        onLine(line);
      },
    },
  );
  const botSettings = { ...world.settings, ...settings };
  const app = await startApp(
    loadSettings({ ...botSettings, ...(await ownAddress(world, botSettings)) }),
    log,
  );
  let stopped = false;
  const stop = async () => {
    if (!stopped) await app.stop();
    stopped = true;
  };
  atEnd(stop);
  await learnsDialect(world, botSettings, () => logged.some((line) => line.includes(DIALECT_LEARNED)));
  return connected(world, { port: app.port, stop }, logged, Boolean(settings.SLACK_APP_TOKEN));
}

/**
 * Chooses PUBLIC_URL and its port for a bot in the live dialect, where a run only continues after a decision if the bot
 * can say how its human-input webhooks reach it. A test without PUBLIC_URL sets it to an empty text.
 */
export async function ownAddress(
  { dialect }: World,
  botSettings: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  if (dialect !== 'live' || botSettings.PUBLIC_URL !== undefined) return {};
  const port = botSettings.PORT === '0' ? String(await freePort()) : (botSettings.PORT as string);
  return { PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` };
}

/** The beginning of the line that a settled card shows once the run has continued. */
export const GOES_ON = texts.state.goesOn('crew').slice(0, -1);
/** The log message of a bot that has learned a crew's dialect. */
export const DIALECT_LEARNED = 'dialect learned';

/** The stores in which a bot has recorded its crew's dialect. */
const storesWithDialect = new WeakMap<Platform, Set<string>>();

/**
 * Waits until a bot knows the dialect of its crew: from its store, or when `learned` says so. Returns early if the
 * platform gives no useful answer.
 */
export async function learnsDialect(
  { platform }: World,
  { STORE_URL = '', RESUME_FORMAT = 'auto' }: Readonly<Record<string, string>>,
  learned: () => boolean,
): Promise<void> {
  const stores = storesWithDialect.get(platform) ?? new Set();
  storesWithDialect.set(platform, stores);
  if (RESUME_FORMAT !== 'auto' || stores.has(STORE_URL)) return;
  const isStatusRequest = ({ path }: { path: string }) => path.startsWith('/status/');
  const isUseless = ({ status, fate, answer }: Platform['requests'][number]) =>
    fate !== 'answered' || typeof answer === 'string' || (status !== 200 && status !== 404);
  await until(() =>
    expect(
      learned() || platform.requests.some((request) => isStatusRequest(request) && isUseless(request)),
    ).toBe(true),
  );
  if (learned()) stores.add(STORE_URL);
}

function connected(world: World, app: RunningApp, logged: string[], overSocket = false): Bot {
  const url = `http://127.0.0.1:${app.port}`;
  if (!overSocket) world.workspace.connectBot(`${url}/slack/events`);
  const { dialect } = world;
  return { ...app, url, dialect, logged, webhook: (kind) => `${url}/webhooks/press/${kind}?token=${SECRET}` };
}

export interface Shown {
  ts: string;
  thread_ts?: string;
  text: string;
  /** The approval that the card is about. */
  approval?: string;
  /** All texts of the message. */
  all: string;
  /** Labels of the buttons that decide something. */
  buttons: string[];
  /** Labels of the other buttons. Settled cards have them too. */
  reading: string[];
}

/** Lists the messages of a channel as a person reads them. */
export function shown(workspace: Workspace, channel = 'CAPPROVALS'): Shown[] {
  return workspace.messages(channel).map((message) => {
    const texts: string[] = [];
    const buttons: string[] = [];
    const reading: string[] = [];
    JSON.stringify(message.blocks ?? [], (key, value: unknown) => {
      if (key === 'text' && typeof value === 'string') texts.push(value);
      if (value !== null && typeof value === 'object' && 'type' in value && value.type === 'button') {
        const { text: label } = (value as unknown as { text: { text: string } }).text;
        (isDeciding(value) ? buttons : reading).push(label);
      }
      return value;
    });
    const { ts, thread_ts, text, blocks } = message;
    const approval = readApprovalId(blocks);
    return {
      ts,
      ...(thread_ts ? { thread_ts } : {}),
      ...(approval === undefined ? {} : { approval }),
      text,
      all: texts.join('\n'),
      buttons,
      reading,
    };
  });
}

/** Reads the approval that a card is about; empty if the message is not a card. */
export const approvalOf = ({ approval = '' }: Pick<Shown, 'approval'>): string => approval;

/**
 * Lists the ephemerals of this person, without the remark that a card follows: on a busy machine any click can cause
 * it.
 */
export function ephemeralsTo(workspace: Workspace, user: string) {
  return workspace.ephemerals(user).filter(({ text }) => text !== texts.actions.cardFollows);
}

/** Waits until a message of the channel satisfies the predicate, and returns it as a person reads it. */
export async function sees(
  workspace: Workspace,
  what: string,
  predicate: (message: Shown, index: number) => boolean,
  channel = 'CAPPROVALS',
): Promise<Shown> {
  const look = () => shown(workspace, channel).find(predicate);
  await workspace
    // A call to an unavailable store, and the delay after it, take time.
    .changed(() => look() !== undefined, { what, timeoutMs: 30_000 })
    .catch((error: unknown) => {
      throw new Error(`${String(error)}\nseen: ${JSON.stringify(shown(workspace, channel), null, 1)}`);
    });
  return look() as Shown;
}

/** Names a time zone where it is noon at this UTC hour. Signs are reversed: in Etc/GMT+1 it is one hour earlier. */
function nameZoneAtNoon(hour: number): string {
  const behind = hour - 12;
  return behind < 0 ? `Etc/GMT-${-behind}` : `Etc/GMT+${behind}`;
}

/** Copies a request to CrewAI without the tickets that the bot adds to its own URLs. */
export function withoutTickets<T>(body: T): T {
  if (body === undefined) return body;
  return JSON.parse(JSON.stringify(body).replace(/[?&]run=[\w-]+\.[0-9a-f]{20}/g, '')) as T;
}
