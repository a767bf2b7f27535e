import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { policySchema } from './crew/task-rules.ts';
import { resolvedUrl, resolvedUrlsSchema } from './crew/webhook-urls.ts';
import type { FactName } from './facts.ts';
import { NOTE_KINDS, type Note, noteSchema } from './note.ts';
import { type Card, FINGERPRINT_LENGTH, type Round, roundSchema, time } from './round.ts';
import { ignoredSettingSchema } from './run/ignored-setting.ts';
import { runFailureSchema } from './run/run-status.ts';
import { findTicket, type Ticket } from './run/ticket.ts';
import { seenSchema } from './seen.ts';

/** Format of all stored records. The bot upgrades a store of an older format, or refuses to start (store/open-store.ts). */
export const RECORD_VERSION = 9;

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ID_LENGTH = 16;

/** Builds the approval's id: 16 Crockford base32 characters of sha256(crew, run id, task key). */
export function buildApprovalId(crew: string, executionId: string, taskKey: string): string {
  // JSON keeps the three parts apart, whatever characters they contain.
  const digest = createHash('sha256')
    .update(JSON.stringify([crew, executionId, taskKey]))
    .digest();
  return writeCrockford(digest);
}

/** Creates a random id for an approval that no crew, run or task key identifies. */
export function createApprovalId(): string {
  return writeCrockford(randomBytes(ID_LENGTH));
}

function writeCrockford(bytes: Buffer): string {
  return Array.from(bytes.subarray(0, ID_LENGTH), (byte) => CROCKFORD[byte % CROCKFORD.length]).join('');
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True if the running platform gave this id to a single pause. In the documented API, task names take its place. */
export function isPauseId(id: string): boolean {
  return UUID.test(id);
}

/** The people whom a new round asked, and the rules at that time. */
const askedRulesSchema = z.object({
  channel: z.string(),
  /** Slack ids of users and groups; empty: the members of the channel decide. */
  approvers: z.array(z.string()),
  approvalsRequired: z.number(),
  excludeRequester: z.boolean(),
  /** The requester, who cannot decide; absent: their Slack id is not known, or `excludeRequester` is false. */
  requester: z.string().optional(),
  allowGuests: z.boolean(),
  escalateTo: z.array(z.string()),
  escalateAfter: z.number().optional(),
  onExpiry: z.string(),
  expireAfter: z.number().optional(),
  undoWindow: z.number(),
  /** What an approval starts cannot be taken back. */
  irreversible: z.literal(true).optional(),
  /** Hash of the options. */
  options: z.string().optional(),
});
export type RecordedRules = z.infer<typeof askedRulesSchema>;

/** Accepts any word: old entries may have names that are no longer written. */
const factNameSchema = z.custom<FactName>((value) => typeof value === 'string');

/** One event in the history of an approval. The store also keeps it under its own key. */
export const factSchema = z.object({
  seq: z.number(),
  at: time,
  what: factNameSchema,
  round: z.number().optional(),
  /** Slack user id; absent: no person did it. */
  by: z.string().optional(),
  /** A webhook's kind or a place in Slack; absent: the bot itself did it. */
  origin: z.string().optional(),
  /** Never text of people or crews: the audit trail outlives their texts. */
  detail: z.string().optional(),
  /** Hashes: `output` of the output that arrived, `texts` of the text that a person wrote. */
  output: z.string().optional(),
  texts: z.string().optional(),
  /** Set when a round opens. */
  asked: askedRulesSchema.optional(),
  /** The option of a vote or a decision; `label`: hash of its text. */
  option: z.object({ index: z.number(), id: z.string().optional(), label: z.string() }).optional(),
  /** What a vote or a decision of a person was made on. */
  seen: seenSchema.optional(),
  /** The rule that decided; absent: a person decided. */
  rule: z.string().optional(),
  /** Slack ids of the voters behind a decision, if several people voted. */
  votes: z.array(z.string()).optional(),
  /** Outcome of an attempt to deliver a decision, and CrewAI's HTTP status. */
  outcome: z.string().optional(),
  status: z.number().optional(),
});
export type Fact = z.infer<typeof factSchema>;

/** A process's exclusive right to do some work until a time. `owner` begins with the name of the process. */
export const leaseSchema = z.object({ owner: z.string(), until: time });
export type Lease = z.infer<typeof leaseSchema>;

/** The lanes of an approval. */
export const laneNames = ['card', 'thread', 'delivery'] as const;
/** `start`: the lane of a run that a person starts. */
export type LaneName = (typeof laneNames)[number] | 'start';
/** State of one independent kind of work on a record. */
export const laneSchema = z.object({
  lease: leaseSchema.optional(),
  /** Failures in a row. */
  failures: z.number(),
  notBefore: time.optional(),
  /** Slack rejects this work until a person changes something. */
  blocked: z.boolean().optional(),
});
export type Lane = z.infer<typeof laneSchema>;

/** A lane with no lease and no failures. */
export const FREE_LANE: Lane = { failures: 0 };

/** A record with work in lanes. */
export interface Laned {
  lanes: Partial<Record<LaneName, Lane>>;
}

export function setLane<R extends Laned>(record: R, name: LaneName, lane: Lane): R {
  return { ...record, lanes: { ...record.lanes, [name]: lane } };
}

/** Fewer people can decide (`able`) than must (`required`); `unnamed`: because the task is not known. */
const approverShortageSchema = z.object({
  able: z.number(),
  required: z.number(),
  why: z.literal('unnamed').optional(),
});
export type ApproverShortage = z.infer<typeof approverShortageSchema>;

/** One task of a run under review. */
export const approvalSchema = z.object({
  v: z.literal(RECORD_VERSION),
  id: z.string(),
  crew: z.string(),
  executionId: z.string(),
  /** The task's name, else the first line of its output; blank: neither exists. */
  task: z.string(),
  /** No webhook has named the task: `task` is a title from the output. */
  titleOnly: z.literal(true).optional(),
  /** Channel of the cards: Slack channel id or #name, or a user id for a direct message. */
  channel: z.string(),
  /** Message of the run's start in Slack: the cards go into its thread. */
  thread: z.object({ channel: z.string(), ts: z.string() }).optional(),
  /** Number of the round whose card opens the thread; absent: 1. */
  threadRound: z.number().optional(),
  /** Webhook URLs that the bot would send with a decision, as the card shows them. */
  urls: resolvedUrlsSchema,
  /** Human-input webhook for a decision, without its credentials; set if the round came through one. */
  humanInputUrl: resolvedUrl.optional(),
  /** Time and quorum rules of the current round. */
  policy: policySchema,
  createdAt: time,
  rounds: z.array(roundSchema).min(1),
  notes: z.array(noteSchema),
  /** When the run ended. */
  runEndedAt: time.optional(),
  runFailure: runFailureSchema.optional(),
  /** Settings of the run that the bot ignored. */
  ignored: z.array(ignoredSettingSchema).optional(),
  /** Title and link that the starter of the run gave it, for people. */
  about: z.object({ title: z.string().optional(), url: z.string().optional() }).optional(),
  /** The run names a requester, whom the bot notifies of decisions. */
  hasRequester: z.literal(true).optional(),
  /** Set while too few people can decide. */
  tooFew: approverShortageSchema.optional(),
  /** An event has ended the run, and the webhook with the result has not arrived yet. */
  resultDue: z.literal(true).optional(),
  /** Keys of tasks without a card that this thread has already reported. */
  tasksNoted: z.array(z.string()),
  lanes: z.object({ card: laneSchema, thread: laneSchema, delivery: laneSchema }),
  /** The latest 50 facts, oldest first. */
  facts: z.array(factSchema),
  factCount: z.number(),
  /** Hash of the last fact in the history (store/chain.ts). */
  head: z.string().optional(),
});
export type Approval = z.infer<typeof approvalSchema>;

/** Returns the newest round, which people decide on. */
export function currentRound(approval: Approval): Round {
  // The schema requires at least one round.
  return approval.rounds[approval.rounds.length - 1] as Round;
}

/** True if no webhook has named the task: `task` is only a title. */
export function isTitleOnly({ titleOnly }: Pick<Approval, 'titleOnly'>): boolean {
  return titleOnly === true;
}

/** True if the person has voted on the current round. */
export function hasVoted(approval: Approval, person: string): boolean {
  return currentRound(approval).votes.some(({ by }) => by === person);
}

export function findRound(approval: Approval, number: number): Round | undefined {
  return approval.rounds.find((round) => round.number === number);
}

/** Finds the agent of a round's output. Falls back to an earlier round's, unless the round's webhook named no task. */
export function findAgent({ rounds }: Approval, round: Round): string | undefined {
  if (round.agent !== undefined || round.unnamed) return round.agent;
  return rounds.findLast(({ number, agent }) => number < round.number && agent !== undefined)?.agent;
}

/** Finds the note to post next: first notes for people with a part in the decision, last delayed mentions. */
export function findNextNote({ notes }: Approval): Note | undefined {
  const [soonestMention] = notes.filter((note) => note.kind === 'mention').sort((a, b) => a.at - b.at);
  const ready = notes.filter(({ kind }) => kind !== 'mention');
  return ready.find(({ kind }) => NOTE_KINDS[kind].concernsDeciders) ?? ready[0] ?? soonestMention;
}

/** Finds the card that opens the thread; undefined: it is not posted yet. */
export function findThreadCard(approval: Approval): Card | undefined {
  return findRound(approval, approval.threadRound ?? 1)?.card;
}

/** Finds the message whose thread holds the cards and notes; undefined: it is not posted yet. */
export function findThreadRoot(approval: Approval): { channel: string; ts: string } | undefined {
  return approval.thread ?? findThreadCard(approval);
}

/** Finds the attempt of a decision that was sent with this ticket. */
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

/** True if the fingerprint (`mark`) belongs to another output than the round's. A card decides only the output that it shows. */
export function showsOtherOutput(approval: Approval, number: number, mark: string | undefined): boolean {
  const round = findRound(approval, number);
  return (
    round !== undefined &&
    mark !== undefined &&
    !round.hashes.some((hash) => hash.slice(-FINGERPRINT_LENGTH) === mark)
  );
}

const FACTS_IN_RECORD = 50;

/** Adds a fact. The record keeps the last 50 facts, the store keeps all. */
export function addFact(approval: Approval, fact: Omit<Fact, 'seq'>): Approval {
  const numberedFact: Fact = { seq: approval.factCount + 1, ...fact };
  return {
    ...approval,
    facts: [...approval.facts, numberedFact].slice(-FACTS_IN_RECORD),
    factCount: numberedFact.seq,
  };
}

/** Adds the people asked and the rules to the facts that opened a round after fact number `after`. */
export function recordRules(approval: Approval, after: number, describe: () => RecordedRules): Approval {
  const isOpening = ({ seq, what, output }: Fact) =>
    seq > after && what === 'received' && output !== undefined;
  if (!approval.facts.some(isOpening)) return approval;
  const asked = describe();
  const facts = approval.facts.map((fact) => (isOpening(fact) ? { ...fact, asked } : fact));
  return { ...approval, facts };
}

/** Sets the origin of all facts after fact number `after`. */
export function setOrigin(approval: Approval, after: number, origin: string): Approval {
  if (approval.factCount === after) return approval;
  const facts = approval.facts.map((fact) => (fact.seq > after ? { ...fact, origin } : fact));
  return { ...approval, facts };
}
