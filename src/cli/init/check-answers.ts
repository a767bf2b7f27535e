import { WebClient } from '@slack/web-api';
import { isGroupId, isUserId } from '../../approval/model/crew/slack-ids.ts';
import { callCrew } from '../../crewai/api.ts';
import { editDistance } from '../../lib/edit-distance.ts';
import { summarizeError } from '../../lib/errors.ts';
import { INVALID_BASE_URL, isBaseUrl } from '../../settings/values.ts';
import { clientOptions, slackErrorOf } from '../../slack/api/client.ts';
import { createSlackLogger } from '../../slack/app/logger.ts';
import { listChannelsByName } from '../../slack/directory/channels.ts';
import { diagnoseCrew, diagnoseDialect } from '../doctor/diagnose-crew.ts';
import { diagnosePublicUrl } from '../doctor/diagnose-http.ts';
import {
  describeRefusal,
  diagnoseApprovers,
  diagnoseAppToken,
  diagnoseBotToken,
  diagnoseChannels,
} from '../doctor/diagnose-slack.ts';
import { type Finding, failed, ok, warning } from '../doctor/finding.ts';
import { readManifestScopes } from '../doctor/run-checks.ts';
import type { Answers } from './env-file.ts';

/** What was found out about an answer; without a failed finding, `value` is the value of the setting. */
interface Checked {
  findings: Finding[];
  value: string;
}

/** Looks up what an answer says, with the answers before it. Never rejects. */
export type Check = (answer: string, before: Answers) => Promise<Checked>;

/** The name of the only crew, unless CREW_NAME changes it. */
const NAME = 'crew';

const TIMEOUT = 8_000;
const SILENT = { info() {}, warn() {}, error() {} };
const TOKEN_KINDS: Readonly<Record<string, string>> = {
  'xoxb-': 'a bot token',
  'xapp-': 'an app-level token',
  'xoxp-': 'a user token',
};

export const checkBotToken: Check = async (token, before) => {
  const mistake = findTokenMistake(token, 'xoxb-');
  if (mistake) return { findings: [failed('SLACK_BOT_TOKEN', mistake)], value: token };
  const { findings } = await diagnoseBotToken(
    connect({ ...before, SLACK_BOT_TOKEN: token }),
    readManifestScopes(),
  );
  return { findings, value: token };
};

export const checkAppToken: Check = async (token, before) => {
  const mistake = findTokenMistake(token, 'xapp-');
  if (mistake) return { findings: [failed('SLACK_APP_TOKEN', mistake)], value: token };
  const { appId } = await diagnoseBotToken(connect(before), []);
  return { findings: [await diagnoseAppToken(token, before.SLACK_API_URL, appId)], value: token };
};

/** A check of a name, an ID or a link of a channel; the channels of the workspace are listed once. */
export function createChannelCheck(): Check {
  let listed: ReturnType<typeof listChannelsByName> | undefined;
  return async (answer, before) => {
    const client = connect(before);
    const id = readChannelId(answer);
    if (id !== undefined) return { findings: await checkMembership(client, id), value: id };
    const name = answer.replace(/^#/, '').toLowerCase();
    try {
      listed ??= listChannelsByName(client);
      const channels = await listed;
      const found = channels.get(name)?.id;
      if (found !== undefined) return { findings: await checkMembership(client, found), value: found };
      // The bot may be invited before the next answer.
      listed = undefined;
      return { findings: [failed(`#${name}`, describeUnknown(name, [...channels.keys()]))], value: answer };
    } catch (error) {
      listed = undefined;
      return { findings: [failed(`#${name}`, describeRefusal(error, 'the bot token'))], value: answer };
    }
  };
}

/** Like the doctor's check, but the bot has to be in the channel: now is the time to invite it. */
async function checkMembership(client: WebClient, id: string): Promise<Finding[]> {
  const findings = await diagnoseChannels(client, [id]);
  return findings.map((found) =>
    found.state === 'warning'
      ? failed(found.about, 'the bot is not in it: type /invite @Crew Approvals there, and answer again.')
      : found,
  );
}

/** The ID of a channel that was typed, copied as a mention or as a link; undefined for a name. */
export function readChannelId(answer: string): string | undefined {
  const [, mentioned, linked, typed] =
    /^<#([CGD][A-Z0-9]{2,})(?:\|[^>]*)?>$|^https:\/\/[^/]+\/(?:archives|client\/T[A-Z0-9]+)\/([CGD][A-Z0-9]{2,})(?:[/?#].*)?$|^([CGD](?=[A-Z0-9]*\d)[A-Z0-9]{7,})$/.exec(
      answer,
    ) ?? [];
  return mentioned ?? linked ?? typed;
}

/** Accepts IDs of users and groups and e-mail addresses, separated by commas; an empty answer is nobody in particular. */
export const checkApprovers: Check = async (answer, before) => {
  const client = connect(before);
  const findings: Finding[] = [];
  const found = new Set<string>();
  for (const one of answer.split(/[\s,;]+/).filter(Boolean)) {
    const [, mentioned] = /^<[@!](?:subteam\^)?([A-Z0-9]+)(?:\|[^>]*)?>$/.exec(one) ?? [];
    const id = mentioned ?? (/.@./.test(one) ? await findByEmail(client, one) : one);
    if (typeof id !== 'string') findings.push(id);
    else if (isUserId(id) || isGroupId(id)) found.add(id);
    else findings.push(failed(one, 'is neither an e-mail address nor the ID of a user or a group.'));
  }
  const ids = [...found];
  findings.push(...(await diagnoseApprovers(client, ids)));
  if (ids.length === 0 && findings.length === 0)
    findings.push(
      answer === ''
        ? ok('APPROVERS', 'anyone in the channel except guests and external users can decide.')
        : failed('APPROVERS', 'names nobody: give e-mail addresses or IDs, or nothing.'),
    );
  return { findings, value: ids.join(',') };
};

/** A crew has to answer at its URL, whatever it says without a token: the URL can be corrected now. */
export const checkCrewUrl: Check = async (answer) => {
  const url = withScheme(answer).replace(/\/+$/, '');
  const faults = checkUrl('CREWAI_BASE_URL', url);
  if (faults.length > 0) return { findings: faults, value: url };
  const reached = await callCrew(
    { baseUrl: url, bearerToken: '' },
    { method: 'get', path: '/inputs', timeout: TIMEOUT },
  );
  const findings =
    'code' in reached
      ? [failed('CREWAI_BASE_URL', `${url} does not answer (${reached.code}): check it and the network.`)]
      : [];
  return { findings, value: url };
};

export const checkCrewToken: Check = async (answer, { CREWAI_BASE_URL: baseUrl = '' }) => {
  const token = answer.replace(/^Bearer +/i, '');
  if (!/^[\x21-\x7e]+$/.test(token)) {
    const findings = [failed('CREWAI_BEARER_TOKEN', 'must be printable ASCII without spaces.')];
    return { findings, value: token };
  }
  const deployment = { baseUrl, bearerToken: token };
  const reached = await diagnoseCrew(NAME, deployment);
  if (reached.state === 'failed') return { findings: [reached], value: token };
  const { finding } = await diagnoseDialect(NAME, deployment, 'auto');
  return { findings: [reached, finding], value: token };
};

/** A URL that does not answer yet is accepted: a tunnel may be started later. */
export const checkPublicUrl: Check = async (
  answer,
  { SLACK_BOT_TOKEN: botToken = '', HOST: host = '0.0.0.0', PORT: port = '3000' },
) => {
  const publicUrl = answer === '' ? '' : withScheme(answer).replace(/\/+$/, '');
  const faults = answer === '' ? [] : checkUrl('PUBLIC_URL', publicUrl);
  if (faults.length > 0) return { findings: faults, value: answer };
  const found = await diagnosePublicUrl({
    publicUrl: publicUrl || undefined,
    host,
    port: Number(port),
    botToken,
  }).catch((error: unknown) => warning('PUBLIC_URL', `cannot be checked (${summarizeError(error)}).`));
  return {
    findings: [found.state === 'failed' ? warning(found.about, found.says) : found],
    value: publicUrl,
  };
};

function checkUrl(setting: string, url: string): Finding[] {
  if (!isBaseUrl(url)) return [failed(setting, `${INVALID_BASE_URL}.`)];
  return new URL(url).username === '' ? [] : [failed(setting, 'must not have a user name or a password.')];
}

function connect({ SLACK_BOT_TOKEN, SLACK_API_URL }: Answers): WebClient {
  return new WebClient(SLACK_BOT_TOKEN, clientOptions(SLACK_API_URL, createSlackLogger(SILENT)));
}

/** Why a text is not a token of this kind; undefined when it looks like one. */
export function findTokenMistake(token: string, prefix: string): string | undefined {
  const kind = Object.keys(TOKEN_KINDS).find((candidate) => token.startsWith(candidate));
  if (kind !== undefined && kind !== prefix)
    return `this is ${TOKEN_KINDS[kind]}; ${TOKEN_KINDS[prefix]} begins with ${prefix}.`;
  return kind === prefix && /^\S{6,}$/.test(token)
    ? undefined
    : `${TOKEN_KINDS[prefix]} begins with ${prefix} and has no spaces.`;
}

function describeUnknown(name: string, names: readonly string[]): string {
  const near = names.filter((other) => other.includes(name) || editDistance(other, name) <= 2).slice(0, 5);
  const meant = near.length > 0 ? ` Did you mean ${near.map((one) => `#${one}`).join(', ')}?` : '';
  return `the bot sees no such channel. If it is private, type /invite @Crew Approvals in it, and answer again.${meant}`;
}

async function findByEmail(client: WebClient, email: string): Promise<string | Finding> {
  try {
    const { user } = await client.users.lookupByEmail({ email });
    return user?.id ?? failed(email, 'Slack knows nobody with this address.');
  } catch (error) {
    return failed(
      email,
      slackErrorOf(error) === 'users_not_found'
        ? 'Slack knows nobody with this address.'
        : describeRefusal(error, 'the address'),
    );
  }
}

function withScheme(url: string): string {
  return /^[a-z]+:\/\//i.test(url) ? url : `https://${url}`;
}
