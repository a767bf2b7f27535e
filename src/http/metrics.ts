import { performance } from 'node:perf_hooks';
import { Router } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { findRound } from '../approval/model/approval.ts';
import { decisionSchema, TICKET_SOURCES } from '../approval/model/round.ts';
import { interactionTypes, type Meter } from '../approval/ports.ts';
import { createCache } from '../lib/cache.ts';
import { withTimeout } from '../lib/time.ts';
import type { HealthCheck } from './health.ts';
import { WEBHOOK_KINDS } from './webhooks.ts';

/** Dashboards know the delivery lane by its label of 0.1.0. */
const LANE_LABELS = { card: 'card', thread: 'thread', delivery: 'resume', start: 'start' } as const;

/** Sources of the gauges, and values of the labels. */
export interface MetricSources {
  version: string;
  /** Names of the configured crews. */
  crews: readonly string[];
  /** The methods of Slack's Web API that the bot calls. */
  slackMethods: readonly string[];
  /** Called at most every 5 s. */
  countOpen: () => Promise<OpenFigures[]>;
  isSlackConnected: () => boolean;
  /** Number of records migrated from earlier formats; `running`: there may be more. */
  migration: () => { migrated: number; running: boolean };
  /** The checks of /readyz. */
  checks: Readonly<Record<string, HealthCheck>>;
}

/** Metrics in Prometheus's format, for `GET /metrics`. `now` in milliseconds. */
export function createMetrics(sources: MetricSources, now = () => performance.now()) {
  const instruments = createInstruments();
  setToZero(instruments, sources);
  addOpenGauges(instruments.registry, sources.countOpen, now);
  addStateGauges(instruments.registry, sources);
  const render = createRenderer(instruments.registry, now);
  return {
    meter: createMeter(instruments),
    countWebhook: (answer: { crew: string; kind: string; status: number }) =>
      instruments.webhooks.inc(answer),
    router: Router().get('/metrics', async (_request, response) => {
      response.type(instruments.registry.contentType).send(await render());
    }),
  };
}

/** One rendering serves all readers for this long, in milliseconds. */
const PAGE_LASTS = 1_000;

/** Creates a function that renders /metrics, at most once per second for all readers. */
function createRenderer(registry: Registry, now: () => number): () => Promise<string> {
  let page: { at: number; text: Promise<string> } | undefined;
  return () => {
    if (!page || now() - page.at >= PAGE_LASTS) page = { at: now(), text: registry.metrics() };
    return page.text;
  };
}

function createMeter(instruments: Instruments): Meter {
  const { store, workerLag, ack, slackCalls, card, decisions, attempts, acceptance, continuation, pauses } =
    instruments;
  const { starts, crewAICalls, eventsDropped } = instruments;
  return {
    saved(before, next) {
      const { crew } = next;
      for (const { seq, what, at, round: number, outcome = '', status = '' } of next.facts) {
        if (seq <= (before?.factCount ?? 0)) continue;
        const round = number === undefined ? undefined : findRound(next, number);
        const observeSince = (from: number | undefined, histogram: Histogram) => {
          if (from !== undefined) histogram.observe({ crew }, Math.max(0, at - from) / 1_000);
        };
        if (what === 'posted') observeSince(round?.receivedAt, card);
        else if (what === 'received' && round?.after) pauses.inc({ crew, brought: round.after.brought });
        else if (what === 'decided') decisions.inc({ crew, action: round?.decision?.action ?? 'unknown' });
        else if (what === 'attempt_ended') attempts.inc({ crew, outcome, status });
        else if (what === 'approved' || what === 'revision_requested')
          observeSince(round?.decision?.at, acceptance);
        else if (what === 'went_on') observeSince(round?.delivery?.acceptedAt, continuation);
      }
    },
    startSaved(before, { crew, status, executionId }) {
      const hasStarted = executionId !== undefined && before?.executionId === undefined;
      const hasFailed = status !== before?.status && (status === 'not_started' || status === 'unsure');
      if (hasStarted) starts.inc({ crew, outcome: 'started' });
      else if (hasFailed) starts.inc({ crew, outcome: status });
    },
    store: (operation, milliseconds, failed) =>
      store.observe({ operation, outcome: failed ? 'failed' : 'done' }, milliseconds / 1_000),
    recordStepLag: (lane, milliseconds) =>
      workerLag.observe({ lane: LANE_LABELS[lane] }, milliseconds / 1_000),
    acked: (type, milliseconds) => ack.observe({ type }, milliseconds / 1_000),
    slackCalled: (method, outcome) => slackCalls.inc({ method, outcome }),
    crewAICalled: (crew, outcome) => crewAICalls.inc({ crew, outcome }),
    eventDropped: (crew) => eventsDropped.inc({ crew }),
  };
}

/** Buckets in seconds: for operations that nobody notices, and for those that may wait for a person. */
const QUICK = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const SLOW = [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 3_600];

type Instruments = ReturnType<typeof createInstruments>;

/** The counters and histograms of /metrics. Labels are crews, kinds and codes only, so their number is bounded. */
function createInstruments() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const createCounter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `crew_approvals_${name}_total`, help, labelNames, registers });
  const createHistogram = (name: string, help: string, buckets: number[], labelNames: string[]) =>
    new Histogram({ name: `crew_approvals_${name}_seconds`, help, buckets, labelNames, registers });
  return {
    registry,
    webhooks: createCounter('webhooks', 'Webhooks by crew, kind and status of the answer', [
      'crew',
      'kind',
      'status',
    ]),
    decisions: createCounter('decisions', 'Decisions recorded', ['crew', 'action']),
    pauses: createCounter(
      'pauses_after_decision',
      'Pauses after a decision, by the ticket that they brought',
      ['crew', 'brought'],
    ),
    attempts: createCounter('resume_attempts', 'POST /resume by outcome and status', [
      'crew',
      'outcome',
      'status',
    ]),
    crewAICalls: createCounter('crewai_calls', "Calls of a crew's CrewAI by outcome", ['crew', 'outcome']),
    starts: createCounter('starts', 'Runs started from Slack by outcome', ['crew', 'outcome']),
    eventsDropped: createCounter('events_dropped', 'Events given up: their receiver did not accept them', [
      'crew',
    ]),
    slackCalls: createCounter('slack_calls', 'Web API calls by method and outcome', ['method', 'outcome']),
    card: createHistogram('webhook_to_card', 'From a webhook to its card in Slack', SLOW, ['crew']),
    ack: createHistogram('interaction_to_ack', 'From a click, submission or command to its ack', QUICK, [
      'type',
    ]),
    acceptance: createHistogram('decision_to_acceptance', "From a decision to CrewAI's acceptance", SLOW, [
      'crew',
    ]),
    continuation: createHistogram(
      'acceptance_to_going_on',
      "From CrewAI's acceptance to the run's next webhook",
      SLOW,
      ['crew'],
    ),
    workerLag: createHistogram(
      'worker_lag',
      'From when a step was due to its call; 0 for a step that is due at once',
      SLOW,
      ['lane'],
    ),
    store: createHistogram('store', 'Operations of the store', QUICK, ['operation', 'outcome']),
  };
}

/** Statuses of responses to a webhook of a configured crew, as in docs/http-api.md. */
const WEBHOOK_STATUSES = [202, 400, 401, 413, 415, 422, 429, 500, 503];
/** Outcomes of a POST /resume, with the statuses that CrewAI, or a gateway in front of it, responds; '' without a response. */
const ATTEMPT_STATUSES = {
  accepted: [''],
  not_pending: [''],
  refused: ['', 400, 401, 403, 404, 422],
  not_reached: ['', 429, 503],
  unknown: ['', 500, 502, 504],
} as const;

/** Prometheus sees the first event of a series only if the series was 0 before. */
function setToZero(instruments: Instruments, { crews, slackMethods }: MetricSources): void {
  const { webhooks, decisions, attempts, crewAICalls, starts, eventsDropped, slackCalls, pauses } =
    instruments;
  for (const crew of crews) {
    for (const kind of WEBHOOK_KINDS)
      for (const status of WEBHOOK_STATUSES) webhooks.inc({ crew, kind, status }, 0);
    for (const action of decisionSchema.shape.action.options) decisions.inc({ crew, action }, 0);
    for (const brought of TICKET_SOURCES) pauses.inc({ crew, brought }, 0);
    for (const [outcome, statuses] of Object.entries(ATTEMPT_STATUSES))
      for (const status of statuses) attempts.inc({ crew, outcome, status }, 0);
    for (const outcome of ['answered', 'no_answer']) crewAICalls.inc({ crew, outcome }, 0);
    for (const outcome of ['started', 'not_started', 'unsure']) starts.inc({ crew, outcome }, 0);
    eventsDropped.inc({ crew }, 0);
    for (const histogram of [instruments.card, instruments.acceptance, instruments.continuation])
      histogram.zero({ crew });
  }
  for (const kind of [...WEBHOOK_KINDS, 'unknown']) webhooks.inc({ crew: 'unknown', kind, status: 404 }, 0);
  for (const method of slackMethods)
    for (const outcome of ['ok', 'ratelimited', 'no_answer']) slackCalls.inc({ method, outcome }, 0);
  for (const type of interactionTypes) instruments.ack.zero({ type });
  for (const lane of Object.values(LANE_LABELS)) instruments.workerLag.zero({ lane });
}

/** Approvals of a crew that wait for a person, by state, and its decisions on their way to CrewAI. */
export interface OpenFigures {
  crew: string;
  states: Readonly<Record<string, number>>;
  /** Milliseconds since the oldest began to wait. */
  oldest: number;
  sending: number;
  /** Milliseconds since the oldest of them could be sent. */
  oldestSending: number;
}

/** However often the metrics are read, open approvals are counted once in this time, in milliseconds. */
const COUNT_INTERVAL = 5_000;

/** Adds the gauges of open approvals. While the store cannot be read they are absent, and other metrics are served. */
function addOpenGauges(registry: Registry, countOpen: () => Promise<OpenFigures[]>, now: () => number): void {
  const load = () => countOpen().catch(() => []);
  const figuresCache = createCache<OpenFigures[]>({ max: 1, clock: { now }, ttl: COUNT_INTERVAL, load });
  const addGauge = (
    name: string,
    help: string,
    labelNames: string[],
    set: (gauge: Gauge, crewFigures: OpenFigures) => void,
  ) =>
    new Gauge({
      name: `crew_approvals_${name}`,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const openFigures = (await figuresCache.fetch('')) ?? [];
        this.reset();
        for (const crewFigures of openFigures) set(this, crewFigures);
      },
    });
  addGauge(
    'open',
    'Approvals that wait for a person, the oldest 1,000 of a crew',
    ['crew', 'state'],
    (open, { crew, states }) => {
      for (const [state, number] of Object.entries(states)) open.set({ crew, state }, number);
    },
  );
  addGauge(
    'oldest_open_seconds',
    'How long the oldest of them has waited',
    ['crew'],
    (age, { crew, oldest }) => age.set({ crew }, oldest / 1_000),
  );
  addGauge(
    'sending',
    'Decisions on their way to CrewAI, the oldest 1,000 of a crew',
    ['crew'],
    (count, { crew, sending }) => count.set({ crew }, sending),
  );
  addGauge(
    'oldest_sending_seconds',
    'How long the oldest of them has been on its way',
    ['crew'],
    (age, { crew, oldestSending }) => age.set({ crew }, oldestSending / 1_000),
  );
}

/** A part of the bot whose check takes longer is not ready, in milliseconds: a store that hangs does not delay the metrics. */
const READINESS_TIMEOUT = 2_000;

/** Adds the gauges of the state that this process is in. */
function addStateGauges(
  registry: Registry,
  { version, isSlackConnected, checks, migration }: MetricSources,
): void {
  const registers = [registry];
  new Gauge({
    name: 'crew_approvals_info',
    help: 'The version of the bot',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  new Gauge({
    name: 'crew_approvals_slack_connected',
    help: '1 if Slack can be reached, else 0',
    registers,
    collect() {
      this.set(isSlackConnected() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'crew_approvals_migrating',
    help: '1 while records of an earlier format are being rewritten, else 0',
    registers,
    collect() {
      this.set(migration().running ? 1 : 0);
    },
  });
  new Gauge({
    name: 'crew_approvals_records_migrated',
    help: 'Records of an earlier format rewritten since the start',
    registers,
    collect() {
      this.set(migration().migrated);
    },
  });
  new Gauge({
    name: 'crew_approvals_ready',
    help: '1 if this part of the bot works, as /readyz says, else 0',
    labelNames: ['part'],
    registers,
    async collect() {
      const checkPart = async ([part, check]: [string, HealthCheck]) => {
        const fault = await withTimeout(READINESS_TIMEOUT, check).catch(() => 'could not be checked');
        this.set({ part }, fault === undefined ? 1 : 0);
      };
      await Promise.all(Object.entries(checks).map(checkPart));
    },
  });
}
