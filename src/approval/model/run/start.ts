import { z } from 'zod';
import { laneSchema, RECORD_VERSION } from '../approval.ts';
import { time } from '../round.ts';
import { startReasonSchema } from './run-status.ts';
import { ticketSchema } from './ticket.ts';

/** Status of a run that was started from Slack. */
export const startStatuses = [
  /** CrewAI has not answered yet, or could not be reached. */
  'starting',
  /** CrewAI may have started the run: its answer was lost, and the bot does not ask again. */
  'unsure',
  'running',
  'not_started',
  'finished',
  'failed',
] as const;
export type StartStatus = (typeof startStatuses)[number];

/** Kinds of messages that the bot has not posted in the run's thread yet. */
const startNotes = ['not_started', 'unsure', 'silent', 'failed', 'result'] as const;
export type StartNote = (typeof startNotes)[number];

/** Keeps the inputs as they are: z.record drops a key named `__proto__`. */
const inputsSchema = z.custom<Record<string, unknown>>(
  (value) => value !== null && typeof value === 'object' && !Array.isArray(value),
);

/** A run that a person starts from Slack. `id`: `meta.request_id`; webhooks with this id prove that the run started. */
export const startSchema = z.object({
  v: z.literal(RECORD_VERSION),
  id: z.string(),
  crew: z.string(),
  /** Slack id of the person. */
  by: z.string(),
  /** Channel of the start's message: Slack channel id or #name. */
  channel: z.string(),
  /** Inputs as the person entered them. */
  inputs: inputsSchema,
  /** Names of inputs whose values come from the settings and are never shown. */
  hidden: z.array(z.string()),
  createdAt: time,
  /** When the status last changed. */
  changedAt: time,
  status: z.enum(startStatuses),
  reason: startReasonSchema.optional(),
  /** A program fetches the start and starts the run. */
  program: z.literal(true).optional(),
  /** Slack id of the last person who decided on the run before it failed, if not the person who started it. */
  decider: z.string().optional(),
  /** Inputs that CrewAI said are missing. */
  missing: z.array(z.string()).optional(),
  /** When the current call began, or the call whose answer was lost. */
  calledAt: time.optional(),
  executionId: z.string().optional(),
  /** Tickets of the calls, oldest first. */
  tickets: z.array(ticketSchema).optional(),
  /** When the bot tells the person that no webhook of the run has arrived, unless one arrives before. */
  checkAt: time.optional(),
  /** The start's message in the channel; cards and results go into its thread. `shown`: key of its content (`buildStartKey`). */
  message: z.object({ channel: z.string(), ts: z.string(), shown: z.string() }).optional(),
  /** The result has arrived. The end of the run may have been reported before. */
  hasResult: z.literal(true).optional(),
  /** Hash of the result, and when it arrived. */
  result: z.object({ hash: z.string(), at: time }).optional(),
  /** Slack rejects messages in the thread: the bot writes to the person directly. */
  direct: z.literal(true).optional(),
  notes: z.array(z.enum(startNotes)),
  /** Hash of the start's last entry in the history (store/chain.ts). */
  head: z.string().optional(),
  lanes: z.object({ start: laneSchema }),
});
export type Start = z.infer<typeof startSchema>;

/** True if a run may exist: CrewAI was called and did not refuse. */
export function mayHaveStarted({ status, calledAt }: Start): boolean {
  return calledAt !== undefined && status !== 'not_started';
}

/** Thread of the cards of a run that was started from Slack. */
export const runThreadSchema = z.object({
  kickoff: z.string(),
  /** Channel as the settings name it. */
  of: z.string(),
  channel: z.string(),
  ts: z.string(),
});
export type RunThread = z.infer<typeof runThreadSchema>;

export function buildRunThread({ id, channel: of, message }: Start): RunThread | undefined {
  return message && { kickoff: id, of, channel: message.channel, ts: message.ts };
}
