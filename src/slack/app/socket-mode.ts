import { type App, type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { Logger } from '@slack/web-api';
import { AppError } from '../../lib/errors.ts';
import { findProxyAgent } from '../../lib/proxy.ts';
import { withTimeout } from '../../lib/time.ts';
import { readSlackError, type SlackBase, TOKEN_REFUSED } from '../api/client.ts';

const FIRST_TRY_TIMEOUT = 3_000;
const OPEN_TIMEOUT = 20_000;
const CALL_TIMEOUT = 10_000;
const CLOSE_TIMEOUT = 500;
const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** A replaced socket stays open this long for the acks of its last events, in milliseconds. */
const LAST_ACKS_TIMEOUT = 4_000;
/** Host of the sockets' URLs: https://docs.slack.dev/apis/events-api/using-socket-mode */
const SOCKET_HOST = 'https://wss-primary.slack.com';

const APP_TOKEN_REFUSED = new Set([...TOKEN_REFUSED, 'not_allowed_token_type', 'missing_scope']);

export interface SocketConnection {
  appToken: string;
  apiUrl: string | undefined;
  logger: Logger;
}

/**
 * Connects a bot without a public address to Slack: opens a socket, and reopens it when it closes. The client's own
 * reconnection exits the process on a rejected token, waits indefinitely if Slack does not respond, and takes up to an hour to
 * recover from an hour's outage. When Slack warns that it will close a socket, the next one is opened first.
 */
export class SocketMode {
  readonly #slack: Pick<SlackBase, 'clock' | 'log'>;
  readonly #connection: SocketConnection;
  readonly #openSockets = new Set<SocketModeReceiver>();
  /** The socket that receives events; other open sockets are about to close. */
  #currentSocket: SocketModeReceiver | undefined;
  #opening: Promise<string | undefined> | undefined;
  #app: App | undefined;
  #closed = false;
  #failures = 0;
  #cancelPause: (() => void) | undefined;

  /** The receiver that Bolt expects. `connect` opens the sockets. */
  readonly receiver: Receiver = {
    init: (app) => {
      this.#app = app;
    },
    start: async () => {},
    stop: async () => {},
  };

  constructor(slack: Pick<SlackBase, 'clock' | 'log'>, connection: SocketConnection) {
    this.#slack = slack;
    this.#connection = connection;
  }

  isConnected(): boolean {
    return this.#currentSocket !== undefined;
  }

  /** Rejects with an AppError if Slack rejects the app token. If Slack is unreachable, resolves within 3 s and keeps retrying. */
  async connect(): Promise<void> {
    const rejection = await withTimeout(FIRST_TRY_TIMEOUT, () => this.#openNext()).catch(() => undefined);
    if (rejection === undefined) return;
    throw new AppError(
      'slack_token_refused',
      `Slack rejected SLACK_APP_TOKEN (${rejection}): set a valid token.`,
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelPause?.();
    await Promise.all([...this.#openSockets].map((socket) => this.#disconnect(socket)));
  }

  /** Opens a socket, one at a time, and retries unless another is open. Resolves to Slack's error code for a rejected token. */
  #openNext(): Promise<string | undefined> {
    this.#opening ??= this.#openSocket().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #openSocket(): Promise<string | undefined> {
    const previousSocket = this.#currentSocket;
    let newSocket: SocketModeReceiver | undefined;
    try {
      const socket = this.#createSocket();
      newSocket = socket;
      await withTimeout(OPEN_TIMEOUT, () => socket.client.start());
      this.#currentSocket = socket;
      this.#openSockets.add(socket);
      this.#failures = 0;
      this.#slack.log.info({}, 'Socket Mode connected');
      if (this.#closed) void this.#disconnect(socket);
      else if (previousSocket)
        this.#slack.clock.after(LAST_ACKS_TIMEOUT, () => void this.#disconnect(previousSocket));
      return undefined;
    } catch (error) {
      if (newSocket) void this.#disconnect(newSocket);
      const reason = readSlackError(error);
      const rejection = reason !== undefined && APP_TOKEN_REFUSED.has(reason) ? reason : undefined;
      this.#failures += 1;
      if (!this.#closed)
        this.#slack.log.error(
          { error },
          rejection ? 'app token rejected by Slack' : 'Socket Mode not connected',
        );
      // The previous socket stays open until Slack closes it.
      if (this.#currentSocket === undefined) this.#reopenLater();
      return rejection;
    }
  }

  #createSocket(): SocketModeReceiver {
    const { apiUrl, ...options } = this.#connection;
    const dispatcher = findProxyAgent(apiUrl ?? SOCKET_HOST);
    const socket = new SocketModeReceiver({
      ...options,
      // The call that opens a socket uses the same proxy. Without a proxy, keep the client's own dispatcher: it also closes a
      // connection that Slack leaves open.
      ...(dispatcher ? { dispatcher } : {}),
      autoReconnectEnabled: false,
      customPropertiesExtractor: ({ envelope_id: envelopeId }) => ({ envelopeId }),
      installerOptions: {
        clientOptions: {
          timeout: CALL_TIMEOUT,
          retryConfig: { retries: 0 },
          rejectRateLimitedCalls: true,
          ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
        },
      },
    });
    if (this.#app) socket.init(this.#app);
    this.#replaceWhenWarned(socket);
    socket.client.on('disconnected', () => {
      this.#openSockets.delete(socket);
      if (socket !== this.#currentSocket) return;
      this.#currentSocket = undefined;
      this.#reopenLater();
    });
    return socket;
  }

  /** The client would close its socket at Slack's warning, so its own listeners do not receive the warning. */
  #replaceWhenWarned({ client }: SocketModeReceiver): void {
    const listeners = client.listeners('ws_message') as ((data: unknown, isBinary: boolean) => void)[];
    client.removeAllListeners('ws_message');
    client.on('ws_message', (data: unknown, isBinary: boolean) => {
      if (!isBinary && isWarning(data)) void this.#openNext();
      else for (const listener of listeners) listener(data, isBinary);
    });
  }

  #reopenLater(): void {
    if (this.#closed || this.#cancelPause) return;
    const pause = Math.min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** Math.min(this.#failures, 10));
    this.#cancelPause = this.#slack.clock.after(pause, () => {
      this.#cancelPause = undefined;
      void this.#openNext();
    });
  }

  /** Closes a socket; does not wait longer than half a second, since Slack may not end the connection. */
  async #disconnect(socket: SocketModeReceiver): Promise<void> {
    this.#openSockets.delete(socket);
    await withTimeout(CLOSE_TIMEOUT, () => socket.client.disconnect()).catch(() => {});
  }
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
