import { z } from 'zod';
import { decisionSchema, failureSchema, time } from './round.ts';
import { ignoredSettingSchema } from './run/ignored-setting.ts';
import { reportSchema, runStatusSchema } from './run/run-status.ts';

/** Why one person is written to. */
const directReasons = ['waiting', 'reminder', 'escalated', 'assigned', 'expired'] as const;
/** A message for the thread that has not been posted yet. */
export const noteSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run_result') }),
  z.object({
    kind: z.literal('not_sent'),
    why: z.enum(['superseded', 'run_ended', 'given_up', 'withdrawn', 'lapsed']),
    decision: decisionSchema,
    /** Who gave up on it. */
    by: z.string().optional(),
    /** It may have arrived all the same. */
    unsure: z.boolean(),
  }),
  /** A question that asked for hidden values was closed. */
  z.object({ kind: z.literal('hidden_fields') }),
  /** `via`: how CrewAI says that it was answered. */
  z.object({ kind: z.literal('not_taken'), decision: decisionSchema, via: z.string().optional() }),
  z.object({
    kind: z.literal('not_delivered'),
    decision: decisionSchema,
    failure: failureSchema,
    unsure: z.boolean(),
  }),
  z.object({ kind: z.literal('ignored'), warnings: z.array(ignoredSettingSchema) }),
  z.object({ kind: z.literal('task_done'), task: z.string(), agent: z.string().optional() }),
  /** The decider's note for people only: it is never sent to CrewAI. */
  z.object({ kind: z.literal('for_people'), by: z.string(), text: z.string() }),
  /** They look after it. */
  z.object({ kind: z.literal('claimed'), round: z.number(), by: z.string() }),
  z.object({ kind: z.literal('assigned'), round: z.number(), by: z.string(), to: z.string() }),
  z.object({ kind: z.literal('reminder'), round: z.number() }),
  z.object({ kind: z.literal('escalated'), round: z.number(), to: z.array(z.string()) }),
  /** `decision`: the one that the rule made, if it makes one. */
  z.object({ kind: z.literal('expired'), round: z.number(), decision: decisionSchema.optional() }),
  /** The whole output as a file, since no card holds it. */
  z.object({ kind: z.literal('whole_output'), round: z.number() }),
  /** Slack did not take that file. */
  z.object({ kind: z.literal('file_refused') }),
  /** No webhook of the run came after CrewAI had accepted a decision. */
  z.object({ kind: z.literal('run_silent'), decision: decisionSchema, since: time, status: runStatusSchema }),
  /** `decision`: the last one, whose maker is told. */
  z.object({
    kind: z.literal('run_failed'),
    reason: reportSchema.optional(),
    decision: decisionSchema.optional(),
    /** CrewAI may have taken the decision. */
    unsure: z.boolean(),
  }),
  /** CrewAI accepted a decision and says that it did something else with it. */
  z.object({ kind: z.literal('answered_otherwise'), decision: decisionSchema, says: z.string() }),
  z.object({ kind: z.literal('task_failed'), task: z.string(), reason: z.string().optional() }),
  z.object({ kind: z.literal('task_does_not_wait'), decision: decisionSchema }),
  /** Slack does not let the card of this round be changed any more. */
  z.object({ kind: z.literal('card_frozen'), round: z.number() }),
  /** They were mentioned so shortly before the card that it did not mention them; `at`: when it may. */
  z.object({
    kind: z.literal('mention'),
    round: z.number(),
    to: z.array(z.string()),
    since: time,
    at: time,
    /** Where, if not in the thread. */
    channel: z.string().optional(),
  }),
  /** Everyone has voted, and no option has enough votes. */
  z.object({ kind: z.literal('tied'), round: z.number(), voters: z.array(z.string()), required: z.number() }),
  /** To one person, who is not in the channel. */
  z.object({ kind: z.literal('direct'), round: z.number(), to: z.string(), why: z.enum(directReasons) }),
  /** To the requester: a decision was made, or the run has ended. */
  z.object({ kind: z.literal('to_requester'), round: z.number(), what: z.enum(['decided', 'ended']) }),
]);
export type Note = z.infer<typeof noteSchema>;

/** What a kind of message is. */
interface NoteKind {
  /** Where it goes: the thread of the card, or one person. */
  to: 'thread' | 'person';
  /** It tells or asks someone who has to do with the decision: it goes before the others. */
  concerns: boolean;
  /** It asks for a decision: it is left out once its round does not wait any more. */
  asks: boolean;
}
const TELLS: NoteKind = { to: 'thread', concerns: true, asks: false };
const ASKS: NoteKind = { to: 'thread', concerns: true, asks: true };
const ADDS: NoteKind = { to: 'thread', concerns: false, asks: false };

/** The kinds of messages. How each is posted: `notify/post-note.ts`; what it says: `slack/views/notes`. */
export const NOTE_KINDS: Readonly<Record<Note['kind'], NoteKind>> = {
  run_result: ADDS,
  not_sent: TELLS,
  hidden_fields: ADDS,
  not_taken: TELLS,
  not_delivered: TELLS,
  ignored: ADDS,
  task_done: ADDS,
  for_people: TELLS,
  claimed: { ...TELLS, asks: true },
  assigned: ASKS,
  reminder: ASKS,
  escalated: ASKS,
  /** It asks where no rule decides. */
  expired: TELLS,
  whole_output: ADDS,
  file_refused: ADDS,
  run_silent: TELLS,
  run_failed: TELLS,
  answered_otherwise: TELLS,
  task_failed: TELLS,
  task_does_not_wait: TELLS,
  card_frozen: TELLS,
  mention: ASKS,
  tied: ASKS,
  direct: { ...ASKS, to: 'person' },
  to_requester: { ...ADDS, to: 'person' },
};
