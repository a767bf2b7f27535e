import type { Dialect } from '../model/crew/dialect.ts';
import type { Policy } from '../model/crew/task-rules.ts';
import type { ResolvedUrl, ResolvedUrls } from '../model/crew/webhook-urls.ts';
import type { FieldValues } from '../model/fields.ts';
import type { Decision, Failure, Round } from '../model/round.ts';
import type { IgnoredSetting } from '../model/run/ignored-setting.ts';
import type { Report, RunStatus } from '../model/run/run-status.ts';
import type { RoundOutput } from '../model/run/webhook.ts';

/** What CrewAI answered to a /resume, or that it did not. */
export type ResumeOutcome =
  /** `says`: what CrewAI says that it did (documented dialect); `aliasId`: the run goes on under this id. */
  | { kind: 'accepted'; dialect?: 'documented' | 'live'; says?: string; aliasId?: string }
  /** 400 "not pending", or 409 of a Flow: it is over. `via`: by what, as far as CrewAI says. */
  | { kind: 'not_pending'; via?: string }
  /** A final no: 401, 403, 404, 422, other 4xx, 3xx. */
  | { kind: 'refused'; failure: Failure }
  /** It certainly did not take it: DNS, connect, 429, 503. */
  | { kind: 'not_reached'; failure: Failure; retryAfterMs?: number }
  /** It may have taken it: a timeout, a reset, 500, 502, 504, a 2xx that is not a JSON object. */
  | { kind: 'unknown'; failure: Failure; retryAfterMs?: number };

/** What came of sending an answer to the URL that its program named. */
export type PushOutcome =
  | { kind: 'taken' }
  /** 410: the program wants none. */
  | { kind: 'gone' }
  /** The settings do not allow its host, or the host's address is not public. No call was made. */
  | { kind: 'not_allowed'; reason: string }
  | { kind: 'failed'; reason: string; laterMs?: number };

export interface OutputEvent {
  type: 'output';
  at: number;
  output: RoundOutput;
  /** False for a task webhook of a run whose pauses come through human-input webhooks. */
  opensRounds: boolean;
  /** The task's name, where the webhook brings it. */
  task?: string | undefined;
  /** Of a pause: one that was told before, or what follows the decision on the current round. */
  pause?: 'seen' | 'next';
  /** What it says of a round that it opens. */
  opens?: Pick<Round, 'unnamed' | 'after'> & { policy: Policy };
  /** A known output after a revision is told again, unless it brings the revision's ticket: webhooks of this crew bring them. */
  isToldAgain?: boolean;
  /** Another attempt of an answered revision led to it: a known output is no redelivery. */
  isOfAnotherAttempt?: boolean;
}

export interface DecideEvent {
  type: 'decide';
  at: number;
  round: number;
  action: Decision['action'];
  /** The index of the option of a Flow; absent: `feedback` is the answer. */
  option?: number | undefined;
  feedback: string;
  by: string;
  /** For people only, told in the thread. */
  note?: string | undefined;
  /** The output as the person changed it. */
  edited?: string | undefined;
  /** What the person entered into the fields of a question. */
  values?: FieldValues | undefined;
  /** People who have voted and may not decide any more. */
  without?: readonly string[];
  /** How many others may still vote; undefined while that is not known. */
  others?: number | undefined;
}

export interface PersonEvent {
  type: 'retry' | 'give_up' | 'undo' | 'end_permission';
  at: number;
  round: number;
  by: string;
}

/** Someone looks after a round, leaves it again, or asks someone to. */
export type AttentionEvent = { at: number; round: number; by: string } & (
  | { type: 'claim' | 'release' }
  | { type: 'assign'; to: string }
);

/** What a person asks for on a round. */
export type Ask =
  | ({ type: 'decide'; feedback?: string } & Pick<
      DecideEvent,
      'action' | 'option' | 'note' | 'edited' | 'values'
    > &
      /** The person has read all pages of a tool's arguments. */
      Readonly<{ hasRead?: true }>)
  /** Sends a decision again that CrewAI refused or that did not arrive. */
  | { type: 'retry' }
  /** Takes back a decision that was not sent yet. */
  | { type: 'undo' }
  /** Takes back that further calls of a tool run unasked. */
  | { type: 'end_permission' }
  /** Closes a round without a decision reaching CrewAI. */
  | { type: 'give_up' }
  /** Looks after a round for 15 minutes, or leaves it again; it decides nothing. */
  | { type: 'claim' | 'release' }
  /** Asks one person to decide; others still may. */
  | { type: 'assign'; to: string };

export interface AttemptStartedEvent {
  type: 'attempt_started';
  at: number;
  round: number;
  /** The dialect that the request is written in. */
  dialect: Dialect;
  /** A new ticket. */
  ticket?: string;
}

export interface AttemptEndedEvent {
  type: 'attempt_ended';
  at: number;
  round: number;
  outcome: ResumeOutcome;
  /** The attempt's ticket. */
  ticket?: string | undefined;
  /** How long to wait before another attempt, in milliseconds. */
  backoffMs: number;
}

export type ApprovalEvent =
  | OutputEvent
  /** `isPast`: it came some time ago, under an id that was not known yet. `task`: the one that it names. */
  | {
      type: 'other_webhook';
      at: number;
      taskReported: boolean;
      isPast?: true;
      task?: string | undefined;
    }
  /** `isLast`: the run's last approval, which notifies the requester. */
  /** `result`: the hash of one that has just come. */
  | { type: 'run_finished'; at: number; withResult: boolean; isLast?: boolean; result?: string | undefined }
  /** `failedAt`: by CrewAI's clock. */
  | {
      type: 'run_failed';
      at: number;
      failedAt: number;
      reason?: Report | undefined;
      isLast?: boolean;
      /** The thread of a run that was started from Slack is told by the start. */
      isTold?: boolean;
    }
  | { type: 'task_failed'; at: number; task: string; reason?: string | undefined }
  /** A later pause of the run came: whatever was approved before was taken. */
  | { type: 'later_pause'; at: number }
  /** The platform's pauses come through human-input webhooks: this task does not wait. */
  | { type: 'not_waiting'; at: number }
  /** `round`: the one that it was named by; the current one if absent. */
  | {
      type: 'task_named';
      at: number;
      round?: number;
      task: string;
      agent?: string | undefined;
    }
  /** CrewAI escalates a review. */
  | { type: 'escalation_asked'; at: number; requestId: string }
  /** CrewAI's platform says that a review that waits here has been answered. */
  | { type: 'answered_elsewhere'; at: number; round: number }
  /** A review came again, and the settings allow calls to its host by now. */
  | { type: 'callback_allowed'; at: number; requestId: string; callbackUrl: string }
  | { type: 'urls_known'; at: number; urls: ResolvedUrls; humanInputUrl?: ResolvedUrl | undefined }
  | { type: 'task_done'; at: number; key: string; task: string; agent?: string | undefined }
  | { type: 'settings_ignored'; at: number; warnings: IgnoredSetting[] }
  | DecideEvent
  | PersonEvent
  | AttentionEvent
  /** Something that was to happen by itself at a certain time may be due. */
  | { type: 'timers_due'; at: number }
  /** It is night where those are who were to be reminded. */
  | { type: 'reminder_postponed'; at: number; round: number; until: number }
  /** Slack takes no direct message there: the cards go to the channel. */
  | { type: 'dm_rejected'; at: number; channel: string; why: string }
  | AttemptStartedEvent
  | AttemptEndedEvent
  /** A webhook of the run brought the ticket of an attempt: it arrived. Without an id, it does not say under which one the run goes on. */
  | { type: 'attempt_proved'; at: number; ticket: string; executionId?: string }
  | { type: 'delivery_expired'; at: number; round: number }
  /** The program that asked can fetch the decision from now on. */
  | { type: 'offered'; at: number; round: number }
  /** It says that it has it. `id`: of a call that was allowed before. */
  | { type: 'fetched'; at: number; round: number; id?: string }
  /** An attempt to send it to the program ended. `of`: what was sent. */
  | {
      type: 'push_ended';
      at: number;
      round: number;
      id: string;
      of: 'answered' | 'closed';
      outcome: PushOutcome;
      /** How long to wait before another attempt, in milliseconds. */
      backoffMs: number;
    }
  | { type: 'push_expired'; at: number; round: number; id: string }
  /** It does not ask any more; `lapsed`: why the bot closed it. */
  | { type: 'withdrawn'; at: number; round: number; lapsed?: NonNullable<Round['lapsed']> }
  /** A decision on this round allows a further call. */
  | {
      type: 'call_allowed';
      at: number;
      round: number;
      by: 'call' | 'tool';
      hash: string;
      call: NonNullable<Round['allowedCalls']>[number];
    }
  /** It says that it is alive. */
  | { type: 'program_alive'; at: number; round: number }
  /** The store is a copy of an earlier time: whether the decision was sent since then is not known. */
  | { type: 'restored'; at: number; round: number }
  /** No webhook of the run came after an acceptance, and CrewAI was asked what it says of it; without a status: one came. */
  | { type: 'stall_detected'; at: number; round: number; status: RunStatus | undefined };
