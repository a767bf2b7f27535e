import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Dialect } from '../crewai/dialect.ts';
import { startPlatform } from '../crewai/platform.ts';
import { startWorkspace } from '../slack/workspace.ts';
import { CREW, tasks } from './crew/crew.ts';
import { APPROVERS, CHANNELS, PERSONAS } from './crew/people.ts';
import type { Ending } from './ending.ts';
import { createBotProcess } from './process/bot-process.ts';
import { freePort } from './process/free-port.ts';
import { createOwnFolder } from './process/own-folder.ts';

/** The events that say which task a run is at and how it ended. */
const EVENTS = [
  'crew_kickoff_started',
  'crew_kickoff_completed',
  'crew_kickoff_failed',
  'task_started',
  'task_completed',
  'task_failed',
];

/** How long a task of the crew takes, in milliseconds. */
const STEP_MS = 700;

/** Slack, CrewAI and the bot, on ports and in a folder of their own; the bot is not started yet. */
export async function startWorld({
  dialect,
  ending,
  onChange,
}: {
  dialect: Dialect;
  ending: Ending;
  onChange: () => void;
}) {
  const secret = () => randomBytes(16).toString('hex');
  const [botToken, appToken, crewToken, webhookSecret] = [
    `xoxb-${secret()}`,
    `xapp-${secret()}`,
    secret(),
    secret(),
  ];
  const folder = createOwnFolder();
  ending.atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const everyone = PERSONAS.map(({ id }) => id);
  const workspace = await startWorkspace({
    botToken,
    appToken,
    signingSecret: secret(),
    manifest: join(import.meta.dirname, '..', '..', '..', 'manifest.yml'),
    people: PERSONAS.map(({ id, name }) => ({ id, name })),
    channels: CHANNELS.map(({ id, name }) => ({ id, name, members: everyone, botIsMember: true })),
    onChange,
  });
  ending.atEnd(workspace.close);
  const platform = await startPlatform({
    token: crewToken,
    crewName: CREW,
    tasks,
    dialect,
    stepMs: STEP_MS,
    onChange,
  });
  ending.atEnd(platform.close);
  const port = await freePort();
  const botUrl = `http://127.0.0.1:${port}`;
  const bot = createBotProcess({
    main: join(import.meta.dirname, '..', '..', 'main.js'),
    leash: join(import.meta.dirname, 'process', 'exit-with-parent.js'),
    folder,
    onChange,
    settings: {
      SLACK_BOT_TOKEN: botToken,
      SLACK_APP_TOKEN: appToken,
      SLACK_API_URL: workspace.apiUrl,
      CREWAI_BASE_URL: platform.baseUrl,
      CREWAI_BEARER_TOKEN: crewToken,
      CREW_NAME: CREW,
      APPROVAL_CHANNEL: '#approvals',
      APPROVERS: APPROVERS.join(','),
      WEBHOOK_SECRET: webhookSecret,
      PUBLIC_URL: botUrl,
      STORE_URL: `sqlite://${join(folder, 'approvals.db')}`,
      HOST: '127.0.0.1',
      PORT: String(port),
    },
  });
  ending.atEnd(bot.kill);

  /** POST /kickoff with the fields that `npm run doctor -- --kickoff` prints. */
  async function startRun(): Promise<void> {
    const webhook = (kind: string) => `${botUrl}/webhooks/${CREW}/${kind}`;
    const authentication = { strategy: 'bearer', token: webhookSecret };
    const humanInputWebhookUrl = `${webhook('human-input')}?token=${webhookSecret}`;
    // Named in `meta`, it keeps a task that does not wait from opening a card on the documented dialect.
    const humanInput =
      dialect === 'live'
        ? { humanInputWebhookUrl }
        : {
            humanInputWebhook: { url: webhook('human-input'), authentication },
            meta: { humanInputWebhookUrl },
          };
    await fetch(`${platform.baseUrl}/kickoff`, {
      method: 'POST',
      headers: { authorization: `Bearer ${crewToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        inputs: { product: 'Tide rain jacket' },
        taskWebhookUrl: `${webhook('task')}?token=${webhookSecret}`,
        crewWebhookUrl: `${webhook('crew')}?token=${webhookSecret}`,
        ...humanInput,
        webhooks: { events: EVENTS, url: webhook('events'), realtime: false, authentication },
      }),
    });
  }

  return { dialect, workspace, platform, bot, startRun };
}
