import { performance } from 'node:perf_hooks';
import { type RequestHandler, Router } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type Approval, findRound } from '../../approval/model/approval.ts';
import type { Fact } from '../../approval/model/fact.ts';
import type { Meter } from '../../approval/ports.ts';
import { readAddressedCrew } from '../crew-secret.ts';

/** In seconds: from what a person does not notice to what needs a person. */
const QUICK = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const SLOW = [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 3_600];

/** What waits for a person in a crew, by state. */
export interface OpenFigures {
  crew: string;
  states: Readonly<Record<string, number>>;
  /** Milliseconds since the oldest began to wait. */
  oldest: number;
}

/** However often the metrics are read, what is open is counted once in this time, in milliseconds. */
const COUNTED_EVERY = 5_000;
/** Dashboards know the delivery lane by the label that it had in 0.1.0. */
const LANE_LABELS = { card: 'card', thread: 'thread', delivery: 'resume' } as const;

/**
 * What is counted and timed, in Prometheus's format. Labels are crews, kinds and codes only: their number is bounded.
 * `open` is asked when the metrics are read, at most every 5 s; `now` in milliseconds.
 */
export function createMetrics(open: () => Promise<OpenFigures[]>, now = () => performance.now()) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `crew_approvals_${name}_total`, help, labelNames, registers });
  const seconds = (name: string, help: string, buckets: number[], labelNames: string[] = []) =>
    new Histogram({ name: `crew_approvals_${name}_seconds`, help, buckets, labelNames, registers });

  const webhooks = counter('webhooks', 'Webhooks by crew, kind and status of the answer', [
    'crew',
    'kind',
    'status',
  ]);
  const decisions = counter('decisions', 'Decisions that were made', ['crew', 'action']);
  const attempts = counter('resume_attempts', 'POST /resume by what came of it, and with which status', [
    'crew',
    'outcome',
    'status',
  ]);
  const calls = counter('slack_calls', 'Web API calls by method and what came of them', [
    'method',
    'outcome',
  ]);
  const card = seconds('webhook_to_card', 'From a webhook to its card in Slack', SLOW, ['crew']);
  const ack = seconds('interaction_to_ack', 'From a click, submission or command to its ack', QUICK, [
    'type',
  ]);
  const accepted = seconds('decision_to_acceptance', "From a decision to CrewAI's acceptance", SLOW, [
    'crew',
  ]);
  const wentOn = seconds(
    'acceptance_to_going_on',
    "From CrewAI's acceptance to the run's next webhook",
    SLOW,
    ['crew'],
  );
  const lag = seconds('worker_lag', 'From when a step was due to its call', SLOW, ['lane']);
  const store = seconds('store', 'Operations of the store', QUICK, ['operation', 'outcome']);
  /** While the store cannot be read both gauges are absent, and the other metrics are served. */
  let counted: { at: number; figures: Promise<OpenFigures[]> } | undefined;
  const openNow = () => {
    if (!counted || now() - counted.at >= COUNTED_EVERY) {
      counted = { at: now(), figures: open().catch(() => []) };
    }
    return counted.figures;
  };
  new Gauge({
    name: 'crew_approvals_open',
    help: 'Approvals that wait for a person, the oldest 1,000 of a crew',
    labelNames: ['crew', 'state'],
    registers,
    async collect() {
      const figures = await openNow();
      this.reset();
      for (const { crew, states } of figures) {
        for (const [state, number] of Object.entries(states)) this.set({ crew, state }, number);
      }
    },
  });
  new Gauge({
    name: 'crew_approvals_oldest_open_seconds',
    help: 'How long the oldest of them has waited',
    labelNames: ['crew'],
    registers,
    async collect() {
      const figures = await openNow();
      this.reset();
      for (const { crew, oldest } of figures) this.set({ crew }, oldest / 1_000);
    },
  });

  function countFact(approval: Approval, { what, at, round: number, outcome, status }: Fact): void {
    const { crew } = approval;
    const round = number === undefined ? undefined : findRound(approval, number);
    const since = (from: number | undefined, histogram: Histogram) => {
      if (from !== undefined) histogram.observe({ crew }, Math.max(0, at - from) / 1_000);
    };
    if (what === 'posted') since(round?.receivedAt, card);
    else if (what === 'decided') decisions.inc({ crew, action: round?.decision?.action ?? 'unknown' });
    else if (what === 'attempt_ended') attempts.inc({ crew, outcome: outcome ?? '', status: status ?? '' });
    else if (what === 'approved' || what === 'revision_requested') since(round?.decision?.at, accepted);
    else if (what === 'went_on') since(round?.delivery?.acceptedAt, wentOn);
  }

  const meter: Meter = {
    saved(before, next) {
      for (const fact of next.facts) if (fact.seq > (before?.factCount ?? 0)) countFact(next, fact);
    },
    store: (operation, milliseconds, failed) =>
      store.observe({ operation, outcome: failed ? 'failed' : 'done' }, milliseconds / 1_000),
    lag: (lane, milliseconds) => lag.observe({ lane: LANE_LABELS[lane] }, milliseconds / 1_000),
    acked: (type, milliseconds) => ack.observe({ type }, milliseconds / 1_000),
    called: (method, outcome) => calls.inc({ method, outcome }),
  };

  /** Counts the answers of the webhooks' door. `kinds`: those that there are. */
  const countWebhooks =
    (kinds: readonly string[]): RequestHandler =>
    (request, response, next) => {
      const kind = /^\/webhooks\/[^/]+\/([^/]+)\/?$/.exec(request.path)?.[1];
      response.once('finish', () => {
        if (kind === undefined) return;
        const crew = readAddressedCrew(response) ?? 'unknown';
        webhooks.inc({ crew, kind: kinds.includes(kind) ? kind : 'unknown', status: response.statusCode });
      });
      next();
    };

  /** Those who ask at the same time get the same text. */
  let written: Promise<string> | undefined;
  const writeMetrics = () => {
    written ??= registry.metrics().finally(() => {
      written = undefined;
    });
    return written;
  };

  /** `GET /metrics`. */
  const router = Router();
  router.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await writeMetrics());
  });

  return { meter, countWebhooks, router };
}
