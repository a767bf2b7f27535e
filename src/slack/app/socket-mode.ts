import { type App, type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { Logger } from '@slack/web-api';
import type { Clock, Log } from '../../approval/ports.ts';
import { AppError } from '../../lib/errors.ts';
import { slackErrorOf, TOKEN_REFUSED } from '../api/client.ts';

const FIRST_TRY = 3_000;
const OPEN_WITHIN = 20_000;
const CALL_TIMEOUT = 10_000;
const CLOSE_WITHIN = 500;
const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** A replaced socket stays open this long for the acks of what came by it, in milliseconds. */
const ACKED_WITHIN = 4_000;

const APP_TOKEN_REFUSED = new Set([...TOKEN_REFUSED, 'not_allowed_token_type', 'missing_scope']);

/**
 * Slack's way to a bot without a public address: a socket that the bot opens, and opens again. We do that ourselves:
 * the client's own reconnecting ends the process on a refused token, waits without bound for a silent Slack, and
 * after an hour's outage for most of another hour. When Slack warns that it will close a socket, the next one is open
 * before.
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
  let app: App | undefined;
  /** The one that clicks come by; others are about to close. */
  let current: SocketModeReceiver | undefined;
  const open = new Set<SocketModeReceiver>();
  let closed = false;
  let failures = 0;
  let cancelPause: (() => void) | undefined;

  /** Bolt's side of it; sockets are opened by `connect`. */
  const receiver: Receiver = {
    init: (initialized) => {
      app = initialized;
    },
    start: async () => {},
    stop: async () => {},
  };

  function createSocket(): SocketModeReceiver {
    const socket = new SocketModeReceiver({
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
    if (app) socket.init(app);
    keepOpenWhenWarned(socket);
    socket.client.on('disconnected', () => {
      open.delete(socket);
      if (socket !== current) return;
      current = undefined;
      openAgain();
    });
    return socket;
  }

  /** The client closes its socket at a warning too, so its own listener hears of everything else only. */
  function keepOpenWhenWarned({ client }: SocketModeReceiver): void {
    const listeners = client.listeners('ws_message') as ((data: unknown, isBinary: boolean) => void)[];
    client.removeAllListeners('ws_message');
    client.on('ws_message', (data: unknown, isBinary: boolean) => {
      if (!isBinary && isWarning(data)) void openNext();
      else for (const listener of listeners) listener(data, isBinary);
    });
  }

  let opening: Promise<string | undefined> | undefined;

  /** Resolves with Slack's word if it refuses the token; otherwise it goes on trying by itself. One at a time. */
  function openNext(): Promise<string | undefined> {
    opening ??= openSocket().finally(() => {
      opening = undefined;
    });
    return opening;
  }

  async function openSocket(): Promise<string | undefined> {
    const before = current;
    const socket = createSocket();
    let cancelDeadline = () => {};
    try {
      const late = new Promise<never>((_, reject) => {
        cancelDeadline = clock.after(OPEN_WITHIN, () =>
          reject(new Error('the socket was not opened in time')),
        );
      });
      await Promise.race([socket.client.start(), late]);
      current = socket;
      open.add(socket);
      failures = 0;
      log.info({}, 'Socket Mode is connected');
      if (closed) void disconnect(socket);
      else if (before) clock.after(ACKED_WITHIN, () => void disconnect(before));
      return undefined;
    } catch (error) {
      void disconnect(socket);
      const reason = slackErrorOf(error);
      const refused = reason !== undefined && APP_TOKEN_REFUSED.has(reason) ? reason : undefined;
      failures += 1;
      if (!closed)
        log.error({ error }, refused ? 'Slack refuses our app token' : 'Socket Mode could not be opened');
      // The one before stays until Slack closes it.
      if (current === undefined) openAgain();
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
      void openNext();
    });
  }

  /** Closes a socket; a silent one is left after half a second: Slack closes, but does not hang up. */
  async function disconnect(socket: SocketModeReceiver): Promise<void> {
    open.delete(socket);
    let cancel = () => {};
    const silent = new Promise<void>((resolve) => {
      cancel = clock.after(CLOSE_WITHIN, resolve);
    });
    await Promise.race([socket.client.disconnect(), silent]);
    cancel();
  }

  async function close(): Promise<void> {
    closed = true;
    cancelPause?.();
    await Promise.all([...open].map(disconnect));
  }

  /** Rejects with an AppError when Slack refuses the app token; with Slack out of reach resolves after 3 s and goes on. */
  async function connect(): Promise<void> {
    let cancel = () => {};
    const late = new Promise<undefined>((resolve) => {
      cancel = clock.after(FIRST_TRY, () => resolve(undefined));
    });
    const refused = await Promise.race([openNext(), late]);
    cancel();
    if (refused === undefined) return;
    throw new AppError('slack_token_refused', `Slack refuses SLACK_APP_TOKEN (${refused}).`);
  }

  return { receiver, connected: () => current !== undefined, connect, close };
}

/** `{"type":"disconnect","reason":"warning"}`: https://docs.slack.dev/apis/events-api/using-socket-mode */
function isWarning(data: unknown): boolean {
  const text =
    typeof data === 'string' ? data : data instanceof Uint8Array ? Buffer.from(data).toString() : '';
  if (!text.includes('"disconnect"')) return false;
  try {
    const { type, reason } = JSON.parse(text) as { type?: unknown; reason?: unknown };
    return type === 'disconnect' && reason === 'warning';
  } catch {
    return false;
  }
}
