import type { Dialect } from '../model/crew/dialect.ts';
import type { Policy } from '../model/crew/task-rules.ts';
import type { ResolvedUrl, ResolvedUrls } from '../model/crew/webhook-urls.ts';
import type { FieldValues } from '../model/fields.ts';
import type { Decision, Failure, Round } from '../model/round.ts';
import type { IgnoredSetting } from '../model/run/ignored-setting.ts';
import type { Report, RunStatus } from '../model/run/run-status.ts';
import type { RoundOutput } from '../model/run/webhook.ts';
import type { Seen } from '../model/seen.ts';

/** Outcome of sending a decision to CrewAI, by /resume or a Flow's callback. */
export type ResumeOutcome =
  /** `says`: what CrewAI reports having done (documented dialect); `aliasId`: id under which the run continues. */
  | { kind: 'accepted'; dialect?: 'documented' | 'live'; says?: string; aliasId?: string }
  /** 400 "not pending", or 409 of a Flow: the pause is over. `via`: how it was answered, as far as CrewAI says. */
  | { kind: 'not_pending'; via?: string }
  /** Final rejection: 401, 403, 404, 422, other 4xx, 3xx. */
  | { kind: 'refused'; failure: Failure }
  /** Certainly not delivered: DNS, connect, 429, 503. */
  | { kind: 'not_reached'; failure: Failure; retryAfterMs?: number }
  /** Possibly delivered: a timeout, a reset, 500, 502, 504, a 2xx that is not a JSON object. */
  | { kind: 'unknown'; failure: Failure; retryAfterMs?: number };

/** Outcome of sending an answer to the URL that its program named. */
export type PushOutcome =
  /** 2xx: the program has the answer. */
  | { kind: 'taken' }
  /** 410: the program accepts no answer. */
  | { kind: 'gone' }
  /** The settings do not allow the host, or its address is not public. No call was made. */
  | { kind: 'not_allowed'; reason: string }
  | { kind: 'failed'; reason: string; retryAfterMs?: number };

export interface OutputEvent {
  type: 'output';
  at: number;
  output: RoundOutput;
  /** False for a task webhook of a run whose pauses come through human-input webhooks. */
  opensRounds: boolean;
  /** The task's name, if the webhook brings it. */
  task?: string | undefined;
  /** `seen`: a round has this pause; `next`: it follows the decision on the current round. */
  pause?: 'seen' | 'next';
  /** Facts for a round that the output opens. */
  opening?: Pick<Round, 'unnamed' | 'after' | 'irreversible'> & { policy: Policy };
  /** The webhook lacks the revision's ticket although this crew's webhooks carry tickets: a known output is a redelivery. */
  isRedelivered?: boolean;
  /** CrewAI received a revision twice and did the task again: the output is a new round, even if an earlier round has the same. */
  isOfAnotherAttempt?: boolean;
}

export interface DecideEvent {
  type: 'decide';
  at: number;
  round: number;
  action: Decision['action'];
  /** Index of the chosen option of a Flow or a question; absent: `feedback` is the answer. */
  option?: number | undefined;
  feedback: string;
  by: string;
  /** Note for people only, posted in the thread. */
  note?: string | undefined;
  /** The output as the person changed it. */
  edited?: string | undefined;
  /** Values that the person entered into the fields of a question. */
  values?: FieldValues | undefined;
  /** What the person was shown. */
  seen?: Seen | undefined;
  /** People whose votes no longer count, because they may no longer decide. */
  ineligibleVoters?: readonly string[];
  /** Number of other people who can still vote; undefined: not known, or one vote is enough. */
  remainingVoters?: number | undefined;
}

export interface PersonEvent {
  type: 'retry' | 'give_up' | 'undo' | 'end_permission';
  at: number;
  round: number;
  by: string;
}

/** A person claims a round, releases it, or asks someone to decide. */
export type AttentionEvent = { at: number; round: number; by: string } & (
  | { type: 'claim' | 'release' }
  | { type: 'assign'; to: string }
);

/** A person's request on a round. */
export type PersonRequest =
  | ({ type: 'decide'; feedback?: string } & Pick<
      DecideEvent,
      'action' | 'option' | 'note' | 'edited' | 'values'
    >)
  /** Sends a decision again that CrewAI rejected or that did not arrive. */
  | { type: 'retry' }
  /** Takes back a decision that was not sent yet. */
  | { type: 'undo' }
  /** Ends the permission for further calls of a tool. */
  | { type: 'end_permission' }
  /** Closes a round without a decision reaching CrewAI. */
  | { type: 'give_up' }
  /** Claims a round for 15 minutes, or releases it. Decides nothing. */
  | { type: 'claim' | 'release' }
  /** Asks one person to decide; others still may. */
  | { type: 'assign'; to: string };

export interface AttemptStartedEvent {
  type: 'attempt_started';
  at: number;
  round: number;
  /** Dialect of the request. */
  dialect: Dialect;
  /** The attempt's new ticket. */
  ticket?: string;
}

export interface AttemptEndedEvent {
  type: 'attempt_ended';
  at: number;
  round: number;
  outcome: ResumeOutcome;
  /** The attempt's ticket. */
  ticket?: string | undefined;
  /** Wait before another attempt, in milliseconds. */
  backoffMs: number;
}

export type ApprovalEvent =
  | OutputEvent
  /**
   * A webhook or event of the run without an output of this approval. `isTaskReport`: it reports the end of a task;
   * `cameUnderUnknownId`: it came earlier, under an id that was not known yet; `task`: the task that it names.
   */
  | {
      type: 'other_webhook';
      at: number;
      isTaskReport: boolean;
      cameUnderUnknownId?: true;
      task?: string | undefined;
    }
  /** `isLast`: of the run's approvals, only the last one notifies the requester; `result`: hash of a new result. */
  | { type: 'run_finished'; at: number; withResult: boolean; isLast?: boolean; result?: string | undefined }
  /** `failedAt`: by CrewAI's clock. */
  | {
      type: 'run_failed';
      at: number;
      failedAt: number;
      reason?: Report | undefined;
      isLast?: boolean;
      /** The start reports the failure in the thread of a run that was started from Slack. */
      isReportedByStart?: boolean;
    }
  | { type: 'task_failed'; at: number; task: string; reason?: string | undefined }
  /** A later pause of the run: CrewAI accepted the approval before it. */
  | { type: 'later_pause'; at: number }
  /** The approval's task does not wait for a decision: the crew's platform announces pauses only by human-input webhooks. */
  | { type: 'not_waiting'; at: number }
  /** `round`: the round that the name belongs to; absent: the current one. */
  | {
      type: 'task_named';
      at: number;
      round?: number;
      task: string;
      agent?: string | undefined;
    }
  /** CrewAI escalates a review. */
  | { type: 'escalation_asked'; at: number; requestId: string }
  /** A waiting review has been answered in CrewAI, as the status of its run shows. */
  | { type: 'answered_elsewhere'; at: number; round: number }
  /** A review came again, and the settings now allow calls to its host. */
  | { type: 'callback_allowed'; at: number; requestId: string; callbackUrl: string }
  | { type: 'urls_known'; at: number; urls: ResolvedUrls; humanInputUrl?: ResolvedUrl | undefined }
  /** A task without an approval ended. `key`: the task's key, which prevents a second note. */
  | { type: 'task_done'; at: number; key: string; task: string; agent?: string | undefined }
  | { type: 'settings_ignored'; at: number; warnings: IgnoredSetting[] }
  | DecideEvent
  | PersonEvent
  | AttentionEvent
  /** A timer of the round may be due. */
  | { type: 'timers_due'; at: number }
  /** A reminder was due at night for everyone to remind. `until`: when it can be posted. */
  | { type: 'reminder_postponed'; at: number; round: number; until: number }
  /** Slack rejected a direct message: the cards go to the channel. */
  | { type: 'dm_rejected'; at: number; channel: string; why: string }
  | AttemptStartedEvent
  | AttemptEndedEvent
  /** A webhook carried an attempt's ticket: the attempt arrived. `executionId`: id under which the run continues, if known. */
  | { type: 'attempt_proved'; at: number; ticket: string; executionId?: string }
  | { type: 'delivery_expired'; at: number; round: number }
  /** The program that asked can fetch the decision from now on. */
  | { type: 'offered'; at: number; round: number }
  /** The program says that it has the answer. `id`: id of a call that an earlier decision allowed. */
  | { type: 'fetched'; at: number; round: number; id?: string }
  /** An attempt to send the answer to the program ended. `of`: status that was sent. */
  | {
      type: 'push_ended';
      at: number;
      round: number;
      id: string;
      of: 'answered' | 'closed';
      outcome: PushOutcome;
      /** Wait before another attempt, in milliseconds. */
      backoffMs: number;
    }
  | { type: 'push_expired'; at: number; round: number; id: string }
  /** The question is closed. `lapsed`: why the bot closed it; absent: the program withdrew it. */
  | { type: 'withdrawn'; at: number; round: number; lapsed?: NonNullable<Round['lapsed']> }
  /** A decision on this round allows a further call. `scope`: the same call again, or another call of the tool. */
  | {
      type: 'call_allowed';
      at: number;
      round: number;
      scope: 'call' | 'tool';
      hash: string;
      call: NonNullable<Round['allowedCalls']>[number];
    }
  /** The program renews the lease of its question. */
  | { type: 'program_alive'; at: number; round: number }
  /** The store is a copy of an earlier time: nobody knows if the decision was sent since then. */
  | { type: 'restored'; at: number; round: number }
  /** A run was checked for webhooks after an acceptance. `status`: CrewAI's answer, if none came; undefined: one came. */
  | { type: 'stall_checked'; at: number; round: number; status: RunStatus | undefined };
