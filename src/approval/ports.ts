import type { People } from './access/can-decide.ts';
import type { PushOutcome, ResumeOutcome } from './lifecycle/events.ts';
import type { Approval, Fact, LaneName } from './model/approval.ts';
import type { Absences, Notice } from './model/away.ts';
import type { Language } from './model/crew/language.ts';
import type { DecidedAs } from './model/facts.ts';
import type { Field } from './model/fields.ts';
import type { Note } from './model/note.ts';
import type { HashedOutput, Output } from './model/output.ts';
import type { Card, Decision, Round } from './model/round.ts';
import type { AgentStep } from './model/run/agent-steps.ts';
import type { RunRecord } from './model/run/run-record.ts';
import type { RunStatus } from './model/run/run-status.ts';
import type { Start, StartNote } from './model/run/start.ts';
import type { DecisionPlace } from './model/seen.ts';
import type { SignedEvent } from './signed-events.ts';
import type { KickoffOutcome } from './starts/start-events.ts';

/** A record as it was read, with the raw text that the store compares on writing. */
export interface Stored<T> {
  record: T;
  raw: string;
  /** Set if the record was stored in an earlier format: what to write with its next change. */
  upgraded?: readonly { key: string; raw: string }[];
}

/** A record to write. `previous`: as it was read; undefined: new. */
export interface Write<T> {
  previous: Stored<T> | undefined;
  next: T;
}

/** `outputs`: texts of a new round. */
export interface ApprovalWrite extends Write<Approval> {
  outputs?: readonly HashedOutput[] | undefined;
}

/** `result`: result of the run. */
export interface RunWrite extends Write<RunRecord> {
  result?: Output | undefined;
}

/** Changes that are written together. */
export interface Changes {
  approvals?: readonly ApprovalWrite[];
  run?: RunWrite | undefined;
  /** Start of a run. */
  start?: Write<Start> | undefined;
  /**
   * Another id of the run: later webhooks with this id belong to it. The record stored under the id before (`from`) is deleted
   * and its result is moved.
   */
  alias?: { crew: string; id: string; executionId: string; from?: Stored<RunRecord> | undefined };
  /** Steps of a run's agents. */
  steps?:
    | {
        crew: string;
        executionId: string;
        previous: Stored<AgentStep[]> | undefined;
        next: readonly AgentStep[];
      }
    | undefined;
  /** The approval that has a program's question as a round. `previous`: approval that the id named before. */
  question?:
    | { crew: string; id: string; approvalId: string; previous: Stored<string> | undefined }
    | undefined;
  /** By the store's clock. A commit that has not started by then is not written. */
  deadline?: number;
}

/** Lists of ids, by time. */
export type ListName =
  /** Approvals in which a lane is due, by that time. */
  | 'due'
  /** Approvals of a crew that need a person, by the time of their round. */
  | 'waiting'
  /** Approvals of a crew that were decided, by the time of the latest decision. */
  | 'decided'
  /** Approvals that a person decided, by the time of their latest decision. */
  | 'decidedBy'
  /** Approvals of a crew whose decision allows further calls of a tool, by the time of the latest such decision. */
  | 'permitting'
  /** All approvals of a crew, by the time they were opened. */
  | 'created'
  /** Approvals of a crew whose decision is on its way to CrewAI, by the time from which it can be sent. */
  | 'sending'
  /** Settled approvals of a crew, by the time they were settled. */
  | 'settled'
  /** Starts of a crew's runs from Slack, by the time they were requested. */
  | 'starts'
  /** Starts with a due step, by that time. */
  | 'dueStarts'
  /** Runs whose pauses the bot cannot see, by the time at which it reports this. */
  | 'runsToCheck'
  /** Idle runs without approvals, by the day since when. */
  | 'idleRuns';

/** A part of a list: at most `limit` entries, after a place in the list. `reverse`: newest first. */
export interface Slice {
  limit: number;
  after?: string | undefined;
  reverse?: boolean;
  /** Only entries up to and including this time, in milliseconds since 1970. */
  until?: number;
}

/** An entry of a list: the id of a record, and the entry's place in the list. */
export interface ListEntry {
  id: string;
  place: string;
  /** Crew of a run; only in `runsToCheck` and `idleRuns`. */
  crew?: string | undefined;
}

/** Store of approvals, runs and starts. Every method rejects with a StoreError if the store fails. */
export interface ApprovalStore {
  approval(id: string): Promise<Stored<Approval> | undefined>;
  /**
   * Reads approvals at once, in the order of the ids, without those that are absent. `known`: approvals as read before, by id: an
   * unchanged one is not parsed again.
   */
  approvals(
    ids: readonly string[],
    known?: ReadonlyMap<string, Stored<Approval>>,
  ): Promise<Stored<Approval>[]>;
  run(crew: string, executionId: string): Promise<Stored<RunRecord> | undefined>;
  start(id: string): Promise<Stored<Start> | undefined>;
  output(approvalId: string, hash: string): Promise<Output | undefined>;
  result(crew: string, executionId: string): Promise<Output | undefined>;
  /** Finds the run that an id stands for: the id itself, unless it is an alias. */
  originalId(crew: string, executionId: string): Promise<string>;
  /** Finds the approval whose cards are in this message's thread, or the start from Slack whose message it is. */
  ownerOfThread(channel: string, ts: string): Promise<{ approval: string } | { kickoff: string } | undefined>;
  /** Reads the steps of a run's agents since its last task or pause. */
  steps(crew: string, executionId: string): Promise<Stored<AgentStep[]> | undefined>;
  /** Finds the approval that has a program's question as a round. */
  question(crew: string, id: string): Promise<Stored<string> | undefined>;
  /** Reads who is away. */
  absences(): Promise<Stored<Absences> | undefined>;
  /** False: the absences have changed since they were read. */
  saveAbsences(previous: Stored<Absences> | undefined, next: Absences): Promise<boolean>;
  /** Reads the inputs that a program declared for starts of its crew. */
  declaredInputs(crew: string): Promise<CrewInputs | undefined>;
  declareInputs(crew: string, inputs: CrewInputs): Promise<void>;
  /**
   * Writes records with their index entries, new facts and outputs: all or nothing, and on disk when it resolves. False: a record
   * has changed since it was read; read it again.
   */
  save(changes: Changes): Promise<boolean>;
  /** Deletes an approval with its outputs; its facts stay. False: the approval or its run has changed. */
  forget(stored: Stored<Approval>): Promise<boolean>;
  /** Deletes the start of a run; its facts stay. False: the start or its run has changed. */
  forgetStart(stored: Stored<Start>): Promise<boolean>;
  /** Deletes a run without approvals, with its result; its facts stay. False: the run has changed. */
  forgetRun(stored: Stored<RunRecord>): Promise<boolean>;
  /**
   * Reads a slice of a list, for these crews or people, merged by time. `all`: for a list that is not kept per crew or person.
   */
  list(name: ListName, owners: readonly string[] | 'all', slice: Slice): Promise<ListEntry[]>;
  /** Lists ids of approvals with this prefix, at most `limit`. */
  approvalsBeginning(prefix: string, limit: number): Promise<string[]>;
  /** Lists runs with this id, or else with this prefix, at most `limit`. */
  runsBeginning(prefix: string, limit: number): Promise<{ crew: string; executionId: string }[]>;
  /** Counts the first `limit` approvals of a crew that need a person, by status. `oldestSince`: time of the oldest. */
  openFigures(crew: string, limit: number): Promise<{ states: Record<string, number>; oldestSince?: number }>;
  /** Counts the first `limit` decisions of a crew that are on their way to CrewAI. `oldestSince`: time of the oldest. */
  sendingFigures(crew: string, limit: number): Promise<{ count: number; oldestSince?: number }>;
}

/** Deciders, as a card names them. `others`: number of people not named; `hasGroup`: a name stands for several people. */
export type NamedDeciders = 'channel' | { names: readonly string[]; others: number; hasGroup?: true };

/** Content of a card. */
export interface CardContent {
  approval: Approval;
  round: Round;
  output: Output;
  /** The notification shows the beginning of the output. */
  preview?: boolean | undefined;
  /** The agent's earlier steps, if the crew's cards show them. */
  steps?: readonly AgentStep[] | undefined;
  /** Deciders, while the round waits. */
  deciders?: NamedDeciders | undefined;
}

/** Content of a note beside its record. */
export interface NoteContent {
  /** The run's result. */
  result?: Output | undefined;
  /** Slack ids of the people and groups that the note mentions. */
  mentions?: string[];
  /** The note is also shown in the channel, since it mentions no one. */
  broadcast?: boolean;
  /** Another channel, or a person, that gets the note instead, so that the people concerned see it. */
  elsewhere?: string;
}

/** Known facts about people in Slack, and ways to learn more. */
export interface PeopleDirectory extends People {
  /** Asks Slack for unknown facts about these people, for a second at most in all. Never rejects. */
  learn(people: readonly string[], emails: readonly string[]): Promise<void>;
  /** Language of a person in Slack; undefined: not known, or the bot has no texts in it. */
  language(person: string): Language | undefined;
  /** Name of a person in Slack, or the @handle of a group; undefined: not known. */
  nameOf(id: string): string | undefined;
  /** Time zone of a person; undefined: not known. */
  timeZone(person: string): string | undefined;
  /** Records that someone is not a known member of a group: they may have just joined it. */
  refreshGroups(): void;
  /** True if a person is in a channel; undefined: not known. */
  inChannel(person: string, channel: string): boolean | undefined;
  /** Id of a channel that the settings call by its #name; undefined: not known. */
  channelId(channel: string): string | undefined;
  /** Number of people in a channel; undefined: not known. */
  channelSize(channel: string): number | undefined;
  /** Asks Slack for the members of these channels, for a second at most. Never rejects. */
  learnMembers(channels: readonly string[]): Promise<void>;
  /**
   * Finds some of these users, and of the members of these groups, for whom it is day. `dawn`: when day begins for the first of
   * them; set if it is night for all.
   */
  findAwake(ids: readonly string[], now: number): Promise<{ ids: string[]; dawn?: number }>;
}

/** An event that its receiver has not accepted yet. */
export interface PendingEvent {
  place: string;
  /** Run of the event. Events of a run are sent in order. */
  run: string;
  event: SignedEvent;
}

/** Events, stored in one commit with the changes that they report. Every method rejects with a StoreError if the store fails. */
export interface EventOutbox {
  /** Lists events of a crew after a place. Events of a run are together and in order. */
  pending(crew: string, slice: { after: string | undefined; limit: number }): Promise<PendingEvent[]>;
  remove(places: readonly string[]): Promise<void>;
  /**
   * Claims the events of a crew for this process for `duration` ms, so that one process at a time sends them. False: another
   * process has them. `soleWorkerId`: as in `leasedUntil`.
   */
  claim(
    crew: string,
    claim: { owner: string; now: number; duration: number; soleWorkerId: string | undefined },
  ): Promise<boolean>;
  /** Releases the lease of this process. */
  release(crew: string, owner: string): Promise<void>;
}

/** An entry of the history: a fact of an approval or of the start of a run. */
export interface RecordedFact extends Fact {
  approval: string;
  crew: string;
  execution: string;
  task?: string | undefined;
  /** Id of the start; set if the fact belongs to a start and not to an approval. */
  kickoff?: string | undefined;
  hash?: string | undefined;
  /** Set for a vote or a decision. */
  decided?: DecidedAs | undefined;
}

/** An entry as stored. */
export interface FoundEntry {
  /** Key of the entry. */
  place: string;
  /** Id of the approval or start. */
  subject: string;
  /** Content of the entry; absent: unreadable. */
  said?: RecordedFact | undefined;
  /** Set if the entry is not as it was recorded. */
  wrong?: 'changed' | 'moved' | 'unreadable' | undefined;
}

/** A fault of a history, at the first entry that shows it. */
export interface HistoryFault {
  /** Approval, start, run, key or hash. */
  subject: string;
  /** Key of the entry, record or output; absent: it is missing. */
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
  /** The part of a record that does not match, or the hash of a missing output. */
  about?: string | undefined;
}

/** Result of a check of histories. */
export interface HistoryCheck {
  entries: number;
  histories: number;
  /** Number of histories of which only later entries were checked. */
  late: number;
  faults: HistoryFault[];
  /** Unreadable keys or lines. */
  unreadable: string[];
  /** The newest entry, which a later check can expect. */
  newest?: { hash: string; at: number } | undefined;
}

/** The history, read-only, for reports. Every method rejects with a StoreError if the store fails. */
export interface HistoryReader {
  /** Checks all histories. `see`: called with each entry, in the order of their keys. */
  checkAll(see: (entry: FoundEntry) => void): Promise<HistoryCheck>;
  /** Checks the histories of these subjects, starting at these places. */
  checkSome(places: ReadonlyMap<string, readonly string[]>): Promise<HistoryCheck>;
  /** Reads the entries of a period, in milliseconds since 1970, oldest first. */
  readPeriod(period: { since: number; until: number }): AsyncIterable<FoundEntry>;
  /** Reads the entries at these places, without deleted ones. */
  readPlaces(places: readonly string[]): Promise<FoundEntry[]>;
  /** Lists the places of the entries that an approval's record names. */
  listPlaces(approval: Approval): string[];
  /** Returns the key of an approval's record. */
  placeApproval(id: string): string;
  /** Reads an approval; undefined: deleted or unreadable. */
  readApproval(id: string): Promise<Approval | undefined>;
  readOutputs(approvalId: string, hashes: readonly string[]): Promise<ReadonlyMap<string, Output>>;
  /** Reads the inputs of a start as people see them, without the values of hidden ones; undefined: deleted or unreadable. */
  readInputs(startId: string): Promise<string | undefined>;
}

/** Slack messages of approvals. Each method rejects with a CardError if Slack does not do it. */
export interface Cards {
  /** `broadcast`: also shows a card from a thread in the channel. */
  post(content: CardContent, options?: { broadcast: boolean }): Promise<{ channel: string; ts: string }>;
  update(content: CardContent, card: Card): Promise<void>;
  /** Posts into the thread of the approval's first card. */
  note(approval: Approval, note: Note, content: NoteContent): Promise<void>;
  /** Posts a whole output as a file into the thread. */
  file(content: CardContent): Promise<void>;
}

/** A call to Slack that a step makes. */
export type SlackCall = { do: 'post'; channel: string } | { do: 'update'; card: Card };

/** Queue of the calls to Slack, and the one place that knows Slack's rate limits. */
export interface SlackQueue {
  /** Runs the work when its turn has come. `work` resolves with false if it made no call. */
  enqueue(call: SlackCall, priority: Priority, work: () => Promise<boolean>): void;
  /** Records that Slack rejected such a call as too many, and for how long, in milliseconds. */
  pauseFor(call: SlackCall, milliseconds: number): void;
}

export type CardFailure =
  /** `unknown`: the bot does not know this error of Slack. After a few tries, the channel counts as blocked. */
  | { kind: 'try_again'; reason: string; retryAfterMs?: number; unknown?: true }
  /** The channel or the token cannot be used until a person changes something. */
  | { kind: 'blocked'; reason: string; of: 'channel' | 'token' }
  /** The message to update no longer exists. */
  | { kind: 'gone'; reason: string }
  /** The message exists but can no longer be edited. The thread reports the change instead. */
  | { kind: 'frozen'; reason: string };

export class CardError extends Error {
  readonly failure: CardFailure;

  constructor(failure: CardFailure) {
    super(failure.reason);
    this.name = 'CardError';
    this.failure = failure;
  }
}

/** Calls to CrewAI. None rejects: every failure is an outcome. */
export interface CrewAI {
  resume(request: {
    approval: Approval;
    round: Round;
    decision: Decision;
    run: RunRecord;
  }): Promise<ResumeOutcome>;
  /** True if the settings of this crew allow its review answers to be sent to this URL. */
  mayCallBack(crew: string, url: string): boolean;
  /** Asks CrewAI for the status of a run. */
  status(crew: string, executionId: string): Promise<RunStatus>;
}

/** Sends answers of questions to programs. */
export interface AnswerPushes {
  /** True if the settings of a crew allow this URL. */
  mayPush(crew: string, url: string): boolean;
  /** Sends an answer, if the settings allow it. `id`: the same for each attempt. Never rejects. */
  push(crew: string, message: { url: string; id: string; body: object }): Promise<PushOutcome>;
}

/** Inputs that a crew or its program names. */
export interface CrewInputs {
  names: string[];
  /** Inputs that a run cannot start without: CrewAI has a default for the others. Absent: CrewAI does not say which. */
  required?: string[] | undefined;
  /** Form fields for the values, as a program declared them. */
  fields?: Field[] | undefined;
}

/** Starts runs. Neither call ever rejects. */
export interface CrewStarts {
  /** Asks CrewAI for the inputs of a crew; undefined: CrewAI did not name any. */
  inputs(crew: string): Promise<CrewInputs | 'not_reached' | undefined>;
  /** Calls /kickoff once. `inputs`: all inputs, hidden ones included. */
  kickoff(start: Start, inputs: Readonly<Record<string, unknown>>): Promise<KickoffOutcome>;
}

/** Messages of runs that were started from Slack. Each method rejects with a CardError if Slack does not do it. */
export interface RunMessages {
  post(start: Start): Promise<{ channel: string; ts: string }>;
  update(start: Start): Promise<void>;
  /** Posts into the thread of the start's message; without a message, to the person who started the run. */
  note(start: Start, note: StartNote, result: Output | undefined): Promise<void>;
}

/**
 * Writes all that a place shows of an open round besides its output, in the language in which the place was drawn. Leaves out what
 * changes by itself: buttons, votes, claims, assignees, names of deciders. Empty: the place shows nothing. Pure.
 */
export type DescribeShown = (
  approval: Approval,
  round: Round,
  drawn: { place: DecisionPlace; language: Language },
) => string;

/** Messages to a person about an absence. */
export interface AbsenceNotices {
  /**
   * Sends a notice. `waitingApprovals`: approvals that already wait for the substitute. Rejects with a CardError if Slack does
   * not do it.
   */
  send(notice: Notice, waitingApprovals?: { waiting: Approval[]; more: boolean }): Promise<void>;
  /** Tells the person who is away that their substitute could not be notified. Never rejects. */
  reportUndelivered(notice: Notice): Promise<void>;
}

/** The store's clock, and timers that follow it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after this many milliseconds. Returns a function that cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** Requests from Slack when people do something, as the metrics name them. */
export const interactionTypes = [
  'block_actions',
  'view_submission',
  'message_action',
  'event_callback',
  'command',
  'other',
] as const;
export type InteractionType = (typeof interactionTypes)[number];

/** Metrics. Times are in milliseconds. */
export interface Meter {
  /** Called when an approval is on disk. `previous`: the approval before. */
  saved(previous: Approval | undefined, next: Approval): void;
  /** Called when the start of a run is on disk. `previous`: the start before. */
  startSaved(previous: Start | undefined, next: Start): void;
  store(operation: string, milliseconds: number, failed: boolean): void;
  /** Time from when a step was due until its call; 0 for a step that is due at once. */
  recordStepLag(lane: LaneName, milliseconds: number): void;
  /** Time from an interaction's arrival until its ack. */
  acked(type: InteractionType, milliseconds: number): void;
  /** A call to Slack's Web API. `outcome`: `ok`, Slack's error code, `ratelimited` or `no_answer`. */
  slackCalled(method: string, outcome: string): void;
  /** A call to a crew's CrewAI, or to a Flow's callback. `no_answer`: none in time, or a status of 500 or above. */
  crewAICalled(crew: string, outcome: 'answered' | 'no_answer'): void;
  /** An event of a crew was dropped: its receiver did not accept it. */
  eventDropped(crew: string): void;
}

/** Log lines: one fact each, with ids, never an output, a URL or a secret. */
export interface Log {
  info(fields: object, fact: string): void;
  warn(fields: object, fact: string): void;
  error(fields: object, fact: string): void;
}
/** Order of the turns: clicks that people are waiting for, then new cards and messages, then updates in the background. */
export const priorities = ['clicked', 'new', 'background'] as const;
export type Priority = (typeof priorities)[number];
