import { App as Bolt, ExpressReceiver, type Receiver } from '@slack/bolt';
import type { Logger, WebClientOptions } from '@slack/web-api';
import type { Express } from 'express';
import type { Meter } from '../../approval/ports.ts';
import { withTimeout } from '../../lib/time.ts';
import type { Workspace } from '../directory/workspace.ts';
import type { Feature } from '../feature.ts';
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
type SlackConnection = { appToken: string; apiUrl: string | undefined } | HttpConnection;
type HttpConnection = { signingSecret: string; express: Express };

/** The setup of Bolt. */
interface BoltSetup {
  connection: SlackConnection;
  botToken: string;
  clientOptions: WebClientOptions;
  workspace: Workspace;
  slackTime: SlackTime;
  recordAck: Meter['acked'];
  logger: Logger;
  features: readonly Feature[];
}

/** Bolt with all listeners, and the connection that their events come by. */
export class BoltApp {
  readonly #lateClicks: LateClicks;
  readonly #socket: SocketMode | undefined;
  readonly #pending = new Set<Promise<void>>();

  constructor(app: SlackApp, setup: BoltSetup) {
    const { connection, botToken, workspace, clientOptions, slackTime, recordAck, logger, features } = setup;
    this.#lateClicks = new LateClicks({ slackTime });
    let receiver: Receiver;
    if ('appToken' in connection) {
      this.#socket = new SocketMode(app, { ...connection, logger });
      receiver = this.#socket.receiver;
    } else receiver = createHttpReceiver(app, connection, { slackTime, logger });
    // Bolt would call auth.test for the first click, and fail the click if Slack does not answer.
    const authorize = async () => ({ botToken, ...workspace.identity() });
    const bolt = new Bolt({ receiver, clientOptions, logger, authorize });
    bolt.use(async ({ next }) => {
      const handling = next();
      this.#pending.add(handling);
      await handling.finally(() => this.#pending.delete(handling));
    });
    registerListeners(bolt, app, features);
    wrapProcessEvent(bolt, app, { lateClicks: this.#lateClicks, recordAck, features });
    bolt.error(async (error) => app.log.error({ error: error.original ?? error }, 'listener failed'));
  }

  /** The connection's fault in a sentence; undefined: it works. In HTTP mode the connection is the open port. */
  fault(): string | undefined {
    return this.#socket && !this.#socket.isConnected() ? 'Socket Mode is not connected' : undefined;
  }

  /** Rejects with an AppError if Slack rejects the app token. */
  async connect(): Promise<void> {
    await this.#socket?.connect();
  }

  /** Waits for pending events to be handled and acked, at most 5 s, then closes the socket. */
  async close(): Promise<void> {
    await withTimeout(DRAIN_TIMEOUT, () => Promise.allSettled([...this.#pending])).catch(() => {});
    this.#pending.clear();
    this.#lateClicks.close();
    await this.#socket?.close();
  }
}

function createHttpReceiver(
  { log }: SlackApp,
  { signingSecret, express }: HttpConnection,
  { slackTime, logger }: Pick<BoltSetup, 'slackTime' | 'logger'>,
): ExpressReceiver {
  // By Slack's time, so that a host whose clock is wrong reaches Bolt, which logs that it is the time stamp.
  express.post(
    EVENTS_PATH,
    createRequestGate(() => slackTime.now() ?? Date.now()),
  );
  return new ExpressReceiver({
    app: express,
    signingSecret,
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
