import { App, ExpressReceiver, type Receiver } from '@slack/bolt';
import type { Logger, WebClientOptions } from '@slack/web-api';
import type { Express } from 'express';
import type { Clock, Log, Meter } from '../../approval/ports.ts';
import { withTimeout } from '../../lib/deadline.ts';
import type { ClickedCards } from '../api/clicked-cards.ts';
import type { Home } from '../api/home.ts';
import type { Workspace } from '../directory/workspace.ts';
import type { ListenerContext } from '../listeners/context.ts';
import { registerListeners } from '../listeners/register-listeners.ts';
import { rememberClick } from '../listeners/remember-click.ts';
import { LateClicks } from './late-clicks.ts';
import { wrapProcessEvent } from './process-event.ts';
import { createRequestGate, LARGEST_REQUEST } from './request-gate.ts';
import type { SlackTime } from './slack-time.ts';
import { SocketMode } from './socket-mode.ts';

const DRAIN_TIMEOUT = 5_000;
const EVENTS_PATH = '/slack/events';

/** How Slack reaches the bot: Socket Mode, or requests to `/slack/events` of an Express app. */
type SlackConnection =
  | { appToken: string; apiUrl: string | undefined }
  | { signingSecret: string; express: Express };

interface BoltParts {
  connection: SlackConnection;
  botToken: string;
  clientOptions: WebClientOptions;
  workspace: Workspace;
  context: ListenerContext;
  home: Home;
  slackTime: SlackTime;
  clicked: ClickedCards;
  acked: Meter['acked'];
  clock: Clock;
  logger: Logger;
  log: Log;
}

/** Bolt with all listeners, and the connection that their events come by. */
export class BoltApp {
  #closing: Promise<void> | undefined;
  readonly #lateClicks: LateClicks;
  readonly #socket: SocketMode | undefined;
  readonly #pending = new Set<Promise<void>>();

  constructor(parts: BoltParts) {
    const { connection, clock, logger, log } = parts;
    this.#lateClicks = new LateClicks({ slackTime: parts.slackTime });
    this.#socket =
      'appToken' in connection ? new SocketMode({ ...connection, logger, clock, log }) : undefined;
    startBolt(parts, this.#socket?.receiver ?? createHttpReceiver(parts), {
      lateClicks: this.#lateClicks,
      pending: this.#pending,
    });
  }

  /** What is wrong with the connection, in a sentence. In HTTP mode the connection is the open port. */
  fault(): string | undefined {
    return this.#socket && !this.#socket.isConnected() ? 'Socket Mode is not connected' : undefined;
  }

  /** Rejects with an AppError if Slack rejects the app token. */
  async connect(): Promise<void> {
    await this.#socket?.connect();
  }

  /** Waits for pending events to be handled and acked, at most 5 s, then closes the socket; once. */
  close = (): Promise<void> => {
    this.#closing ??= this.#drain();
    return this.#closing;
  };

  async #drain(): Promise<void> {
    await withTimeout(DRAIN_TIMEOUT, () => Promise.allSettled([...this.#pending])).catch(() => {});
    this.#lateClicks.close();
    await this.#socket?.close();
  }
}

function startBolt(
  { botToken, workspace, clientOptions, context, home, clicked, acked, logger, log }: BoltParts,
  receiver: Receiver,
  { lateClicks, pending }: { lateClicks: LateClicks; pending: Set<Promise<void>> },
): void {
  // Bolt would call auth.test for the first click, and fail the click if Slack does not answer.
  const authorize = async () => ({ botToken, ...workspace.identity() });
  const app = new App({ receiver, clientOptions, logger, authorize });
  app.use(async ({ body, next }) => {
    rememberClick(clicked, body);
    const handled = next();
    pending.add(handled);
    await handled.finally(() => pending.delete(handled));
  });
  registerListeners(app, context, home);
  wrapProcessEvent(app, { context, lateClicks, acked });
  app.error(async (error) => log.error({ error: error.original ?? error }, 'listener failed'));
}

function createHttpReceiver({ connection, slackTime, logger, log }: BoltParts): ExpressReceiver {
  if ('appToken' in connection) throw new Error('HTTP mode needs a signing secret');
  connection.express.post(
    EVENTS_PATH,
    createRequestGate(() => slackTime.now() ?? Date.now()),
  );
  return new ExpressReceiver({
    app: connection.express,
    signingSecret: connection.signingSecret,
    endpoints: EVENTS_PATH,
    bodyLimit: LARGEST_REQUEST,
    customPropertiesExtractor: ({ headers }) => ({
      requestTimestamp: headers['x-slack-request-timestamp'],
    }),
    logger,
    // `app.error` handles a failed listener, so this is a signed body that cannot be parsed.
    processEventErrorHandler: async ({ error, response }) => {
      log.warn({ error }, 'Slack request has an unknown form');
      if (!response.headersSent) response.writeHead(400).end();
      return false;
    },
  });
}
