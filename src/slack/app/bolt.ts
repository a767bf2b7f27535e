import { App as Bolt, ExpressReceiver, type Receiver } from '@slack/bolt';
import type { Logger, WebClientOptions } from '@slack/web-api';
import type { Express } from 'express';
import type { Meter } from '../../approval/ports.ts';
import { withTimeout } from '../../lib/time.ts';
import type { Workspace } from '../directory/workspace.ts';
import { rememberClick } from '../listeners/click.ts';
import { registerListeners } from '../listeners/listeners.ts';
import type { SlackApp } from '../slack-app.ts';
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

/** What Bolt is set up with. */
interface BoltSetup {
  connection: SlackConnection;
  botToken: string;
  clientOptions: WebClientOptions;
  workspace: Workspace;
  slackTime: SlackTime;
  acked: Meter['acked'];
  logger: Logger;
}

/** Bolt with all listeners, and the connection that their events come by. */
export class BoltApp {
  #closing: Promise<void> | undefined;
  readonly #lateClicks: LateClicks;
  readonly #socket: SocketMode | undefined;
  readonly #pending = new Set<Promise<void>>();

  constructor(app: SlackApp, setup: BoltSetup) {
    const { clock, log } = app;
    const { connection, logger } = setup;
    this.#lateClicks = new LateClicks({ slackTime: setup.slackTime });
    this.#socket =
      'appToken' in connection ? new SocketMode({ ...connection, logger, clock, log }) : undefined;
    this.#start(app, setup, this.#socket?.receiver ?? createHttpReceiver(app, setup));
  }

  #start(slackApp: SlackApp, setup: BoltSetup, receiver: Receiver): void {
    const { botToken, workspace, clientOptions, acked, logger } = setup;
    // Bolt would call auth.test for the first click, and fail the click if Slack does not answer.
    const authorize = async () => ({ botToken, ...workspace.identity() });
    const bolt = new Bolt({ receiver, clientOptions, logger, authorize });
    bolt.use(async ({ body, next }) => {
      rememberClick(slackApp, body);
      const handled = next();
      this.#pending.add(handled);
      await handled.finally(() => this.#pending.delete(handled));
    });
    registerListeners(bolt, slackApp);
    wrapProcessEvent(bolt, slackApp, { lateClicks: this.#lateClicks, acked });
    bolt.error(async (error) => slackApp.log.error({ error: error.original ?? error }, 'listener failed'));
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

function createHttpReceiver(
  { log }: SlackApp,
  { connection, slackTime, logger }: BoltSetup,
): ExpressReceiver {
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
