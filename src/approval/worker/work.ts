import type { Alert } from '../alerts.ts';
import type { Laned, LaneName } from '../model/approval.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import type { Priority, SlackCall, Stored } from '../ports.ts';

/** A record that can have due steps. */
export interface Workable extends Laned {
  id: string;
  crew: string;
  executionId?: string | undefined;
  channel: string;
}

/** A step to do for a record. `at`: time from which it is due, in milliseconds by the store's clock; 0: at once. */
export interface WorkStep {
  lane: LaneName;
  do: string;
  at: number;
}

/** What a step calls, which decides its queue: Slack, the crew or a program; timers call nothing. */
export type CallTarget = SlackCall | { do: 'crew' } | { do: 'program'; host: string } | { do: 'timers' };

/** The worker's functions for one kind of record. */
export interface Work<R extends Workable, S extends WorkStep> {
  /** List of the records with due steps. */
  list: 'due' | 'dueStarts';
  /** Name of the record's id in log lines. */
  idName: 'approval' | 'request';
  read(id: string): Promise<Stored<R> | undefined>;
  save(previous: Stored<R>, next: R): Promise<boolean>;
  nextSteps(record: R, now: number, soleWorkerId: string | undefined): S[];
  findCallTarget(record: R, step: S): CallTarget;
  /** `clicked`: someone has recently clicked on the record's card. */
  priorityOf(step: S, clicked: boolean): Priority;
  /**
   * Returns a function that reads or asks for what the step needs. It runs when the step's turn has come, before the claim. For a
   * card update the function must not keep a reference to the record: thousands may be queued.
   */
  prepare(record: R, step: S): () => Promise<RunRecord | undefined>;
  /** Records that the step has begun. `isDone`: no call follows. */
  begin(claimed: R, step: S, at: number): { record: R; isDone?: true };
  /** Makes the call of a step that has begun. */
  perform(record: R, step: S, prepared: RunRecord | undefined): Promise<StepOutcome<R>>;
  /** Takes back a step that was claimed and whose call was not made. */
  takeBack(record: R, step: S, at: number): R;
}

/** Outcome of a step. */
export interface StepOutcome<R> {
  /** Records the outcome, on the record as it is then. */
  apply: (record: R) => R;
  /** Stores other records before the outcome. */
  storeFirst?: () => Promise<void>;
  failed: boolean;
  /** Log message. */
  logMessage: string;
  logFields: object;
  /** Why Slack rejects calls for this channel until a person changes something. */
  blocked?: string;
  /** Alert for the operators. */
  alert?: Alert;
  /** Pause of the calls to the same target, in milliseconds. */
  pauseMs?: number;
  /** No call was made. */
  madeNoCall?: true;
  /** The call was for one person or to CrewAI: it says nothing about the record's channel. */
  isOffChannel?: true;
}

/** A claimed step, as recorded before its call. */
export interface ClaimedStep<R, S> {
  record: R;
  /** No call follows. */
  isDone?: true;
  step: S;
  owner: string;
  /** When the step was claimed, by the store's clock. */
  at: number;
}
