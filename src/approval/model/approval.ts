import { z } from 'zod';
import { policySchema } from './crew/task-rules.ts';
import { resolvedUrl, resolvedUrlsSchema } from './crew/webhook-urls.ts';

/** All times in records are milliseconds since 1970, by the store's clock. */
const time = z.number();

export const roundStatuses = [
  'waiting',
  'sending',
  'refused',
  'undelivered',
  'approved',
  'revision_requested',
  'superseded',
  'resolved_elsewhere',
  'run_ended',
  'given_up',
] as const;
export type RoundStatus = (typeof roundStatuses)[number];

const decisionSchema = z.object({
  action: z.enum(['approve', 'request_revision']),
  /** As typed; for an approve without a note empty: the crew's approval text is sent then. */
  feedback: z.string(),
  /** Slack user id; empty when a rule decided. */
  by: z.string(),
  rule: z.literal('expiry').optional(),
  at: time,
});
export type Decision = z.infer<typeof decisionSchema>;

/** Why CrewAI did not take a decision, as the card tells it. */
const failureSchema = z.object({
  kind: z.enum(['refused', 'not_reached', 'unknown']),
  /** HTTP status, when there was an answer. */
  status: z.number().optional(),
  /** A short code such as ECONNREFUSED, or CrewAI's own words, cut short. */
  detail: z.string().optional(),
});
export type Failure = z.infer<typeof failureSchema>;

/** What CrewAI says of a run when it is asked. */
export const runStatusSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('running'),
    task: z.string().optional(),
    completed: z.number().optional(),
    total: z.number().optional(),
  }),
  z.object({ kind: z.literal('completed') }),
  z.object({ kind: z.literal('failed'), error: z.string().optional() }),
  /** A state that is not documented, as it came. */
  z.object({ kind: z.literal('other'), state: z.string() }),
  /** `live`: the running platform, which forgets a run while it waits for a person. */
  z.object({ kind: z.literal('not_found'), live: z.literal(true).optional() }),
  z.object({ kind: z.literal('no_access'), status: z.number() }),
  z.object({ kind: z.literal('no_answer'), detail: z.string() }),
]);
export type RunStatus = z.infer<typeof runStatusSchema>;

/** Why a run failed, and when by CrewAI's clock. */
export const runFailureSchema = z.object({ at: time, reason: z.string().optional() });
export type RunFailure = z.infer<typeof runFailureSchema>;

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
  /** The dialect of its last attempt; where it is not the documented one, a 2xx proves nothing. */
  dialect: z.enum(['documented', 'live', 'unknown']).optional(),
  /** What CrewAI says that it did with it (documented dialect): resumed, retrying, completed. */
  says: z.string().optional(),
});
export type Delivery = z.infer<typeof deliverySchema>;

/** A Slack message that shows a round. `shown` is the key of the view that it shows (card-view.ts). */
const cardSchema = z.object({ channel: z.string(), ts: z.string(), shown: z.string() });
export type Card = z.infer<typeof cardSchema>;

const roundSchema = z.object({
  number: z.number(),
  status: z.enum(roundStatuses),
  /** The task id of this pause, as CrewAI wants it back. */
  taskId: z.string(),
  /** It came, or came too, through humanInputWebhook. */
  humanInput: z.boolean(),
  /** Identities of the output; the first names the stored text. */
  hashes: z.array(z.string()).min(1),
  agent: z.string().optional(),
  description: z.string().optional(),
  expectedOutput: z.string().optional(),
  receivedAt: time,
  /** The output is the one that was sent back. */
  unchanged: z.boolean(),
  /** The whole output is a file in the thread. */
  long: z.literal(true).optional(),
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
  /** Whom its card mentions: ids of users and groups, or `here`. */
  mentioned: z.array(z.string()).optional(),
  /** Nobody was notified of its card: no approvers are named, and the channel is large. */
  unnotified: z.literal(true).optional(),
  /** Cards of this round that a lost answer of Slack hid from us until someone clicked on them. */
  duplicateCards: z.array(cardSchema),
});
export type Round = z.infer<typeof roundSchema>;

/** Why one person is written to. */
const directReasons = ['waiting', 'reminder', 'escalated', 'assigned', 'expired'] as const;

/** A message for the thread that has not been posted yet. */
export const noteSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run_result') }),
  z.object({
    kind: z.literal('not_sent'),
    why: z.enum(['superseded', 'run_ended', 'given_up']),
    decision: decisionSchema,
    /** Who gave up on it. */
    by: z.string().optional(),
    /** It may have arrived all the same. */
    unsure: z.boolean(),
  }),
  z.object({ kind: z.literal('not_taken'), decision: decisionSchema }),
  z.object({
    kind: z.literal('not_delivered'),
    decision: decisionSchema,
    failure: failureSchema,
    unsure: z.boolean(),
  }),
  z.object({ kind: z.literal('ignored'), warnings: z.array(z.string()) }),
  z.object({ kind: z.literal('task_done'), task: z.string(), agent: z.string().optional() }),
  /** Of whoever decided, for people only: CrewAI never gets it. */
  z.object({ kind: z.literal('for_people'), by: z.string(), text: z.string() }),
  z.object({ kind: z.literal('assigned'), round: z.number(), by: z.string(), to: z.string() }),
  z.object({ kind: z.literal('reminder'), round: z.number() }),
  z.object({ kind: z.literal('escalated'), round: z.number(), to: z.array(z.string()) }),
  /** `decision`: the one that the rule made, if it makes one. */
  z.object({ kind: z.literal('expired'), round: z.number(), decision: decisionSchema.optional() }),
  /** The whole output as a file, since no card holds it. */
  z.object({ kind: z.literal('whole_output'), round: z.number() }),
  /** What changed from the round before as a file, if it is too much for a modal. */
  z.object({ kind: z.literal('whole_changes'), round: z.number() }),
  /** Slack did not take such a file. */
  z.object({ kind: z.literal('file_refused'), of: z.enum(['output', 'changes']).optional() }),
  /** No webhook of the run came after CrewAI had accepted a decision. */
  z.object({ kind: z.literal('run_silent'), decision: decisionSchema, since: time, status: runStatusSchema }),
]);

/** Messages that version 0.1.0 does not know: they are kept beside the others, so that it still reads the record. */
export const noticeSchema = z.discriminatedUnion('kind', [
  /** `decision`: the last one, whose maker is told. */
  z.object({
    kind: z.literal('run_failed'),
    reason: z.string().optional(),
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
  /** To one person, who is not in the channel. */
  z.object({ kind: z.literal('direct'), round: z.number(), to: z.string(), why: z.enum(directReasons) }),
  /** To whoever started the run: a decision was made, or the run has ended. */
  z.object({ kind: z.literal('to_requester'), round: z.number(), what: z.enum(['decided', 'ended']) }),
]);
export type Notice = z.infer<typeof noticeSchema>;
export type Note = z.infer<typeof noteSchema> | Notice;

export const laneNames = ['card', 'thread', 'delivery'] as const;
export type LaneName = (typeof laneNames)[number];

/** One of the three independent kinds of work on an approval. */
const laneSchema = z.object({
  lease: z.object({ owner: z.string(), until: time }).optional(),
  /** Failures in a row. */
  failures: z.number(),
  notBefore: time.optional(),
  /** Slack takes nothing there until a person changes something. */
  blocked: z.boolean().optional(),
});
export type Lane = z.infer<typeof laneSchema>;

/** One thing that happened to an approval; it is kept under a key of its own as well. */
export const factSchema = z.object({
  seq: z.number(),
  at: time,
  what: z.string(),
  round: z.number().optional(),
  /** Slack user id, or absent when no person did it. */
  by: z.string().optional(),
  /** Where it came from: a webhook's kind, a place in Slack, or absent for the bot itself. */
  origin: z.string().optional(),
  /** Never what people or crews wrote: an audit outlives their texts. */
  detail: z.string().optional(),
  /** Of an attempt to deliver a decision: what came of it, and CrewAI's HTTP status. */
  outcome: z.string().optional(),
  status: z.number().optional(),
});
export type Fact = z.infer<typeof factSchema>;

/** Of the record's form: older ones are brought to it when they are read (versions.ts). */
export const APPROVAL_VERSION = 2;

/** How many people can decide, and how many it takes; `unnamed`: since the task is not known. */
const tooFewSchema = z.object({
  able: z.number(),
  required: z.number(),
  why: z.literal('unnamed').optional(),
});
export type TooFew = z.infer<typeof tooFewSchema>;

/** One task of one execution under review. */
export const approvalSchema = z.object({
  v: z.literal(APPROVAL_VERSION),
  id: z.string(),
  crew: z.string(),
  executionId: z.string(),
  /** What people call the task: its name, else the first line of its output. */
  task: z.string(),
  /** `task` is not its name. */
  titleOnly: z.literal(true).optional(),
  /** The round, only probably of the same task, whose name it has. */
  namedBy: z.number().optional(),
  /** It was opened while its task was not known: the strictest of all the crew's rules decide, also later. */
  strictest: z.literal(true).optional(),
  /** Slack channel id or #name that the cards go to. */
  channel: z.string(),
  /** The round whose card opens the thread there; absent: the first. */
  threadRound: z.number().optional(),
  /** The webhook URLs that a decision would be sent with, as the card shows them. */
  urls: resolvedUrlsSchema,
  /** The human-input webhook that goes with a decision whose round came through one, without its credentials. */
  humanInputUrl: resolvedUrl.optional(),
  policy: policySchema,
  createdAt: time,
  rounds: z.array(roundSchema).min(1),
  notes: z.array(noteSchema),
  notices: z.array(noticeSchema).optional(),
  /** When the crew finished. */
  runEndedAt: time.optional(),
  runFailure: runFailureSchema.optional(),
  /** What was ignored of the run's settings, in words. */
  ignored: z.array(z.string()).optional(),
  /** Someone started the run who is told of decisions. */
  hasRequester: z.literal(true).optional(),
  /** Too few people can decide. */
  tooFew: tooFewSchema.optional(),
  /** It finished by an event, before the webhook that brings its result. */
  resultDue: z.literal(true).optional(),
  /** Tasks without a card of their own that were noted in this thread: they are told once. */
  tasksNoted: z.array(z.string()),
  lanes: z.object({ card: laneSchema, thread: laneSchema, delivery: laneSchema }),
  /** The last facts. */
  facts: z.array(factSchema),
  factCount: z.number(),
});
export type Approval = z.infer<typeof approvalSchema>;

/** The round that people decide on: the newest. */
export function currentRound(approval: Approval): Round {
  // The schema asks for one round at least.
  return approval.rounds[approval.rounds.length - 1] as Round;
}

export function findRound(approval: Approval, number: number): Round | undefined {
  return approval.rounds.find((round) => round.number === number);
}

/** Whether a round waits for a decision, or its decision has not come to an end. */
export function isOpen({ status }: Round): boolean {
  return status === 'waiting' || status === 'sending' || status === 'refused' || status === 'undelivered';
}

/** The message that is posted next: those for people first, those for a later time last. */
export function nextNote({ notes, notices = [] }: Approval): Note | undefined {
  const [soonest] = notices.filter((one) => one.kind === 'mention').sort((a, b) => a.at - b.at);
  const ready: Note[] = [...notes, ...notices.filter(({ kind }) => kind !== 'mention')];
  return ready.find(asksPerson) ?? ready[0] ?? soonest;
}

const FOR_NOBODY: Note['kind'][] = [
  'run_result',
  'task_done',
  'ignored',
  'whole_output',
  'whole_changes',
  'file_refused',
  'to_requester',
];

/** Whether someone is asked or told by a note who has to do with the decision: it goes before the others. */
export function asksPerson({ kind }: Note): boolean {
  return !FOR_NOBODY.includes(kind);
}

/** The card that opens the thread of the others, once it is posted. */
export function threadCard(approval: Approval): Card | undefined {
  return findRound(approval, approval.threadRound ?? 1)?.card;
}

const MARK = 8;

/** What tells the outputs of an approval apart in a button, and outlives a damaged record. */
export function outputFingerprint(round: Round): string {
  return (round.hashes[0] ?? '').slice(-MARK);
}

/** A card decides only the output that it shows: true when this mark is of another one. */
export function showsOtherOutput(approval: Approval, number: number, mark: string | undefined): boolean {
  const round = findRound(approval, number);
  return (
    round !== undefined && mark !== undefined && !round.hashes.some((hash) => hash.slice(-MARK) === mark)
  );
}

/** CrewAI may already have this decision: an attempt's outcome is not known. */
export function mayHaveArrived(round: Round): boolean {
  return round.delivery !== undefined && (round.delivery.underway || round.delivery.unsure);
}

/** True while a person has something to do: decide, or say what becomes of a decision that did not arrive. */
export function needsPerson(approval: Approval): boolean {
  return ['waiting', 'refused', 'undelivered'].includes(currentRound(approval).status);
}
