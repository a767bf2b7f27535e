import { performance } from 'node:perf_hooks';
import { Router } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { findRound } from '../approval/model/approval.ts';
import type { Meter } from '../approval/ports.ts';
import { createCache } from '../lib/cache.ts';

/** Dashboards know the delivery lane by its label of 0.1.0. */
const LANE_LABELS = { card: 'card', thread: 'thread', delivery: 'resume', start: 'start' } as const;

/**
 * Metrics in Prometheus's format, for `GET /metrics`. `countOpen` is called when they are read, at most every 5 s; `now` in milliseconds.
 */
export function createMetrics(countOpen: () => Promise<OpenFigures[]>, now = () => performance.now()) {
  const instruments = createInstruments();
  addOpenGauges(instruments.registry, countOpen, now);
  return {
    meter: createMeter(instruments),
    countWebhook: (answer: { crew: string; kind: string; status: number }) =>
      instruments.webhooks.inc(answer),
    router: Router().get('/metrics', async (_request, response) => {
      response.type(instruments.registry.contentType).send(await instruments.registry.metrics());
    }),
  };
}

function createMeter(instruments: Instruments): Meter {
  const { store, workerLag, ack, slackCalls, card, decisions, attempts, acceptance, continuation } =
    instruments;
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
        else if (what === 'decided') decisions.inc({ crew, action: round?.decision?.action ?? 'unknown' });
        else if (what === 'attempt_ended') attempts.inc({ crew, outcome, status });
        else if (what === 'approved' || what === 'revision_requested')
          observeSince(round?.decision?.at, acceptance);
        else if (what === 'went_on') observeSince(round?.delivery?.acceptedAt, continuation);
      }
    },
    store: (operation, milliseconds, failed) =>
      store.observe({ operation, outcome: failed ? 'failed' : 'done' }, milliseconds / 1_000),
    lag: (lane, milliseconds) => workerLag.observe({ lane: LANE_LABELS[lane] }, milliseconds / 1_000),
    acked: (type, milliseconds) => ack.observe({ type }, milliseconds / 1_000),
    called: (method, outcome) => slackCalls.inc({ method, outcome }),
  };
}

/** Buckets in seconds: of what nobody notices, and of what may take until a person acts. */
const QUICK = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const SLOW = [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 3_600];

type Instruments = ReturnType<typeof createInstruments>;

/** The counters and histograms of /metrics. Labels are crews, kinds and codes only, so their number is bounded. */
function createInstruments() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `crew_approvals_${name}_total`, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[], labelNames: string[]) =>
    new Histogram({ name: `crew_approvals_${name}_seconds`, help, buckets, labelNames, registers });
  return {
    registry,
    webhooks: counter('webhooks', 'Webhooks by crew, kind and status of the answer', [
      'crew',
      'kind',
      'status',
    ]),
    decisions: counter('decisions', 'Decisions recorded', ['crew', 'action']),
    attempts: counter('resume_attempts', 'POST /resume by outcome and status', ['crew', 'outcome', 'status']),
    slackCalls: counter('slack_calls', 'Web API calls by method and outcome', ['method', 'outcome']),
    card: histogram('webhook_to_card', 'From a webhook to its card in Slack', SLOW, ['crew']),
    ack: histogram('interaction_to_ack', 'From a click, submission or command to its ack', QUICK, ['type']),
    acceptance: histogram('decision_to_acceptance', "From a decision to CrewAI's acceptance", SLOW, ['crew']),
    continuation: histogram(
      'acceptance_to_going_on',
      "From CrewAI's acceptance to the run's next webhook",
      SLOW,
      ['crew'],
    ),
    workerLag: histogram(
      'worker_lag',
      'From when a step was due to its call; 0 for a step that is due at once',
      SLOW,
      ['lane'],
    ),
    store: histogram('store', 'Operations of the store', QUICK, ['operation', 'outcome']),
  };
}

/** Approvals of a crew that wait for a person, by state. */
export interface OpenFigures {
  crew: string;
  states: Readonly<Record<string, number>>;
  /** Milliseconds since the oldest began to wait. */
  oldest: number;
}

/** However often the metrics are read, open approvals are counted once in this time, in milliseconds. */
const COUNTED_EVERY = 5_000;

/** Adds the gauges of open approvals. While the store cannot be read they are absent, and other metrics are served. */
function addOpenGauges(registry: Registry, countOpen: () => Promise<OpenFigures[]>, now: () => number): void {
  const load = () => countOpen().catch(() => []);
  const figures = createCache<OpenFigures[]>({ max: 1, clock: { now }, ttl: COUNTED_EVERY, load });
  const registers = [registry];
  new Gauge({
    name: 'crew_approvals_open',
    help: 'Approvals that wait for a person, the oldest 1,000 of a crew',
    labelNames: ['crew', 'state'],
    registers,
    async collect() {
      const read = (await figures.fetch('')) ?? [];
      this.reset();
      for (const { crew, states } of read)
        for (const [state, number] of Object.entries(states)) this.set({ crew, state }, number);
    },
  });
  new Gauge({
    name: 'crew_approvals_oldest_open_seconds',
    help: 'How long the oldest of them has waited',
    labelNames: ['crew'],
    registers,
    async collect() {
      const read = (await figures.fetch('')) ?? [];
      this.reset();
      for (const { crew, oldest } of read) this.set({ crew }, oldest / 1_000);
    },
  });
}
