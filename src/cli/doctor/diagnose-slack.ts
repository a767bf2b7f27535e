import { type ConversationsMembersResponse, WebClient } from '@slack/web-api';
import axios from 'axios';
import { isGroupId, isUserId } from '../../approval/model/crew/slack-ids.ts';
import type { TaskRules } from '../../approval/model/crew/task-rules.ts';
import { LARGE } from '../../approval/notify/audience.ts';
import { summarizeError } from '../../lib/errors.ts';
import { clientOptions, retryAfterOf, slackErrorOf } from '../../slack/api/client.ts';
import { createSlackLogger } from '../../slack/app/logger.ts';
import { createChannelFinder } from '../../slack/directory/channels.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

const SLACK = 'https://slack.com/api/';
const TIMEOUT = 8_000;
/** Slack's signatures and our requests expire after this time, in milliseconds. */
const MAX_SKEW = 5 * 60_000;

/** Checks that Slack accepts the tokens, that they are of one app, and that it has every scope. Never rejects. */
export async function diagnoseTokens(
  client: WebClient,
  { appToken, apiUrl }: { appToken?: string | undefined; apiUrl?: string | undefined },
  requiredScopes: readonly string[],
): Promise<{ findings: Finding[]; obstacle: string | undefined }> {
  const { findings, appId, obstacle } = await diagnoseBotToken(client, requiredScopes);
  const all = appToken ? [...findings, await diagnoseAppToken(appToken, apiUrl, appId)] : findings;
  return { findings: all, obstacle };
}

/**
 * Checks the bot token; `appId`: the app that it belongs to, if Slack names it; `obstacle`: why no other call of Slack's
 * API can be made with it. Never rejects.
 */
export async function diagnoseBotToken(
  client: WebClient,
  requiredScopes: readonly string[],
): Promise<{ findings: Finding[]; appId: string | undefined; obstacle: string | undefined }> {
  try {
    const { team, bot_id: botId, response_metadata: answer } = await client.auth.test();
    const missing = requiredScopes.filter((scope) => !(answer?.scopes ?? []).includes(scope));
    const fix = 'install the app again from manifest.yml (OAuth & Permissions → Reinstall)';
    return {
      findings: [
        ok('SLACK_BOT_TOKEN', `Slack accepts it, in the workspace ${team}.`),
        missing.length === 0
          ? ok('scopes', `all ${requiredScopes.length} of manifest.yml are granted.`)
          : failed('scopes', `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing: ${fix}.`),
      ],
      appId: await findAppId(client, botId),
      obstacle: undefined,
    };
  } catch (error) {
    const refusal = describeRefusal(error, 'OAuth & Permissions → Bot User OAuth Token');
    return {
      findings: [failed('SLACK_BOT_TOKEN', refusal)],
      appId: undefined,
      obstacle: describeObstacle(error),
    };
  }
}

function describeObstacle(error: unknown): string {
  if (retryAfterOf(error) !== undefined) return 'Slack allows no more calls now';
  return slackErrorOf(error) === undefined ? 'Slack cannot be reached' : 'Slack rejects the bot token';
}

async function findAppId(client: WebClient, botId: string | undefined): Promise<string | undefined> {
  if (botId === undefined) return undefined;
  // Without the scope the missing scope is the finding.
  const answer = await client.bots.info({ bot: botId }).catch(() => undefined);
  return answer?.bot?.app_id;
}

/** Checks the app-level token; `appId`: the app of the bot token, if it is known. Never rejects. */
export async function diagnoseAppToken(
  appToken: string,
  apiUrl: string | undefined,
  appId: string | undefined,
): Promise<Finding> {
  const about = 'SLACK_APP_TOKEN';
  const [, ownAppId] = /^xapp-\d+-(A[A-Z0-9]+)-/.exec(appToken) ?? [];
  if (appId !== undefined && ownAppId !== undefined && appId !== ownAppId)
    return failed(
      about,
      `is of the app ${ownAppId}, but SLACK_BOT_TOKEN is of the app ${appId}: copy both from the same app.`,
    );
  try {
    await new WebClient(appToken, clientOptions(apiUrl, createSlackLogger(SILENT))).apps.connections.open();
    return ok(about, 'Slack opens Socket Mode with it.');
  } catch (error) {
    return failed(
      about,
      describeRefusal(error, 'Basic Information → App-Level Tokens, with connections:write'),
    );
  }
}

/** Checks that Slack shows each channel of cards, and that the bot is in it. Never rejects. */
export async function diagnoseChannels(client: WebClient, channels: readonly string[]): Promise<Finding[]> {
  const find = createChannelFinder(client);
  const findings: Finding[] = [];
  for (const channel of channels) findings.push(await diagnoseChannel(client, channel, find));
  return findings;
}

async function diagnoseChannel(
  client: WebClient,
  channel: string,
  find: ReturnType<typeof createChannelFinder>,
): Promise<Finding> {
  const about = `channel ${channel}`;
  try {
    if (isUserId(channel)) {
      const { user } = await client.users.info({ user: channel });
      if (user?.deleted) return failed(about, 'this person has left the workspace.');
      return ok(about, `direct messages to ${user?.name}.`);
    }
    const found = await find(channel);
    if (!found)
      return failed(
        about,
        'Slack shows no such channel: check its name, or invite the bot if it is private.',
      );
    const { name, is_archived: archived, is_member: member, is_private: hidden } = found;
    if (archived) return failed(about, `#${name} is archived.`);
    if (member) return ok(about, `#${name}, and the bot is in it.`);
    const invite = `/invite the bot into #${name}`;
    return hidden
      ? failed(about, `the bot is not in #${name}: ${invite}.`)
      : warning(
          about,
          `the bot is not in #${name}: it can post cards but not files and private answers; ${invite}.`,
        );
  } catch (error) {
    return failed(about, describeRefusal(error, 'the id, and invite the bot if the channel is private'));
  }
}

/** Checks that Slack knows the configured users and user groups, and that groups have members. Never rejects. */
export async function diagnoseApprovers(client: WebClient, ids: readonly string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const id of ids) findings.push(await diagnoseApprover(client, id));
  return findings;
}

async function diagnoseApprover(client: WebClient, id: string): Promise<Finding> {
  const about = `approver ${id}`;
  const copied = isGroupId(id) ? '(People → User groups → … → Copy group ID)' : '(profile → Copy member ID)';
  try {
    if (isGroupId(id)) {
      const { users = [] } = await client.usergroups.users.list({ usergroup: id });
      return users.length > 0
        ? ok(about, `a group of ${users.length}.`)
        : failed(about, 'this group has no members, so nobody can approve.');
    }
    const { user } = await client.users.info({ user: id });
    return user?.deleted
      ? failed(about, `${user.name} has left the workspace.`)
      : ok(about, `${user?.name}.`);
  } catch (error) {
    return failed(about, describeRefusal(error, `the id in Slack ${copied}`));
  }
}

const FEW = 5;
const MAX_COUNTED = 10_000;

/** Warns when nobody is notified of a crew's cards, or more people than a card should disturb. Never rejects. */
export async function diagnoseNotify(client: WebClient, crew: string, rules: TaskRules): Promise<Finding[]> {
  const about = `notify of ${crew}`;
  const { notify = 'approvers', approvers, channel } = rules;
  if (notify === 'dm' && approvers.length === 0)
    return [warning(about, 'nobody is notified of a card: NOTIFY is dm, and no approvers are named.')];
  if (notify === 'none' || notify === 'dm' || isUserId(channel)) return [];
  const named = notify === 'here' ? [] : notify === 'approvers' ? approvers : notify;
  try {
    if (named.length === 0) {
      const size = await countMembers(client, channel);
      if (notify === 'approvers' && size > LARGE)
        return [
          warning(
            about,
            `nobody is notified of a card: no approvers are named, and the channel has ${size} members. Set NOTIFY.`,
          ),
        ];
      return size > FEW ? [warning(about, `a card notifies ${size} people (@here).`)] : [];
    }
    let pinged = named.filter(isUserId).length;
    for (const group of named.filter(isGroupId)) {
      const { users = [] } = await client.usergroups.users.list({ usergroup: group });
      if (notify !== 'approvers' || users.length <= LARGE) pinged += users.length;
    }
    if (pinged === 0)
      return [
        warning(about, 'nobody is notified of a card: its groups have more than 20 members. Set NOTIFY.'),
      ];
    return pinged > FEW ? [warning(about, `a card notifies ${pinged} people.`)] : [];
  } catch {
    // The channel or the group has a finding of its own.
    return [];
  }
}

async function countMembers(client: WebClient, channel: string): Promise<number> {
  const found = await createChannelFinder(client)(channel);
  let size = 0;
  const given = { channel: found?.id ?? channel, limit: 1_000 };
  for await (const page of client.paginate('conversations.members', given)) {
    size += (page as ConversationsMembersResponse).members?.length ?? 0;
    if (size >= MAX_COUNTED) break;
  }
  return size;
}

/** Compares this machine's clock with Slack's. Never rejects. */
export async function diagnoseClock(apiUrl: string | undefined, now: () => number): Promise<Finding> {
  try {
    const { headers } = await axios.get(`${apiUrl ?? SLACK}api.test`, {
      timeout: TIMEOUT,
      maxRedirects: 0,
      validateStatus: () => true,
    });
    const theirs = Date.parse(String(headers.date));
    if (Number.isNaN(theirs)) return warning('clock', "Slack's answer has no Date to compare with.");
    const apart = Math.round((now() - theirs) / 1_000);
    // The Date of an answer has whole seconds.
    if (Math.abs(apart) <= 2) return ok('clock', "agrees with Slack's.");
    const says = `${Math.abs(apart)} s ${apart < 0 ? 'behind' : 'ahead of'} Slack's`;
    if (Math.abs(apart) * 1_000 >= MAX_SKEW)
      return failed('clock', `${says}: Slack's requests are rejected; set the clock by NTP.`);
    return Math.abs(apart) > 30
      ? warning('clock', `${says}: set the clock by NTP.`)
      : ok('clock', `${says}.`);
  } catch (error) {
    return failed('clock', `Slack cannot be reached to compare with (${summarizeError(error)}).`);
  }
}

const SILENT = { info() {}, warn() {}, error() {} };

/** Why a call of Slack's API failed; `look`: what to check when Slack rejected it. */
export function describeRefusal(error: unknown, look: string): string {
  const reason = slackErrorOf(error);
  const wait = retryAfterOf(error);
  if (wait !== undefined)
    return `Slack allows no more calls for ${Math.ceil(wait / 1_000)} s: wait, then try again.`;
  return reason === undefined
    ? `Slack cannot be reached (${summarizeError(error)}): check the network.`
    : `Slack answers ${reason}: check ${look}.`;
}
