import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { policySchema } from './crew/task-rules.ts';
import { resolvedUrl, resolvedUrlsSchema } from './crew/webhook-urls.ts';
import type { FactName } from './facts.ts';
import { NOTE_KINDS, type Note, noteSchema } from './note.ts';
import { type Card, MARK, type Round, roundSchema, time } from './round.ts';
import { ignoredSettingSchema } from './run/ignored-setting.ts';
import { runFailureSchema } from './run/run-status.ts';
import { findTicket, type Ticket } from './run/ticket.ts';

/** Version of all stored records: a store with records of an earlier one is refused at the start (store/open-store.ts). */
export const RECORD_VERSION = 9;

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 16;

/** The approval's id: 16 Crockford base32 characters of sha256(crew, id of the run, task key). */
export function buildApprovalId(crew: string, executionId: string, taskKey: string): string {
  // JSON keeps the three apart whatever characters they hold.
  const digest = createHash('sha256')
    .update(JSON.stringify([crew, executionId, taskKey]))
    .digest();
  return writeCrockford(digest);
}

/** An id of an approval that nothing outside names. */
export function createApprovalId(): string {
  return writeCrockford(randomBytes(LENGTH));
}

function writeCrockford(bytes: Buffer): string {
  return Array.from(bytes.subarray(0, LENGTH), (byte) => CROCKFORD[byte % CROCKFORD.length]).join('');
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether an id is one that the running platform gives to a single pause; the documented API has names of tasks there. */
export function isPauseId(id: string): boolean {
  return UUID.test(id);
}

/** Whom the opening of a round asked, and under which rules. */
const askedSchema = z.object({
  channel: z.string(),
  /** Slack ids of users and groups; empty: the members of the channel. */
  approvers: z.array(z.string()),
  approvalsRequired: z.number(),
  excludeRequester: z.boolean(),
  /** Who may not decide, as far as their Slack id is known. */
  requester: z.string().optional(),
  allowGuests: z.boolean(),
  escalateTo: z.array(z.string()),
  escalateAfter: z.number().optional(),
  onExpiry: z.string(),
  expireAfter: z.number().optional(),
  undoWindow: z.number(),
  /** The hash of the options. */
  options: z.string().optional(),
});
export type AskedRules = z.infer<typeof askedSchema>;

/** Any word: an entry of an earlier format may have a name that is no longer written. */
const factNameSchema = z.custom<FactName>((value) => typeof value === 'string');

/** One thing that happened to an approval; it is kept under a key of its own as well. */
export const factSchema = z.object({
  seq: z.number(),
  at: time,
  what: factNameSchema,
  round: z.number().optional(),
  /** Slack user id, or absent when no person did it. */
  by: z.string().optional(),
  /** Where it came from: a webhook's kind, a place in Slack, or absent for the bot itself. */
  origin: z.string().optional(),
  /** Never what people or crews wrote: an audit outlives their texts. */
  detail: z.string().optional(),
  /** The hash of the output that came, and of what a person wrote. */
  output: z.string().optional(),
  texts: z.string().optional(),
  /** Of the opening of a round. */
  asked: askedSchema.optional(),
  /** Of a vote or a decision for an option; `label`: the hash of its text. */
  option: z.object({ index: z.number(), id: z.string().optional(), label: z.string() }).optional(),
  /** What decided, where no person did. */
  rule: z.string().optional(),
  /** Whose votes made a decision, where several people voted. */
  votes: z.array(z.string()).optional(),
  /** The outcome of an attempt to deliver a decision, and CrewAI's HTTP status. */
  outcome: z.string().optional(),
  status: z.number().optional(),
});
export type Fact = z.infer<typeof factSchema>;

/** The process that does some work, and the time until which no other process does it. `owner` begins with its name. */
export const leaseSchema = z.object({ owner: z.string(), until: time });
export type Lease = z.infer<typeof leaseSchema>;

/** Of an approval. */
export const laneNames = ['card', 'thread', 'delivery'] as const;
/** `start`: of a run that a person starts. */
export type LaneName = (typeof laneNames)[number] | 'start';
/** One of the independent kinds of work on a record. */
export const laneSchema = z.object({
  lease: leaseSchema.optional(),
  /** Failures in a row. */
  failures: z.number(),
  notBefore: time.optional(),
  /** Slack takes nothing there until a person changes something. */
  blocked: z.boolean().optional(),
});
export type Lane = z.infer<typeof laneSchema>;

/** Nothing of it is under way, and nothing has failed. */
export const FREE_LANE: Lane = { failures: 0 };

/** A record with work in lanes. */
export interface Laned {
  lanes: Partial<Record<LaneName, Lane>>;
}

export function setLane<R extends Laned>(record: R, name: LaneName, lane: Lane): R {
  return { ...record, lanes: { ...record.lanes, [name]: lane } };
}

/** How many people can decide, and how many it takes; `unnamed`: since the task is not known. */
const tooFewSchema = z.object({
  able: z.number(),
  required: z.number(),
  why: z.literal('unnamed').optional(),
});
export type TooFew = z.infer<typeof tooFewSchema>;

/** One task of one run under review. */
export const approvalSchema = z.object({
  v: z.literal(RECORD_VERSION),
  id: z.string(),
  crew: z.string(),
  executionId: z.string(),
  /** What people call the task: its name, else the first line of its output; blank without any. */
  task: z.string(),
  /** Nothing has named its task yet: `task` is the beginning of its output. */
  titleOnly: z.literal(true).optional(),
  /** Slack channel id or #name that the cards go to. */
  channel: z.string(),
  /** Its cards are in the thread of this message: the run was started from Slack there. */
  thread: z.object({ channel: z.string(), ts: z.string() }).optional(),
  /** The round whose card opens the thread there; absent: the first. */
  threadRound: z.number().optional(),
  /** The webhook URLs that a decision would be sent with, as the card shows them. */
  urls: resolvedUrlsSchema,
  /** The human-input webhook that goes with a decision whose round came through one, without its credentials. */
  humanInputUrl: resolvedUrl.optional(),
  /** The rules of time and number of its current round. */
  policy: policySchema,
  createdAt: time,
  rounds: z.array(roundSchema).min(1),
  notes: z.array(noteSchema),
  /** When the crew finished. */
  runEndedAt: time.optional(),
  runFailure: runFailureSchema.optional(),
  /** What was ignored of the run's settings. */
  ignored: z.array(ignoredSettingSchema).optional(),
  /** What the starter of the run says of it, for people. */
  about: z.object({ title: z.string().optional(), url: z.string().optional() }).optional(),
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
  /** The hash of the last fact in the history (store/chain.ts). */
  head: z.string().optional(),
});
export type Approval = z.infer<typeof approvalSchema>;

/** The round that people decide on: the newest. */
export function currentRound(approval: Approval): Round {
  // The schema asks for one round at least.
  return approval.rounds[approval.rounds.length - 1] as Round;
}

/** Its task is not known: what it is called is a title. */
export function isTitleOnly({ titleOnly }: Pick<Approval, 'titleOnly'>): boolean {
  return titleOnly === true;
}

/** Whether somebody has voted on the output that waits, where several have to decide. */
export function hasVoted(approval: Approval, person: string): boolean {
  return currentRound(approval).votes.some(({ by }) => by === person);
}

export function findRound(approval: Approval, number: number): Round | undefined {
  return approval.rounds.find((round) => round.number === number);
}

/** Who produced a round's output: where no webhook of it says so, the agent of the round before. */
export function findAgent({ rounds }: Approval, round: Round): string | undefined {
  if (round.agent !== undefined || round.unnamed) return round.agent;
  return rounds.findLast(({ number, agent }) => number < round.number && agent !== undefined)?.agent;
}

/** The message that is posted next: those for people first, those for a later time last. */
export function nextNote({ notes }: Approval): Note | undefined {
  const [soonest] = notes.filter((one) => one.kind === 'mention').sort((a, b) => a.at - b.at);
  const ready = notes.filter(({ kind }) => kind !== 'mention');
  return ready.find(({ kind }) => NOTE_KINDS[kind].concerns) ?? ready[0] ?? soonest;
}

/** The card that opens the thread of the others, once it is posted. */
export function threadCard(approval: Approval): Card | undefined {
  return findRound(approval, approval.threadRound ?? 1)?.card;
}

/** The message in whose thread its cards and notes are posted, once there is one. */
export function threadRoot(approval: Approval): { channel: string; ts: string } | undefined {
  return approval.thread ?? threadCard(approval);
}

/** An attempt of its decisions, by the ticket that the attempt was sent with. */
export function findAttempt(
  { rounds }: Approval,
  ticketId: string,
): { round: Round; ticket: Ticket } | undefined {
  for (const round of rounds) {
    const ticket = findTicket(round.delivery?.tickets, ticketId);
    if (ticket) return { round, ticket };
  }
  return undefined;
}

/** A card decides only the output that it shows: true when this mark is of another one. */
export function showsOtherOutput(approval: Approval, number: number, mark: string | undefined): boolean {
  const round = findRound(approval, number);
  return (
    round !== undefined && mark !== undefined && !round.hashes.some((hash) => hash.slice(-MARK) === mark)
  );
}

const KEPT_IN_RECORD = 50;

/** The approval with one more fact; the record keeps the last 50, the store keeps all. */
export function addFact(approval: Approval, fact: Omit<Fact, 'seq'>): Approval {
  const numbered: Fact = { seq: approval.factCount + 1, ...fact };
  return {
    ...approval,
    facts: [...approval.facts, numbered].slice(-KEPT_IN_RECORD),
    factCount: numbered.seq,
  };
}

/** The approval with whom its rounds asked, in those of its facts that came after the first so many. */
export function setAsked(approval: Approval, after: number, describe: () => AskedRules): Approval {
  const isOpening = ({ seq, what, output }: Fact) =>
    seq > after && what === 'received' && output !== undefined;
  if (!approval.facts.some(isOpening)) return approval;
  const asked = describe();
  const facts = approval.facts.map((fact) => (isOpening(fact) ? { ...fact, asked } : fact));
  return { ...approval, facts };
}

/** The approval with this origin in those of its facts that came after the first so many. */
export function setOrigin(approval: Approval, after: number, origin: string): Approval {
  if (approval.factCount === after) return approval;
  const facts = approval.facts.map((fact) => (fact.seq > after ? { ...fact, origin } : fact));
  return { ...approval, facts };
}
