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
  /** Unique per `execution_id` only. */
  id: string;
  execution_id: string;
  timestamp: string;
  type: RunEventType;
  data: { emission_sequence: number; [field: string]: unknown };
}

/** The events of one run that were not sent yet. */
export interface EventLog {
  target: EventsWebhook | undefined;
  queued: RunEvent[];
  /** The emission sequence of each execution id so far. */
  sequences: Map<string, number>;
  send: (delivery: Delivery) => void;
  now: () => number;
}

/** Records an event. It is sent at once if `realtime` was asked for, otherwise by sendQueuedEvents. */
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

/** Sends what was recorded: one event per request if `realtime` was asked for, otherwise all in one. */
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
