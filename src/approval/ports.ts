import type { Approval, Card, Decision, Execution, Note, Round, RunStatus } from './approval.ts';
import type { ResumeOutcome } from './events.ts';
import type { Output } from './output.ts';

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

/** Slack messages. Each method rejects with a CardError when Slack did not do it. */
export interface Cards {
  post(content: CardContent): Promise<{ channel: string; ts: string }>;
  update(content: CardContent, card: Card): Promise<void>;
  /** Posts into the thread of the approval's first card. */
  note(approval: Approval, note: Note, result: Output | undefined): Promise<void>;
}

export type CardFailure =
  | { kind: 'try_again'; reason: string; retryAfterMs?: number }
  /** The channel or the token is of no use until a person changes something. */
  | { kind: 'blocked'; reason: string }
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
