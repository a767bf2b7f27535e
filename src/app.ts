import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { startCountingDeciders } from './approval/access/count-deciders.ts';
import type { AlertOperators } from './approval/alerts.ts';
import type { App } from './approval/app.ts';
import { closeIfAnswered } from './approval/intake/check-review.ts';
import { closeNotWaiting } from './approval/intake/close-not-waiting.ts';
import { clearShownContent } from './approval/lifecycle/cards.ts';
import { currentRound } from './approval/model/approval.ts';
import { type Crew, listChannels } from './approval/model/crew/crew.ts';
import { isIrreversible } from './approval/model/crew/effect.ts';
import { isUserId } from './approval/model/crew/slack-ids.ts';
import { buildPolicy, listNamedPeople } from './approval/model/crew/task-rules.ts';
import { notifiesNobody } from './approval/notify/audience.ts';
import { Mentions } from './approval/notify/mentions.ts';
import { loadOutputInTurn } from './approval/notify/post-note.ts';
import type { ApprovalStore, Clock, Log } from './approval/ports.ts';
import { ProgramWaits } from './approval/program-waits.ts';
import { loadInbox } from './approval/queries/inbox.ts';
import { createReceiptStore } from './approval/receipts.ts';
import { updateApproval } from './approval/update.ts';
import { RateLimits } from './approval/worker/rate-limits.ts';
import { redrawWaitingCards } from './approval/worker/redraw.ts';
import { holdRestoredDeliveries, holdRestoredStarts } from './approval/worker/restored.ts';
import { startRetention } from './approval/worker/retention.ts';
import { Worker } from './approval/worker/worker.ts';
import { CrewAIClient } from './crewai/crew-ai.ts';
import { LearnedDialects } from './crewai/dialects/learn-dialects.ts';
import { createWebhookReader } from './crewai/payloads/read-body.ts';
import { readRegistration } from './crewai/payloads/registration.ts';
import { EventSender, startDroppingUnclaimed } from './events/event-sender.ts';
import { createAnswerPushes } from './events/send-answer.ts';
import { FEATURES } from './features/index.ts';
import { createBodyHandlers } from './http/body.ts';
import { handleErrors, notFound } from './http/errors.ts';
import { buildExecutionsRouter } from './http/executions.ts';
import { buildHealthRouter, type HealthChecks } from './http/health.ts';
import { buildMcpRouter } from './http/mcp.ts';
import { createMetrics, type OpenFigures } from './http/metrics.ts';
import { createProgramReader } from './http/program-bodies.ts';
import { buildProgramRunsRouter } from './http/program-runs.ts';
import { buildQuestionsRouter } from './http/questions.ts';
import { buildReceiptKeysRouter } from './http/receipt-keys.ts';
import { RejectedWebhooks } from './http/rejected-webhooks.ts';
import { closeServer, listen } from './http/server.ts';
import { buildWebhooksRouter } from './http/webhooks.ts';
import { SetOnce } from './lib/set-once.ts';
import { createGiveWay, createSerializer, sleep } from './lib/time.ts';
import { readVersion } from './read-version.ts';
import { buildEndpoint } from './settings/build-crew.ts';
import { logAdvice } from './settings/log-advice.ts';
import type { Settings } from './settings/settings.ts';
import { createAbsenceNotices } from './slack/api/absence-notices.ts';
import { createCards } from './slack/api/cards.ts';
import { ClickedCards } from './slack/api/clicked-cards.ts';
import {
  clientOptions,
  createClient,
  createSlackLogger,
  SLACK_METHODS,
  type SlackBase,
  TOKEN_REFUSED,
} from './slack/api/client.ts';
import { Home } from './slack/api/home.ts';
import { createAnnouncer, createOpsChannel } from './slack/api/ops-channel.ts';
import { createReply } from './slack/api/reply.ts';
import { createRunMessages } from './slack/api/run-messages.ts';
import { createSlackQueue } from './slack/api/slack-limits.ts';
import { BoltApp } from './slack/app/bolt.ts';
import { findCommonLanguage, Languages } from './slack/app/languages.ts';
import { SlackTime } from './slack/app/slack-time.ts';
import { checkChannels } from './slack/directory/channels.ts';
import { SlackPeople } from './slack/directory/people.ts';
import { UserGroups } from './slack/directory/user-groups.ts';
import { Workspace } from './slack/directory/workspace.ts';
import type { SlackApp } from './slack/slack-app.ts';
import { CARD_DESIGN_VERSION } from './slack/views/card/card.ts';
import { describeShown } from './slack/views/parts/shown.ts';
import { createApprovalStore } from './store/approval-store.ts';
import { createDialectStore } from './store/dialect-store.ts';
import { createEventOutbox } from './store/event-outbox.ts';
import { createHistoryReader } from './store/history-reader.ts';
import { createMeasuredStore } from './store/measured-store.ts';
import { openStore } from './store/open-store.ts';
import { buildKeySet, createReceiptSigner, listReceiptKeys } from './store/receipt-keys.ts';
import { startHeartbeats } from './store/replicas.ts';
import { Sweep } from './store/sweep.ts';
import { Usage } from './store/usage.ts';
import { WriteCheck } from './store/write-check.ts';

const STOP_TIMEOUT = 10_000;

export interface RunningApp {
  /** The port that it listens on. */
  port: number;
  /** Takes nothing new, finishes what is under way within 10 s, closes the store, which waits for its disk. */
  stop(): Promise<void>;
}

/** Called in reverse order at a stop, and if the start fails. */
type Closers = (() => unknown)[];

interface StartOptions {
  /** The store comes from a backup: a person is asked about every decision that was being sent then. */
  restored?: boolean;
  /** Every bot of an earlier version was stopped: the store is raised to this version's format at once. */
  upgrade?: boolean;
  /** Replaced where the bot runs in a world that is played in its own process. */
  openStore?: typeof openStore;
  listen?: typeof listen;
}

/**
 * Builds the bot and starts it. Rejects with an AppError in one sentence when the store cannot be opened, Slack rejects the
 * token, or the port is taken; it starts while Slack is out of reach.
 */
export async function startApp(
  settings: Settings,
  log: Log,
  options: StartOptions = {},
): Promise<RunningApp> {
  const closers: Closers = [];
  try {
    return await buildAndStart(
      settings,
      log,
      { restored: false, upgrade: false, openStore, listen, ...options },
      closers,
    );
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

/** Parts that others use before they are built: the circles of the bot, closed here and nowhere else. */
function createCircles() {
  return {
    /** Dropped until Slack's client is built. */
    alert: new SetOnce<AlertOperators>('the channel of the operators', () => {}),
    /** Programs that wait for an answer. */
    waits: new SetOnce<ProgramWaits>('the waiting programs'),
    app: new SetOnce<App>('the app'),
    worker: new SetOnce<Worker>('the worker'),
    home: new SetOnce<Home>('the Home tabs'),
    /** Undefined once Slack is reached and events arrive. */
    slackFault: new SetOnce<() => string | undefined>('the connection to Slack'),
    isAnswered: new SetOnce<() => boolean>("the client of Slack's Web API"),
    writeCheck: new SetOnce<WriteCheck>('the check of the store'),
    sweep: new SetOnce<Sweep>('the migration'),
  };
}
type Circles = ReturnType<typeof createCircles>;

/** The context that every part is built from. */
interface Ground {
  settings: Settings;
  log: Log;
  endpoints: ReadonlyMap<string, ReturnType<typeof buildEndpoint>>;
  crews: ReadonlyMap<string, Crew>;
  circles: Circles;
  closers: Closers;
}

export function buildGround(settings: Settings, log: Log, closers: Closers): Ground {
  const endpoints = new Map(settings.crews.map((crew) => [crew.name, buildEndpoint(crew, settings)]));
  const crews = new Map([...endpoints].map(([name, { crew }]) => [name, crew]));
  return { settings, log, endpoints, crews, circles: createCircles(), closers };
}

async function buildAndStart(
  settings: Settings,
  log: Log,
  options: Required<StartOptions>,
  closers: Closers,
): Promise<RunningApp> {
  const ground = buildGround(settings, log, closers);
  const metrics = buildMetrics(ground);
  const stored = await buildStore(ground, metrics, options);
  const slack = buildSlack(ground, metrics, stored);
  const crewAI = buildCrewAI(ground, metrics, stored);
  const app = buildApp(ground, metrics, { ...stored, ...slack, ...crewAI });
  const web = buildWeb(ground, metrics, app, stored);
  const bolt = buildBolt(ground, metrics, { app, slack, web });
  web.use(
    buildHealthRouter({
      botToken: settings.slack.botToken,
      checks: listChecks(ground.circles),
      advice: { migration: async () => stored.sweep.describe() },
    }),
    notFound,
    handleErrors(log, app.alert),
  );
  logAdvice(settings, ground.crews.values(), log);
  return startParts(ground, metrics, { ...options, ...stored, ...slack, ...crewAI, app, web, bolt });
}

/** The checks behind /readyz and the metrics. */
function listChecks({ writeCheck, slackFault, worker }: Circles): HealthChecks['checks'] {
  return {
    store: () => writeCheck.get().check(),
    slack: async () => slackFault.get()(),
    worker: async () => worker.get().fault(),
    channels: async () => worker.get().blockedChannels().join(', ') || undefined,
  };
}

export function buildMetrics({ crews, circles }: Ground) {
  return createMetrics({
    version: readVersion(),
    crews: [...crews.keys()],
    slackMethods: SLACK_METHODS,
    countOpen: () => {
      const { store, clock } = circles.app.get();
      return countOpenApprovals(store, clock, [...crews.keys()]);
    },
    isSlackConnected: () => circles.slackFault.get()() === undefined && circles.isAnswered.get()(),
    migration: () => circles.sweep.get().progress,
    checks: listChecks(circles),
  });
}
type Metrics = ReturnType<typeof buildMetrics>;

/** Opens the store; builds its clock and its measurements. */
export async function buildStore(
  { settings, log, endpoints, crews, circles, closers }: Ground,
  { meter }: Metrics,
  { restored, upgrade, openStore }: Pick<Required<StartOptions>, 'restored' | 'upgrade' | 'openStore'>,
) {
  const { records, sole, clock, close } = await openStore(settings.storeUrl, log, {
    restored,
    upgrade,
    onFault(fault) {
      log.error({ fault }, 'the database cannot be used any more; nothing is stored until a restart');
      circles.alert.get()({ kind: 'database_lost', reason: fault });
    },
  });
  closers.push(close);
  const eventsOf = (crew: string) => endpoints.get(crew)?.receiver;
  const strictestPolicy = (name: string) => {
    const crew = crews.get(name);
    return crew && buildPolicy(crew, undefined, isIrreversible(crew, { task: undefined }));
  };
  const measuredStore = createMeasuredStore(
    createApprovalStore(records, log, { eventsOf, strictestPolicy }),
    meter,
    (approval) => circles.waits.get().heard(approval),
  );
  const { receiptKey, receiptIssuer: issuer = settings.publicUrl } = settings;
  const signer =
    receiptKey && issuer !== undefined
      ? await createReceiptSigner(records, receiptKey, { issuer, crews, clock, log })
      : undefined;
  if (signer) closers.push(() => signer.close());
  const store = signer ? createReceiptStore(measuredStore, signer) : measuredStore;
  const waits = circles.waits.set(new ProgramWaits({ store, clock, log }));
  const sweep = circles.sweep.set(new Sweep(records, { clock, log, strictestPolicy }));
  circles.writeCheck.set(new WriteCheck(records, clock));
  const usage = new Usage(records, clock);
  if (restored) {
    await usage.requireRestored();
    await usage.recordRestore();
    const held = await holdRestoredDeliveries({ store, clock, log });
    const starts = await holdRestoredStarts({ store, clock });
    log.warn({ held, starts }, 'started on a restored store');
  }
  // If the time cannot be read, no earlier permission counts.
  const restoredAt = await usage.restoredAt().catch(() => clock.now());
  await usage.start();
  closers.push(() => usage.close());
  return { records, sole, clock, store, waits, sweep, usage, restoredAt };
}
type Stored = Awaited<ReturnType<typeof buildStore>>;

/** Builds the client of Slack's Web API and the directories of the workspace. Makes no calls. */
export function buildSlack(
  { settings, log, crews, circles, closers }: Ground,
  { meter }: Metrics,
  { store, clock }: Pick<Stored, 'store' | 'clock'>,
) {
  const logger = createSlackLogger(log);
  const slackTime = new SlackTime();
  const options = clientOptions(settings.slack.apiUrl, logger, slackTime.fetch);
  // Calls of the Web API in a row that were not answered, or whose token was rejected.
  let unanswered = 0;
  const client = createClient(settings.slack.botToken, options, (method, outcome) => {
    meter.slackCalled(method, outcome);
    unanswered = outcome === 'no_answer' || TOKEN_REFUSED.has(outcome) ? unanswered + 1 : 0;
  });
  circles.isAnswered.set(() => unanswered < MAX_UNANSWERED);
  const base: SlackBase = { client, clock, log };
  const alert = circles.alert.set(createOpsChannel(base, settings.opsChannel, findCommonLanguage(crews)));
  const workspace = new Workspace(base, settings.slack.command);
  const channels = [...new Set([...crews.values()].flatMap(listChannels))];
  const approvers = [...crews.values()].flatMap((crew) => [
    ...listNamedPeople(crew),
    ...(crew.starters ?? []),
  ]);
  const groups = new UserGroups(base, approvers);
  const people = new SlackPeople(base, {
    groups,
    // Members of a channel are mentioned there, others get a direct message.
    channels: channels.filter((id) => !isUserId(id)),
    team: workspace.identity,
  });
  closers.push(
    () => people.close(),
    () => groups.close(),
    () => workspace.close(),
  );
  const languages = new Languages(crews, people);
  const clicked = new ClickedCards(clock, (id, round, card) => {
    updateApproval(store, id, (approval) => clearShownContent(approval, round, card))
      .then((approval) => approval && circles.app.get().wake(approval))
      .catch((error: unknown) => log.error({ approval: id, error }, 'card not marked for another update'));
  });
  return {
    ...{
      base,
      client,
      logger,
      slackTime,
      clientOptions: options,
      alert,
      workspace,
      channels,
      groups,
      people,
    },
    ...{ languages, clicked, reply: createReply(base), announce: createAnnouncer(base, languages.ofCrew) },
    rateLimits: new RateLimits(clock),
  };
}
type SlackParts = ReturnType<typeof buildSlack>;

/** Builds the client of CrewAI's API. Makes no calls. */
export function buildCrewAI(
  { log, endpoints, circles, closers }: Ground,
  { meter }: Metrics,
  { records, clock }: Pick<Stored, 'records' | 'clock'>,
) {
  const dialects = new LearnedDialects({
    endpoints,
    store: createDialectStore(records),
    clock,
    log,
    alert: circles.alert.get(),
    countCall: meter.crewAICalled,
    onLearned: (crew, dialect) => {
      if (dialect !== 'live') return;
      closeNotWaiting(circles.app.get(), crew).catch((error: unknown) =>
        log.error({ crew, error }, 'cards of tasks without a pause not closed'),
      );
    },
  });
  closers.push(() => dialects.close());
  return {
    dialects,
    crewAI: new CrewAIClient({ endpoints, dialects, clock, countCall: meter.crewAICalled }),
    answers: createAnswerPushes({ endpoints, clock }),
  };
}
type CrewAIParts = ReturnType<typeof buildCrewAI>;

/** Builds the life of approvals, its worker and the Home tabs. Nothing runs yet. */
export function buildApp(
  { log, crews, circles, closers }: Ground,
  { meter }: Metrics,
  parts: Stored & SlackParts & CrewAIParts,
): App {
  const { records, clock, store, waits, client, people, languages, reply, rateLimits, clicked } = parts;
  const { links } = parts.workspace;
  const app: App = {
    ...{
      name: randomUUID(),
      sole: parts.sole,
      restoredAt: parts.restoredAt,
      clock,
      log,
      random: Math.random,
    },
    ...{
      giveWay: createGiveWay(),
      serialize: createSerializer(),
      store,
      crews,
      people,
      rateLimits,
      recordStepLag: meter.recordStepLag,
    },
    ...{ dialects: parts.dialects, crewAI: parts.crewAI, answers: parts.answers },
    ...{ alert: parts.alert, announce: parts.announce },
    history: createHistoryReader(records),
    cards: createCards(client, links, { clicked, languages }),
    runMessages: createRunMessages(client, languages),
    absenceNotices: createAbsenceNotices({ client, languages, links, reply }),
    describeShown,
    mentions: new Mentions(clock, people.members),
    slackQueue: createSlackQueue(rateLimits, clicked),
    wake(approval, options) {
      // A person who waits for an answer gets it first.
      setImmediate(() => circles.worker.get().approvals.wake(approval, options));
      circles.home.get().refreshSoon();
    },
    wakeStart(start) {
      circles.worker.get().starts.wake(start);
      if (start.program) waits.startReported(start.crew);
    },
    changed: () => circles.home.get().refreshSoon(),
    beginDelivery(approval) {
      const round = currentRound(approval).number;
      const attempt = { lane: 'delivery', do: 'attempt', round, at: 0 } as const;
      return circles.worker.get().approvals.beginCall(approval, attempt);
    },
  };
  circles.app.set(app);
  circles.worker.set(new Worker(app));
  const readInbox = (person: string) =>
    loadInbox(app, person, async (approval, round) => {
      // Reviews that were answered in CrewAI leave the list at its next refresh.
      void closeIfAnswered(app, approval).catch((error: unknown) =>
        log.error({ approval: approval.id, error }, 'review not checked'),
      );
      return loadOutputInTurn(app, approval, round);
    });
  const { giveWay } = app;
  const home = new Home(parts.base, { readInbox, links, giveWay, rateLimits, languages, features: FEATURES });
  circles.home.set(home);
  closers.push(() => home.close());
  return app;
}

/** Builds the HTTP routes for CrewAI, programs and operators. Does not listen yet. */
export function buildWeb(
  { log, endpoints, crews, closers }: Ground,
  metrics: Metrics,
  app: App,
  { records, waits }: Pick<Stored, 'records' | 'waits'>,
): express.Express {
  const { alert, announce, clock } = app;
  const rejectedWebhooks = new RejectedWebhooks({
    crews,
    count: metrics.countWebhook,
    log,
    alert,
    announce,
    clock,
  });
  const webhookReader = createWebhookReader();
  const programReader = createProgramReader();
  closers.push(
    () => webhookReader.close(),
    () => programReader.close(),
    () => rejectedWebhooks.close(),
  );
  const acceptBody = createBodyHandlers();
  const web = express().disable('etag').disable('x-powered-by');
  web.use((_request, response, next) => {
    response.set('X-Content-Type-Options', 'nosniff');
    next();
  });
  web.use(
    rejectedWebhooks.watch,
    metrics.router,
    buildReceiptKeysRouter(async () => buildKeySet(await listReceiptKeys(records))),
    buildWebhooksRouter(app, endpoints, acceptBody, webhookReader.read),
    buildExecutionsRouter(app, endpoints, acceptBody, readRegistration),
    buildQuestionsRouter(app, endpoints, acceptBody, programReader.read, waits),
    buildProgramRunsRouter(app, endpoints, acceptBody, programReader.read, waits),
    buildMcpRouter(app, endpoints, acceptBody, programReader.read, waits, readVersion()),
  );
  return web;
}

/** Builds Bolt with all listeners, over Socket Mode or the routes of `web`. Not connected yet. */
export function buildBolt(
  { settings, circles, closers }: Ground,
  { meter }: Metrics,
  { app, slack, web }: { app: App; slack: SlackParts; web: express.Express },
): BoltApp {
  const { botToken, appToken, signingSecret = '', apiUrl } = settings.slack;
  const { client, languages, reply, clicked, workspace, slackTime, clientOptions, logger } = slack;
  const { links } = workspace;
  const slackApp: SlackApp = { ...app, client, languages, reply, links, home: circles.home.get(), clicked };
  const bolt = new BoltApp(slackApp, {
    connection: appToken ? { appToken, apiUrl } : { signingSecret, express: web },
    ...{ botToken, clientOptions, workspace, slackTime, recordAck: meter.acked, logger, features: FEATURES },
  });
  closers.push(() => bolt.close());
  circles.slackFault.set(() => (workspace.identity() ? bolt.fault() : 'Slack has not been reached yet'));
  return bolt;
}

type BuiltParts = Stored &
  SlackParts &
  CrewAIParts &
  Pick<Required<StartOptions>, 'listen'> & { app: App; web: express.Express; bolt: BoltApp };

/** The port first: webhooks are received while Slack is still being reached. */
async function startParts(
  { settings, log, endpoints, crews, circles, closers }: Ground,
  { meter }: Metrics,
  parts: BuiltParts,
): Promise<RunningApp> {
  const { app, web, bolt, records, sole, clock, waits, sweep, usage, workspace, groups, channels } = parts;
  const worker = circles.worker.get();
  const server = await parts.listen(web, settings.host, settings.port);
  closers.push(() => closeServer(server, 0));
  await Promise.all([workspace.connect(), bolt.connect()]);
  groups.start();
  void parts.people.start().then(() => warnOfUnnotified(app));
  const { opsChannel } = settings;
  void checkChannels(parts.base, opsChannel === undefined ? channels : [...channels, opsChannel]);
  worker.start();
  const stopping = new AbortController();
  let redrawing: Promise<void> | undefined;
  const redraw = () => {
    if (!stopping.signal.aborted)
      redrawing = redrawWaitingCards(app, usage.drawn, CARD_DESIGN_VERSION, stopping.signal);
  };
  if (sole) redraw();
  closers.push(() => {
    stopping.abort();
    return redrawing;
  });
  await parts.dialects.start();
  closers.push(startCountingDeciders(app), () => sweep.stop());
  // Delete only records that the migration has looked at.
  void sweep.run().then(() => {
    if (!sweep.isStopped) closers.push(startRetention(app));
  });
  if (!sole)
    closers.push(
      startHeartbeats(records, {
        name: app.name,
        clock,
        log,
        drawing: CARD_DESIGN_VERSION,
        onNewestDesign: redraw,
      }),
    );
  const outbox = createEventOutbox(records, log);
  for (const [crew, { receiver }] of endpoints) {
    if (!receiver) continue;
    const sender = new EventSender(app, crew, { receiver, outbox, countDropped: meter.eventDropped });
    sender.start();
    closers.push(() => sender.stop());
  }
  const crewsWithoutReceiver = [...endpoints].filter(([, { receiver }]) => !receiver).map(([crew]) => crew);
  closers.push(startDroppingUnclaimed(app, crewsWithoutReceiver, outbox));
  const { port } = server.address() as AddressInfo;
  const slackWarning = workspace.identity() ? {} : { slack: 'not reached yet' };
  log.info({ port, version: readVersion(), crews: [...crews.keys()], ...slackWarning }, 'ready');

  return {
    port,
    async stop() {
      log.info({}, 'stopping');
      waits.close();
      await Promise.all([closeServer(server, STOP_TIMEOUT), bolt.close(), worker.stop()]);
      await closeAll(closers);
    },
  };
}

async function closeAll(closers: Closers): Promise<void> {
  let failure: { error: unknown } | undefined;
  for (const close of closers.splice(0).reverse()) {
    try {
      await close();
    } catch (error) {
      failure ??= { error };
    }
  }
  if (failure) throw failure.error;
}

/**
 * After this many calls of the Web API in a row without an answer, or with a rejected token, Slack counts as not connected. One
 * call proves nothing: it may have been one that nobody makes again.
 */
const MAX_UNANSWERED = 2;

/** Most approvals counted per crew for the gauges of /metrics. */
const MAX_IN_GAUGE = 1000;

/** Counts open approvals and decisions on their way, by crew, for /metrics. */
async function countOpenApprovals(
  store: ApprovalStore,
  clock: Clock,
  crews: readonly string[],
): Promise<OpenFigures[]> {
  const figures: OpenFigures[] = [];
  for (const crew of crews) {
    const openFigures = await store.openFigures(crew, MAX_IN_GAUGE);
    const sendingFigures = await store.sendingFigures(crew, MAX_IN_GAUGE);
    const measureAge = (since: number | undefined) =>
      since === undefined ? 0 : Math.max(0, clock.now() - since);
    figures.push({
      crew,
      states: openFigures.states,
      oldest: measureAge(openFigures.oldestSince),
      sending: sendingFigures.count,
      oldestSending: measureAge(sendingFigures.oldestSince),
    });
    // Clicks are answered between two crews.
    await sleep(clock, 0);
  }
  return figures;
}

function warnOfUnnotified({ crews, people, log }: App): void {
  for (const crew of crews.values())
    if (notifiesNobody(crew, people))
      log.warn(
        { crew: crew.name, channel: crew.channel },
        'nobody is notified of cards: set NOTIFY or APPROVERS',
      );
}
