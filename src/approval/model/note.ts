import { z } from 'zod';
import { decisionSchema, failureSchema, time } from './round.ts';
import { ignoredSettingSchema } from './run/ignored-setting.ts';
import { reportSchema, runStatusSchema } from './run/run-status.ts';

/** Why the bot sends one person a direct message. */
const directReasons = ['waiting', 'reminder', 'escalated', 'assigned', 'expired'] as const;
/** A message that the bot has not posted yet. */
export const noteSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run_result') }),
  z.object({
    kind: z.literal('not_sent'),
    why: z.enum(['superseded', 'run_ended', 'given_up', 'withdrawn', 'lapsed']),
    decision: decisionSchema,
    /** The person who closed the approval. */
    by: z.string().optional(),
    /** The decision may have reached CrewAI or the program. */
    unsure: z.boolean(),
  }),
  /** The bot closed a question that asked for hidden values. */
  z.object({ kind: z.literal('hidden_fields') }),
  /** `via`: CrewAI's word for how the review was answered elsewhere. */
  z.object({ kind: z.literal('not_taken'), decision: decisionSchema, via: z.string().optional() }),
  z.object({
    kind: z.literal('not_delivered'),
    decision: decisionSchema,
    failure: failureSchema,
    unsure: z.boolean(),
  }),
  z.object({ kind: z.literal('ignored'), warnings: z.array(ignoredSettingSchema) }),
  z.object({ kind: z.literal('task_done'), task: z.string(), agent: z.string().optional() }),
  /** The decider's note for people only. The bot never sends it to CrewAI. */
  z.object({ kind: z.literal('for_people'), by: z.string(), text: z.string() }),
  /** A person takes care of the approval. */
  z.object({ kind: z.literal('claimed'), round: z.number(), by: z.string() }),
  z.object({ kind: z.literal('assigned'), round: z.number(), by: z.string(), to: z.string() }),
  z.object({ kind: z.literal('reminder'), round: z.number() }),
  z.object({ kind: z.literal('escalated'), round: z.number(), to: z.array(z.string()) }),
  /** `decision`: made by the expiry rule; absent: the rule decides nothing. */
  z.object({ kind: z.literal('expired'), round: z.number(), decision: decisionSchema.optional() }),
  /** The whole output as a file: no card can hold it. */
  z.object({ kind: z.literal('whole_output'), round: z.number() }),
  /** Slack rejected the file with the whole output. */
  z.object({ kind: z.literal('file_refused') }),
  /** CrewAI accepted a decision, but no webhook of the run followed. */
  z.object({ kind: z.literal('run_silent'), decision: decisionSchema, since: time, status: runStatusSchema }),
  /** `decision`: the last one; the note addresses the person who made it. */
  z.object({
    kind: z.literal('run_failed'),
    reason: reportSchema.optional(),
    decision: decisionSchema.optional(),
    /** CrewAI may have received the decision. */
    unsure: z.boolean(),
  }),
  /** CrewAI accepted a decision and reports that it did something else with it. */
  z.object({ kind: z.literal('answered_otherwise'), decision: decisionSchema, says: z.string() }),
  z.object({ kind: z.literal('task_failed'), task: z.string(), reason: z.string().optional() }),
  z.object({ kind: z.literal('task_does_not_wait'), decision: decisionSchema }),
  /** The card of this round can no longer be edited in Slack. */
  z.object({ kind: z.literal('card_frozen'), round: z.number() }),
  /** A mention in a separate message, for example of people mentioned just before the card. `at`: when to post it. */
  z.object({
    kind: z.literal('mention'),
    round: z.number(),
    to: z.array(z.string()),
    since: time,
    at: time,
    /** Channel of the mention; absent: the thread. */
    channel: z.string().optional(),
  }),
  /** Everyone has voted and no option has enough votes. */
  z.object({ kind: z.literal('tied'), round: z.number(), voters: z.array(z.string()), required: z.number() }),
  /** A direct message to one person. */
  z.object({ kind: z.literal('direct'), round: z.number(), to: z.string(), why: z.enum(directReasons) }),
  /** Notifies the requester: a decision was made, or the run ended. */
  z.object({ kind: z.literal('to_requester'), round: z.number(), what: z.enum(['decided', 'ended']) }),
]);
export type Note = z.infer<typeof noteSchema>;

/** Properties of a kind of message. */
interface NoteKind {
  /** Destination: the thread of the card, or one person. */
  to: 'thread' | 'person';
  /** The message informs or asks someone with a part in the decision. Such messages are posted first. */
  concernsDeciders: boolean;
  /** The message asks for a decision. The bot skips it once its round no longer waits. */
  asks: boolean;
}
const INFORMS: NoteKind = { to: 'thread', concernsDeciders: true, asks: false };
const ASKS: NoteKind = { to: 'thread', concernsDeciders: true, asks: true };
const COMPLETES: NoteKind = { to: 'thread', concernsDeciders: false, asks: false };

/** The kinds of messages. `notify/post-note.ts` posts them; `slack/views/notes` has their texts. */
export const NOTE_KINDS: Readonly<Record<Note['kind'], NoteKind>> = {
  run_result: COMPLETES,
  not_sent: INFORMS,
  hidden_fields: COMPLETES,
  not_taken: INFORMS,
  not_delivered: INFORMS,
  ignored: COMPLETES,
  task_done: COMPLETES,
  for_people: INFORMS,
  claimed: { ...INFORMS, asks: true },
  assigned: ASKS,
  reminder: ASKS,
  escalated: ASKS,
  /** Also asks for a decision if the rule makes none. */
  expired: INFORMS,
  whole_output: COMPLETES,
  file_refused: COMPLETES,
  run_silent: INFORMS,
  run_failed: INFORMS,
  answered_otherwise: INFORMS,
  task_failed: INFORMS,
  task_does_not_wait: INFORMS,
  card_frozen: INFORMS,
  mention: ASKS,
  tied: ASKS,
  direct: { ...ASKS, to: 'person' },
  to_requester: { ...COMPLETES, to: 'person' },
};
