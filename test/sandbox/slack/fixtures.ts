import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, ExpressReceiver, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { stringify } from 'yaml';
import { startWorkspace, type WorkspaceOptions } from '../../../src/sandbox/slack/workspace.ts';

export const TOKEN = 'xoxb-sandbox';
export const APP_TOKEN = 'xapp-sandbox';
const SECRET = 'signing-secret';

export const SCOPES = [
  'chat:write',
  'chat:write.public',
  'commands',
  'files:write',
  'users:read',
  'users:read.email',
  'usergroups:read',
  'channels:read',
  'groups:read',
  'im:write',
];

/** A workspace with a few people and channels, granted these scopes. */
export async function workspaceWith(options: Partial<WorkspaceOptions> & { scopes?: string[] } = {}) {
  const { scopes = SCOPES, ...rest } = options;
  const manifest = join(await mkdtemp(join(tmpdir(), 'slack-')), 'manifest.yml');
  await writeFile(
    manifest,
    stringify({
      features: {
        app_home: { home_tab_enabled: true },
        slash_commands: [{ command: '/approvals', description: 'What waits' }],
      },
      oauth_config: { scopes: { bot: scopes } },
      settings: {
        interactivity: { is_enabled: true },
        event_subscriptions: { bot_events: ['app_home_opened'] },
      },
    }),
  );
  return startWorkspace({
    botToken: TOKEN,
    signingSecret: SECRET,
    manifest,
    people: [
      { id: 'U1', name: 'ana', email: 'ana@example.com' },
      { id: 'U2', name: 'ben', guest: true },
      { id: 'U3', name: 'cem', stranger: true },
    ],
    channels: [
      { id: 'C1', name: 'approvals', members: ['U1', 'U2'], botIsMember: true },
      { id: 'C2', name: 'open', members: ['U1'] },
      { id: 'C3', name: 'secret', private: true, members: ['U1'] },
      { id: 'C4', name: 'old', archived: true, members: ['U1'], botIsMember: true },
    ],
    groups: [{ id: 'S1', handle: 'approvers', users: ['U1', 'U2'] }],
    ...rest,
  });
}

/** The clients log each refusal, which here is the point. */
const quiet: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

/** The real client, without retries. */
export function clientOf(apiUrl: string, token = TOKEN): WebClient {
  return new WebClient(token, {
    slackApiUrl: apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: quiet,
  });
}

/** The error code that a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'no error';
  } catch (error) {
    const { data } = error as { data?: { error?: string } };
    return data?.error ?? String(error);
  }
}

/** The real Bolt, listening on a free port. */
export async function startBot(apiUrl: string, register: (app: App) => void) {
  const receiver = new ExpressReceiver({ signingSecret: SECRET, logger: quiet });
  const app = new App({
    token: TOKEN,
    receiver,
    clientOptions: { slackApiUrl: apiUrl },
    logger: quiet,
  });
  register(app);
  const server: Server = createServer(receiver.app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { url, stop };
}

/** The real Bolt over Socket Mode, quick to notice that a connection is gone. */
export async function startSocketBot(apiUrl: string, register: (app: App) => void) {
  const clientOptions = { slackApiUrl: apiUrl };
  const receiver = new SocketModeReceiver({
    appToken: APP_TOKEN,
    logger: quiet,
    clientPingTimeout: 500,
    installerOptions: { clientOptions },
  });
  const app = new App({ token: TOKEN, receiver, clientOptions, logger: quiet });
  register(app);
  await app.start();
  return { stop: () => receiver.stop() };
}

export const text = (said: string) => ({ type: 'plain_text' as const, text: said });
export const button = (action_id: string, value: string) => ({
  type: 'button' as const,
  action_id,
  value,
  text: text(action_id),
  style: 'primary' as const,
});
export const card = [
  { type: 'section' as const, text: { type: 'mrkdwn' as const, text: 'Approve?' } },
  {
    type: 'actions' as const,
    block_id: 'decide',
    elements: [button('approve', 'a1'), button('revise', 'a1')],
  },
];

/** Life of a trigger on the stage, in milliseconds. */
export const TRIGGER_LIFE = 1_500;

/** A workspace with short deadlines, and what a test does on it. `stop` ends all that was started. */
export async function startStage() {
  let passed = 0;
  const workspace = await workspaceWith({
    ackDeadlineMs: 1_500,
    triggerLifeMs: TRIGGER_LIFE,
    now: () => Date.now() + passed,
  });
  const client = clientOf(workspace.apiUrl);
  const stops = [workspace.close];
  return {
    workspace,
    client,
    stops,
    /** The workspace's clock goes on by so many milliseconds at once. */
    pass: (milliseconds: number) => {
      passed += milliseconds;
    },
    stop: () => Promise.all(stops.map((stop) => stop())),
    async connect(register: (app: App) => void) {
      const bot = await startBot(workspace.apiUrl, register);
      stops.push(bot.stop);
      workspace.connectBot(bot.url);
    },
    async postCard(more: object = {}): Promise<string> {
      const { ts } = await client.chat.postMessage({
        channel: 'C1',
        text: 'Approve?',
        blocks: card,
        ...more,
      });
      return String(ts);
    },
  };
}
