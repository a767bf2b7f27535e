import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACTS, type Dialect } from '../crewai/dialect.ts';
import { SYSTEM_CLOCK } from '../crewai/flow/clock.ts';
import { flatContract } from '../crewai/flow/contract.ts';
import { startFlowDeployment } from '../crewai/flow/deployment.ts';
import { createSigner } from '../crewai/flow/signature.ts';
import { type Platform, startPlatform } from '../crewai/platform.ts';
import { startLocalServer } from '../crewai/server/local-server.ts';
import type { Failures } from '../failures.ts';
import { startWorkspace } from '../slack/start-workspace.ts';
import { CREW, INPUT, JACKET, tasks } from './crew/crew.ts';
import { AMOUNT, AMOUNT_INPUT, PAYMENT_RULES, PAYMENTS, paymentTasks } from './crew/payments.ts';
import { APPROVERS, CHANNELS, PERSONAS } from './crew/people.ts';
import { createDecisions } from './decisions.ts';
import type { Ending } from './ending.ts';
import { createNewsletter, FLOW } from './flow/newsletter.ts';
import { startPrintedProgram } from './flow/printed-program.ts';
import { writeAskCommand } from './outside.ts';
import { createBotProcess } from './process/bot-process.ts';
import { writeCrewsFile } from './process/crews-file.ts';
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

/** How long a task of the crew and a draft of the Flow take, in milliseconds. */
const STEP_MS = 700;

/** The crew of docs/ask.md: only programs ask for it. */
const DEPLOYS = 'deploys';
const LANGUAGES = ['en', 'pt-BR', 'es'];

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
  const [botToken, appToken, crewToken, flowSecret] = [
    `xoxb-${secret()}`,
    `xapp-${secret()}`,
    secret(),
    `whsec_${secret()}`,
  ];
  /** Of the crews for which the programs in the documents ask. */
  const askSecrets = { [CREW]: secret(), [PAYMENTS]: secret(), [DEPLOYS]: secret() };
  const webhookSecrets = { [CREW]: secret(), [PAYMENTS]: secret() };
  const folder = createOwnFolder();
  ending.atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const everyone = PERSONAS.map(({ id }) => id);
  const workspace = await startWorkspace({
    botToken,
    appToken,
    manifest: join(import.meta.dirname, '..', '..', '..', 'manifest.yml'),
    people: PERSONAS.map(({ id, name }) => ({ id, name })),
    channels: CHANNELS.map(({ id, name }) => ({ id, name, members: everyone, botIsMember: true })),
    onChange,
  });
  ending.atEnd(workspace.close);
  const { now } = SYSTEM_CLOCK;
  const served = { serve: startLocalServer, onChange };
  const contract = CONTRACTS[dialect];
  const deployed = { token: crewToken, contract, stepMs: STEP_MS, now, ...served };
  const platform = await startPlatform({ ...deployed, crewName: CREW, inputs: [INPUT], tasks });
  ending.atEnd(platform.close);
  const payments = await startPlatform({
    ...deployed,
    crewName: PAYMENTS,
    inputs: [AMOUNT_INPUT],
    tasks: paymentTasks,
    failures: platform.failures,
  });
  ending.atEnd(payments.close);
  const deployment = await startFlowDeployment({
    contract: flatContract,
    sign: createSigner(flowSecret, now),
    clock: SYSTEM_CLOCK,
    failures: shareDecisionFailures(platform),
    ...served,
  });
  ending.atEnd(deployment.close);
  const port = await freePort();
  const botUrl = `http://127.0.0.1:${port}`;
  deployment.sendTo(`${botUrl}/webhooks/${FLOW}/flow`);
  const newsletter = createNewsletter(deployment, { stepMs: STEP_MS, onChange });
  ending.atEnd(newsletter.stop);
  const decided = { channel: '#approvals', approvers: APPROVERS };
  const crewsFile = writeCrewsFile(folder, {
    [CREW]: {
      ...decided,
      base_url: platform.baseUrl,
      bearer_token: crewToken,
      webhook_secret: webhookSecrets[CREW],
      ask_secret: askSecrets[CREW],
      inputs: { [INPUT]: { label: 'Name of the rain jacket', default: JACKET } },
    },
    [PAYMENTS]: {
      ...decided,
      ...PAYMENT_RULES,
      base_url: payments.baseUrl,
      bearer_token: crewToken,
      webhook_secret: webhookSecrets[PAYMENTS],
      ask_secret: askSecrets[PAYMENTS],
      inputs: { [AMOUNT_INPUT]: { label: 'Amount to pay', default: AMOUNT } },
    },
    [FLOW]: {
      ...decided,
      webhook_secret: secret(),
      flow_webhook_secrets: [flowSecret],
      callback_hosts: [new URL(deployment.baseUrl).host],
    },
    [DEPLOYS]: { ...decided, ask_secret: askSecrets[DEPLOYS] },
  });
  const settings: Record<string, string> = {
    SLACK_BOT_TOKEN: botToken,
    SLACK_APP_TOKEN: appToken,
    SLACK_API_URL: workspace.apiUrl,
    CREWS_FILE: crewsFile,
    PUBLIC_URL: botUrl,
    STORE_URL: `sqlite://${join(folder, 'approvals.db')}`,
    HOST: '127.0.0.1',
    PORT: String(port),
  };
  const decisions = createDecisions();
  const bot = createBotProcess({
    main: join(import.meta.dirname, '..', '..', 'main.js'),
    leash: join(import.meta.dirname, 'process', 'exit-with-parent.js'),
    folder,
    onLine(line) {
      if (decisions.read(line)) onChange();
    },
    onChange,
    settings,
  });
  ending.atEnd(bot.kill);

  const paces = [platform, payments, newsletter];
  let lastChange = Promise.resolve();
  /** Starts or ends the bot, one change after the other. CrewAI sends each webhook once, so runs wait meanwhile. */
  function changeBot(change: () => Promise<void>): Promise<void> {
    const changed = lastChange.then(async () => {
      for (const pace of paces) pace.hold();
      try {
        await change();
      } finally {
        for (const pace of paces) pace.release();
      }
    });
    lastChange = changed.catch(() => {});
    return changed;
  }

  let spoken = LANGUAGES[0] ?? '';
  /** Everybody's Slack is in another language from now on, and so are the messages of the bot. */
  async function speak(locale: string): Promise<void> {
    const language = LANGUAGES.find((known) => known.slice(0, 2) === locale.slice(0, 2));
    if (language === undefined) return;
    await changeBot(async () => {
      if (language === spoken) return;
      workspace.speak(language);
      settings.LANGUAGE = language;
      await bot.kill();
      await bot.start();
      spoken = language;
      onChange();
    }).catch((error: unknown) => console.error(error instanceof Error ? error.message : error));
  }

  /** POST /kickoff with the fields that `npm run doctor -- --kickoff` prints. */
  async function startRun(crew: keyof typeof webhookSecrets): Promise<void> {
    const webhookSecret = webhookSecrets[crew];
    const webhook = (kind: string) => `${botUrl}/webhooks/${crew}/${kind}`;
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
    const { baseUrl } = crew === CREW ? platform : payments;
    await fetch(`${baseUrl}/kickoff`, {
      method: 'POST',
      headers: { authorization: `Bearer ${crewToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        inputs: crew === CREW ? { [INPUT]: JACKET } : { [AMOUNT_INPUT]: AMOUNT },
        taskWebhookUrl: `${webhook('task')}?token=${webhookSecret}`,
        crewWebhookUrl: `${webhook('crew')}?token=${webhookSecret}`,
        ...humanInput,
        webhooks: { events: EVENTS, url: webhook('events'), realtime: false, authentication },
      }),
    });
  }

  /** A Flow and a tool that the crewai package runs here. */
  function runRealPrograms(python: string): void {
    const said = new Set<string>();
    const say = (line: string) => {
      // What is missing on this machine is missing for both.
      if (!said.has(line)) console.log(line);
      said.add(line);
    };
    const how = { folder, botUrl, secret: askSecrets[CREW], python, say };
    for (const file of ['newsletter.py', 'mailer.py'] as const)
      ending.atEnd(startPrintedProgram({ file, ...how }));
  }

  return {
    dialect,
    botUrl,
    askSecrets,
    askCommand: writeAskCommand(botUrl, DEPLOYS, askSecrets[DEPLOYS]),
    runRealPrograms,
    changeBot,
    speak,
    language: () => spoken,
    decisions,
    workspace,
    platform,
    payments,
    deployment,
    newsletter,
    bot,
    startRun,
  };
}

/** What fails at the next decision, whether that is for the crew or for the Flow. */
function shareDecisionFailures({ failures }: Platform): Failures {
  return {
    ...failures,
    next: (on, body) => (on === 'respond' ? failures.next('resume', body) : undefined),
  };
}
