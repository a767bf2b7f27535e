import { z } from 'zod';
import { LONGEST_ERROR } from '../../approval/model/crew/hide-secrets.ts';
import { type RunEvent, type RunEventType, runEventTypes } from '../../approval/model/run/run-events.ts';
import type { Faults, WebhookReadings } from '../../approval/model/run/webhook.ts';
import { idSchema } from '../ids.ts';
import { anything, parseTime } from './fields.ts';

const LONGEST_TEXT = 500;

const eventText = shortText(LONGEST_TEXT);

function shortText(longest: number) {
  return z
    .string()
    .transform((value) => value.slice(0, longest).toWellFormed())
    .optional()
    .catch(undefined);
}

const eventSchema = z.object({
  id: z.union([idSchema, z.number().transform(String)]),
  execution_id: idSchema,
  timestamp: anything,
  type: z.string(),
  data: z
    .object({
      emission_sequence: z.number().optional().catch(undefined),
      task_name: eventText,
      agent_role: eventText,
      error: shortText(LONGEST_ERROR),
    })
    .optional()
    .catch(undefined),
});

const KNOWN: ReadonlySet<string> = new Set(runEventTypes);

/**
 * Reads the body of the events webhook: a batch, a list or one event. Returns the events of relevant types and the number of
 * ignored ones, unreadable ones included; or why the body is invalid. Pure.
 */
export function readEvents(body: unknown): WebhookReadings['events'] | Faults {
  if (body === null || typeof body !== 'object')
    return { faults: [{ field: 'body', fault: 'must be a JSON object or a list' }] };
  const events = listEvents(body);
  if (!events) return { faults: [{ field: 'events', fault: 'must be a list' }] };
  const runEvents = events.flatMap((event) => {
    const parsed = eventSchema.safeParse(event);
    return parsed.success && KNOWN.has(parsed.data.type) ? [buildRunEvent(parsed.data)] : [];
  });
  return { events: runEvents, ignored: events.length - runEvents.length };
}

function listEvents(body: object): unknown[] | undefined {
  if (Array.isArray(body)) return body;
  const { events = body } = body as { events?: unknown };
  if (Array.isArray(events)) return events;
  return events !== null && typeof events === 'object' && 'type' in events ? [events] : undefined;
}

function buildRunEvent({
  id,
  execution_id,
  timestamp,
  type,
  data = {},
}: z.infer<typeof eventSchema>): RunEvent {
  return {
    id,
    executionId: execution_id,
    at: parseTime(timestamp),
    type: type as RunEventType,
    sequence: data.emission_sequence,
    task: data.task_name || undefined,
    agent: data.agent_role || undefined,
    error: data.error || undefined,
  };
}
