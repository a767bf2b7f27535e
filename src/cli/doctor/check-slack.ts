import { readFileSync } from 'node:fs';
import type { WebClient } from '@slack/web-api';
import axios from 'axios';
import { parse } from 'yaml';
import { openApproval } from '../../approval/lifecycle/rounds.ts';
import { currentRound } from '../../approval/model/approval.ts';
import { type Crew, listChannels } from '../../approval/model/crew/crew.ts';
import { isGroupId, isUserId } from '../../approval/model/crew/slack-ids.ts';
import { DEFAULT_POLICY, listNamedPeople } from '../../approval/model/crew/task-rules.ts';
import { readOutput } from '../../approval/model/output.ts';
import { LARGE_AUDIENCE } from '../../approval/notify/audience.ts';
import { summarizeError } from '../../lib/errors.ts';
import { createCards } from '../../slack/api/cards.ts';
import { createQuietClient, readSlackError, readSlackRetryAfter } from '../../slack/api/client.ts';
import { createChannelFinder } from '../../slack/directory/channels.ts';
import { type DoctorApp, failed, note, ok, type Result } from './result.ts';

const SLACK = 'https://slack.com/api/';
const TIMEOUT = 8_000;
/** Lifetime of signed requests from Slack and from the bot, in seconds. */
const MAX_SKEW = 5 * 60;
const FEW = 5;

/** Explains why a call of Slack's API failed, and how to fix it. `look`: place to check if Slack rejected the call. */
export function explainSlackError(error: unknown, look: string): [says: string, fix: string] {
  const reason = readSlackError(error);
  const wait = readSlackRetryAfter(error);
  if (wait !== undefined)
    return [`Slack rate-limits the bot for ${Math.ceil(wait / 1_000)} s`, 'Wait, then try again'];
  return reason === undefined
    ? [`Slack cannot be reached (${summarizeError(error)})`, 'Check the network']
    : [`Slack answers ${reason}`, `Check ${look}`];
}

/** Checks the tokens and records in `hasNoSlack` if the bot token failed. */
export async function* checkTokens(app: DoctorApp): AsyncGenerator<Result> {
  const { appToken, apiUrl } = app.settings.slack;
  const { token, scopes, appId } = await checkBotToken(app.client, readManifestScopes());
  app.hasNoSlack = token.status === 'failed';
  yield token;
  if (scopes) yield scopes;
  yield appToken
    ? await checkAppToken(appToken, apiUrl, appId)
    : ok('SLACK_SIGNING_SECRET', 'is set; the first click shows whether it is right (HTTP mode)');
}

/** Checks the bot token and its scopes. `appId`: the token's app, if Slack names it. */
export async function checkBotToken(
  client: WebClient,
  required: readonly string[],
): Promise<{ token: Result; scopes?: Result; appId?: string | undefined }> {
  try {
    const { team, bot_id: bot, response_metadata: metadata } = await client.auth.test();
    const missing = required.filter((scope) => !metadata?.scopes?.includes(scope));
    const fix = 'Install the app again from manifest.yml (OAuth & Permissions → Reinstall)';
    // Fails without the scope of the call, which the result for the scopes then names as missing.
    const botInfo = bot === undefined ? undefined : await client.bots.info({ bot }).catch(() => undefined);
    return {
      token: ok('SLACK_BOT_TOKEN', `Slack accepts it, in the workspace ${team}`),
      scopes:
        missing.length === 0
          ? ok('scopes', `all ${required.length} of manifest.yml are granted`)
          : failed('scopes', `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`, fix),
      appId: botInfo?.bot?.app_id,
    };
  } catch (error) {
    const look = 'OAuth & Permissions → Bot User OAuth Token';
    return { token: failed('SLACK_BOT_TOKEN', ...explainSlackError(error, look)) };
  }
}

/** Reads the scopes that manifest.yml asks for. */
export function readManifestScopes(): string[] {
  const manifest = parse(readFileSync(new URL('../../../manifest.yml', import.meta.url), 'utf8'));
  return manifest.oauth_config.scopes.bot;
}

/** Checks the app-level token. `appId`: app of the bot token, if known. */
export async function checkAppToken(
  appToken: string,
  apiUrl: string | undefined,
  appId: string | undefined,
): Promise<Result> {
  const about = 'SLACK_APP_TOKEN';
  const [, ownAppId] = /^xapp-\d+-(A[A-Z0-9]+)-/.exec(appToken) ?? [];
  if (appId !== undefined && ownAppId !== undefined && appId !== ownAppId) {
    const says = `belongs to app ${ownAppId}, but SLACK_BOT_TOKEN belongs to ${appId}`;
    return failed(about, says, 'Copy both from the same app');
  }
  try {
    await createQuietClient(appToken, apiUrl).apps.connections.open();
    return ok(about, 'Slack opens Socket Mode with it');
  } catch (error) {
    const look = 'Basic Information → App-Level Tokens, with connections:write';
    return failed(about, ...explainSlackError(error, look));
  }
}

/** Compares this machine's clock with Slack's. */
export async function checkClock({ settings }: DoctorApp): Promise<Result> {
  const fix = 'Set the clock by NTP';
  try {
    const options = { timeout: TIMEOUT, maxRedirects: 0, validateStatus: () => true };
    const { headers } = await axios.get(`${settings.slack.apiUrl ?? SLACK}api.test`, options);
    const ahead = Math.round((Date.now() - Date.parse(String(headers.date))) / 1_000);
    if (Number.isNaN(ahead)) return note('clock', "Slack's answer has no Date to compare with");
    const apart = Math.abs(ahead);
    // The Date of an answer has whole seconds.
    if (apart <= 2) return ok('clock', "agrees with Slack's");
    const says = `${apart} s ${ahead < 0 ? 'behind' : 'ahead of'} Slack's`;
    if (apart >= MAX_SKEW) return failed('clock', `${says}, so Slack's requests are rejected`, fix);
    return apart > 30 ? note('clock', says, fix) : ok('clock', says);
  } catch (error) {
    return failed('clock', `Slack cannot be reached to compare with (${summarizeError(error)})`);
  }
}

/** Checks the channels of cards, the people whom the settings name, and the number of people whom a card notifies. */
export async function* checkPeople({ client, settings, crews }: DoctorApp): AsyncGenerator<Result> {
  const find = createChannelFinder(client);
  for (const channel of new Set([...crews.flatMap(listChannels), settings.opsChannel ?? []].flat()))
    yield await checkChannel(client, channel, find);
  for (const id of new Set(crews.flatMap(listNamedPeople))) yield await checkApprover(client, id);
  for (const crew of crews) yield* checkNotify(client, crew);
}

/** Checks that Slack shows the channel and that the bot is in it. For a direct message, checks that the person is still there. */
export async function checkChannel(
  client: WebClient,
  channel: string,
  find = createChannelFinder(client),
): Promise<Result> {
  const about = `channel ${channel}`;
  try {
    if (isUserId(channel)) {
      const { user } = await client.users.info({ user: channel });
      if (user?.deleted) return failed(about, 'this person has left the workspace');
      return ok(about, `direct messages to ${user?.name}`);
    }
    const foundChannel = await find(channel);
    const check = 'Check its name, or invite the bot if it is private';
    if (!foundChannel) return failed(about, 'the bot cannot find this channel', check);
    const { name, is_archived: archived, is_member: member, is_private: hidden } = foundChannel;
    if (archived) return failed(about, `#${name} is archived`);
    if (member) return ok(about, `#${name}, and the bot is in it`);
    const absent = `the bot is not in #${name}`;
    const invite = `/invite the bot into #${name}`;
    return hidden
      ? failed(about, absent, invite)
      : note(about, `${absent}. It can post cards but not files and private answers`, invite);
  } catch (error) {
    const look = 'the ID, and invite the bot if the channel is private';
    return failed(about, ...explainSlackError(error, look));
  }
}

/** Checks that Slack knows a configured user, or that a user group has members. */
export async function checkApprover(client: WebClient, id: string): Promise<Result> {
  const about = `approver ${id}`;
  try {
    if (isGroupId(id)) {
      const { users = [] } = await client.usergroups.users.list({ usergroup: id });
      return users.length > 0
        ? ok(about, `a group of ${users.length}`)
        : failed(about, 'this group has no members, so nobody can approve');
    }
    const { user } = await client.users.info({ user: id });
    return user?.deleted ? failed(about, `${user.name} has left the workspace`) : ok(about, `${user?.name}`);
  } catch (error) {
    const copied = isGroupId(id) ? 'People → User groups → … → Copy group ID' : 'profile → Copy member ID';
    return failed(about, ...explainSlackError(error, `the ID in Slack (${copied})`));
  }
}

/** Adds a note if a crew's cards notify nobody, or more people than a card should disturb. */
async function* checkNotify(client: WebClient, crew: Crew): AsyncGenerator<Result> {
  const about = `notify of ${crew.name}`;
  const { notify = 'approvers', approvers, channel } = crew;
  if (notify === 'dm' && approvers.length === 0)
    yield note(about, 'a card notifies nobody, since NOTIFY is dm and no approvers are set', 'Set APPROVERS');
  if (notify === 'none' || notify === 'dm' || isUserId(channel)) return;
  const mentions = notify === 'here' ? [] : notify === 'approvers' ? approvers : notify;
  try {
    if (mentions.length === 0) {
      const { id = channel } = (await createChannelFinder(client)(channel)) ?? {};
      const { channel: counted } = await client.conversations.info({
        channel: id,
        include_num_members: true,
      });
      const size = counted?.num_members ?? 0;
      if (notify === 'approvers' && size > LARGE_AUDIENCE) {
        const reason = `no approvers are set, and the channel has ${size} members`;
        yield note(about, `a card notifies nobody, since ${reason}`, 'Set NOTIFY');
      } else if (size > FEW) yield note(about, `a card notifies ${size} people (@here)`);
      return;
    }
    let notified = mentions.filter(isUserId).length;
    for (const group of mentions.filter(isGroupId)) {
      const { users = [] } = await client.usergroups.users.list({ usergroup: group });
      if (notify !== 'approvers' || users.length <= LARGE_AUDIENCE) notified += users.length;
    }
    if (notified === 0)
      yield note(
        about,
        `a card notifies nobody, since its groups have more than ${LARGE_AUDIENCE} members`,
        'Set NOTIFY',
      );
    else if (notified > FEW) yield note(about, `a card notifies ${notified} people`);
  } catch {
    // checkChannel or checkApprover reports the error.
  }
}

/** Posts a test card in each channel and deletes it. Its approval is never stored. */
export async function* sendTestCards({ client, settings, crews }: DoctorApp): AsyncGenerator<Result> {
  const output = readOutput('This is a test of `npm run doctor`. It is deleted at once.');
  const testOutput = { taskId: 'test', humanInput: false, hashes: ['test'], agent: 'The doctor' };
  const ids = { id: 'TEST', crew: 'test', executionId: 'test', task: 'test' };
  const cards = createCards(client, { message: () => undefined, command: settings.slack.command });
  for (const channel of new Set(crews.flatMap(listChannels))) {
    const about = `test approval in ${channel}`;
    const approval = openApproval(
      { ...ids, channel, urls: {}, policy: DEFAULT_POLICY },
      { type: 'output', at: Date.now(), output: testOutput, opensRounds: true },
    );
    try {
      const card = await cards.post({ approval, round: currentRound(approval), output });
      await client.chat.delete({ channel: card.channel, ts: card.ts });
      yield ok(about, 'posted and deleted');
    } catch (error) {
      yield failed(about, `Slack rejected it (${summarizeError(error)})`);
    }
  }
}
