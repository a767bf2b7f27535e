import { performance } from 'node:perf_hooks';
import { type RequestHandler, Router } from 'express';
import type { Histogram, Registry } from 'prom-client';
import { type Approval, findRound } from '../approval/model/approval.ts';
import type { Fact } from '../approval/model/fact.ts';
import type { Meter } from '../approval/ports.ts';
import { readAddressedCrew } from './crew-secret.ts';
import { createInstruments, type Instruments } from './instruments.ts';
import { addOpenGauges, type OpenFigures } from './open-gauges.ts';

/** Dashboards know the delivery lane by its label of 0.1.0. */
const LANE_LABELS = { card: 'card', thread: 'thread', delivery: 'resume' } as const;

/**
 * Metrics in Prometheus's format. `countOpen` is called when they are read, at most every 5 s; `now` in milliseconds.
 */
export function createMetrics(countOpen: () => Promise<OpenFigures[]>, now = () => performance.now()) {
  const instruments = createInstruments();
  addOpenGauges(instruments.registry, countOpen, now);
  return {
    meter: createMeter(instruments),
    countWebhooks: (kinds: readonly string[]) => countWebhooks(instruments, kinds),
    router: buildMetricsRouter(instruments.registry),
  };
}

function createMeter(instruments: Instruments): Meter {
  const { store, workerLag, ack, slackCalls } = instruments;
  return {
    saved(before, next) {
      const known = before?.factCount ?? 0;
      for (const fact of next.facts) if (fact.seq > known) countFact(instruments, next, fact);
    },
    store: (operation, milliseconds, failed) =>
      store.observe({ operation, outcome: failed ? 'failed' : 'done' }, milliseconds / 1_000),
    lag: (lane, milliseconds) => workerLag.observe({ lane: LANE_LABELS[lane] }, milliseconds / 1_000),
    acked: (type, milliseconds) => ack.observe({ type }, milliseconds / 1_000),
    called: (method, outcome) => slackCalls.inc({ method, outcome }),
  };
}

function countFact(instruments: Instruments, approval: Approval, fact: Fact): void {
  const { crew } = approval;
  const { what, at, outcome, status } = fact;
  const round = fact.round === undefined ? undefined : findRound(approval, fact.round);
  const observeSince = (from: number | undefined, histogram: Histogram) => {
    if (from !== undefined) histogram.observe({ crew }, Math.max(0, at - from) / 1_000);
  };
  if (what === 'posted') observeSince(round?.receivedAt, instruments.card);
  else if (what === 'decided')
    instruments.decisions.inc({ crew, action: round?.decision?.action ?? 'unknown' });
  else if (what === 'attempt_ended')
    instruments.attempts.inc({ crew, outcome: outcome ?? '', status: status ?? '' });
  else if (what === 'approved' || what === 'revision_requested')
    observeSince(round?.decision?.at, instruments.acceptance);
  else if (what === 'went_on') observeSince(round?.delivery?.acceptedAt, instruments.continuation);
}

/** Counts the answers to webhooks. `kinds`: the known kinds. */
function countWebhooks({ webhooks }: Instruments, kinds: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const kind = /^\/webhooks\/[^/]+\/([^/]+)\/?$/.exec(request.path)?.[1];
    response.once('finish', () => {
      if (kind === undefined) return;
      const crew = readAddressedCrew(response) ?? 'unknown';
      webhooks.inc({ crew, kind: kinds.includes(kind) ? kind : 'unknown', status: response.statusCode });
    });
    next();
  };
}

/** `GET /metrics`. Requests at the same time get the same text. */
function buildMetricsRouter(registry: Registry): Router {
  const router = Router();
  let written: Promise<string> | undefined;
  router.get('/metrics', async (_request, response) => {
    written ??= registry.metrics().finally(() => {
      written = undefined;
    });
    response.type(registry.contentType).send(await written);
  });
  return router;
}
