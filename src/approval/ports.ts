import type { Approval, Card, Decision, Execution, Note, Round, RunStatus } from './approval.ts';
import type { ResumeOutcome } from './events.ts';
import type { Output } from './output.ts';
import type { People } from './policy.ts';

/** A record as it was read, with what the store compares when it is written back. */
export interface Stored<T> {
  record: T;
  raw: string;
}

/** One page of ids, in order; `next` is where the following page begins, absent on the last one. */
export interface Page {
  ids: string[];
  next?: string;
}

/**
 * Where approvals are kept. Every method rejects with a StoreError when the store fails; a write that resolves is on
 * disk. `deadline`, by the store's clock: a write that has not begun by then is not made.
 */
export interface ApprovalStore {
  approval(id: string): Promise<Stored<Approval> | undefined>;
  /**
   * Writes the record, its index entries, its new facts and a new output at once, if the record is still as read
   * (`previous`; undefined: absent). False: it is not, read it again.
   */
  saveApproval(
    previous: Stored<Approval> | undefined,
    next: Approval,
    extra?: { output?: { hash: string; output: Output }; deadline?: number },
  ): Promise<boolean>;
  execution(crew: string, executionId: string): Promise<Stored<Execution> | undefined>;
  /** `result`: the run's result, kept with it. */
  saveExecution(previous: Stored<Execution> | undefined, next: Execution, result?: Output): Promise<boolean>;
  result(crew: string, executionId: string): Promise<Output | undefined>;
  /** Webhooks under `alias` belong to this execution from now on. */
  saveAlias(crew: string, alias: string, executionId: string): Promise<void>;
  /** The execution that an id stands for: itself, unless it is an alias. */
  originalId(crew: string, executionId: string): Promise<string>;
  output(approvalId: string, hash: string): Promise<Output | undefined>;
  /** Approvals in which some lane is due by then, the longest due first. */
  due(until: number, page: { limit: number; after?: string }): Promise<Page>;
  /** Approvals of these crews that wait for a person, oldest first. */
  waiting(crews: readonly string[], limit: number): Promise<string[]>;
  /** Approvals of these crews that were decided, the newest first. */
  decided(crews: readonly string[], limit: number): Promise<string[]>;
  /** Ids that begin so, at most `limit`. */
  approvalsBeginning(prefix: string, limit: number): Promise<string[]>;
  executionsBeginning(prefix: string, limit: number): Promise<{ crew: string; executionId: string }[]>;
}

/** What a card is drawn from. */
export interface CardContent {
  approval: Approval;
  round: Round;
  output: Output;
}

/** What a note says beside its record. */
export interface NoteContent {
  /** The run's result. */
  result?: Output | undefined;
  /** Slack ids of the people and groups that it calls. */
  calls?: string[];
  /** A channel that it goes to instead: whom it calls does not see the thread. */
  elsewhere?: string;
}

/** People in Slack: what is known of them, and ways to learn more. */
export interface PeopleDirectory extends People {
  /** Asks Slack for what is not known of these, for a second at most in all; never rejects. */
  learn(people: readonly string[], emails: readonly string[]): Promise<void>;
  /** Someone was none of a group's members: perhaps they have just become one. */
  missed(): void;
  /** Of these users and groups some people for whom it is day; `dawn`: when it first is for one, if it is for none. */
  awake(ids: readonly string[], now: number): Promise<{ ids: string[]; dawn?: number }>;
}

/** Slack messages. Each method rejects with a CardError when Slack did not do it. */
export interface Cards {
  post(content: CardContent): Promise<{ channel: string; ts: string }>;
  update(content: CardContent, card: Card): Promise<void>;
  /** Posts into the thread of the approval's first card. */
  note(approval: Approval, note: Note, content: NoteContent): Promise<void>;
  /** Posts a whole output as a file into the thread. */
  file(content: CardContent): Promise<void>;
  /** Posts what changed from the output before as a file there, if it is too much for a modal. */
  changes(content: CardContent, before: Output): Promise<void>;
}

export type CardFailure =
  | { kind: 'try_again'; reason: string; retryAfterMs?: number }
  /** The channel or the token is of no use until a person changes something. */
  | { kind: 'blocked'; reason: string; of: 'channel' | 'token' }
  /** The message to update is not there any more. */
  | { kind: 'gone'; reason: string };

export class CardError extends Error {
  readonly failure: CardFailure;

  constructor(failure: CardFailure) {
    super(failure.reason);
    this.name = 'CardError';
    this.failure = failure;
  }
}

/** CrewAI. Neither call ever rejects: whatever happens is an outcome. */
export interface Crews {
  resume(request: {
    approval: Approval;
    round: Round;
    decision: Decision;
    execution: Execution;
  }): Promise<ResumeOutcome>;
  /** What it says of a run. */
  status(crew: string, executionId: string): Promise<RunStatus>;
}

/** The store's clock and timers by it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after so many milliseconds; gives what cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** Log lines: one fact each, with ids, never an output, a URL or a secret. */
export interface Log {
  info(fields: object, fact: string): void;
  warn(fields: object, fact: string): void;
  error(fields: object, fact: string): void;
}
