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
import { startDocumentedProgram } from './flow/documented-program.ts';
import { createNewsletter, FLOW } from './flow/newsletter.ts';
import { writeAskCommand } from './outside.ts';
import { createBotProcess } from './process/bot-process.ts';
import { writeCrewsFile } from './process/crews-file.ts';
import { findFreePort } from './process/free-port.ts';
import { createOwnFolder } from './process/own-folder.ts';

/** Events that report the current task of a run and its end. */
const EVENTS = [
  'crew_kickoff_started',
  'crew_kickoff_completed',
  'crew_kickoff_failed',
  'task_started',
  'task_completed',
  'task_failed',
];

/** Time for a task of a crew or a draft of the Flow, in milliseconds. */
const STEP_MS = 700;

/** Name of the crew of docs/ask.md, for which only programs ask. */
const DEPLOYS = 'deploys';
const LANGUAGES = ['en', 'pt-BR', 'es'];

/** Starts Slack and CrewAI on free ports and creates the bot, which is not started yet, with a temporary folder. */
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
  /** Secrets of the crews for which the programs in the documents ask. */
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
  const serving = { serve: startLocalServer, onChange };
  const contract = CONTRACTS[dialect];
  const platformOptions = { token: crewToken, contract, stepMs: STEP_MS, now, ...serving };
  const platform = await startPlatform({ ...platformOptions, crewName: CREW, inputs: [INPUT], tasks });
  ending.atEnd(platform.close);
  const payments = await startPlatform({
    ...platformOptions,
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
    ...serving,
  });
  ending.atEnd(deployment.close);
  const port = await findFreePort();
  const botUrl = `http://127.0.0.1:${port}`;
  deployment.sendTo(`${botUrl}/webhooks/${FLOW}/flow`);
  const newsletter = createNewsletter(deployment, { stepMs: STEP_MS, onChange });
  ending.atEnd(newsletter.stop);
  const approvalSettings = { channel: '#approvals', approvers: APPROVERS };
  const crewsFile = writeCrewsFile(folder, {
    [CREW]: {
      ...approvalSettings,
      base_url: platform.baseUrl,
      bearer_token: crewToken,
      webhook_secret: webhookSecrets[CREW],
      ask_secret: askSecrets[CREW],
      inputs: { [INPUT]: { label: 'Name of the rain jacket', default: JACKET } },
    },
    [PAYMENTS]: {
      ...approvalSettings,
      ...PAYMENT_RULES,
      base_url: payments.baseUrl,
      bearer_token: crewToken,
      webhook_secret: webhookSecrets[PAYMENTS],
      ask_secret: askSecrets[PAYMENTS],
      inputs: { [AMOUNT_INPUT]: { label: 'Amount to pay', default: AMOUNT } },
    },
    [FLOW]: {
      ...approvalSettings,
      webhook_secret: secret(),
      flow_webhook_secrets: [flowSecret],
      callback_hosts: [new URL(deployment.baseUrl).host],
    },
    [DEPLOYS]: { ...approvalSettings, ask_secret: askSecrets[DEPLOYS] },
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
    parentWatch: join(import.meta.dirname, 'process', 'exit-with-parent.js'),
    folder,
    onLine(line) {
      if (decisions.read(line)) onChange();
    },
    onChange,
    settings,
  });
  ending.atEnd(bot.kill);

  const pacedPlatforms = [platform, payments, newsletter];
  let lastChange = Promise.resolve();
  /** Starts or ends the bot, after earlier changes. Runs wait meanwhile, because CrewAI sends each webhook only once. */
  function changeBot(change: () => Promise<void>): Promise<void> {
    const finished = lastChange.then(async () => {
      for (const pace of pacedPlatforms) pace.hold();
      try {
        await change();
      } finally {
        for (const pace of pacedPlatforms) pace.release();
      }
    });
    lastChange = finished.catch(() => {});
    return finished;
  }

  let currentLanguage = LANGUAGES[0] ?? '';
  /** Sets the language of everybody's Slack and of the bot, which restarts. Ignores languages that the bot lacks. */
  async function setLanguage(locale: string): Promise<void> {
    const language = LANGUAGES.find((supported) => supported.slice(0, 2) === locale.slice(0, 2));
    if (language === undefined) return;
    await changeBot(async () => {
      if (language === currentLanguage) return;
      workspace.setLanguage(language);
      settings.LANGUAGE = language;
      await bot.kill();
      await bot.start();
      currentLanguage = language;
      onChange();
    }).catch((error: unknown) => console.error(error instanceof Error ? error.message : error));
  }

  /** Sends POST /kickoff with the fields that `npm run doctor -- --kickoff` prints; only `realtime` and `meta` differ. */
  async function startRun(crew: keyof typeof webhookSecrets): Promise<void> {
    const webhookSecret = webhookSecrets[crew];
    const webhook = (kind: string) => `${botUrl}/webhooks/${crew}/${kind}`;
    const authentication = { strategy: 'bearer', token: webhookSecret };
    const humanInputWebhookUrl = `${webhook('human-input')}?token=${webhookSecret}`;
    // On the documented dialect, this URL in `meta` keeps tasks without human input from opening cards.
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

  /** Runs a Flow and a tool with the crewai package of this machine. */
  function runRealPrograms(python: string): void {
    const printedLines = new Set<string>();
    const say = (line: string) => {
      // Both programs report a package that this machine lacks: one line is enough.
      if (!printedLines.has(line)) console.log(line);
      printedLines.add(line);
    };
    const programOptions = { folder, botUrl, secret: askSecrets[CREW], python, say };
    for (const file of ['newsletter.py', 'mailer.py'] as const)
      ending.atEnd(startDocumentedProgram({ file, ...programOptions }));
  }

  return {
    dialect,
    botUrl,
    askSecrets,
    askCommand: writeAskCommand(botUrl, DEPLOYS, askSecrets[DEPLOYS]),
    runRealPrograms,
    changeBot,
    setLanguage,
    language: () => currentLanguage,
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

/** Shares the failures of /resume with the callbacks of the Flow, so that they hit the next decision of either. */
function shareDecisionFailures({ failures }: Platform): Failures {
  return {
    ...failures,
    next: (on, body) => (on === 'respond' ? failures.next('resume', body) : undefined),
  };
}
