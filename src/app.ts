import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import express from 'express';
import { DeciderCount } from './approval/access/count-deciders.ts';
import { createDeciders } from './approval/access/deciders.ts';
import { createDecisions } from './approval/decisions.ts';
import { UNDECIDABLE } from './approval/intake/build-approval.ts';
import { closeNotWaiting } from './approval/intake/close-not-waiting.ts';
import { createIntake } from './approval/intake/intake.ts';
import { reportUnseenPauses } from './approval/intake/unseen-pauses.ts';
import { forgetShown } from './approval/lifecycle/lanes.ts';
import type { Approval } from './approval/model/approval.ts';
import { listChannels } from './approval/model/crew/crew.ts';
import { isUserId } from './approval/model/crew/slack-ids.ts';
import { isUndecidableUnnamed, listApprovers, listNamedPeople } from './approval/model/crew/task-rules.ts';
import { notifiesNobody } from './approval/notify/audience.ts';
import { Mentions } from './approval/notify/mentions.ts';
import type { AlertOperators, Log } from './approval/ports.ts';
import { loadInbox } from './approval/queries/inbox.ts';
import { createLookUps } from './approval/queries/look-ups.ts';
import { updateApproval } from './approval/update.ts';
import { createRateLimits } from './approval/worker/rate-limits.ts';
import { holdRestoredDeliveries } from './approval/worker/restored.ts';
import { Retention } from './approval/worker/retention.ts';
import { Worker } from './approval/worker/worker.ts';
import type { Config } from './config/config.ts';
import { buildCrew } from './config/crew-of.ts';
import { createCrewAI } from './crewai/crew-ai.ts';
import { LearnedDialects } from './crewai/dialects/learn-dialects.ts';
import { BodyReader } from './crewai/payloads/body-reader.ts';
import { bodyKinds } from './crewai/payloads/read-body.ts';
import { readRegistration } from './crewai/payloads/registration.ts';
import { type WebhookName, webhookNames } from './crewai/payloads/webhooks.ts';
import { createBodyHandlers } from './http/body.ts';
import { requireCrewSecret } from './http/crew-secret.ts';
import { handleErrors, notFound } from './http/errors.ts';
import type { OpenFigures } from './http/open-gauges.ts';
import { limitRate } from './http/rate-limit.ts';
import { RejectedWebhooks } from './http/rejected-webhooks.ts';
import { buildEventsRouter } from './http/routes/events.ts';
import { buildExecutionsRouter } from './http/routes/executions.ts';
import { buildHealthRouter } from './http/routes/health.ts';
import { createMetrics } from './http/routes/metrics.ts';
import { buildWebhooksRouter } from './http/routes/webhooks.ts';
import { closeServer, listen } from './http/server.ts';
import { createGiveWay, runInTurns } from './lib/give-way.ts';
import { sleep } from './lib/sleep.ts';
import { createCards } from './slack/api/cards.ts';
import { ClickedCards } from './slack/api/clicked-cards.ts';
import { clientOptions, createClient } from './slack/api/client.ts';
import { Home } from './slack/api/home.ts';
import { createAnnounce, createOpsChannel } from './slack/api/ops-channel.ts';
import { createReply } from './slack/api/reply.ts';
import { createSlackTurns } from './slack/api/slack-limits.ts';
import { BoltApp } from './slack/app/bolt.ts';
import { createSlackLogger } from './slack/app/logger.ts';
import { SlackTime } from './slack/app/slack-time.ts';
import { checkChannels } from './slack/directory/channels.ts';
import { SlackPeople } from './slack/directory/people.ts';
import { UserGroups } from './slack/directory/user-groups.ts';
import { Workspace } from './slack/directory/workspace.ts';
import { skewSentence } from './slack/views/text/clock-skew.ts';
import { createApprovalStore } from './store/approval-store.ts';
import { createDialectStore } from './store/dialect-store.ts';
import { measureStore } from './store/measured-store.ts';
import { openStore } from './store/open-store.ts';
import { Usage } from './store/usage.ts';
import { WriteCheck } from './store/write-check.ts';

const STOP_WITHIN = 10_000;
/** Of what waits in a crew, for the metrics. */
const MOST_COUNTED = 1_000;

export interface App {
  /** The port that it listens on. */
  port: number;
  /** Takes nothing new, finishes what is under way within 10 s, closes the store. */
  stop(): Promise<void>;
}

/**
 * Builds the bot from its parts and starts it. Rejects with an AppError in one sentence when the store cannot be
 * opened, Slack refuses the token, or the port is taken; Slack out of reach does not end it. `restored`: the store comes
 * from a backup, so what was being sent then is asked of a person instead of sent again.
 */
export async function startApp(
  config: Config,
  log: Log,
  { restored = false }: { restored?: boolean } = {},
): Promise<App> {
  let tellOps: AlertOperators = () => {};
  const { records, sole, clock, close } = await openStore(config.storeUrl, log, {
    onFault(fault) {
      log.error(
        { fault },
        'database files were changed under the running bot; nothing is stored until a restart',
      );
      tellOps('store files', `The database ${fault}. Nothing is stored until then.`);
    },
  });
  const undo: (() => unknown)[] = [close];
  try {
    const metrics = createMetrics(async () => {
      const figures: OpenFigures[] = [];
      for (const crew of names) {
        const { states, oldestSince } = await store.openFigures(crew, MOST_COUNTED);
        const oldest = oldestSince === undefined ? 0 : Math.max(0, clock.now() - oldestSince);
        figures.push({ crew, states, oldest });
        // Clicks are answered between two crews.
        await sleep(clock, 0);
      }
      return figures;
    });
    const { meter } = metrics;
    const store = measureStore(createApprovalStore(records, log), meter);
    const usage = new Usage(records, clock);
    const writeCheck = new WriteCheck(records, clock);
    if (restored) {
      await usage.requireRestored();
      const held = await holdRestoredDeliveries({ store, clock, log });
      log.warn({ held }, 'started on a restored store');
    }
    const clockReached = await usage.lastUsedAt().catch(() => undefined);
    await usage.start();
    undo.unshift(() => usage.close());
    const names = config.crews.map(({ name }) => name);
    const crews = new Map(config.crews.map((crew) => [crew.name, buildCrew(crew, config)]));
    const endpoints = new Map(
      config.crews.map(({ name, webhookSecret }) => [
        name,
        { crew: must(crews.get(name)), secret: webhookSecret },
      ]),
    );
    const deployments = new Map(config.crews.map((crew) => [crew.name, crew]));

    const logger = createSlackLogger(log);
    const slackTime = new SlackTime({
      onSkew: (ahead) => {
        log.warn({ aheadInMs: Math.round(ahead) }, "host clock differs from Slack's");
        tellOps('clock skew', `${capitalize(skewSentence(ahead) ?? '')}.`);
      },
    });
    const options = clientOptions(config.slack.apiUrl, logger, slackTime.fetch);
    const client = createClient(config.slack.botToken, options, meter.called);
    const alarm = createOpsChannel({ client, channel: config.opsChannel, clock, log });
    tellOps = alarm;
    const workspace = new Workspace({ client, command: config.slack.command, clock, log });
    const approvers = [...crews.values()].flatMap(listNamedPeople);
    const groups = new UserGroups({ client, approvers, clock, log });
    const people = new SlackPeople({
      client,
      groups,
      // Members of a channel are mentioned there, others get a direct message.
      channels: [...new Set([...crews.values()].flatMap(listChannels))].filter((id) => !isUserId(id)),
      team: workspace.identity,
      clock,
      log,
    });

    let home: Home | undefined;
    const dialects = new LearnedDialects({
      crews,
      deployments,
      store: createDialectStore(records),
      clock,
      log,
      alarm,
      learned: (crew, dialect) => {
        if (dialect === 'live') void closeCardsOfTasks(crew);
      },
    });
    const closeCardsOfTasks = (crew: string) =>
      closeNotWaiting({ store, wake, clock }, crew).catch((error: unknown) =>
        log.error({ crew, error }, 'cards of tasks that do not wait could not be closed'),
      );
    const platform = createCrewAI({ crews, deployments, dialects, clock });
    const turns = createRateLimits(clock);
    const clicked = new ClickedCards(clock, (id, round, card) => {
      updateApproval(store, id, (approval) => forgetShown(approval, round, card))
        .then((approval) => approval && wake(approval))
        .catch((error: unknown) => log.error({ approval: id, error }, 'card not marked for another update'));
    });
    const announce = createAnnounce({ client, log });
    const worker = new Worker({
      name: randomUUID(),
      sole,
      store,
      cards: createCards(client, workspace.links, clicked),
      turns,
      slackTurns: createSlackTurns(turns, clicked),
      crewAI: platform,
      crews,
      mentions: new Mentions(clock, people.members),
      checkRuns: () => reportUnseenPauses({ store, crews, dialects, announce, clock, log }),
      dialects,
      recordAlias: (crew, alias, executionId) => receiver.recordAlias(crew, alias, executionId),
      recordRunFailure: async (name, executionId, reason) => {
        const crew = crews.get(name);
        if (crew) await receiver.recordRunFailure(crew, executionId, reason);
      },
      people,
      clock,
      random: Math.random,
      log,
      changed: () => home?.refreshSoon(),
      lag: meter.lag,
      alarm,
      clockReached,
    });
    const wake = (approval: Approval): void => {
      worker.wake(approval);
      home?.refreshSoon();
    };
    const receiver = createIntake({ store, dialects, underway: platform.underway, clock, log, wake });
    const deciders = createDeciders({ store, crews, people });
    const wakeClicked = (approval: Approval): void => {
      worker.wake(approval, { clicked: true });
      home?.refreshSoon();
    };
    const service = createDecisions({ store, clock, deciders, log, wake: wakeClicked });
    const giveWay = createGiveWay();
    const inboxParts = {
      store,
      crews,
      people,
      deciders,
      // Reading 1 MiB takes about 10 ms: fifteen in a row would delay a click.
      loadOutput: runInTurns(giveWay, service.output),
      clock,
      log,
    };
    const inbox = (person: string) => loadInbox(inboxParts, person);
    home = new Home({ client, inbox, links: workspace.links, giveWay, turns, clock, log });

    const requireSecret = requireCrewSecret(endpoints);
    const limits = new Map(
      config.crews.flatMap(({ name, webhooksPerSecond: most }) => (most ? [[name, most] as const] : [])),
    );
    const web = express().disable('etag').disable('x-powered-by');
    web.use((_req, res, next) => {
      res.set('X-Content-Type-Options', 'nosniff');
      next();
    });
    const rejected = new RejectedWebhooks({ crews, kinds: bodyKinds, log, alarm, announce, clock });
    web.use(metrics.countWebhooks(bodyKinds), rejected.watch, metrics.router);
    const limitWebhooks = limitRate(limits, () => performance.now());
    const readBody = createBodyHandlers();
    const bodyReader = new BodyReader(clock);
    undo.unshift(
      () => bodyReader.close(),
      () => rejected.close(),
    );
    web.use(
      buildEventsRouter({
        requireSecret,
        limitRate: limitWebhooks,
        readBody,
        parse: (body) => bodyReader.read('events', body),
        receive: receiver.receiveEvents,
      }),
      buildWebhooksRouter({
        requireSecret,
        limitRate: limitWebhooks,
        readBody,
        kinds: webhookNames,
        parse: (kind, body) => bodyReader.read(kind as WebhookName, body),
        receive: receiver.receive,
      }),
      buildExecutionsRouter({
        requireSecret,
        readBody,
        parse: readRegistration,
        register: receiver.register,
      }),
    );
    const context = {
      decisions: service,
      deciders,
      lookUps: createLookUps({ store, crews, crewAI: platform, people, deciders, clock, log }),
      dialects,
      reply: createReply({ client, clock, log }),
      giveWay,
      links: workspace.links,
      clock,
      log,
    };
    const { botToken, appToken, signingSecret = '', apiUrl } = config.slack;
    const connection = appToken ? { appToken, apiUrl } : { signingSecret, express: web };
    const bolt = new BoltApp({
      connection,
      botToken,
      clientOptions: options,
      workspace,
      context,
      home,
      slackTime,
      clicked,
      acked: meter.acked,
      clock,
      logger,
      log,
    });
    web.use(
      buildHealthRouter({
        botToken,
        checks: {
          store: () => writeCheck.check(),
          slack: async () => (workspace.identity() ? bolt.fault() : 'Slack has not been reached yet'),
          worker: async () => worker.fault(),
          channels: async () => worker.blockedChannels().join(', ') || undefined,
        },
        advice: { clock: async () => skewSentence(slackTime.skew()) },
      }),
    );
    web.use(notFound, handleErrors(log, alarm));

    for (const { name, meant } of config.unknownSettings) {
      log.warn({ setting: name, meant }, `setting not recognized: did you mean ${meant}?`);
    }
    if (config.publicUrl === undefined) {
      log.warn(
        {},
        'PUBLIC_URL is not set: a run whose webhook URLs are not known otherwise goes silent after a decision',
      );
    }
    for (const crew of [...crews.values()].filter((one) => listApprovers(one).length === 0)) {
      log.warn(
        { crew: crew.name, channel: crew.channel },
        'no approvers configured: anyone in the channel except guests and external users decides',
      );
    }
    for (const crew of [...crews.values()].filter(isUndecidableUnnamed)) {
      log.warn({ crew: crew.name }, UNDECIDABLE);
    }
    const ableDeciders = new DeciderCount({ store, crews, people, clock, log, alarm, wake });
    const retention = new Retention({ store, crews: crews.values(), clock, log });
    undo.unshift(() => dialects.close(), workspace.close, groups.close, people.close, home.close, bolt.close);
    // The port first: webhooks are taken while Slack is still being reached.
    const server: Server = await listen(web, config.host, config.port);
    undo.unshift(() => closeServer(server, 0));
    await Promise.all([workspace.connect(), bolt.connect()]);
    groups.start();
    void people.start().then(() => {
      for (const crew of [...crews.values()].filter((one) => notifiesNobody(one, people)))
        log.warn(
          { crew: crew.name, channel: crew.channel },
          'nobody is notified of cards: set NOTIFY or APPROVERS',
        );
    });
    const { opsChannel } = config;
    const channels = [...crews.values()].flatMap(listChannels);
    if (opsChannel !== undefined) channels.push(opsChannel);
    void checkChannels({ client, log }, [...new Set(channels)]);
    worker.start();
    await dialects.start();
    retention.start();
    ableDeciders.start();
    const { port } = server.address() as AddressInfo;
    const slack = workspace.identity() ? {} : { slack: 'not reached yet' };
    log.info({ port, crews: [...crews.keys()], ...slack }, 'ready');

    return {
      port,
      async stop() {
        log.info({}, 'stopping');
        await Promise.all([closeServer(server, STOP_WITHIN), bolt.close(), worker.stop()]);
        await bodyReader.close();
        rejected.close();
        usage.close();
        dialects.close();
        workspace.close();
        groups.close();
        people.close();
        retention.close();
        ableDeciders.close();
        home?.close();
        await close();
      },
    };
  } catch (error) {
    for (const step of undo) await step();
    throw error;
  }
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a part is missing');
  return value;
}
