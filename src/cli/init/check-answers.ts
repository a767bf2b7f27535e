import type { WebClient } from '@slack/web-api';
import { findLanguage, LANGUAGES } from '../../approval/model/crew/language.ts';
import { isGroupId, isUserId } from '../../approval/model/crew/slack-ids.ts';
import { callApi, locateApi } from '../../crewai/api.ts';
import { findNearest } from '../../lib/edit-distance.ts';
import { summarizeError } from '../../lib/errors.ts';
import { durationOrNone, INVALID_BASE_URL, isBaseUrl } from '../../settings/values.ts';
import { createQuietClient, readSlackError } from '../../slack/api/client.ts';
import { listChannelsByName } from '../../slack/directory/channels.ts';
import { checkDeployment, checkDialect } from '../doctor/check-crews.ts';
import { checkPublicUrl } from '../doctor/check-public-url.ts';
import {
  checkApprover,
  checkAppToken,
  checkBotToken,
  checkChannel,
  explainSlackError,
  readManifestScopes,
} from '../doctor/check-slack.ts';
import { failed, note, ok, type Result } from '../doctor/result.ts';
import type { InitAnswers } from './env-files.ts';

/** Result of checking an answer. Without a failed result, `value` is the value of the setting. */
interface CheckedAnswer {
  results: Result[];
  value: string;
}

const TIMEOUT = 8_000;
const SUGGESTED_UNDO = '10 s';
const TOKEN_KINDS: Readonly<Record<string, string>> = {
  'xoxb-': 'a bot token',
  'xapp-': 'an app-level token',
  'xoxp-': 'a user token',
};

/** The check of each setting's answer, given the answers before it. A check never rejects. */
export const ANSWER_CHECKS = {
  async SLACK_BOT_TOKEN(value: string, answers: InitAnswers): Promise<CheckedAnswer> {
    const mistake = findTokenMistake(value, 'xoxb-');
    if (mistake) return rejectAnswer('SLACK_BOT_TOKEN', mistake);
    const client = connect({ ...answers, SLACK_BOT_TOKEN: value });
    const { token, scopes } = await checkBotToken(client, readManifestScopes());
    return { results: scopes ? [token, scopes] : [token], value };
  },

  async SLACK_APP_TOKEN(value: string, answers: InitAnswers): Promise<CheckedAnswer> {
    const mistake = findTokenMistake(value, 'xapp-');
    if (mistake) return rejectAnswer('SLACK_APP_TOKEN', mistake);
    const { appId } = await checkBotToken(connect(answers), []);
    return { results: [await checkAppToken(value, answers.SLACK_API_URL, appId)], value };
  },

  /** Accepts a name, an ID or a link. The bot must be in the channel: now is the time to invite it. */
  async APPROVAL_CHANNEL(answer: string, answers: InitAnswers): Promise<CheckedAnswer> {
    const client = connect(answers);
    const name = answer.replace(/^#/, '').toLowerCase();
    let value = readChannelId(answer);
    if (value === undefined) {
      try {
        const channels = await listChannelsByName(client);
        value = channels.get(name)?.id;
        if (value === undefined)
          return rejectAnswer(`#${name}`, ...describeUnknown(name, [...channels.keys()]));
      } catch (error) {
        return rejectAnswer(`#${name}`, ...explainSlackError(error, 'the bot token'));
      }
    }
    const result = await checkChannel(client, value);
    return result.status === 'note'
      ? rejectAnswer(
          result.about,
          'the bot is not in it',
          'Type /invite @Crew Approvals there, and answer again',
        )
      : { results: [result], value };
  },

  /** Accepts IDs of users and groups and e-mail addresses, separated by commas. An empty answer names nobody. */
  async APPROVERS(answer: string, answers: InitAnswers): Promise<CheckedAnswer> {
    const about = 'APPROVERS';
    const client = connect(answers);
    const results: Result[] = [];
    const ids = new Set<string>();
    for (const entry of answer.split(/[\s,;]+/).filter(Boolean)) {
      const [, mentioned] = /^<[@!](?:subteam\^)?([A-Z0-9]+)(?:\|[^>]*)?>$/.exec(entry) ?? [];
      const id = mentioned ?? (/.@./.test(entry) ? await findByEmail(client, entry) : entry);
      if (typeof id !== 'string') results.push(id);
      else if (isUserId(id) || isGroupId(id)) ids.add(id);
      else results.push(failed(entry, 'is neither an e-mail address nor the ID of a user or a group'));
    }
    for (const id of ids) results.push(await checkApprover(client, id));
    if (answer === '')
      results.push(
        ok(
          about,
          'anyone in the channel except guests and external users can decide; tool calls are rejected until it names someone',
        ),
      );
    else if (results.length === 0)
      return rejectAnswer(about, 'names nobody', 'Give e-mail addresses or IDs, or nothing');
    return { results, value: [...ids].join(',') };
  },

  async UNDO_WINDOW(answer: string): Promise<CheckedAnswer> {
    const value = answer === '' ? SUGGESTED_UNDO : answer;
    const { success, error } = durationOrNone.safeParse(value);
    return success
      ? { results: [ok('UNDO_WINDOW', `a decision waits ${value} before it is sent`)], value }
      : rejectAnswer('UNDO_WINDOW', error.issues[0]?.message ?? 'is not a time');
  },

  async LANGUAGE(answer: string): Promise<CheckedAnswer> {
    const value = answer === '' ? 'en' : findLanguage(answer);
    return value === undefined
      ? rejectAnswer('LANGUAGE', `${answer} is not one of ${LANGUAGES.join(', ')}`)
      : { results: [ok('LANGUAGE', `messages in ${value}`)], value };
  },

  /** Requires any answer from the crew's URL, even a rejection without a token: now is the time to correct the URL. */
  async CREWAI_BASE_URL(answer: string): Promise<CheckedAnswer> {
    const about = 'CREWAI_BASE_URL';
    if (answer === '') return { results: [ok(about, 'no URL: programs of your own ask')], value: '' };
    const value = completeUrl(answer);
    const mistake = findUrlMistake(value);
    if (mistake) return rejectAnswer(about, mistake);
    const api = locateApi({ baseUrl: value, bearerToken: '' }, '/inputs');
    const reached = await callApi({ method: 'get', ...api, timeout: TIMEOUT });
    return 'code' in reached
      ? rejectAnswer(about, `${value} does not answer (${reached.code})`, 'Check it and the network')
      : { results: [], value };
  },

  async CREWAI_BEARER_TOKEN(
    answer: string,
    { CREWAI_BASE_URL: baseUrl = '' }: InitAnswers,
  ): Promise<CheckedAnswer> {
    const value = answer.replace(/^Bearer +/i, '');
    if (!/^[\x21-\x7e]+$/.test(value))
      return rejectAnswer('CREWAI_BEARER_TOKEN', 'must be printable ASCII without spaces');
    const deployment = { baseUrl, bearerToken: value };
    const reached = await checkDeployment('crew', deployment);
    if (reached.status === 'failed') return { results: [reached], value };
    const dialect = await checkDialect('crew', deployment, { resumeFormat: 'auto', isFlow: false });
    return { results: [reached, dialect], value };
  },

  /** Accepts a URL that does not answer yet: the person may start a tunnel later. */
  async PUBLIC_URL(
    answer: string,
    { SLACK_BOT_TOKEN = '', HOST: host = '0.0.0.0', PORT: port = '3000' }: InitAnswers,
  ): Promise<CheckedAnswer> {
    const value = answer === '' ? '' : completeUrl(answer);
    const mistake = answer === '' ? undefined : findUrlMistake(value);
    if (mistake) return rejectAnswer('PUBLIC_URL', mistake);
    const runner = { host, port: Number(port), ...(value === '' ? {} : { publicUrl: value }) };
    const found = await checkPublicUrl(runner, SLACK_BOT_TOKEN).catch((error: unknown) =>
      note('PUBLIC_URL', `cannot be checked (${summarizeError(error)})`),
    );
    return { results: [found.status === 'failed' ? { ...found, status: 'note' } : found], value };
  },
} as const;

function rejectAnswer(about: string, says: string, fix?: string): CheckedAnswer {
  return { results: [failed(about, says, fix)], value: '' };
}

function connect({ SLACK_BOT_TOKEN, SLACK_API_URL }: InitAnswers): WebClient {
  return createQuietClient(SLACK_BOT_TOKEN, SLACK_API_URL);
}

/** Explains why a text is not a token of this kind; undefined: the text looks like one. */
export function findTokenMistake(token: string, prefix: string): string | undefined {
  const kind = Object.keys(TOKEN_KINDS).find((candidate) => token.startsWith(candidate));
  if (kind !== undefined && kind !== prefix)
    return `this is ${TOKEN_KINDS[kind]}; ${TOKEN_KINDS[prefix]} begins with ${prefix}`;
  return kind === prefix && /^[\x21-\x7e]{6,}$/.test(token)
    ? undefined
    : `${TOKEN_KINDS[prefix]} begins with ${prefix} and is printable ASCII without spaces`;
}

/** Reads the ID of a channel that was typed or copied as a mention or a link; undefined for a name. */
export function readChannelId(answer: string): string | undefined {
  const [, mentioned, linked, typed] =
    /^<#([CGD][A-Z0-9]{2,})(?:\|[^>]*)?>$|^https:\/\/[^/]+\/(?:archives|client\/T[A-Z0-9]+)\/([CGD][A-Z0-9]{2,})(?:[/?#].*)?$|^([CGD](?=[A-Z0-9]*\d)[A-Z0-9]{7,})$/.exec(
      answer,
    ) ?? [];
  return mentioned ?? linked ?? typed;
}

function describeUnknown(name: string, names: readonly string[]): [says: string, fix: string] {
  const near = names
    .filter((candidate) => candidate.includes(name) || findNearest(name, [candidate]).length > 0)
    .slice(0, 5);
  const meant = near.length > 0 ? `. Did you mean ${near.map((channel) => `#${channel}`).join(', ')}?` : '';
  const fix = 'If it is private, type /invite @Crew Approvals in it, and answer again';
  return ['the bot cannot find this channel', `${fix}${meant}`];
}

async function findByEmail(client: WebClient, email: string): Promise<string | Result> {
  const unknown = failed(email, 'no one in this workspace has this address');
  try {
    const { user } = await client.users.lookupByEmail({ email });
    return user?.id ?? unknown;
  } catch (error) {
    if (readSlackError(error) === 'users_not_found') return unknown;
    return failed(email, ...explainSlackError(error, 'the address'));
  }
}

function completeUrl(answer: string): string {
  return (/^[a-z]+:\/\//i.test(answer) ? answer : `https://${answer}`).replace(/\/+$/, '');
}

function findUrlMistake(url: string): string | undefined {
  if (!isBaseUrl(url)) return INVALID_BASE_URL;
  return new URL(url).username === '' ? undefined : 'must not have a user name or a password';
}
