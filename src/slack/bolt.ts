import { App, type BlockAction, type ButtonAction, ExpressReceiver } from '@slack/bolt';
import type { Logger, WebClientOptions } from '@slack/web-api';
import type { Express } from 'express';
import type { Log } from '../approval/ports.ts';
import { ACTIONS, CALLBACKS, COMMAND } from './ids.ts';
import { createApprovalsCommand } from './listeners/approvals-command.ts';
import { createDecidingButton } from './listeners/card-buttons.ts';
import type { ListenerContext } from './listeners/context.ts';
import { createRequestRevision } from './listeners/request-revision.ts';
import { createSubmitRevision } from './listeners/submit-revision.ts';
import type { Workspace } from './workspace.ts';

/** Bolt in HTTP mode: Slack calls `/slack/events` on this Express app. */
export function createBolt({
  express,
  signingSecret,
  botToken,
  clientOptions,
  workspace,
  context,
  logger,
  log,
}: {
  express: Express;
  signingSecret: string;
  botToken: string;
  clientOptions: WebClientOptions;
  workspace: Workspace;
  context: ListenerContext;
  logger: Logger;
  log: Log;
}): App {
  const receiver = new ExpressReceiver({ app: express, signingSecret, endpoints: '/slack/events', logger });
  const app = new App({
    receiver,
    clientOptions,
    logger,
    // Bolt would ask Slack who we are at a click, and fail the click when Slack does not answer.
    authorize: async () => ({ botToken, ...workspace.identity() }),
  });
  registerListeners(app, context);
  app.error(async (error) => log.error({ error: error.original ?? error }, 'a listener failed'));
  return app;
}

type Click = BlockAction<ButtonAction>;

function registerListeners(app: App, context: ListenerContext): void {
  const { service } = context;
  const approve = createDecidingButton(context, (target, by, signal) =>
    service.decide(target, by, 'approve', '', signal),
  );
  const button = (action_id: string) => ({ type: 'block_actions' as const, action_id });
  app.action<Click>(button(ACTIONS.approve), approve);
  app.action<Click>(button(ACTIONS.requestRevision), createRequestRevision(context));
  app.action<Click>(button(ACTIONS.retry), createDecidingButton(context, service.retry));
  app.action<Click>(button(ACTIONS.giveUp), createDecidingButton(context, service.giveUp));
  app.view({ type: 'view_submission', callback_id: CALLBACKS.revision }, createSubmitRevision(context));
  app.command(COMMAND, createApprovalsCommand(context));
}
