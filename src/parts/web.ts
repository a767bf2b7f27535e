import { performance } from 'node:perf_hooks';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Crew } from '../approval/model/crew/crew.ts';
import type { FlowReview } from '../approval/model/run/flow-review.ts';
import type { Log } from '../approval/ports.ts';
import type { Config } from '../config/config.ts';
import { isAllowedCallback } from '../crewai/callback-hosts.ts';
import { BodyReader } from '../crewai/payloads/body-reader.ts';
import { bodyKinds } from '../crewai/payloads/read-body.ts';
import { readRegistration } from '../crewai/payloads/registration.ts';
import { type WebhookName, webhookNames } from '../crewai/payloads/webhooks.ts';
import { createBodyHandlers } from '../http/body.ts';
import { requireCrewSecret } from '../http/crew-secret.ts';
import { handleErrors, notFound } from '../http/errors.ts';
import { limitRate } from '../http/rate-limit.ts';
import { RejectedWebhooks } from '../http/rejected-webhooks.ts';
import { buildEventsRouter } from '../http/routes/events.ts';
import { buildExecutionsRouter } from '../http/routes/executions.ts';
import { buildFlowRouter } from '../http/routes/flow.ts';
import { buildHealthRouter } from '../http/routes/health.ts';
import { buildWebhooksRouter } from '../http/routes/webhooks.ts';
import { createReply } from '../slack/api/reply.ts';
import { BoltApp } from '../slack/app/bolt.ts';
import { describeClockSkew } from '../slack/app/slack-time.ts';
import { WriteCheck } from '../store/write-check.ts';
import type { Domain } from './domain.ts';
import type { Closers, Crews } from './shared.ts';
import type { Slack } from './slack.ts';
import type { Storage } from './storage.ts';

/** What CrewAI, Slack and operators reach by HTTP, and Slack's listeners. */
export function buildWeb(
  config: Config,
  log: Log,
  {
    crews,
    storage,
    slack,
    domain,
    closers,
  }: { crews: Crews; storage: Storage; slack: Slack; domain: Domain; closers: Closers },
) {
  const { records, clock, meter, metrics } = storage;
  const { client, workspace, slackTime, alert, announce, logger } = slack;
  const { intake, worker, home, clicked, decisions, deciders, lookUps, starts, dialects, giveWay } = domain;
  const rejected = new RejectedWebhooks({ crews, kinds: bodyKinds, log, alarm: alert, announce, clock });
  const bodyReader = new BodyReader(clock);
  closers.push(
    () => bodyReader.close(),
    () => rejected.close(),
  );
  const shared = {
    requireSecret: requireCrewSecret(listEndpoints(config, crews)),
    readBody: createBodyHandlers(),
    limitRate: limitRate(listRateLimits(config), () => performance.now()),
  };
  const web = express().disable('etag').disable('x-powered-by');
  web.use(setContentTypeOptions, metrics.countWebhooks(bodyKinds), rejected.watch, metrics.router);
  web.use(
    buildEventsRouter({
      ...shared,
      parse: (body) => bodyReader.read('events', body),
      receive: intake.receiveEvents,
    }),
    buildFlowRouter({
      ...shared,
      endpoints: listFlowEndpoints(config, crews),
      parse: (body) => bodyReader.read('flow', body),
      receive: (crew, review) => receiveReview({ config, intake, alert, log }, crew, review),
      now: Date.now,
    }),
    buildWebhooksRouter({
      ...shared,
      kinds: webhookNames,
      parse: (kind, body) => bodyReader.read(kind as WebhookName, body),
      receive: intake.receive,
    }),
    buildExecutionsRouter({ ...shared, parse: readRegistration, register: intake.register }),
  );

  const { botToken, appToken, signingSecret = '', apiUrl } = config.slack;
  const reply = createReply({ client, clock, log });
  const { links } = workspace;
  const bolt = new BoltApp({
    connection: appToken ? { appToken, apiUrl } : { signingSecret, express: web },
    botToken,
    clientOptions: slack.options,
    workspace,
    context: { decisions, deciders, lookUps, starts, dialects, reply, giveWay, links, clock, log },
    home,
    slackTime,
    clicked,
    acked: meter.acked,
    clock,
    logger,
    log,
  });
  closers.push(() => bolt.close());
  const writeCheck = new WriteCheck(records, clock);
  web.use(
    buildHealthRouter({
      botToken,
      checks: {
        store: () => writeCheck.check(),
        slack: async () => (workspace.identity() ? bolt.fault() : 'Slack has not been reached yet'),
        worker: async () => worker.fault(),
        channels: async () => worker.blockedChannels().join(', ') || undefined,
      },
      advice: { clock: async () => describeClockSkew(slackTime.skew()) },
    }),
    notFound,
    handleErrors(log, alert),
  );
  return { express: web, bolt };
}
function setContentTypeOptions(_request: Request, response: Response, next: NextFunction): void {
  response.set('X-Content-Type-Options', 'nosniff');
  next();
}
function listEndpoints(config: Config, crews: Crews) {
  return new Map(
    config.crews.flatMap(({ name, webhookSecret: secret }) => {
      const crew = crews.get(name);
      return crew ? [[name, { crew, secret }] as const] : [];
    }),
  );
}
function listFlowEndpoints(config: Config, crews: Crews) {
  return new Map(
    config.crews.flatMap(({ name, flowWebhookSecrets: secrets }) => {
      const crew = crews.get(name);
      return crew && secrets.length > 0 ? [[name, { crew, secrets }] as const] : [];
    }),
  );
}

/** Records a review; operators are told of one whose answer may not be sent. */
async function receiveReview(
  {
    config,
    intake,
    alert,
    log,
  }: { config: Config; intake: Domain['intake']; alert: Slack['alert']; log: Log },
  crew: Crew,
  review: FlowReview,
) {
  const hosts = config.crews.find(({ name }) => name === crew.name)?.callbackHosts ?? [];
  const allowed = isAllowedCallback(review.callbackUrl, hosts);
  const receipt = await intake.receiveReview(crew, review, allowed);
  if (!allowed) {
    const { host } = new URL(review.callbackUrl);
    log.warn({ crew: crew.name, execution: review.executionId, host }, 'host of a review not allowed');
    alert(
      `callback host ${crew.name}`,
      `A Flow of ${crew.name} wants its answer at ${host}, which CALLBACK_HOSTS does not allow: it has to be answered in CrewAI.`,
    );
  }
  return receipt;
}

function listRateLimits({ crews }: Config): Map<string, number> {
  return new Map(crews.flatMap(({ name, webhooksPerSecond: most }) => (most ? [[name, most] as const] : [])));
}
