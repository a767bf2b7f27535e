import type { Alert } from '../alerts.ts';
import type { Laned, LaneName } from '../model/approval.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import type { Priority, SlackCall, Stored } from '../ports.ts';

/** A record of which something can be due. */
export interface Workable extends Laned {
  id: string;
  crew: string;
  executionId?: string | undefined;
  channel: string;
}

/** Something to be done for it; `at`: from when, in milliseconds by the store's clock; 0: at once. */
export interface WorkStep {
  lane: LaneName;
  do: string;
  at: number;
}

/** What waits for its turn: a call of Slack's, one to the crew or to a program, or timers, which make no call. */
export type WaitsFor = SlackCall | { do: 'crew' } | { do: 'program'; host: string } | { do: 'timers' };

/** What the worker needs to know of one kind of record. Pure, except for reading, writing and `perform`. */
export interface Work<R extends Workable, S extends WorkStep> {
  /** Lists those of which something is due. */
  list: 'due' | 'dueStarts';
  /** What log lines call its id. */
  idName: 'approval' | 'request';
  read(id: string): Promise<Stored<R> | undefined>;
  save(previous: Stored<R>, next: R): Promise<boolean>;
  nextSteps(record: R, now: number, soleWorker: string | undefined): S[];
  turnOf(record: R, step: S): WaitsFor;
  /** `clicked`: someone has clicked on it lately. */
  priorityOf(step: S, clicked: boolean): Priority;
  /** What is read or asked for before the step is claimed, when its turn has come. It must not hold the record of a Slack call: thousands wait. */
  prepare(record: R, step: S): () => Promise<RunRecord | undefined>;
  /** The claimed record as the step begins. `isDone`: recording that is all of it. */
  begin(claimed: R, step: S, at: number): { record: R; isDone?: true };
  /** Makes the call of a step that has begun. */
  perform(record: R, step: S, prepared: RunRecord | undefined): Promise<StepOutcome<R>>;
  /** The record after a step that was claimed and whose call was not made. */
  takeBack(record: R, step: S, at: number): R;
}

/** What carrying out a step came to. */
export interface StepOutcome<R> {
  /** Records it, on the record as it is by then. */
  apply: (record: R) => R;
  /** Is stored before it. */
  before?: () => Promise<void>;
  failed: boolean;
  /** For the log. */
  fact: string;
  about: object;
  /** Why Slack takes nothing for this channel until a person changes something. */
  blocked?: string;
  /** What the operators are told. */
  alarm?: Alert;
  /** No other call to the same target for this long. */
  pauseMs?: number;
  /** No call was made. */
  silent?: true;
  /** It was for one person, or for CrewAI, and says nothing of the record's channel. */
  elsewhere?: true;
}

/** A step that a worker has taken, as it is recorded before its call. */
export interface ClaimedStep<R, S> {
  record: R;
  /** No call follows. */
  isDone?: true;
  step: S;
  owner: string;
  /** When it was taken, by the store's clock. */
  at: number;
}
