import type { EventsWebhook } from './webhook-targets.ts';
import type { Delivery } from './webhooks.ts';

export type RunEventType =
  | 'crew_kickoff_started'
  | 'crew_kickoff_completed'
  | 'crew_kickoff_failed'
  | 'task_started'
  | 'task_completed'
  | 'task_failed';

interface RunEvent {
  /** Unique only within the `execution_id`. */
  id: string;
  execution_id: string;
  timestamp: string;
  type: RunEventType;
  data: { emission_sequence: number; [field: string]: unknown };
}

/** Events of a run: those that wait to be sent, and the sequence numbers. */
export interface EventLog {
  target: EventsWebhook | undefined;
  queued: RunEvent[];
  /** Last emission sequence of each execution id. */
  sequences: Map<string, number>;
  send: (delivery: Delivery) => void;
  now: () => number;
}

/**
 * Counts an event, and queues it if /kickoff subscribed to its type. Sends it at once with `realtime`; otherwise
 * sendQueuedEvents does.
 */
export function recordEvent(
  log: EventLog,
  event: { executionId: string; type: RunEventType; data?: Record<string, unknown> },
): void {
  const { executionId, type, data } = event;
  const sequence = (log.sequences.get(executionId) ?? 0) + 1;
  log.sequences.set(executionId, sequence);
  if (!log.target?.events.includes(type)) return;
  log.queued.push({
    id: `ev-${sequence}`,
    execution_id: executionId,
    timestamp: new Date(log.now()).toISOString(),
    type,
    data: { emission_sequence: sequence, ...data },
  });
  if (log.target.realtime) sendQueuedEvents(log);
}

/** Sends the queued events: one event per request with `realtime`, otherwise all in one request. */
export function sendQueuedEvents(log: EventLog): void {
  const { target, queued } = log;
  if (!target || queued.length === 0) return;
  log.queued = [];
  const batches = target.realtime ? queued.map((event) => [event]) : [queued];
  for (const batch of batches) {
    const { url, authentication } = target;
    log.send({ kind: 'events', url, body: { events: batch }, ...(authentication && { authentication }) });
  }
}
