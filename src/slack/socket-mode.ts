import { SocketModeReceiver } from '@slack/bolt';
import type { Logger } from '@slack/web-api';
import type { Clock, Log } from '../approval/ports.ts';
import { AppError } from '../errors.ts';
import { slackErrorOf, TOKEN_REFUSED } from './client.ts';

const FIRST_TRY = 3_000;
const OPEN_WITHIN = 20_000;
const CALL_TIMEOUT = 10_000;
const CLOSE_WITHIN = 500;
const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

const APP_TOKEN_REFUSED = new Set([...TOKEN_REFUSED, 'not_allowed_token_type', 'missing_scope']);

/**
 * Slack's way to a bot without a public address: a socket that the bot opens, and opens again. We do that ourselves:
 * the client's own reconnecting ends the process on a refused token, waits without bound for a silent Slack, and
 * after an hour's outage for most of another hour.
 */
export function createSocketMode({
  appToken,
  apiUrl,
  logger,
  clock,
  log,
}: {
  appToken: string;
  apiUrl: string | undefined;
  logger: Logger;
  clock: Clock;
  log: Log;
}) {
  const receiver = new SocketModeReceiver({
    appToken,
    logger,
    autoReconnectEnabled: false,
    installerOptions: {
      clientOptions: {
        timeout: CALL_TIMEOUT,
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
      },
    },
  });
  const { client } = receiver;
  let connected = false;
  let closed = false;
  let failures = 0;
  let cancelPause: (() => void) | undefined;

  client.on('connected', () => {
    connected = true;
    failures = 0;
    log.info({}, 'Socket Mode is connected');
  });
  client.on('disconnected', () => {
    connected = false;
    openAgain();
  });

  /** Resolves with Slack's word if it refuses the token; otherwise it goes on trying by itself. */
  async function open(): Promise<string | undefined> {
    let cancelDeadline = () => {};
    try {
      const late = new Promise<never>((_, reject) => {
        cancelDeadline = clock.after(OPEN_WITHIN, () =>
          reject(new Error('the socket was not opened in time')),
        );
      });
      await Promise.race([client.start(), late]);
      if (closed) void client.disconnect();
      return undefined;
    } catch (error) {
      const reason = slackErrorOf(error);
      const refused = reason !== undefined && APP_TOKEN_REFUSED.has(reason) ? reason : undefined;
      failures += 1;
      if (!closed)
        log.error({ error }, refused ? 'Slack refuses our app token' : 'Socket Mode could not be opened');
      openAgain();
      return refused;
    } finally {
      cancelDeadline();
    }
  }

  function openAgain(): void {
    if (closed || cancelPause) return;
    const pause = Math.min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** Math.min(failures, 10));
    cancelPause = clock.after(pause, () => {
      cancelPause = undefined;
      void open();
    });
  }

  /** Closes the socket; a silent one is left after half a second: Slack closes, but does not hang up. */
  async function close(): Promise<void> {
    closed = true;
    cancelPause?.();
    let cancel = () => {};
    const silent = new Promise<void>((resolve) => {
      cancel = clock.after(CLOSE_WITHIN, resolve);
    });
    await Promise.race([client.disconnect(), silent]);
    cancel();
  }

  /** Rejects with an AppError when Slack refuses the app token; with Slack out of reach resolves after 3 s and goes on. */
  async function connect(): Promise<void> {
    let cancel = () => {};
    const late = new Promise<undefined>((resolve) => {
      cancel = clock.after(FIRST_TRY, () => resolve(undefined));
    });
    const refused = await Promise.race([open(), late]);
    cancel();
    if (refused === undefined) return;
    throw new AppError('slack_token_refused', `Slack refuses SLACK_APP_TOKEN (${refused}).`);
  }

  return { receiver, connected: () => connected, connect, close };
}
