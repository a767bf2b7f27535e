import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebClient } from '@slack/web-api';
import { parse } from 'yaml';
import { UNDECIDABLE } from '../../approval/intake/build-approval.ts';
import { openApproval } from '../../approval/lifecycle/rounds.ts';
import { listChannels } from '../../approval/model/crew/crew.ts';
import {
  DEFAULT_POLICY,
  isUndecidableUnnamed,
  listApprovers,
  listNamedPeople,
} from '../../approval/model/crew/task-rules.ts';
import { readOutput } from '../../approval/model/output.ts';
import { type Config, SettingsError } from '../../config/config.ts';
import { buildCrew } from '../../config/crew-of.ts';
import { loadConfig, readEnvironment } from '../../config/load-config.ts';
import { buildKickoffFields } from '../../crewai/kickoff-fields.ts';
import { summarizeError } from '../../lib/errors.ts';
import { createCards } from '../../slack/api/cards.ts';
import { clientOptions } from '../../slack/api/client.ts';
import { createSlackLogger } from '../../slack/app/logger.ts';
import { listGalleryParts } from '../../slack/gallery/gallery.ts';
import { diagnoseCrew, diagnoseDialect } from './diagnose-crew.ts';
import { diagnosePublicUrl } from './diagnose-http.ts';
import {
  diagnoseApprovers,
  diagnoseChannels,
  diagnoseClock,
  diagnoseNotify,
  diagnoseTokens,
} from './diagnose-slack.ts';
import { diagnoseStore } from './diagnose-store.ts';
import { type Finding, failed, ok, warning } from './finding.ts';
import { validateBlocks } from './validate-blocks.ts';

// `npm run doctor`: one line a check, and 1 as exit code when something would stop an approval.
const MARKS = { ok: 'ok      ', warning: 'warning ', failed: 'FAILED  ' } as const;
const SILENT = { info() {}, warn() {}, error() {} };

let failures = 0;
const print = (findings: readonly Finding[]) => {
  for (const { about, state, says } of findings) {
    if (state === 'failed') failures += 1;
    console.log(`${MARKS[state]} ${about}: ${says}`);
  }
};

const config = readSettings();
const kickoff = process.argv.indexOf('--kickoff');
if (kickoff !== -1) process.exit(config ? await printKickoff(config, process.argv[kickoff + 1]) : 1);
if (config) await examine(config);
console.log(
  failures === 0 ? '\nAll checks passed.' : `\n${failures} ${failures === 1 ? 'problem' : 'problems'} found.`,
);
process.exit(failures === 0 ? 0 : 1);

function readSettings(): Config | undefined {
  try {
    const read = loadConfig(readEnvironment(process.env));
    print([
      ok('settings', `all of them can be read; crews: ${read.crews.map(({ name }) => name).join(', ')}.`),
      ...read.unknownSettings.map(({ name, meant }) =>
        warning(name, `is not a setting, so it has no effect: did you mean ${meant}?`),
      ),
    ]);
    return read;
  } catch (error) {
    if (error instanceof SettingsError)
      print(error.faults.map(({ setting, fault }) => failed(setting, `${fault}.`)));
    else print([failed('settings', summarizeError(error))]);
    return undefined;
  }
}

async function examine(config: Config): Promise<void> {
  const { slack, crews: configs, publicUrl, storeUrl, host, port, opsChannel } = config;
  const crews = configs.map((crew) => buildCrew(crew, config));
  const client = new WebClient(slack.botToken, clientOptions(slack.apiUrl, createSlackLogger(SILENT)));
  const channels = [...new Set(crews.flatMap(listChannels))];

  const tokens = await diagnoseTokens(client, slack, manifestScopes());
  const refused = tokens.some(({ about, state }) => about === 'SLACK_BOT_TOKEN' && state === 'failed');
  print(tokens);
  if (!slack.appToken)
    print([ok('SLACK_SIGNING_SECRET', 'is set; the first click shows whether it is right (HTTP mode).')]);
  print([await diagnoseClock(slack.apiUrl, Date.now)]);
  if (refused) print([warning('channels and approvers', 'were not looked at: that wants the bot token.')]);
  else {
    print(await diagnoseChannels(client, opsChannel === undefined ? channels : [...channels, opsChannel]));
    print(await diagnoseApprovers(client, [...new Set(crews.flatMap(listNamedPeople))]));
    for (const crew of crews) print(await diagnoseNotify(client, crew.name, crew));
  }
  for (const crew of crews.filter((one) => listApprovers(one).length === 0))
    print([
      warning(
        `approvers of ${crew.name}`,
        'none are set: anyone in the channel except guests and external users decides.',
      ),
    ]);
  for (const crew of crews.filter(isUndecidableUnnamed))
    print([warning(`approvers of ${crew.name}`, `${UNDECIDABLE}.`)]);
  for (const crew of configs) {
    const reached = await diagnoseCrew(crew.name, crew);
    print([reached]);
    // The dialect cannot be asked for either: one finding is enough.
    if (reached.state === 'failed') continue;
    const { finding, dialect } = await diagnoseDialect(crew.name, crew, crew.resumeFormat);
    print([finding]);
    if (dialect === 'live' && !isPlainYes(crew.approvalText))
      print([
        warning(
          `approval_text of ${crew.name}`,
          'is not a short plain yes: this platform may take it for a request for changes.',
        ),
      ]);
  }
  print([await diagnosePublicUrl({ publicUrl, host, port, botToken: slack.botToken })]);
  print(await diagnoseStore(storeUrl));
  if (process.argv.includes('--send-test'))
    for (const channel of channels) print([await sendTest(client, channel, slack.command)]);
  if (process.argv.includes('--blocks'))
    print(
      refused
        ? [warning('blocks', 'not checked: Slack refuses the bot token.')]
        : await validateGallery(client),
    );
}

/** Lets Slack judge every view that the bot can show. */
function validateGallery(client: WebClient): Promise<Finding[]> {
  const views = listGalleryParts().flatMap((part) => part.views);
  return validateBlocks(client, views, (milliseconds) => sleep(milliseconds));
}

/** Prints the fields of a kickoff of each crew, or of the one that is named; gives the exit code. */
async function printKickoff(config: Config, name: string | undefined): Promise<number> {
  const chosen = config.crews.filter((crew) => name === undefined || crew.name === name);
  if (chosen.length === 0) {
    console.error(
      `There is no crew ${name}: it is one of ${config.crews.map((crew) => crew.name).join(', ')}.`,
    );
    return 1;
  }
  for (const crew of chosen) {
    const { dialect } = await diagnoseDialect(crew.name, crew, crew.resumeFormat);
    const fields = buildKickoffFields(buildCrew(crew, config), dialect, crew.webhookSecret);
    if (!fields) {
      console.error('PUBLIC_URL is not set: CrewAI needs an address of this bot for its webhooks.');
      return 1;
    }
    console.log(`\nKickoff of ${crew.name} (${dialect} dialect); the webhook secret is in it:\n`);
    console.log(JSON.stringify({ inputs: {}, ...fields }, null, 2));
  }
  return 0;
}

/** A short yes that nobody takes for an instruction. */
function isPlainYes(text: string): boolean {
  return /^(?:yes|ok(?:ay)?|approved?|accepted|lgtm|looks good|go ahead)[.! ]*$/i.test(text.trim());
}

function manifestScopes(): string[] {
  const manifest = parse(readFileSync(new URL('../../../manifest.yml', import.meta.url), 'utf8'));
  return manifest.oauth_config.scopes.bot;
}

/** Posts the card of an approval that is in no store, and takes it back. */
async function sendTest(client: WebClient, channel: string, command: string): Promise<Finding> {
  const about = `test approval in ${channel}`;
  const output = readOutput('This is a test of `npm run doctor`; it is taken back at once.');
  const round = { taskId: 'test', humanInput: false, hashes: ['test'], agent: 'The doctor' };
  const approval = openApproval(
    {
      id: 'TEST',
      crew: 'test',
      executionId: 'test',
      task: 'test',
      channel,
      urls: {},
      policy: DEFAULT_POLICY,
    },
    { type: 'output', at: Date.now(), output: round, opensRounds: true },
  );
  try {
    const [shown] = approval.rounds;
    if (!shown) throw new Error('a test approval without a round');
    const card = await createCards(client, { message: () => undefined, command }).post({
      approval,
      round: shown,
      output,
    });
    await client.chat.delete({ channel: card.channel, ts: card.ts });
    return ok(about, 'posted and taken back.');
  } catch (error) {
    return failed(about, `Slack did not take it (${summarizeError(error)}).`);
  }
}
