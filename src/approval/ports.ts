import type { People } from './access/can-decide.ts';
import type { PushOutcome, ResumeOutcome } from './lifecycle/events.ts';
import type { Approval, Fact, LaneName } from './model/approval.ts';
import type { Absences, Notice } from './model/away.ts';
import type { Language } from './model/crew/language.ts';
import type { DecidedAs } from './model/facts.ts';
import type { Field } from './model/fields.ts';
import type { Note } from './model/note.ts';
import type { NamedOutput, Output } from './model/output.ts';
import type { Card, Decision, Round } from './model/round.ts';
import type { AgentStep } from './model/run/agent-steps.ts';
import type { RunRecord } from './model/run/run-record.ts';
import type { RunStatus } from './model/run/run-status.ts';
import type { Start, StartNote } from './model/run/start.ts';
import type { SignedEvent } from './signed-events.ts';
import type { KickoffOutcome } from './starts/start-events.ts';

/** A record as it was read, with what the store compares when it is written back. */
export interface Stored<T> {
  record: T;
  raw: string;
  /** It was stored in an earlier form: what is written with its next change. */
  upgraded?: readonly { key: string; raw: string }[];
}

/** A record to be written, as it was read (undefined: it is new). */
export interface Write<T> {
  previous: Stored<T> | undefined;
  next: T;
}

/** `outputs`: of a new round. */
export interface ApprovalWrite extends Write<Approval> {
  outputs?: readonly NamedOutput[] | undefined;
}

/** `result`: of the run. */
export interface RunWrite extends Write<RunRecord> {
  result?: Output | undefined;
}

/** What is written together. */
export interface Changes {
  approvals?: readonly ApprovalWrite[];
  run?: RunWrite | undefined;
  /** The start of a run. */
  start?: Write<Start> | undefined;
  /**
   * Another id of a run: webhooks under it belong to this run from now on. Together with the run, what came
   * under the id before (`from`) is deleted, and its result moves.
   */
  alias?: { crew: string; id: string; executionId: string; from?: Stored<RunRecord> | undefined };
  /** The steps of a run's agents. */
  steps?:
    | {
        crew: string;
        executionId: string;
        previous: Stored<AgentStep[]> | undefined;
        next: readonly AgentStep[];
      }
    | undefined;
  /** A program's question: the approval that it is a round of. `previous`: what the id stood for before. */
  question?:
    | { crew: string; id: string; approvalId: string; previous: Stored<string> | undefined }
    | undefined;
  /** By the store's clock: what has not begun by then is not written. */
  deadline?: number;
}

/** The lists by time. */
export type ListName =
  /** Approvals in which some lane is due, by that time. */
  | 'due'
  /** Approvals of a crew that wait for a person, by the time of their round. */
  | 'waiting'
  /** Approvals of a crew that were decided, by the time of the latest decision. */
  | 'decided'
  /** Approvals that a person decided, by the time of their latest decision. */
  | 'decidedBy'
  /** Approvals of a crew whose decision lets further calls of a tool through, by the time of the latest such decision. */
  | 'permitting'
  /** All approvals of a crew, by the time they were opened. */
  | 'created'
  /** Approvals of a crew whose decision is being sent to CrewAI, by the time from which it can be sent. */
  | 'sending'
  /** Settled approvals of a crew, by the time they were settled. */
  | 'settled'
  /** Runs of a crew that were started from Slack, by the time of their start. */
  | 'starts'
  /** Starts of runs of which something is due, by that time. */
  | 'dueStarts'
  /** Runs of which something is to be told by then: nothing shows their pauses. */
  | 'runsToCheck'
  /** Runs without approvals of which nothing is waited for, by the day since when. */
  | 'idleRuns';

/** What is read of a list: at most `limit` entries, those beyond a place in it, `reverse` from the newest on. */
export interface Slice {
  limit: number;
  after?: string | undefined;
  reverse?: boolean;
  /** Only entries up to and with this time, in milliseconds since 1970. */
  until?: number;
}

/** What a list holds: the id of a record, and its place in the list. */
export interface Entry {
  id: string;
  place: string;
  /** Of a run in `runsToCheck` or `idleRuns`. */
  crew?: string | undefined;
}

/** Where approvals are kept. Every method rejects with a StoreError when the store fails. */
export interface ApprovalStore {
  approval(id: string): Promise<Stored<Approval> | undefined>;
  /** In one read, in the order of their ids, without those that are absent. */
  approvals(ids: readonly string[]): Promise<Stored<Approval>[]>;
  run(crew: string, executionId: string): Promise<Stored<RunRecord> | undefined>;
  start(id: string): Promise<Stored<Start> | undefined>;
  output(approvalId: string, hash: string): Promise<Output | undefined>;
  result(crew: string, executionId: string): Promise<Output | undefined>;
  /** The run that an id stands for: itself, unless it is an alias. */
  originalId(crew: string, executionId: string): Promise<string>;
  /** The approval whose cards are in the thread of this message, or the start from Slack whose message it is. */
  ownerOfThread(channel: string, ts: string): Promise<{ approval: string } | { kickoff: string } | undefined>;
  /** The steps of a run's agents since its last task or pause. */
  steps(crew: string, executionId: string): Promise<Stored<AgentStep[]> | undefined>;
  /** The approval that a program's question is a round of. */
  question(crew: string, id: string): Promise<Stored<string> | undefined>;
  /** Who is away. */
  absences(): Promise<Stored<Absences> | undefined>;
  /** False: it has changed since it was read. */
  saveAbsences(previous: Stored<Absences> | undefined, next: Absences): Promise<boolean>;
  /** The inputs that a program declared for starts of its crew. */
  declaredInputs(crew: string): Promise<CrewInputs | undefined>;
  declareInputs(crew: string, inputs: CrewInputs): Promise<void>;
  /**
   * Writes records with their index entries, new facts and outputs, all of it or nothing; on disk when it resolves. False:
   * one of them is not as it was read, read it again.
   */
  save(changes: Changes): Promise<boolean>;
  /** Deletes an approval with its outputs; its facts stay. False: it or its run has changed. */
  forget(stored: Stored<Approval>): Promise<boolean>;
  /** Deletes the start of a run; its facts stay. False: it or its run has changed. */
  forgetStart(stored: Stored<Start>): Promise<boolean>;
  /** Deletes a run that has no approvals, with its result; its facts stay. False: it has changed. */
  forgetRun(stored: Stored<RunRecord>): Promise<boolean>;
  /** A slice of a list, of these crews or people merged by time; of a list that is one for all of them: `all`. */
  list(name: ListName, owners: readonly string[] | 'all', slice: Slice): Promise<Entry[]>;
  /** Ids that begin so, at most `limit`. */
  approvalsBeginning(prefix: string, limit: number): Promise<string[]>;
  /** Those of the exact id alone, if there are any. */
  runsBeginning(prefix: string, limit: number): Promise<{ crew: string; executionId: string }[]>;
  /** The first so many approvals of a crew that wait for a person: how many in each state, and since when the oldest. */
  openFigures(crew: string, limit: number): Promise<{ states: Record<string, number>; oldestSince?: number }>;
  /** The first so many decisions of a crew that are being sent to CrewAI: how many, and since when the oldest. */
  sendingFigures(crew: string, limit: number): Promise<{ count: number; oldestSince?: number }>;
}

/** Who can decide, as a card names them: `others` are not named; `hasGroup`: a name stands for several people. */
export type NamedDeciders = 'channel' | { names: readonly string[]; others: number; hasGroup?: true };

/** What a card is drawn from. */
export interface CardContent {
  approval: Approval;
  round: Round;
  output: Output;
  /** The notification carries the beginning of the output. */
  preview?: boolean | undefined;
  /** What the agent did before, where the crew's cards show it. */
  steps?: readonly AgentStep[] | undefined;
  /** Who can decide, while it waits. */
  deciders?: NamedDeciders | undefined;
}

/** What a note says beside its record. */
export interface NoteContent {
  /** The run's result. */
  result?: Output | undefined;
  /** Slack ids of the people and groups that it mentions. */
  mentions?: string[];
  /** It is also shown in the channel, since it mentions nobody. */
  broadcast?: boolean;
  /** A channel that it goes to instead, where the people that it mentions see it. */
  elsewhere?: string;
}

/** What is known of people in Slack, and ways to learn more. */
export interface PeopleDirectory extends People {
  /** Asks Slack for what is not known of these, for a second at most in all; never rejects. */
  learn(people: readonly string[], emails: readonly string[]): Promise<void>;
  /** The language of a person in Slack; undefined while it is not known, or where there are no texts in it. */
  language(person: string): Language | undefined;
  /** How Slack shows a person, or the @handle of a group; undefined while it is not known. */
  nameOf(id: string): string | undefined;
  /** The time zone of a person; undefined while it is not known. */
  timeZone(person: string): string | undefined;
  /** A person is not a known member of a group: they may have just joined it. */
  noteNotMember(): void;
  /** Whether they are in a channel; undefined while it is not known. */
  inChannel(person: string, channel: string): boolean | undefined;
  /** The id of a channel that the settings call by its #name; undefined while it is not known. */
  channelId(channel: string): string | undefined;
  /** How many are in a channel; undefined while it is not known. */
  channelSize(channel: string): number | undefined;
  /** Asks Slack who is in these channels, for a second at most; never rejects. */
  learnMembers(channels: readonly string[]): Promise<void>;
  /** Of these users and groups some people for whom it is day; `dawn`: when it first is for one, if it is for none. */
  findAwake(ids: readonly string[], now: number): Promise<{ ids: string[]; dawn?: number }>;
}

/** An event that its receiver does not have yet. */
export interface PendingEvent {
  place: string;
  /** The run that it is of: its events are sent in their order. */
  run: string;
  event: SignedEvent;
}

/** Events, stored with what they tell of. Every method rejects with a StoreError when the store fails. */
export interface EventOutbox {
  /** Events of a crew beyond a place, those of one run together and in their order. */
  pending(crew: string, slice: { after: string | undefined; limit: number }): Promise<PendingEvent[]>;
  remove(places: readonly string[]): Promise<void>;
  /** Whether this process sends the events of a crew for `duration` ms: one at a time does. `soleWorker`: as in `leasedUntil`. */
  claim(
    crew: string,
    claim: { owner: string; now: number; duration: number; soleWorker: string | undefined },
  ): Promise<boolean>;
  /** Gives the lease of this process back. */
  release(crew: string, owner: string): Promise<void>;
}

/** An entry of the history: a fact of an approval or of the start of a run. */
export interface RecordedFact extends Fact {
  approval: string;
  crew: string;
  execution: string;
  task?: string | undefined;
  /** The start of a run: it belongs to no approval. */
  kickoff?: string | undefined;
  hash?: string | undefined;
  /** Of a vote or a decision. */
  decided?: DecidedAs | undefined;
}

/** An entry as it stands in the store. */
export interface FoundEntry {
  /** Its key. */
  place: string;
  /** The approval or the start that it is of. */
  subject: string;
  /** Undefined: it cannot be read. */
  said?: RecordedFact | undefined;
  /** It is not as it was recorded. */
  wrong?: 'changed' | 'moved' | 'unreadable' | undefined;
}

/** What does not fit in a history, at the first entry where it shows. */
export interface HistoryFault {
  /** An approval, a start, a run, a key or a hash. */
  subject: string;
  /** Undefined: the whole history is missing. */
  place?: string | undefined;
  why:
    | 'changed'
    | 'moved'
    | 'text_changed'
    | 'missing_before'
    | 'approval_missing'
    | 'twice'
    | 'appended'
    | 'cut_off'
    | 'newest_missing'
    | 'opened_twice'
    | 'opened_after'
    | 'record_moved'
    | 'record_changed'
    | 'output_changed'
    | 'output_missing'
    | 'not_found';
  /** Of a record: what does not fit. */
  about?: string | undefined;
}

/** What a check of histories found. */
export interface HistoryCheck {
  entries: number;
  histories: number;
  /** Histories of which only the later entries were looked at. */
  late: number;
  faults: HistoryFault[];
  /** Keys or lines that cannot be read. */
  unreadable: string[];
  /** The newest entry: a later check can expect it. */
  newest?: { hash: string; at: number } | undefined;
}

/** The history as a report reads it: nothing is written. Every method rejects with a StoreError when the store fails. */
export interface HistoryReader {
  /** Checks all histories. `see`: called with each entry, in the order of their keys. */
  checkAll(see: (entry: FoundEntry) => void): Promise<HistoryCheck>;
  /** Checks the histories of these subjects, from these entries (their places) on. */
  checkSome(places: ReadonlyMap<string, readonly string[]>): Promise<HistoryCheck>;
  /** Entries of a time (milliseconds since 1970), the oldest first. */
  readPeriod(period: { since: number; until: number }): AsyncIterable<FoundEntry>;
  /** Entries at these places, without those that are gone. */
  readPlaces(places: readonly string[]): Promise<FoundEntry[]>;
  /** The places of the entries that the record of an approval names. */
  listPlaces(approval: Approval): string[];
  /** Where the record of an approval is. */
  placeApproval(id: string): string;
  /** Undefined: it was deleted, or cannot be read. */
  readApproval(id: string): Promise<Approval | undefined>;
  readOutputs(approvalId: string, hashes: readonly string[]): Promise<ReadonlyMap<string, Output>>;
  /** The inputs of a start as people see them, without the values of hidden ones. */
  readInputs(startId: string): Promise<string | undefined>;
}

/** Slack messages. Each method rejects with a CardError when Slack did not do it. */
export interface Cards {
  /** `broadcast`: a card in a thread is also shown in the channel. */
  post(content: CardContent, how?: { broadcast: boolean }): Promise<{ channel: string; ts: string }>;
  update(content: CardContent, card: Card): Promise<void>;
  /** Posts into the thread of the approval's first card. */
  note(approval: Approval, note: Note, content: NoteContent): Promise<void>;
  /** Posts a whole output as a file into the thread. */
  file(content: CardContent): Promise<void>;
}

/** A call of Slack's that a step makes. */
export type SlackCall = { do: 'post'; channel: string } | { do: 'update'; card: Card };

/** Calls to Slack take turns: one place knows its rate limits. */
export interface SlackQueue {
  /** Runs the work when it is its turn; false: no call was made. */
  take(call: SlackCall, priority: Priority, work: () => Promise<boolean>): void;
  /** Slack has answered that there are too many such calls, and when the next one may come, in milliseconds. */
  limited(call: SlackCall, milliseconds: number): void;
}

export type CardFailure =
  /** `unknown`: nothing is known of this refusal; it counts as blocked after a few tries. */
  | { kind: 'try_again'; reason: string; retryAfterMs?: number; unknown?: true }
  /** The channel or the token is of no use until a person changes something. */
  | { kind: 'blocked'; reason: string; of: 'channel' | 'token' }
  /** The message to update is not there any more. */
  | { kind: 'gone'; reason: string }
  /** The message still stands and cannot be changed any more: the thread says what it cannot. */
  | { kind: 'frozen'; reason: string };

export class CardError extends Error {
  readonly failure: CardFailure;

  constructor(failure: CardFailure) {
    super(failure.reason);
    this.name = 'CardError';
    this.failure = failure;
  }
}

/** CrewAI. Neither call ever rejects: whatever happens is an outcome. */
export interface CrewAI {
  resume(request: {
    approval: Approval;
    round: Round;
    decision: Decision;
    run: RunRecord;
  }): Promise<ResumeOutcome>;
  /** Whether the settings allow that the answer to a review of this crew is sent to this URL. */
  mayCallBack(crew: string, url: string): boolean;
  /** What it says of a run. */
  status(crew: string, executionId: string): Promise<RunStatus>;
}

/** Where answers of questions are sent to programs. */
export interface AnswerPushes {
  /** Whether the settings of a crew allow this URL. */
  mayPush(crew: string, url: string): boolean;
  /** Sends an answer, if the settings allow it. `id`: the same for each attempt. Never rejects. */
  push(crew: string, sent: { url: string; id: string; body: object }): Promise<PushOutcome>;
}

/** The inputs that a crew names. */
export interface CrewInputs {
  names: string[];
  /** Those that a run cannot start without: CrewAI has a default for the others. Undefined: it does not say which. */
  required?: string[] | undefined;
  /** What a program says of the values themselves. */
  fields?: Field[] | undefined;
}

/** How runs are started. Neither call ever rejects. */
export interface CrewStarts {
  /** The inputs of a crew; undefined: it did not say. */
  inputs(crew: string): Promise<CrewInputs | 'not_reached' | undefined>;
  /** Starts a run, once. `inputs`: all of them, with the hidden ones. */
  kickoff(start: Start, inputs: Readonly<Record<string, unknown>>): Promise<KickoffOutcome>;
}

/** The messages of runs that were started from Slack. Each method rejects with a CardError when Slack did not do it. */
export interface RunMessages {
  post(start: Start): Promise<{ channel: string; ts: string }>;
  update(start: Start): Promise<void>;
  /** In the thread of its message; to the person who started it if there is none. */
  note(start: Start, note: StartNote, result: Output | undefined): Promise<void>;
}

/** Messages to one person about an absence. */
export interface AbsenceNotices {
  /** `handedOver`: what waits for the substitute already. Rejects with a CardError when Slack did not do it. */
  send(notice: Notice, handedOver?: { waiting: Approval[]; more: boolean }): Promise<void>;
  /** Tells the person who is away that their substitute could not be told. Never rejects. */
  sayNotTold(notice: Notice): Promise<void>;
}

/** The store's clock and timers by it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after so many milliseconds; gives what cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** What Slack sends when people do something, as metrics name it. */
export const interactionTypes = [
  'block_actions',
  'view_submission',
  'message_action',
  'event_callback',
  'command',
  'other',
] as const;
export type InteractionType = (typeof interactionTypes)[number];

/** What is counted and timed; times in milliseconds. */
export interface Meter {
  /** An approval is on disk; `before`: as it was. */
  saved(before: Approval | undefined, next: Approval): void;
  /** The start of a run is on disk; `before`: as it was. */
  startSaved(before: Start | undefined, next: Start): void;
  store(operation: string, milliseconds: number, failed: boolean): void;
  /** From when a step was due to its call; 0 for a step that is due at once. */
  lag(lane: LaneName, milliseconds: number): void;
  /** From an interaction's arrival to its ack. */
  acked(type: InteractionType, milliseconds: number): void;
  /** A call of Slack's Web API and what came of it: `ok`, Slack's code, `ratelimited` or `no_answer`. */
  called(method: string, outcome: string): void;
  /** A call of a crew's CrewAI, or of a Flow's callback. `no_answer`: none in time, or a status of 500 or above. */
  crewAICalled(crew: string, outcome: 'answered' | 'no_answer'): void;
  /** An event of a crew was given up: its receiver did not accept it. */
  eventDropped(crew: string): void;
}

/** Log lines: one fact each, with ids, never an output, a URL or a secret. */
export interface Log {
  info(fields: object, fact: string): void;
  warn(fields: object, fact: string): void;
  error(fields: object, fact: string): void;
}
/** What goes first: what a person who just clicked is waiting for, then what is new, then what only tidies up. */
export const priorities = ['clicked', 'new', 'tidy'] as const;
export type Priority = (typeof priorities)[number];
