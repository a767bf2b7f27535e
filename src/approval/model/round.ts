import { z } from 'zod';
import { removeEveryUnseen } from '../../lib/unseen.ts';
import { fieldSchema } from './fields.ts';
import { ticketSchema } from './run/ticket.ts';

/** All times in records are milliseconds since 1970, by the store's clock. */
export const time = z.number();
/** What the bot found itself, as the detail of a failure or of a missing status. Slack's texts have words for each. */
export type AnswerFault =
  | 'NOT_JSON'
  | 'NOT_OK'
  | 'NO_STATUS_OR_ID'
  | 'NOT_ACCEPTED'
  | 'NO_RUN_STATUS'
  /** The settings do not have the crew. */
  | 'CREW_GONE'
  /** The crew has no URL. */
  | 'FLOW_REVIEWS_ONLY';

/** Why CrewAI did not take a decision, as the card tells it. */
export const failureSchema = z.object({
  kind: z.enum(['refused', 'not_reached', 'unknown']),
  /** HTTP status, when there was an answer. */
  status: z.number().optional(),
  /** A code such as ECONNREFUSED or an AnswerFault, or CrewAI's own words, cut short. */
  detail: z.string().optional(),
});
export type Failure = z.infer<typeof failureSchema>;

export const decisionSchema = z.object({
  action: z.enum(['approve', 'request_revision', 'choose']),
  /** Of a Flow's options, the index of the chosen one; absent: an answer in free text. */
  option: z.number().optional(),
  /** As typed, or the text of the option; for an approve without a note empty: the crew's approval text is sent then. */
  feedback: z.string(),
  /** What was typed beside an option, for the program that asked. */
  remark: z.string().optional(),
  /** The output as a person changed it. */
  edited: z.string().optional(),
  /** What was entered into the fields of a question, as a JSON object; without hidden ones. */
  values: z.string().optional(),
  /** Slack user id; empty when a rule decided. */
  by: z.string(),
  rule: z.literal('expiry').optional(),
  at: time,
});
export type Decision = z.infer<typeof decisionSchema>;

/** The way of a decision to CrewAI. */
const deliverySchema = z.object({
  /** When the decision was made, or was last told to be sent again: the hour of tries counts from here. */
  since: time,
  attempts: z.number(),
  /** The first attempt since `since` that may have arrived. */
  firstAttemptAt: time.optional(),
  /** Until then it is not sent and can be undone. */
  undoUntil: time.optional(),
  /** An attempt has started and its outcome is not recorded. */
  underway: z.boolean(),
  /** An attempt ended without a known outcome: CrewAI may have taken the decision. */
  unsure: z.boolean(),
  failure: failureSchema.optional(),
  acceptedAt: time.optional(),
  /** When a webhook of the run came last before CrewAI's answer was recorded, which may have come first. */
  heardAt: time.optional(),
  /** The dialect of its last attempt; where it is not the documented one, a 2xx proves nothing. */
  dialect: z.enum(['documented', 'live', 'unknown']).optional(),
  /** What CrewAI says that it did with it (documented dialect): resumed, retrying, completed. */
  says: z.string().optional(),
  /** Of its attempts, in their order. */
  tickets: z.array(ticketSchema).optional(),
  /** Since then the program that asked can fetch it. */
  offeredAt: time.optional(),
});
export type Delivery = z.infer<typeof deliverySchema>;

/** What a Flow asks people (`@human_feedback`). The round of a crew's pause has none. */
const reviewSchema = z.object({
  /** What it can be answered with, verbatim; empty: only free text. */
  options: z.array(z.string()),
  /** The answer that CrewAI gives itself when nobody does. */
  defaultOutcome: z.string().optional(),
  /** Where the answer is sent. Everyone who knows it can answer, so it is deleted when the round is settled. */
  callbackUrl: z.string().optional(),
  /** The settings do not allow calls to this host: the review has to be answered in CrewAI. */
  blockedHost: z.string().optional(),
  /** Names the stored state of the Flow, which may hold secrets: only people who may decide read it. */
  stateHash: z.string().optional(),
  /** When CrewAI asked, by its clock. */
  createdAt: time.optional(),
  /** When CrewAI expects the answer; nothing happens then. */
  dueAt: time.optional(),
  /** The e-mail address of whom CrewAI assigned it to. */
  assigneeEmail: z.string().optional(),
  /** E-mail addresses of the only people who may decide, where CrewAI enforces its routing. */
  responders: z.array(z.string()).optional(),
  /** How CrewAI says that it was answered elsewhere. */
  answeredVia: z.string().optional(),
});
export type Review = z.infer<typeof reviewSchema>;

/** How the answer of a question gets to the URL that its program named. */
const pushSchema = z.object({
  url: z.string(),
  /** What was sent last: what follows is of another answer where the question was closed since then. */
  of: z.enum(['answered', 'closed']).optional(),
  /** Attempts in a row that the program did not take. */
  failures: z.number().optional(),
  notBefore: time.optional(),
  /** The settings do not allow its host or its address. */
  notAllowed: z.literal(true).optional(),
  /** It is not sent any more: the program has it, answered that it takes none, or did not take it in time. */
  ended: z.enum(['taken', 'gone', 'late']).optional(),
});
export type Push = z.infer<typeof pushSchema>;

/** What a program asks through the questions API, and how it gets the answer. */
const questionSchema = z.object({
  /** The program's own id of it. */
  id: z.string(),
  /** Of all that was asked: other content under the same id is another question. */
  digest: z.string(),
  /** What it can be answered with; absent: approve and request a revision. */
  options: z
    .array(
      z.object({
        id: z.string(),
        label: z.string(),
        style: z.enum(['primary', 'danger']).optional(),
        /** What the program does then, in a line. */
        next: z.string().optional(),
        /** Whoever chooses it enters the fields. */
        fields: z.literal(true).optional(),
        /** Of a tool: it allows further calls of the run, too. */
        allows: z.enum(['call', 'tool']).optional(),
      }),
    )
    .optional(),
  /** Whether a text goes with the answer. */
  freeText: z.enum(['none', 'optional', 'required']),
  /** The program takes an answer with a changed text. */
  editable: z.literal(true).optional(),
  /** What people enter with an option that says so; without options, with an approval. */
  fields: z.array(fieldSchema).optional(),
  /** A tool that runs only if it is allowed. */
  tool: z.literal(true).optional(),
  /** The arguments do not fit on the card: they are allowed where all their pages were read. */
  isLong: z.literal(true).optional(),
  /** How often the same call was asked for in this run, with this one; absent: once. */
  times: z.number().optional(),
  /** The id of the option that the crew's rule may take at the deadline. */
  defaultOption: z.string().optional(),
  /** Its deadline, where the program named one. */
  expiresAt: time.optional(),
  /** What it says of who decides: it only narrows. */
  approvers: z.array(z.string()).optional(),
  requestedBy: z.string().optional(),
  /** The question is closed at this time unless its program says before that it is alive. The API calls this a lease; no worker holds it. */
  leaseUntil: time.optional(),
  /** Its answer is sent to the program, too. */
  push: pushSchema.optional(),
});
export type Question = z.infer<typeof questionSchema>;

/** Why the answer to a review was refused, as the detail of a failure. */
export const REVIEW_FAULTS = {
  /** The settings do not allow its host any more: CrewAI was not called. */
  hostNotAllowed: 'CALLBACK_NOT_ALLOWED',
  /** CrewAI does not accept the secret in its callback. */
  callbackRejected: 'CALLBACK_REJECTED',
  /** CrewAI does not know it. */
  unknownReview: 'REVIEW_UNKNOWN',
} as const;

export const roundStatuses = [
  'waiting',
  'sending',
  'refused',
  'undelivered',
  'approved',
  'revision_requested',
  'answered',
  'superseded',
  'resolved_elsewhere',
  'run_ended',
  'given_up',
  'withdrawn',
] as const;
export type RoundStatus = (typeof roundStatuses)[number];
export type SettledStatus = Exclude<RoundStatus, 'waiting' | 'sending'>;

interface Meaning {
  /** `open`: something still has to happen; `accepted`: CrewAI took the decision; `closed`: over without one. */
  is: 'open' | 'accepted' | 'closed';
  /** A person has to act: decide, or say what becomes of a decision that was not delivered. */
  needsPerson: boolean;
  /** It has a decision that CrewAI has not accepted yet. */
  undelivered: boolean;
}

/** What each status means; everything that asks for a group of statuses asks here. */
const MEANINGS: Readonly<Record<RoundStatus, Meaning>> = {
  waiting: { is: 'open', needsPerson: true, undelivered: false },
  sending: { is: 'open', needsPerson: false, undelivered: true },
  refused: { is: 'open', needsPerson: true, undelivered: true },
  undelivered: { is: 'open', needsPerson: true, undelivered: true },
  approved: { is: 'accepted', needsPerson: false, undelivered: false },
  revision_requested: { is: 'accepted', needsPerson: false, undelivered: false },
  answered: { is: 'accepted', needsPerson: false, undelivered: false },
  superseded: { is: 'closed', needsPerson: false, undelivered: false },
  resolved_elsewhere: { is: 'closed', needsPerson: false, undelivered: false },
  run_ended: { is: 'closed', needsPerson: false, undelivered: false },
  given_up: { is: 'closed', needsPerson: false, undelivered: false },
  withdrawn: { is: 'closed', needsPerson: false, undelivered: false },
};

type WithStatus = Readonly<{ status: RoundStatus }>;

/** Whether a round waits for a decision, or its decision has not come to an end. */
export function isOpen({ status }: WithStatus): boolean {
  return MEANINGS[status].is === 'open';
}

/** Whether CrewAI accepted the round's decision. */
export function isAccepted({ status }: WithStatus): boolean {
  return MEANINGS[status].is === 'accepted';
}

/** Whether the round ended without a decision that CrewAI accepted. */
export function isClosed({ status }: WithStatus): boolean {
  return MEANINGS[status].is === 'closed';
}

/** Whether a person has something to do: decide, or say what becomes of a decision that was not delivered. */
export function needsPerson({ status }: WithStatus): boolean {
  return MEANINGS[status].needsPerson;
}

/** Whether the round has a decision that CrewAI has not accepted yet. */
export function hasUndeliveredDecision({ status }: WithStatus): boolean {
  return MEANINGS[status].undelivered;
}

/** A Slack message that shows a round. `shown`: the hash of the facts that it shows (card-facts.ts); empty: not known. */
const cardSchema = z.object({ channel: z.string(), ts: z.string(), shown: z.string() });
export type Card = z.infer<typeof cardSchema>;

/** Someone who was asked although they are away. */
const standInSchema = z.object({
  away: z.string(),
  /** Their last day, YYYY-MM-DD. */
  day: z.string(),
  substitute: z.string(),
  /** The substitute was asked instead; absent: the person was asked. */
  asked: z.literal(true).optional(),
  /** Why the person was asked: the votes would be too few, it is not known what the substitute may decide, Slack took no message for them, or they asked the person themselves; absent: they may not. */
  why: z.enum(['own_vote', 'unchecked', 'not_reached', 'by_substitute']).optional(),
});
export type StandIn = z.infer<typeof standInSchema>;

/** Of a pause: the ticket of the decision before it, that of an earlier one, that of the start, or none. */
export const BROUGHT = ['ticket', 'older', 'start', 'none'] as const;

export const roundSchema = z.object({
  number: z.number(),
  status: z.enum(roundStatuses),
  /** The task id of this pause, as CrewAI wants it back. */
  taskId: z.string(),
  /** A Flow asks. */
  review: reviewSchema.optional(),
  /** Names the steps of the agent before it, in the store. `ofRun`: more than one task ran. */
  steps: z.object({ hash: z.string(), ofRun: z.literal(true).optional() }).optional(),
  /** A program asks. Without either, a crew pauses. */
  question: questionSchema.optional(),
  /** Came through humanInputWebhook, alone or too; also true for reviews and questions. See `canBeAnsweredHere`. */
  humanInput: z.boolean(),
  /** The id that the run had when a pause came without its task's name: later events of that id name the task. */
  under: z.string().optional(),
  /** Identities of the output; the first names the stored text. */
  hashes: z.array(z.string()).min(1),
  /** How many characters of the output nobody sees, if any (lib/unseen.ts). */
  unseen: z.number().optional(),
  /** The beginning of the output, for the search. */
  excerpt: z.string().optional(),
  agent: z.string().optional(),
  description: z.string().optional(),
  expectedOutput: z.string().optional(),
  receivedAt: time,
  /** The output is the one that was sent back. */
  unchanged: z.boolean(),
  /** Another task of the run reported while this round waited. */
  mayHaveContinued: z.boolean(),
  /**
   * Its own webhook does not name its task, so the strictest of all the crew's rules decide on it, whatever other webhooks
   * and events say.
   */
  unnamed: z.literal(true).optional(),
  /**
   * It came after a decision: what its webhook brought, with the id of a ticket of this approval, and whether it only likely is what
   * follows.
   */
  after: z
    .object({ brought: z.enum(BROUGHT), ticket: z.string().optional(), likely: z.literal(true).optional() })
    .optional(),
  /** The task does not wait: its webhook came from a platform whose pauses come another way. */
  notWaiting: z.literal(true).optional(),
  votes: z.array(decisionSchema),
  /** Everyone had voted, and no option had enough votes: told once. */
  tiedAt: time.optional(),
  decision: decisionSchema.optional(),
  delivery: deliverySchema.optional(),
  continuedAt: time.optional(),
  /** The task that it went on with, as CrewAI names it. */
  continuedWith: z.string().optional(),
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
  /** Who was asked while away. */
  standIns: z.array(standInSchema).optional(),
  givenUpBy: z.string().optional(),
  /**
   * Why the bot closed it: the program that asked does not run any more, nobody is named who may decide on its tool, or it asks for
   * hidden values.
   */
  lapsed: z.union([z.literal(true), z.enum(['no_approvers', 'hidden_fields'])]).optional(),
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
  /** Its output is that of the round before as a person changed it. */
  edited: z.object({ by: z.string(), text: z.string() }).optional(),
  /** Others have to agree to what one of them entered: with which option, and the values as in a decision. */
  entered: z.object({ by: z.string(), option: z.number().optional(), values: z.string() }).optional(),
  /**
   * Values of hidden fields, as a JSON object; `until`: the program has them, and they are erased then. Builds before format 9 wrote
   * them. They are read until format 8 is not read any more, since a program may not have received its answer yet.
   */
  hidden: z.object({ values: z.string(), until: time.optional() }).optional(),
  /** Further calls of the tool that its decision allowed. `text`: their arguments, unless they are those of the round. */
  allowedCalls: z
    .array(
      z.object({
        id: z.string(),
        digest: z.string(),
        at: time,
        text: z.string().optional(),
        push: pushSchema.optional(),
      }),
    )
    .optional(),
  /** Its decision lets no further calls through since then. `by`: who ended that; absent: it ended with the run. */
  permissionEnded: z.object({ at: time, by: z.string().optional() }).optional(),
  /** Cards of this round that a lost answer of Slack hid from us until someone clicked on them. */
  duplicateCards: z.array(cardSchema),
});
export type Round = z.infer<typeof roundSchema>;

/** Whether a crew's run waits there; else a Flow or a program asks. */
export function isPause({ review, question }: Pick<Round, 'review' | 'question'>): boolean {
  return !review && !question;
}

/** What a round can be answered with, by a Flow or a program; undefined: it is approved, or a revision is requested. */
export function listOptions({
  review,
  question,
}: Pick<Round, 'review' | 'question'>): readonly string[] | undefined {
  return review?.options ?? question?.options?.map(({ label }) => label);
}

/** Whether a decision needs values: its option has fields, or it approves what has fields. */
export function needsValues(
  question: Pick<Question, 'fields' | 'options'> | undefined,
  { action, option }: Pick<Decision, 'action' | 'option'>,
): boolean {
  if (!question?.fields) return false;
  return question.options ? question.options[option ?? -1]?.fields === true : action === 'approve';
}

/**
 * True if the decision on a round reaches whoever asked: CrewAI resumes a pause by the id of its human-input webhook, a review and a
 * question have their own way. A task webhook's card on the live platform waits for nothing.
 */
export function canBeAnsweredHere({ humanInput }: Pick<Round, 'humanInput'>): boolean {
  return humanInput;
}

/** True if it waits for values that only its program would see, as builds before format 9 let programs ask. */
export function asksForHidden({ status, question }: Pick<Round, 'status' | 'question'>): boolean {
  return status === 'waiting' && question?.fields?.some(({ hidden }) => hidden) === true;
}

/** Whether people cannot tell all of these options apart by what they see. */
export function lookAlike(options: readonly string[]): boolean {
  // Only those that begin alike are compared whole: a thousand of 2,000 characters take 40 ms.
  const byBeginning = new Map<string, string[]>();
  for (const option of options) {
    const beginning = beginsWith(option);
    const alike = byBeginning.get(beginning);
    if (alike) alike.push(option);
    else byBeginning.set(beginning, [option]);
  }
  return [...byBeginning.values()].some(
    (alike) => alike.length > 1 && new Set(alike.map(reduceToSeen)).size < alike.length,
  );
}

const COMPARED_FIRST = 64;

/** The first characters of an option as people see it: those of two that look alike are the same. */
function beginsWith(option: string): string {
  const cut = reduceToSeen(option.slice(0, 4 * COMPARED_FIRST));
  // What is cut off can change the characters before it, but not those far before.
  const isEnough = cut.length >= 2 * COMPARED_FIRST || option.length <= 4 * COMPARED_FIRST;
  return (isEnough ? cut : reduceToSeen(option)).slice(0, COMPARED_FIRST);
}

/** An option as people see it: two that differ otherwise look the same. */
function reduceToSeen(option: string): string {
  return removeEveryUnseen(option).replace(/\s+/g, ' ').trim().normalize('NFC');
}

/** The number of the option that was chosen, from 1, where others look the same. */
export function numberChosen(
  { review, question }: Pick<Round, 'review' | 'question'>,
  decision: Decision | undefined,
): number | undefined {
  if (decision?.option === undefined || question?.tool) return undefined;
  return lookAlike(listOptions({ review, question }) ?? []) ? decision.option + 1 : undefined;
}

/** Whether it can be answered from here: the settings may not allow the host of a review's answer. */
export function canBeAnswered({ review }: Pick<Round, 'review'>): boolean {
  return !review || review.callbackUrl !== undefined;
}

/** The round's card, once it is posted, and its duplicates. */
export function listCards({ card, duplicateCards }: Round): Card[] {
  return card ? [card, ...duplicateCards] : duplicateCards;
}

/**
 * True if CrewAI may already have this decision: the outcome of an attempt is not known. What settles it:
 * - the answer to another attempt, "not pending" too (`endAttempt`);
 * - the ticket of an attempt in a webhook's URL: it arrived (`proveAttempt`);
 * - a later pause of the run: an approve arrived (`noteLaterPause`);
 * - another output of the task: a revision or a choice arrived, an approve did not (`settleByNewOutput`);
 * - the end of the run: an approve arrived, a revision stays unsure (`closeForRunEnd`);
 * - a program that asks further has the answer to its question (`settleByNewOutput`).
 * The failure of a run and its other webhooks do not prove that a decision arrived. The attempts end at `deliveryExpiresAt`; then a
 * person decides.
 */
export function mayHaveArrived(round: Round): boolean {
  return round.delivery !== undefined && (round.delivery.underway || round.delivery.unsure);
}

/** Identifies the output of a round in a button, also after its record was damaged. */
export function outputFingerprint(round: Round): string {
  return (round.hashes[0] ?? '').slice(-MARK);
}

/** What names the texts of a round in the store: its output, the state of its Flow, the steps of its agent. */
export function listOutputHashes({ hashes, review, steps }: Round): string[] {
  return [hashes[0], review?.stateHash, steps?.hash].filter((hash) => hash !== undefined);
}

export const MARK = 8;
