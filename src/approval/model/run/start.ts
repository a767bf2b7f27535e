import { z } from 'zod';
import { laneSchema, RECORD_VERSION } from '../approval.ts';
import { time } from '../round.ts';
import { startReasonSchema } from './run-status.ts';
import { ticketSchema } from './ticket.ts';

/** What has become of a run that was started from Slack. */
export const startStatuses = [
  /** CrewAI has not answered yet, or could not be reached. */
  'starting',
  /** CrewAI may have started it: its answer was lost, so it is not asked again. */
  'unsure',
  'running',
  'not_started',
  'finished',
  'failed',
] as const;
export type StartStatus = (typeof startStatuses)[number];

/** A message for the thread of the run that has not been posted yet. */
const startNotes = ['not_started', 'unsure', 'silent', 'failed', 'result'] as const;
export type StartNote = (typeof startNotes)[number];

/** As they are: z.record drops a member named `__proto__`. */
const inputsSchema = z.custom<Record<string, unknown>>(
  (value) => value !== null && typeof value === 'object' && !Array.isArray(value),
);

/** A run that a person starts from Slack. `id`: `meta.request_id`, by which its webhooks prove that it runs. */
export const startSchema = z.object({
  v: z.literal(RECORD_VERSION),
  id: z.string(),
  crew: z.string(),
  /** Slack id of the person. */
  by: z.string(),
  /** Slack channel id or #name that its message goes to. */
  channel: z.string(),
  /** As the person gave them. */
  inputs: inputsSchema,
  /** Names of those whose values come from the settings and are shown nowhere. */
  hidden: z.array(z.string()),
  createdAt: time,
  /** When its status changed last. */
  changedAt: time,
  status: z.enum(startStatuses),
  reason: startReasonSchema.optional(),
  /** A program fetches it and starts the run. */
  program: z.literal(true).optional(),
  /** Who made the latest decision on it before it failed, if that was another person. */
  decider: z.string().optional(),
  /** Inputs that CrewAI misses. */
  missing: z.array(z.string()).optional(),
  /** When the call began that is under way, or whose answer was lost. */
  calledAt: time.optional(),
  executionId: z.string().optional(),
  /** Of its calls, in their order. */
  tickets: z.array(ticketSchema).optional(),
  /** When the person is told that nothing has been heard of it, if no webhook comes before. */
  checkAt: time.optional(),
  /** Its message in the channel: cards and results are in its thread. `shown`: what it shows (`buildStartKey`). */
  message: z.object({ channel: z.string(), ts: z.string(), shown: z.string() }).optional(),
  /** Its result has come; its finish can be told before. */
  hasResult: z.literal(true).optional(),
  /** The hash of its result, and when that came. */
  result: z.object({ hash: z.string(), at: time }).optional(),
  /** Slack takes nothing in its thread: the person is told directly. */
  direct: z.literal(true).optional(),
  notes: z.array(z.enum(startNotes)),
  /** The hash of its last entry in the history (store/chain.ts). */
  head: z.string().optional(),
  lanes: z.object({ start: laneSchema }),
});
export type Start = z.infer<typeof startSchema>;

/** Nothing runs by a start that CrewAI was not asked for, or refused. */
export function mayHaveStarted({ status, calledAt }: Start): boolean {
  return calledAt !== undefined && status !== 'not_started';
}

/** Where the cards of a run are that was started from Slack. */
export const runThreadSchema = z.object({
  kickoff: z.string(),
  /** The channel as the settings name it. */
  of: z.string(),
  channel: z.string(),
  ts: z.string(),
});
export type RunThread = z.infer<typeof runThreadSchema>;

export function threadOf({ id, channel: of, message }: Start): RunThread | undefined {
  return message && { kickoff: id, of, channel: message.channel, ts: message.ts };
}
