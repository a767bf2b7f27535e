import { z } from 'zod';
import { decisionSchema, deliverySchema, time } from './decision.ts';
import { reviewSchema } from './review.ts';
import { roundStatuses } from './round-status.ts';

/** A Slack message that shows a round. `shown`: the hash of the facts that it shows (card-facts.ts); empty: not known. */
const cardSchema = z.object({ channel: z.string(), ts: z.string(), shown: z.string() });
export type Card = z.infer<typeof cardSchema>;

export const roundSchema = z.object({
  number: z.number(),
  status: z.enum(roundStatuses),
  /** The task id of this pause, as CrewAI wants it back. */
  taskId: z.string(),
  /** A Flow asks; absent: a crew pauses. */
  review: reviewSchema.optional(),
  /** It came, or came too, through humanInputWebhook. */
  humanInput: z.boolean(),
  /** The id that the run had when a pause came without its task's name: later events of that id name the task. */
  under: z.string().optional(),
  /** Identities of the output; the first names the stored text. */
  hashes: z.array(z.string()).min(1),
  /** The beginning of the output, for the search. */
  excerpt: z.string().optional(),
  agent: z.string().optional(),
  description: z.string().optional(),
  expectedOutput: z.string().optional(),
  receivedAt: time,
  /** The output is the one that was sent back. */
  unchanged: z.boolean(),
  /** Another task of the execution reported while this round waited. */
  mayHaveContinued: z.boolean(),
  /** Taken for the answer to the revision before it: the pause came without a name. */
  chained: z.literal(true).optional(),
  /** How many people have to approve while it is: as the strictest of the crew's rules want. */
  approvalsRequired: z.number().optional(),
  /** Its task's name is what the run's events said when it came; they lag behind. */
  namedByEvents: z.literal(true).optional(),
  /** Another task was named for it since. */
  chainDoubted: z.literal(true).optional(),
  /** The task does not wait: its webhook came from a platform whose pauses come another way. */
  notWaiting: z.literal(true).optional(),
  votes: z.array(decisionSchema),
  /** Everyone had voted, and no option had enough votes: told once. */
  tiedAt: time.optional(),
  decision: decisionSchema.optional(),
  delivery: deliverySchema.optional(),
  continuedAt: time.optional(),
  /** How often those who may decide were reminded. */
  reminders: z.number().optional(),
  /** It was night where they are: no reminder before. */
  remindNotBefore: time.optional(),
  escalatedAt: time.optional(),
  /** When its time was over; it can still be decided. */
  expiredAt: time.optional(),
  /** Someone looks after it. */
  claim: z.object({ by: z.string(), until: time }).optional(),
  /** Someone was asked to decide; others still may. */
  assignee: z.string().optional(),
  givenUpBy: z.string().optional(),
  /** People who were told that they may not decide. */
  refusedPeople: z.array(z.string()).optional(),
  /** When it was looked whether the run is silent after its acceptance: once. */
  silentAt: time.optional(),
  settledAt: time.optional(),
  card: cardSchema.optional(),
  /** Users and groups that the card mentions, by id, or `here`. */
  mentioned: z.array(z.string()).optional(),
  /** Nobody was notified of its card: no approvers are named, and the channel is large. */
  unnotified: z.literal(true).optional(),
  /** Cards of this round that a lost answer of Slack hid from us until someone clicked on them. */
  duplicateCards: z.array(cardSchema),
});
export type Round = z.infer<typeof roundSchema>;

/** The round's card, once it is posted, and its duplicates. */
export function listCards({ card, duplicateCards }: Round): Card[] {
  return card ? [card, ...duplicateCards] : duplicateCards;
}

/** CrewAI may already have this decision: an attempt's outcome is not known. */
export function mayHaveArrived(round: Round): boolean {
  return round.delivery !== undefined && (round.delivery.underway || round.delivery.unsure);
}

/** Identifies the output of a round in a button, also after its record was damaged. */
export function outputFingerprint(round: Round): string {
  return (round.hashes[0] ?? '').slice(-MARK);
}

/** What names the texts of a round in the store: its output, and the state of its Flow. */
export function listOutputHashes({ hashes, review }: Round): string[] {
  return [hashes[0] as string, ...(review?.stateHash === undefined ? [] : [review.stateHash])];
}

export const MARK = 8;
