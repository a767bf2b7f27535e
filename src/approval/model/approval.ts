import { z } from 'zod';
import { policySchema } from './crew/task-rules.ts';
import { resolvedUrl, resolvedUrlsSchema } from './crew/webhook-urls.ts';
import { time } from './decision.ts';
import { type Fact, factSchema } from './fact.ts';
import { laneSchema } from './lane.ts';
import { NOTE_KINDS, type Note, noteSchema } from './note.ts';
import { RECORD_VERSION } from './record-version.ts';
import { type Card, MARK, type Round, roundSchema } from './round.ts';
import { roundNeedsPerson } from './round-status.ts';
import { ignoredSettingSchema } from './run/ignored-setting.ts';
import { runFailureSchema } from './run/run-status.ts';

/** How many people can decide, and how many it takes; `unnamed`: since the task is not known. */
const tooFewSchema = z.object({
  able: z.number(),
  required: z.number(),
  why: z.literal('unnamed').optional(),
});
export type TooFew = z.infer<typeof tooFewSchema>;

/** One task of one execution under review. */
export const approvalSchema = z.object({
  v: z.literal(RECORD_VERSION),
  id: z.string(),
  crew: z.string(),
  executionId: z.string(),
  /** What people call the task: its name, else the first line of its output; blank without any. */
  task: z.string(),
  /** `task` is not its name. */
  titleOnly: z.literal(true).optional(),
  /** The round, only probably of the same task, whose name it has. */
  namedBy: z.number().optional(),
  /** It was opened while its task was not known: the strictest of all the crew's rules decide, also later. */
  strictest: z.literal(true).optional(),
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
  policy: policySchema,
  createdAt: time,
  rounds: z.array(roundSchema).min(1),
  notes: z.array(noteSchema),
  /** When the crew finished. */
  runEndedAt: time.optional(),
  runFailure: runFailureSchema.optional(),
  /** What was ignored of the run's settings. */
  ignored: z.array(ignoredSettingSchema).optional(),
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

/** Who produced a round's output: where no webhook of it says so, the agent of the round before. */
export function findAgent({ rounds }: Approval, round: Round): string | undefined {
  if (round.agent !== undefined || round.chainDoubted) return round.agent;
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

/** A card decides only the output that it shows: true when this mark is of another one. */
export function showsOtherOutput(approval: Approval, number: number, mark: string | undefined): boolean {
  const round = findRound(approval, number);
  return (
    round !== undefined && mark !== undefined && !round.hashes.some((hash) => hash.slice(-MARK) === mark)
  );
}

/** True while a person has something to do: decide, or say what becomes of a decision that did not arrive. */
export function needsPerson(approval: Approval): boolean {
  return roundNeedsPerson(currentRound(approval));
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

/** The approval with this origin in those of its facts that came after the first so many. */
export function setOrigin(approval: Approval, after: number, origin: string): Approval {
  if (approval.factCount === after) return approval;
  const facts = approval.facts.map((fact) => (fact.seq > after ? { ...fact, origin } : fact));
  return { ...approval, facts };
}
