import { z } from 'zod';
import { removeEveryUnseen } from '../../lib/unseen.ts';
import { fieldSchema } from './fields.ts';
import { ticketSchema } from './run/ticket.ts';
import { type DecisionPlace, seenSchema } from './seen.ts';

/** All times in records are milliseconds since 1970, by the store's clock. */
export const time = z.number();
/** Faults that the bot found itself, as the detail of a failure or of a missing status. Slack's texts have words for each. */
export type AnswerFault =
  | 'NOT_JSON'
  | 'NOT_OK'
  | 'NO_STATUS_OR_ID'
  | 'NOT_ACCEPTED'
  | 'NO_RUN_STATUS'
  /** The crew is no longer in the settings. */
  | 'CREW_GONE'
  /** The crew has no URL. */
  | 'FLOW_REVIEWS_ONLY';

/** Why CrewAI did not accept a decision, as the card says it. */
export const failureSchema = z.object({
  kind: z.enum(['refused', 'not_reached', 'unknown']),
  /** HTTP status; absent: there was no answer. */
  status: z.number().optional(),
  /** A code such as ECONNREFUSED, an AnswerFault, or CrewAI's own words, shortened. */
  detail: z.string().optional(),
});
export type Failure = z.infer<typeof failureSchema>;

export const decisionSchema = z.object({
  action: z.enum(['approve', 'request_revision', 'choose']),
  /** Index of the chosen option; absent: an answer in free text. */
  option: z.number().optional(),
  /** Text as typed, or the text of the option; empty for an approve without a note: CrewAI then gets the crew's approval text. */
  feedback: z.string(),
  /** Text that was typed beside an option, for the program that asked. */
  remark: z.string().optional(),
  /** The output as edited by a person. */
  edited: z.string().optional(),
  /** Values of the question's fields, as a JSON object, without hidden ones. */
  values: z.string().optional(),
  /** Slack user id; empty: a rule decided. */
  by: z.string(),
  rule: z.literal('expiry').optional(),
  /** What the person was shown; absent: a rule decided, or an earlier build recorded the decision. */
  seen: seenSchema.optional(),
  at: time,
});
export type Decision = z.infer<typeof decisionSchema>;

/** Delivery of a decision. */
const deliverySchema = z.object({
  /** When the decision was made or last retried by a person. The hour of attempts starts here. */
  since: time,
  attempts: z.number(),
  /** First attempt since `since` that may have arrived. */
  firstAttemptAt: time.optional(),
  /** Before this time the decision is not sent and can be undone. */
  undoUntil: time.optional(),
  /** An attempt has started, and its outcome is not recorded. */
  underway: z.boolean(),
  /** An attempt ended without a known outcome: CrewAI may have the decision. */
  unsure: z.boolean(),
  failure: failureSchema.optional(),
  acceptedAt: time.optional(),
  /** When the last webhook of the run arrived before CrewAI's answer was recorded. CrewAI may have answered earlier than that. */
  heardAt: time.optional(),
  /** Dialect of the last attempt; unless `documented`, a 2xx proves nothing. */
  dialect: z.enum(['documented', 'live', 'unknown']).optional(),
  /** CrewAI's report of what it did with the decision (documented dialect): resumed, retrying, completed. */
  says: z.string().optional(),
  /** Tickets of the attempts, oldest first. */
  tickets: z.array(ticketSchema).optional(),
  /** The program that asked can fetch the decision from this time on. */
  offeredAt: time.optional(),
});
export type Delivery = z.infer<typeof deliverySchema>;

/** A question that a Flow asks (`@human_feedback`). Rounds of a crew's pauses have none. */
const reviewSchema = z.object({
  /** Possible answers, verbatim; empty: free text only. */
  options: z.array(z.string()),
  /** The answer that CrewAI assumes if no one answers. */
  defaultOutcome: z.string().optional(),
  /** URL for the answer. Anyone who knows the URL can answer, so the program deletes it when the round is settled. */
  callbackUrl: z.string().optional(),
  /** Host that the settings do not allow: the review must be answered in CrewAI. */
  blockedHost: z.string().optional(),
  /** Key of the Flow's stored state. The state may hold secrets: only people who can decide may read it. */
  stateHash: z.string().optional(),
  /** When CrewAI asked, by CrewAI's clock. */
  createdAt: time.optional(),
  /** When CrewAI expects the answer. Nothing happens at this time. */
  dueAt: time.optional(),
  /** Email address of the person to whom CrewAI assigned the review. */
  assigneeEmail: z.string().optional(),
  /** Email addresses of the only people who may decide; set if CrewAI enforces its routing. */
  responders: z.array(z.string()).optional(),
  /** CrewAI's word for how the review was answered elsewhere. */
  answeredVia: z.string().optional(),
});
export type Review = z.infer<typeof reviewSchema>;

/** Push of a question's answer to the URL that the program gave. */
const pushSchema = z.object({
  url: z.string(),
  /** Status sent last. If the question was closed after that, the other fields describe the earlier push. */
  of: z.enum(['answered', 'closed']).optional(),
  /** Consecutive attempts that the program did not accept. */
  failures: z.number().optional(),
  notBefore: time.optional(),
  /** The settings do not allow the host or its address. */
  notAllowed: z.literal(true).optional(),
  /** Why the push ended: the program accepted it, refused it with 410, or did not accept it within 7 days. */
  ended: z.enum(['taken', 'gone', 'late']).optional(),
});
export type Push = z.infer<typeof pushSchema>;

/** A question that a program asks through the questions API, and how the program gets the answer. */
const questionSchema = z.object({
  /** The program's own id of the question. */
  id: z.string(),
  /** Hash of the whole question: other content under the same id is another question. */
  digest: z.string(),
  /** Possible answers; absent: approve or request a revision. */
  options: z
    .array(
      z.object({
        id: z.string(),
        label: z.string(),
        style: z.enum(['primary', 'danger']).optional(),
        /** One line about what the program does next. */
        next: z.string().optional(),
        /** A person who chooses this option fills in the fields. */
        fields: z.literal(true).optional(),
        /** For a tool call: the option also allows further calls of the run. */
        allows: z.enum(['call', 'tool']).optional(),
      }),
    )
    .optional(),
  /** Free text beside the answer. */
  freeText: z.enum(['none', 'optional', 'required']),
  /** The program accepts an answer with an edited text. */
  editable: z.literal(true).optional(),
  /** Only people who were shown all of the question may answer it. */
  requireWhole: z.literal(true).optional(),
  /** Only named people may decide: where nobody is named, the members of the channel may not. Always so for a tool call. */
  namedApprovers: z.literal(true).optional(),
  /** Form fields for the options with `fields`; without options, for an approval. */
  fields: z.array(fieldSchema).optional(),
  /** Digest of the tool's exact arguments, for receipts. */
  argumentsDigest: z.string().optional(),
  /** The question is a tool call: the tool runs only if allowed. */
  tool: z.literal(true).optional(),
  /** The arguments do not fit on the card: a person must read all pages before allowing them. */
  isLong: z.literal(true).optional(),
  /** Number of times that this call was requested in this run, this one included; absent: 1. */
  times: z.number().optional(),
  /** Id of the option that the crew's rule may choose at the deadline. */
  defaultOption: z.string().optional(),
  /** The program's own deadline. */
  expiresAt: time.optional(),
  /** Approvers and requester that the program named. They only narrow who may decide. */
  approvers: z.array(z.string()).optional(),
  requestedBy: z.string().optional(),
  /** The question is closed at this time unless the program renews its lease (the API's word; no worker holds it). */
  leaseUntil: time.optional(),
  /** The bot also sends the answer to the program. */
  push: pushSchema.optional(),
});
export type Question = z.infer<typeof questionSchema>;

/** Faults of the answer to a review, as the detail of a failure. */
export const REVIEW_FAULTS = {
  /** The settings no longer allow the host: the bot did not call CrewAI. */
  hostNotAllowed: 'CALLBACK_NOT_ALLOWED',
  /** CrewAI rejects the secret in its callback URL. */
  callbackRejected: 'CALLBACK_REJECTED',
  /** CrewAI does not know the review. */
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
  /** `open`: not over; `accepted`: CrewAI or the program accepted the decision; `closed`: over without an accepted decision. */
  is: 'open' | 'accepted' | 'closed';
  /** A person must act: decide, or say what to do about a decision that was not delivered. */
  needsPerson: boolean;
  /** The round has a decision that CrewAI has not accepted yet. */
  undelivered: boolean;
}

/** Meaning of each status. All code that asks about a group of statuses reads this table. */
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

/** True if a round waits for a decision, or its decision is not settled. */
export function isOpen({ status }: WithStatus): boolean {
  return MEANINGS[status].is === 'open';
}

/** True if CrewAI, or the program that asked, accepted the round's decision. */
export function isAccepted({ status }: WithStatus): boolean {
  return MEANINGS[status].is === 'accepted';
}

/** True if the round ended without an accepted decision. */
export function isClosed({ status }: WithStatus): boolean {
  return MEANINGS[status].is === 'closed';
}

/** True if a person must decide, or say what to do about a decision that was not delivered. */
export function needsPerson({ status }: WithStatus): boolean {
  return MEANINGS[status].needsPerson;
}

/** True if the round has a decision that CrewAI has not accepted yet. */
export function hasUndeliveredDecision({ status }: WithStatus): boolean {
  return MEANINGS[status].undelivered;
}

/** A Slack message that shows a round. `shown`: hash of the facts on the card (card-facts.ts); empty: not known. */
const cardSchema = z.object({ channel: z.string(), ts: z.string(), shown: z.string() });
export type Card = z.infer<typeof cardSchema>;

/** An approver who is away, and their substitute. */
const standInSchema = z.object({
  away: z.string(),
  /** Last day of the absence, YYYY-MM-DD. */
  day: z.string(),
  substitute: z.string(),
  /** The bot asked the substitute instead; absent: the bot asked the person. */
  asked: z.literal(true).optional(),
  /**
   * Why the bot asked the person: their vote is needed, the substitute's rights are not known, Slack rejected the message to the
   * substitute, or the substitute asked for the person; absent: the substitute may not decide.
   */
  why: z.enum(['own_vote', 'unchecked', 'not_reached', 'by_substitute']).optional(),
});
export type StandIn = z.infer<typeof standInSchema>;

/** Ticket that a pause brought: of the decision before it, of an older decision, of the start, or none. */
export const TICKET_SOURCES = ['ticket', 'older', 'start', 'none'] as const;

export const roundSchema = z.object({
  number: z.number(),
  status: z.enum(roundStatuses),
  /** Task id of this pause, which CrewAI expects back. */
  taskId: z.string(),
  /** Set if a Flow asks. */
  review: reviewSchema.optional(),
  /** Key of the agent's stored steps before this round. `ofRun`: several tasks ran, so the steps may belong to any of them. */
  steps: z.object({ hash: z.string(), ofRun: z.literal(true).optional() }).optional(),
  /** Set if a program asks. Without `review` and `question`, the round is a crew's pause. */
  question: questionSchema.optional(),
  /** The round came through humanInputWebhook, perhaps with others. Also true for reviews and questions (`canBeAnsweredHere`). */
  humanInput: z.boolean(),
  /** Run id at the time of a pause without a task name: later events with this id name the task. */
  under: z.string().optional(),
  /** Hashes of the output. The first one is the key of the stored text. */
  hashes: z.array(z.string()).min(1),
  /** Count of invisible characters in the output; absent: none (lib/unseen.ts). */
  unseen: z.number().optional(),
  /** Beginning of the output, for the search. */
  excerpt: z.string().optional(),
  agent: z.string().optional(),
  description: z.string().optional(),
  expectedOutput: z.string().optional(),
  receivedAt: time,
  /** The output is the same as the one sent back. */
  unchanged: z.boolean(),
  /** Another task of the run reported while this round waited. */
  mayHaveContinued: z.boolean(),
  /** The round's own webhook does not name its task: the strictest of all the crew's rules apply, whatever later webhooks say. */
  unnamed: z.literal(true).optional(),
  /** What an approval of the round starts cannot be taken back. */
  irreversible: z.literal(true).optional(),
  /**
   * Set if the run had a decision before the round. `brought`, `ticket`: ticket in its webhook, and its id if of this approval;
   * `likely`: a guess, no ticket proves it.
   */
  after: z
    .object({
      brought: z.enum(TICKET_SOURCES),
      ticket: z.string().optional(),
      likely: z.literal(true).optional(),
    })
    .optional(),
  /** The task does not wait: on this platform pauses come through another webhook. */
  notWaiting: z.literal(true).optional(),
  votes: z.array(decisionSchema),
  /** Time of a tie: everyone had voted and no option had enough votes. The bot reports the first one only. */
  tiedAt: time.optional(),
  decision: decisionSchema.optional(),
  delivery: deliverySchema.optional(),
  continuedAt: time.optional(),
  /** Task with which the run continued, as CrewAI names it. */
  continuedWith: z.string().optional(),
  /** Number of reminders. */
  reminders: z.number().optional(),
  /** No reminder before this time: it was night for the approvers. */
  remindNotBefore: time.optional(),
  escalatedAt: time.optional(),
  /** When the deadline passed. The round can still be decided. */
  expiredAt: time.optional(),
  /** A person takes care of the round. */
  claim: z.object({ by: z.string(), until: time }).optional(),
  /** Slack id of the person who was asked to decide. Others still may. */
  assignee: z.string().optional(),
  /** Approvers who were away when the bot asked, and their substitutes. */
  standIns: z.array(standInSchema).optional(),
  givenUpBy: z.string().optional(),
  /** Why the bot closed the round: its program stopped (`true`), no approvers for its tool, or it asks for hidden values. */
  lapsed: z.union([z.literal(true), z.enum(['no_approvers', 'hidden_fields'])]).optional(),
  /** Slack ids of people who tried to decide and were refused. */
  refusedPeople: z.array(z.string()).optional(),
  /** When the bot checked on a run that was silent after CrewAI accepted the decision: once per round. */
  silentAt: time.optional(),
  settledAt: time.optional(),
  card: cardSchema.optional(),
  /** Users and groups that the card mentions, by Slack id, or `here`. */
  mentioned: z.array(z.string()).optional(),
  /** No one was notified of the card: the settings name no one who could be, or the channel is too large. */
  unnotified: z.literal(true).optional(),
  /** The output is the previous round's, edited by a person. */
  edited: z.object({ by: z.string(), text: z.string() }).optional(),
  /** A person's entries that other voters must agree to: the option, and the values as in a decision. */
  entered: z.object({ by: z.string(), option: z.number().optional(), values: z.string() }).optional(),
  /**
   * Values of hidden fields, as a JSON object; `until`: erased at this time, since the program has them. Builds before format 9
   * wrote them. Keep reading them as long as format 8 is read: a program may still wait for its answer.
   */
  hidden: z.object({ values: z.string(), until: time.optional() }).optional(),
  /** Further tool calls that the decision allowed. `text`: their arguments; absent: the same as the round's. */
  allowedCalls: z
    .array(
      z.object({
        id: z.string(),
        digest: z.string(),
        at: time,
        text: z.string().optional(),
        push: pushSchema.optional(),
        argumentsDigest: z.string().optional(),
        receipt: z.string().optional(),
      }),
    )
    .optional(),
  /** The decision allows no further calls after `at`. `by`: the person who ended the permission; absent: the end of the run. */
  permissionEnded: z.object({ at: time, by: z.string().optional() }).optional(),
  /** Cards of this round that the bot did not know, since Slack's answer was lost, until a person clicked on one. */
  duplicateCards: z.array(cardSchema),
  /** Key of the stored receipt of the answer, for its program. */
  receipt: z.string().optional(),
  /** Keys of the stored descriptions that people saw when they decided. They outlast a decision that was taken back. */
  seenTexts: z.array(z.string()).optional(),
});
export type Round = z.infer<typeof roundSchema>;

/** True if the round is a crew's pause, not the question of a Flow or a program. */
export function isPause({ review, question }: Pick<Round, 'review' | 'question'>): boolean {
  return !review && !question;
}

/** What one person was shown, as programs and other systems read it. `shown`, `of`: in characters, if only a part was shown. */
export interface SeenBy {
  by: string;
  /** `unknown`: an earlier build recorded the decision. */
  place: DecisionPlace | 'unknown';
  /** Absent: not known. */
  whole?: boolean;
  shown?: number;
  of?: number;
  /** The person was asked to confirm that only a part was shown. Absent: not known. */
  asked?: boolean;
}

function isSameChoice(vote: Decision, decision: Decision): boolean {
  if (vote.by === decision.by) return true;
  const isFreeText = decision.action === 'choose' && decision.option === undefined;
  return (
    vote.action === decision.action &&
    vote.option === decision.option &&
    (!isFreeText || vote.feedback === decision.feedback)
  );
}

/** Lists what the people behind a decision were shown, in the order of their votes; empty: a rule decided. */
export function listSeen({ decision, votes }: Pick<Round, 'decision' | 'votes'>): SeenBy[] {
  if (!decision || decision.by === '') return [];
  return votes
    .filter((vote) => isSameChoice(vote, decision))
    .map(({ by, seen }) => {
      const { place = 'unknown', hash, part, asked = false } = seen ?? {};
      return { by, place, ...(hash === undefined ? {} : { whole: part === undefined, asked }), ...part };
    });
}

/** Lists the options of a Flow's or program's question; undefined: the round is approved or sent back for revision. */
export function listOptions({
  review,
  question,
}: Pick<Round, 'review' | 'question'>): readonly string[] | undefined {
  return review?.options ?? question?.options?.map(({ label }) => label);
}

/** True if a decision needs values: its option has fields, or it approves a question with fields. */
export function needsValues(
  question: Pick<Question, 'fields' | 'options'> | undefined,
  { action, option }: Pick<Decision, 'action' | 'option'>,
): boolean {
  if (!question?.fields) return false;
  return question.options ? question.options[option ?? -1]?.fields === true : action === 'approve';
}

/**
 * True if the decision on a round reaches the asker: CrewAI resumes a pause by the id of its human-input webhook; reviews and
 * questions have their own ways. On the live platform, nothing waits for the card of a task webhook.
 */
export function canBeAnsweredHere({ humanInput }: Pick<Round, 'humanInput'>): boolean {
  return humanInput;
}

/** True if a question waits for hidden values. Builds before format 9 let programs ask for them. */
export function asksForHidden({ status, question }: Pick<Round, 'status' | 'question'>): boolean {
  return status === 'waiting' && question?.fields?.some(({ hidden }) => hidden) === true;
}

/** True if people see no difference between some of these options. */
export function areAlike(options: readonly string[]): boolean {
  // Compare whole texts only if the beginnings are equal: a thousand options of 2,000 characters take 40 ms.
  const byBeginning = new Map<string, string[]>();
  for (const option of options) {
    const beginning = cutBeginning(option);
    const alike = byBeginning.get(beginning);
    if (alike) alike.push(option);
    else byBeginning.set(beginning, [option]);
  }
  return [...byBeginning.values()].some(
    (alike) => alike.length > 1 && new Set(alike.map(reduceToSeen)).size < alike.length,
  );
}

const COMPARED_BEGINNING = 64;

/** Returns the beginning of an option as people see it. Options that look alike have the same beginning. */
function cutBeginning(option: string): string {
  const cut = reduceToSeen(option.slice(0, 4 * COMPARED_BEGINNING));
  // The cut can change characters next to it, but none far before it.
  const isEnough = cut.length >= 2 * COMPARED_BEGINNING || option.length <= 4 * COMPARED_BEGINNING;
  return (isEnough ? cut : reduceToSeen(option)).slice(0, COMPARED_BEGINNING);
}

/** Returns an option as people see it. Two options with the same result look the same. */
function reduceToSeen(option: string): string {
  return removeEveryUnseen(option).replace(/\s+/g, ' ').trim().normalize('NFC');
}

/** Returns the number of the chosen option, from 1; undefined: all options look different, or none was chosen. */
export function findOptionNumber(
  { review, question }: Pick<Round, 'review' | 'question'>,
  decision: Decision | undefined,
): number | undefined {
  if (decision?.option === undefined || question?.tool) return undefined;
  return areAlike(listOptions({ review, question }) ?? []) ? decision.option + 1 : undefined;
}

/** True if the round can be answered from here: the settings may not allow the host of a review's callback. */
export function canBeAnswered({ review }: Pick<Round, 'review'>): boolean {
  return !review || review.callbackUrl !== undefined;
}

/** Lists the round's card, if posted, and the duplicates. */
export function listCards({ card, duplicateCards }: Round): Card[] {
  return card ? [card, ...duplicateCards] : duplicateCards;
}

/**
 * True if CrewAI may already have this decision: the outcome of an attempt is not known. Evidence that settles it:
 * - the answer to another attempt, "not pending" included (`endAttempt`);
 * - an attempt's ticket in a webhook's URL: the decision arrived (`proveAttempt`);
 * - a later pause of the run: an approve arrived (`applyLaterPause`);
 * - another output of the task: a revision or a choice arrived, an approve did not (`settleByNewOutput`);
 * - the end of the run: an approve arrived, a revision stays unsure (`closeForRunEnd`);
 * - the next question of a program: the program has the answer to the last one (`settleByNewOutput`).
 * The failure of a run and its other webhooks do not prove that a decision arrived. After an hour of attempts
 * (`findDeliveryExpiry`) a person decides.
 */
export function mayHaveArrived(round: Round): boolean {
  return round.delivery !== undefined && (round.delivery.underway || round.delivery.unsure);
}

/** Returns a short mark of the round's output for buttons. The mark works even after the record was damaged. */
export function readFingerprint(round: Round): string {
  return (round.hashes[0] ?? '').slice(-FINGERPRINT_LENGTH);
}

/** Lists the keys of a round's stored texts: output, Flow state, agent steps, descriptions that people saw, receipts. */
export function listOutputHashes(round: Round): string[] {
  const { hashes, review, steps, seenTexts = [], receipt, allowedCalls = [] } = round;
  const receipts = [receipt, ...allowedCalls.map((call) => call.receipt)];
  return [hashes[0], review?.stateHash, steps?.hash, ...seenTexts, ...receipts].filter(
    (hash) => hash !== undefined,
  );
}

export const FINGERPRINT_LENGTH = 8;
