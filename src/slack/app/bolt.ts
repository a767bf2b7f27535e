import { performance } from 'node:perf_hooks';
import {
  App,
  type BlockAction,
  type ButtonAction,
  ExpressReceiver,
  type OverflowAction,
  type Receiver,
} from '@slack/bolt';
import type { Logger, WebClientOptions } from '@slack/web-api';
import type { Express } from 'express';
import type { Clock, Log, Meter } from '../../approval/ports.ts';
import type { ClickedCards } from '../api/clicked-cards.ts';
import type { Home } from '../api/home.ts';
import type { Workspace } from '../directory/workspace.ts';
import { createAppHomeOpened } from '../listeners/app-home.ts';
import { createApprovalDetails } from '../listeners/approval-details.ts';
import { createApprovalsCommand } from '../listeners/approvals-command.ts';
import { createDecidingButton, createUnknownButton } from '../listeners/card-buttons.ts';
import type { ListenerContext } from '../listeners/context.ts';
import { tellTooLate } from '../listeners/late-click.ts';
import { createListPages } from '../listeners/list-pages.ts';
import { createMoreMenu } from '../listeners/more-menu.ts';
import { createReading } from '../listeners/reading.ts';
import { rememberClick } from '../listeners/remember-click.ts';
import { createRequestRevision } from '../listeners/request-revision.ts';
import { createSubmissions } from '../listeners/submissions.ts';
import { ACTIONS, CALLBACKS, DETAILS_SHORTCUT } from './ids.ts';
import { createLateClicks } from './late-clicks.ts';
import { hasKnownForm } from './payload-shape.ts';
import { createRequestGate, LARGEST_REQUEST } from './request-gate.ts';
import type { SlackTime } from './slack-time.ts';
import { createSocketMode } from './socket-mode.ts';

const DRAIN_WITHIN = 5_000;
const EVENTS_PATH = '/slack/events';

/** Slack's way in: by sockets, or by requests to `/slack/events` on an Express app. The listeners are the same. */
export type SlackDoor =
  | { appToken: string; apiUrl: string | undefined }
  | { signingSecret: string; express: Express };

export function createBolt({
  door,
  botToken,
  clientOptions,
  workspace,
  context,
  home,
  slackTime,
  clicked,
  acked,
  clock,
  logger,
  log,
}: {
  door: SlackDoor;
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
}) {
  const lateClicks = createLateClicks({ slackTime });
  const socket = 'appToken' in door ? createSocketMode({ ...door, logger, clock, log }) : undefined;
  const underWay = new Set<Promise<void>>();
  startApp(socket?.receiver ?? httpReceiver(door, slackTime, logger, log));

  function startApp(receiver: Receiver): void {
    // Bolt would ask Slack who we are at a click, and fail the click when Slack does not answer.
    const authorize = async () => ({ botToken, ...workspace.identity() });
    const created = new App({ receiver, clientOptions, logger, authorize });
    created.use(async ({ body, next }) => {
      rememberClick(clicked, body);
      const handled = next();
      underWay.add(handled);
      await handled.finally(() => underWay.delete(handled));
    });
    registerListeners(created, context, home);
    watchDoor(created);
    created.error(async (error) => log.error({ error: error.original ?? error }, 'a listener failed'));
  }

  /** Lets in what listeners can read, and times it from its arrival to its ack. */
  function watchDoor(created: App): void {
    const process = created.processEvent.bind(created);
    created.processEvent = (event) => {
      // Rejected, it is a 400 of the receiver's.
      if (!hasKnownForm(event.body))
        return Promise.reject(new TypeError('ids and texts are not where they belong'));
      const began = performance.now();
      const { requestTimestamp } = event.customProperties ?? {};
      const timestamp = typeof requestTimestamp === 'string' ? requestTimestamp : undefined;
      const isUnheard = lateClicks.isUnheard(event.body, timestamp);
      const ack: typeof event.ack = async (answer) => {
        try {
          await event.ack(answer);
          if (isUnheard && answer !== undefined) throw new Error('Slack no longer waited for it');
        } catch (error) {
          log.warn({ error }, 'an ack did not reach Slack');
          // What it was to say is said in another way; without words the click is carried out all the same.
          if (answer !== undefined) throw error;
          return;
        }
        acked(typeOf(event.body), performance.now() - began);
      };
      if (lateClicks.isTooLate(event.body, timestamp))
        return tellTooLate(context, event.body as Parameters<typeof tellTooLate>[1], ack);
      return process({ ...event, ack });
    };
  }

  return {
    /** What is wrong with the way in, in a sentence; HTTP mode's is open with the port. */
    fault: () => (socket && !socket.connected() ? 'Socket Mode is not connected' : undefined),
    /** Rejects with an AppError when Slack refuses the app token. */
    connect: async () => socket?.connect(),
    /** Lets clicks under way be answered and acked, for 5 s at most, then closes the socket. */
    async close() {
      const late = new Promise<void>((resolve) => clock.after(DRAIN_WITHIN, resolve));
      await Promise.race([Promise.allSettled([...underWay]), late]);
      lateClicks.close();
      await socket?.close();
    },
  };
}

function httpReceiver(door: SlackDoor, slackTime: SlackTime, logger: Logger, log: Log): ExpressReceiver {
  if ('appToken' in door) throw new Error('HTTP mode needs a signing secret');
  door.express.post(
    EVENTS_PATH,
    createRequestGate(() => slackTime.now() ?? Date.now()),
  );
  return new ExpressReceiver({
    app: door.express,
    signingSecret: door.signingSecret,
    endpoints: EVENTS_PATH,
    bodyLimit: LARGEST_REQUEST,
    customPropertiesExtractor: ({ headers }) => ({
      requestTimestamp: headers['x-slack-request-timestamp'],
    }),
    logger,
    // What a listener fails on is told elsewhere: this is a body, signed as it may be, that cannot be taken apart.
    processEventErrorHandler: async ({ error, response }) => {
      log.warn({ error }, 'a request of Slack has a form that is not known');
      if (!response.headersSent) response.writeHead(400).end();
      return false;
    },
  });
}

/** The kind of an interaction, of few. */
function typeOf({ type, command }: { type?: unknown; command?: unknown }): string {
  if (command !== undefined) return 'command';
  const known = ['block_actions', 'view_submission', 'message_action', 'event_callback'];
  return typeof type === 'string' && known.includes(type) ? type : 'other';
}

type Click = BlockAction<ButtonAction>;
const UNKNOWN = new RegExp(`^(?!(?:${Object.values(ACTIONS).join('|')})$)`);

function registerListeners(app: App, context: ListenerContext, home: Home): void {
  const { service } = context;
  const approve = createDecidingButton(context, (target, by) =>
    service.decide(target, by, { action: 'approve' }),
  );
  const reading = createReading(context);
  const submissions = createSubmissions(context);
  const pages = createListPages(context);
  const details = createApprovalDetails(context);
  const button = (action_id: string) => ({ type: 'block_actions' as const, action_id });
  app.action<Click>(button(ACTIONS.approve), approve);
  app.action<Click>(button(ACTIONS.requestRevision), createRequestRevision(context));
  app.action<Click>(button(ACTIONS.retry), createDecidingButton(context, service.retry));
  app.action<Click>(button(ACTIONS.giveUp), createDecidingButton(context, service.giveUp));
  app.action<Click>(button(ACTIONS.undo), createDecidingButton(context, service.undo));
  app.action<Click>(button(ACTIONS.readInFull), reading.open('output'));
  app.action<Click>(button(ACTIONS.whatChanged), reading.open('changes'));
  app.action<Click>(button(ACTIONS.pageBefore), reading.turn);
  app.action<Click>(button(ACTIONS.pageAfter), reading.turn);
  app.action<Click>(button(ACTIONS.pageFirst), reading.turn);
  app.action<Click>(button(ACTIONS.pageLast), reading.turn);
  app.action<Click>(button(ACTIONS.pageNewer), pages.turn);
  app.action<Click>(button(ACTIONS.pageOlder), pages.turn);
  app.action<Click>(button(ACTIONS.open), details.button);
  app.action<BlockAction<OverflowAction>>(button(ACTIONS.more), createMoreMenu(context));
  // A button of a newer version, after going back to this one.
  app.action<Click>({ type: 'block_actions', action_id: UNKNOWN }, createUnknownButton(context));
  const submitted = (callback_id: string) => ({ type: 'view_submission' as const, callback_id });
  app.view(submitted(CALLBACKS.revision), submissions.requestRevision);
  app.view(submitted(CALLBACKS.approveWithNote), submissions.approveWithNote);
  app.view(submitted(CALLBACKS.assign), submissions.assign);
  app.view(submitted(CALLBACKS.giveUp), submissions.giveUp);
  app.shortcut({ type: 'message_action', callback_id: DETAILS_SHORTCUT }, details.shortcut);
  app.event('app_home_opened', createAppHomeOpened(home));
  // Slack sends an app its own commands only, whatever the workspace calls them.
  app.command(/^\//, createApprovalsCommand(context));
}
