import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** Buckets in seconds: of what nobody notices, and of what may take until a person acts. */
const QUICK = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const SLOW = [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 3_600];

export type Instruments = ReturnType<typeof createInstruments>;

/** The counters and histograms of /metrics. Labels are crews, kinds and codes only, so their number is bounded. */
export function createInstruments() {
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
