import {
  type Logger,
  LogLevel,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebClient,
  type WebClientOptions,
} from '@slack/web-api';
import { CardError, type CardFailure, type Clock, type Log, type Meter } from '../../approval/ports.ts';
import { summarizeError } from '../../lib/errors.ts';
import { fetchThroughProxy } from '../../lib/proxy.ts';
import type { MessageView } from '../views/message-view.ts';

/** The Web API, and the clock and the log for the code that calls it. */
export interface SlackBase {
  client: WebClient;
  clock: Clock;
  log: Log;
}

/** Timeout of a Web API call, in milliseconds; shorter than a lease. */
const SLACK_TIMEOUT = 8_000;
/** Longest wait that a rate limit can impose, in milliseconds. */
const MAX_RETRY_AFTER = 60 * 60_000;

/**
 * One attempt in bounded time: the WebClient's own ten retries over 30 minutes would post a card again and again, and a
 * rate limit would pause every other channel.
 */
export function clientOptions(
  apiUrl: string | undefined,
  logger: Logger,
  fetch: WebClientOptions['fetch'] = fetchThroughProxy,
): WebClientOptions {
  return {
    logger,
    timeout: SLACK_TIMEOUT,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    // The WebClient's queue would delay a call outside its timeout.
    maxRequestConcurrency: Number.POSITIVE_INFINITY,
    ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
    fetch,
  };
}

/** Logs the warnings and errors of Slack's packages, never their debug lines: these contain requests. */
export function createSlackLogger(log: Log): Logger {
  const joinMessages = (messages: unknown[]) =>
    messages
      .map((message) => (message instanceof Error ? summarizeError(message) : String(message)))
      .join(' ');
  return {
    debug: () => {},
    info: () => {},
    warn: (...messages: unknown[]) => log.warn({ from: 'slack' }, joinMessages(messages)),
    error: (...messages: unknown[]) => log.error({ from: 'slack' }, joinMessages(messages)),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}

/** Creates a WebClient that logs nothing, for a command that prints the failures itself. */
export function createQuietClient(token: string | undefined, apiUrl: string | undefined): WebClient {
  const logger = createSlackLogger({ info() {}, warn() {}, error() {} });
  return new WebClient(token, clientOptions(apiUrl, logger));
}

/** The methods that the bot calls while it runs, as the WebClient names them to `countCall`. */
export const SLACK_METHODS = [
  'auth.test',
  'chat.postEphemeral',
  'chat.postMessage',
  'chat.update',
  'conversations.info',
  'conversations.list',
  'conversations.members',
  'files.completeUploadExternal',
  'files.getUploadURLExternal',
  'usergroups.list',
  'usergroups.users.list',
  'users.info',
  'users.lookupByEmail',
  'views.open',
  'views.publish',
  'views.push',
  'views.update',
] as const;

/** A WebClient whose calls are counted. */
export function createClient(
  token: string,
  options: WebClientOptions,
  countCall: Meter['slackCalled'],
): WebClient {
  class CountingClient extends WebClient {
    override async apiCall(method: string, args?: Record<string, unknown>) {
      try {
        const result = await super.apiCall(method, args);
        countCall(method, 'ok');
        return result;
      } catch (error) {
        const isLimited = error instanceof WebAPIRateLimitedError;
        countCall(method, isLimited ? 'ratelimited' : (readSlackError(error) ?? 'no_answer'));
        throw error;
      }
    }
  }
  return new CountingClient(token, options);
}

/** Slack rejects the token: no call works until a person changes it. */
export const TOKEN_REFUSED = new Set([
  'invalid_auth',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_authed',
]);
/** Refusals that last until a person changes something. https://docs.slack.dev/reference/methods/chat.postMessage */
const BLOCKED = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'is_inactive',
  'missing_scope',
  'no_permission',
  'access_denied',
  'ekm_access_denied',
  'team_access_not_granted',
  'posting_to_channel_denied',
  'channel_is_limited_access',
  'team_not_found',
  'org_login_required',
  'accesslimited',
  'enterprise_is_restricted',
  'two_factor_setup_required',
  'message_limit_exceeded',
  // Only for direct messages.
  'user_not_found',
  'user_disabled',
  'user_not_visible',
  'cannot_dm_bot',
  'messages_tab_disabled',
]);
/** Slack does not accept the message in the thread. */
const NOT_IN_THREAD = new Set([
  'thread_not_found',
  'cannot_reply_to_message',
  'restricted_action_thread_locked',
  'restricted_action_non_threadable_channel',
]);
/** The message still exists, but cannot be changed any more. */
const FROZEN = new Set(['edit_window_closed', 'cant_update_message']);
/** After these refusals Slack may accept a smaller, plainer message. */
const TOO_MUCH = new Set([
  'invalid_blocks',
  'invalid_attachments',
  'msg_blocks_too_long',
  'invalid_blocks_format',
  'msg_too_long',
  'invalid_arguments',
  'block_mismatch',
]);
/** Temporary failures on Slack's side. */
const TRANSIENT = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
  'rate_limited',
  'team_added_to_org',
  'no_text',
]);
/** Slack's error code of a rejected call; undefined if Slack did not answer. */
export function readSlackError(error: unknown): string | undefined {
  if (!(error instanceof WebAPIPlatformError)) return undefined;
  const code: unknown = error.data.error;
  // A proxy's error page can be reported as an error code too.
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : undefined;
}

export function isTooLargeError(error: unknown): boolean {
  return TOO_MUCH.has(readSlackError(error) ?? '');
}

/** True if Slack may accept a shorter message, whatever its blocks are. */
export function isTooLongError(error: unknown): boolean {
  return /too_long/.test(readSlackError(error) ?? '');
}

/** True if Slack may accept the message outside the thread. */
function isThreadRefusal(error: unknown): boolean {
  return NOT_IN_THREAD.has(readSlackError(error) ?? '');
}

/** True for an error that can be temporary or, for some outputs, permanent. It is a refusal only if it repeats. */
export function isAmbiguousError(error: unknown): boolean {
  return readSlackError(error) === 'internal_error';
}

/** True if the call failed without a refusal: Slack did not respond, or has an internal error. */
export function isTransient(error: unknown): boolean {
  const reason = readSlackError(error);
  return reason === undefined || TRANSIENT.has(reason);
}

/** How long Slack rejects such calls, in milliseconds; undefined if the call failed for another reason. */
export function readSlackRetryAfter(error: unknown): number | undefined {
  if (!(error instanceof WebAPIRateLimitedError)) return undefined;
  return Math.min(MAX_RETRY_AFTER, (error.retryAfter || 1) * 1_000);
}

/** Makes a call for a card or another message; rejects with a CardError that says what its failure means for the message. */
export async function withMessageError<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof CardError ? error : new CardError(cardFailureOf(error));
  }
}

function cardFailureOf(error: unknown): CardFailure {
  const reason = readSlackError(error);
  if (reason !== undefined) {
    if (reason === 'message_not_found' || NOT_IN_THREAD.has(reason)) return { kind: 'gone', reason };
    if (FROZEN.has(reason)) return { kind: 'frozen', reason };
    if (TOKEN_REFUSED.has(reason)) return { kind: 'blocked', reason, of: 'token' };
    if (BLOCKED.has(reason) || /^restricted_action/.test(reason))
      return { kind: 'blocked', reason, of: 'channel' };
    // Marked as unknown, so that it is not retried silently forever.
    return TRANSIENT.has(reason) || TOO_MUCH.has(reason)
      ? { kind: 'try_again', reason }
      : { kind: 'try_again', reason, unknown: true };
  }
  const retryAfterMs = readSlackRetryAfter(error);
  if (retryAfterMs !== undefined) return { kind: 'try_again', reason: 'ratelimited', retryAfterMs };
  return { kind: 'try_again', reason: summarizeError(error) };
}

/** No text in a message notifies people or unfurls links, except the mentions that we write. */
const QUIET = { parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false } as const;

/** A channel, or a thread in it; `reply_broadcast`: the channel shows the reply too. */
type MessagePlace =
  | { channel: string; thread_ts?: string }
  | { channel: string; thread_ts: string; reply_broadcast: true };

/** Posts a message; at the place `fallback` if its thread is gone or does not accept replies. Resolves to the message's place. */
export async function postMessage(
  client: WebClient,
  view: MessageView,
  place: MessagePlace,
  fallback?: MessagePlace,
): Promise<{ channel: string; ts: string }> {
  try {
    const { channel = place.channel, ts } = await client.chat.postMessage({ ...view, ...QUIET, ...place });
    // A proxy answered, or the response was cut: the message could never be updated.
    if (!ts) throw new Error('Slack did not say where the message is');
    return { channel, ts };
  } catch (error) {
    if (fallback && isThreadRefusal(error)) return postMessage(client, view, fallback);
    throw error;
  }
}
