import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, ExpressReceiver, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { scaleWaits } from '../../support/limits.ts';
import { otherMethods } from './other-methods.ts';
import { startWorkspace, type WorkspaceOptions } from './workspace.ts';

export const TOKEN = 'xoxb-sandbox';
export const APP_TOKEN = 'xapp-sandbox';
const SECRET = 'signing-secret';
const SCOPES = [
  ...['chat:write', 'chat:write.public', 'commands', 'files:write', 'users:read', 'users:read.email'],
  ...['usergroups:read', 'channels:read', 'groups:read', 'im:write'],
];

/** Life of a trigger, in milliseconds. */
export const TRIGGER_LIFE = 60_000;

/** The clients log every error answer, and these tests are about error answers. */
const quiet: Logger = {
  ...{ debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, setName() {} },
  getLevel: () => LogLevel.ERROR,
};

/** Creates the real client, without retries. */
export function clientOf(slackApiUrl: string, token = TOKEN): WebClient {
  const retryConfig = { retries: 0 };
  return new WebClient(token, { slackApiUrl, retryConfig, rejectRateLimitedCalls: true, logger: quiet });
}

/** Resolves with the error code of a rejected call. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'no error';
  } catch (error) {
    const { data } = error as { data?: { error?: string } };
    return data?.error ?? String(error);
  }
}

export const refusals = (...calls: Promise<unknown>[]) => Promise.all(calls.map(refusal));

export const text = (said: string) => ({ type: 'plain_text' as const, text: said });
export const button = (action_id: string, value: string) => {
  return { type: 'button' as const, action_id, value, text: text(action_id), style: 'primary' as const };
};
export const card = [
  { type: 'section' as const, text: { type: 'mrkdwn' as const, text: 'Approve?' } },
  {
    type: 'actions' as const,
    block_id: 'decide',
    elements: [button('approve', 'a1'), button('revise', 'a1')],
  },
];

/** Starts the real Bolt on a free port until the test ends. Returns its URL. */
async function startBot(slackApiUrl: string, register: (app: App) => void): Promise<string> {
  const receiver = new ExpressReceiver({ signingSecret: SECRET, logger: quiet });
  const app = new App({ token: TOKEN, receiver, clientOptions: { slackApiUrl }, logger: quiet });
  register(app);
  const server = createServer(receiver.app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
}

/**
 * Starts the real Bolt over Socket Mode with a short ping timeout, to notice lost connections soon. Returns a function
 * that stops it.
 */
export async function startSocketBot(slackApiUrl: string, register: (app: App) => void) {
  const clientOptions = { slackApiUrl };
  const quick = { clientPingTimeout: 500, installerOptions: { clientOptions } };
  const receiver = new SocketModeReceiver({ appToken: APP_TOKEN, logger: quiet, ...quick });
  const app = new App({ token: TOKEN, receiver, clientOptions, logger: quiet });
  register(app);
  await app.start();
  const stop = () => receiver.stop();
  onTestFinished(stop);
  return stop;
}

/** Starts a workspace with a few people and channels until the test ends. Returns it with common steps of tests. */
export async function startSlack(options: Partial<WorkspaceOptions> & { scopes?: string[] } = {}) {
  const { scopes = SCOPES, ...rest } = options;
  const manifest = join(await mkdtemp(join(tmpdir(), 'slack-')), 'manifest.yml');
  const manifestFields = {
    features: {
      app_home: { home_tab_enabled: true },
      slash_commands: [{ command: '/approvals', description: 'What waits' }],
    },
    oauth_config: { scopes: { bot: scopes } },
    settings: {
      interactivity: { is_enabled: true },
      event_subscriptions: { bot_events: ['app_home_opened'] },
    },
  };
  await writeFile(manifest, stringify(manifestFields));
  let passed = 0;
  const workspace = await startWorkspace({
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
    ackDeadlineMs: 30_000,
    triggerLifeMs: TRIGGER_LIFE,
    methods: otherMethods,
    now: () => Date.now() + passed,
    ...rest,
  });
  scaleWaits(workspace);
  let isOpen = true;
  const close = async () => {
    if (isOpen) await workspace.close();
    isOpen = false;
  };
  onTestFinished(close);
  const client = clientOf(workspace.apiUrl);
  return {
    workspace,
    client,
    /** Advances the workspace's clock by this many milliseconds at once. */
    pass: (milliseconds: number) => {
      passed += milliseconds;
    },
    connect: async (register: (app: App) => void) =>
      workspace.connectBot(await startBot(workspace.apiUrl, register)),
    async postCard(more: object = {}): Promise<string> {
      const { ts } = await client.chat.postMessage({
        channel: 'C1',
        text: 'Approve?',
        blocks: card,
        ...more,
      });
      return String(ts);
    },
    /** Clicks as U1 in C1. */
    click: (ts: string, actionId = 'approve', more: object = {}) =>
      workspace.click({ user: 'U1', channel: 'C1', ts, actionId, ...more }),
  };
}

/** POSTs JSON unchanged, with the bot's token. */
export async function postJson(url: string, body: object, more: Record<string, string> = {}) {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...more };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
