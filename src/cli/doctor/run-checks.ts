import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebClient } from '@slack/web-api';
import { parse } from 'yaml';
import { UNDECIDABLE } from '../../approval/intake/build-approval.ts';
import { type Crew, listChannels } from '../../approval/model/crew/crew.ts';
import {
  isUndecidableUnnamed,
  listApprovers,
  listNamedPeople,
} from '../../approval/model/crew/task-rules.ts';
import { buildCrew } from '../../settings/build-crew.ts';
import type { CrewSettings, Settings } from '../../settings/settings.ts';
import { clientOptions } from '../../slack/api/client.ts';
import { createSlackLogger } from '../../slack/app/logger.ts';
import { listGalleryParts } from '../../slack/gallery/gallery.ts';
import { diagnoseCrew, diagnoseDialect, diagnoseInputs } from './diagnose-crew.ts';
import { diagnosePublicUrl } from './diagnose-http.ts';
import {
  diagnoseApprovers,
  diagnoseChannels,
  diagnoseClock,
  diagnoseNotify,
  diagnoseTokens,
} from './diagnose-slack.ts';
import { diagnoseStore } from './diagnose-store.ts';
import { type Finding, ok, warning } from './finding.ts';
import { sendTest } from './send-test.ts';
import { validateBlocks } from './validate-blocks.ts';

const SILENT = { info() {}, warn() {}, error() {} };

/** Yields the findings of each check as they come. `sendTest`, `blocks`: the optional checks. */
export async function* runChecks(
  config: Settings,
  selected: { sendTest: boolean; blocks: boolean },
): AsyncGenerator<Finding[]> {
  const { slack, crews: configs, publicUrl, storeUrl, host, port, opsChannel } = config;
  const crews = configs.map((crew) => buildCrew(crew, config));
  const client = new WebClient(slack.botToken, clientOptions(slack.apiUrl, createSlackLogger(SILENT)));
  const channels = [...new Set(crews.flatMap(listChannels))];

  const { findings, obstacle } = await diagnoseTokens(client, slack, readManifestScopes());
  yield findings;
  if (!slack.appToken)
    yield [ok('SLACK_SIGNING_SECRET', 'is set; the first click shows whether it is right (HTTP mode).')];
  yield [await diagnoseClock(slack.apiUrl, Date.now)];
  if (obstacle) yield [warning('channels and approvers', `not checked: ${obstacle}.`)];
  else yield* checkPeople(client, crews, opsChannel === undefined ? channels : [...channels, opsChannel]);
  yield crews.flatMap(checkApprovers);
  for (const crew of configs) yield* checkCrew(crew, publicUrl);
  yield [await diagnosePublicUrl({ publicUrl, host, port, botToken: slack.botToken })];
  yield await diagnoseStore(storeUrl);
  if (selected.sendTest && obstacle) yield [warning('test approval', `not posted: ${obstacle}.`)];
  else if (selected.sendTest)
    for (const channel of channels) yield [await sendTest(client, channel, slack.command)];
  if (selected.blocks)
    yield obstacle ? [warning('blocks', `not checked: ${obstacle}.`)] : await validateGallery(client);
}

async function* checkPeople(
  client: WebClient,
  crews: readonly Crew[],
  channels: readonly string[],
): AsyncGenerator<Finding[]> {
  yield await diagnoseChannels(client, channels);
  yield await diagnoseApprovers(client, [...new Set(crews.flatMap(listNamedPeople))]);
  for (const crew of crews) yield await diagnoseNotify(client, crew.name, crew);
}

function checkApprovers(crew: Crew): Finding[] {
  const about = `approvers of ${crew.name}`;
  const anyone = 'none are set: anyone in the channel except guests and external users decides.';
  return [
    ...(listApprovers(crew).length === 0 ? [warning(about, anyone)] : []),
    ...(isUndecidableUnnamed(crew) ? [warning(about, `${UNDECIDABLE}.`)] : []),
  ];
}

async function* checkCrew(crew: CrewSettings, publicUrl: string | undefined): AsyncGenerator<Finding[]> {
  if (crew.flowWebhookSecrets.length > 0) yield [describeFlowWebhook(crew, publicUrl)];
  if (crew.baseUrl === '') {
    yield [ok(`crew ${crew.name}`, 'takes Flow reviews only.')];
    return;
  }
  const reached = await diagnoseCrew(crew.name, crew);
  yield [reached];
  // The dialect cannot be asked for either, and one finding is enough.
  if (reached.state === 'failed') return;
  yield await diagnoseInputs(crew.name, crew, crew.inputs);
  const { finding, dialect } = await diagnoseDialect(crew.name, crew, crew.resumeFormat, crew.isFlow);
  yield [finding];
  if (dialect === 'live' && !isPlainYes(crew.approvalText))
    yield [
      warning(
        `approval_text of ${crew.name}`,
        'is not a short plain yes: this platform may read it as a request for changes.',
      ),
    ];
}

/** Where the webhook of a Flow is set: only a review shows whether it is, and its secret right. */
function describeFlowWebhook({ name, callbackHosts }: CrewSettings, publicUrl: string | undefined): Finding {
  const about = `Flow reviews of ${name}`;
  const hosts = callbackHosts.join(', ');
  const isSelfHosted =
    callbackHosts.length > 0 && callbackHosts.every((host) => !/(?:^|\.)crewai\.com$/.test(host));
  if (isSelfHosted)
    return ok(
      about,
      `come from a program of your own; its public_url must be at ${hosts}, or no card can be answered.`,
    );
  if (publicUrl === undefined)
    return warning(about, 'PUBLIC_URL is not set, so CrewAI has no URL to send them to.');
  const url = `${publicUrl.replace(/\/+$/, '')}/webhooks/${name}/flow`;
  return ok(
    about,
    `in CrewAI AMP, Settings → Human in the Loop → Webhooks has to name ${url}; answers go to ${hosts}. For a program of your own, CALLBACK_HOSTS has to name its host.`,
  );
}

/** Sends every view of the bot to Slack's validator. */
function validateGallery(client: WebClient): Promise<Finding[]> {
  const views = listGalleryParts().flatMap((part) => part.views);
  return validateBlocks(client, views, (milliseconds) => sleep(milliseconds));
}

/** Whether a text is a short yes that cannot be read as an instruction. */
function isPlainYes(text: string): boolean {
  return /^(?:yes|ok(?:ay)?|approved?|accepted|lgtm|looks good|go ahead)[.! ]*$/i.test(text.trim());
}

/** The scopes that manifest.yml asks for. */
export function readManifestScopes(): string[] {
  const manifest = parse(readFileSync(new URL('../../../manifest.yml', import.meta.url), 'utf8'));
  return manifest.oauth_config.scopes.bot;
}
