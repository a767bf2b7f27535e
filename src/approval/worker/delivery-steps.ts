import { hash } from 'node:crypto';
import type { Alert } from '../alerts.ts';
import type { App } from '../app.ts';
import { recordAlias } from '../intake/aliases.ts';
import { recordRunFailure } from '../intake/receive-events.ts';
import { setApproval } from '../intake/run.ts';
import type { ResumeOutcome } from '../lifecycle/events.ts';
import { computeBackoff, LONGEST_RETRY_DELAY } from '../lifecycle/lanes.ts';
import { findPush } from '../lifecycle/pushes.ts';
import type { QuestionState } from '../lifecycle/questions.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import { type Approval, setOrigin } from '../model/approval.ts';
import { type Decision, REVIEW_FAULTS, type Round } from '../model/round.ts';
import { findShownRunId } from '../model/run/program-run.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import { addReceipt } from '../questions.ts';
import type { StepOutcome } from './work.ts';

export async function attemptDelivery(
  app: App,
  approval: Approval,
  round: Round,
  record?: RunRecord,
): Promise<StepOutcome<Approval>> {
  const { crewAI, random, clock } = app;
  if (!record || !round.decision) throw new Error('a decision without its run');
  const outcome = await crewAI.resume({
    approval,
    round,
    decision: round.decision,
    run: record,
  });
  // Time of CrewAI's answer, which may be recorded later: a webhook that came after the answer is evidence.
  const at = clock.now();
  const backoffMs = computeBackoff(approval.lanes.delivery.failures + 1, random);
  const type = 'attempt_ended';
  const ticket = round.delivery?.tickets?.at(-1)?.id;
  const apply = (current: Approval) => {
    const withOutcome = applyEvent(current, { type, at, round: round.number, outcome, ticket, backoffMs });
    return setOrigin(withOutcome, current.factCount, 'crewai');
  };
  // Records the new id in one commit with the outcome: webhooks that came under it before, such as the end of the run, came after
  // the acceptance.
  const alias = outcome.kind === 'accepted' ? outcome.aliasId : undefined;
  let isRecorded = false;
  const recordBoth = async (aliasId: string) => {
    if (isRecorded) return;
    isRecorded = await recordAlias(app, approval.crew, aliasId, approval.executionId, (run) => {
      const current = run.approvals.get(approval.id);
      return current ? setApproval(run, apply(current)) : run;
    });
  };
  const failed = outcome.kind !== 'accepted';
  const logFields = {
    round: round.number,
    outcome: outcome.kind,
    ...('failure' in outcome ? { answer: outcome.failure.status } : {}),
  };
  const alert = findDeliveryAlert(approval, round.decision, outcome, clock.now());
  return {
    apply: (current) => (isRecorded ? current : apply(current)),
    ...(alias === undefined ? {} : { storeFirst: () => recordBoth(alias) }),
    ...(alert ? { alert } : {}),
    failed,
    logMessage: LOG_MESSAGES[outcome.kind],
    logFields,
  };
}

/** Age at which an undelivered decision needs an operator, in milliseconds. */
const ALERT_AFTER = 10 * 60_000;

/** Finds the alert for a failed attempt: a rejected token at once, a decision that is still retried after 10 minutes. */
function findDeliveryAlert(
  { crew }: Approval,
  decision: Decision,
  outcome: ResumeOutcome,
  now: number,
): Alert | undefined {
  if (!('failure' in outcome)) return undefined;
  const { status, detail } = outcome.failure;
  // The secret of one review says nothing about the crew's token.
  if (detail === REVIEW_FAULTS.callbackRejected) return undefined;
  if (status === 401 || status === 403) return { kind: 'crew_token_rejected', crew, status };
  const isLate = outcome.kind !== 'refused' && now - decision.at >= ALERT_AFTER;
  return isLate ? { kind: 'decisions_late', crew } : undefined;
}

export async function askRunStatus(
  app: App,
  approval: Approval,
  round: Round,
  record?: RunRecord,
): Promise<StepOutcome<Approval>> {
  const { clock, crewAI, crews } = app;
  const type = 'stall_checked';
  const logFields = { round: round.number };
  // A webhook may arrive before the acceptance is recorded, or bring a known output.
  const { firstAttemptAt, acceptedAt } = round.delivery ?? {};
  if ((record?.lastWebhookAt ?? 0) > (firstAttemptAt ?? acceptedAt ?? Number.POSITIVE_INFINITY)) {
    const apply = (current: Approval) =>
      applyEvent(current, { type, at: clock.now(), round: round.number, status: undefined });
    return { apply, failed: false, logMessage: 'webhook received after the decision', logFields };
  }
  // A run continues under another id after each decision.
  const runId = record?.continuedAs ?? approval.executionId;
  const status = await crewAI.status(approval.crew, runId);
  const apply = (current: Approval) =>
    applyEvent(current, { type, at: clock.now(), round: round.number, status });
  const logMessage = 'no webhook received after the decision was accepted';
  const outcome = { apply, failed: true, logMessage, logFields: { ...logFields, status: status.kind } };
  // All cards of the run show the failure, and its requester is notified.
  const crew = crews.get(approval.crew);
  return crew && status.kind === 'failed'
    ? { ...outcome, storeFirst: () => recordRunFailure(app, crew, runId, status.error) }
    : outcome;
}

/** Pushes the state of a question, as its program can read it, to the URL that the program named. */
export async function pushAnswer(
  app: App,
  approval: Approval,
  round: Round,
  id: string,
): Promise<StepOutcome<Approval>> {
  const duePush = findPush(approval, round, id);
  if (!duePush) throw new Error('an answer that nobody is sent');
  const { answers, clock, random } = app;
  const { push } = duePush;
  const state = await addReceipt(app, approval, duePush.state);
  const run = findShownRunId(approval.executionId);
  const outcome = await answers.push(approval.crew, {
    url: push.url,
    id: namePush(approval, state),
    body: { ...state, crew: approval.crew, ...(run === undefined ? {} : { run }) },
  });
  const at = clock.now();
  const backoffMs = computeBackoff((push.failures ?? 0) + 1, random, LONGEST_RETRY_DELAY);
  const event = { type: 'push_ended', at, round: round.number, id, of: state.status, outcome } as const;
  return {
    apply: (current) => setOrigin(applyEvent(current, { ...event, backoffMs }), current.factCount, 'program'),
    failed: outcome.kind !== 'taken',
    logMessage: PUSH_LOG_MESSAGES[outcome.kind],
    logFields: {
      round: round.number,
      question: id,
      ...('reason' in outcome ? { reason: outcome.reason } : {}),
    },
  };
}

/** Builds the message id (Standard Webhooks): the same for each attempt, and different for another answer. */
function namePush({ id, crew }: Approval, state: QuestionState): string {
  return `msg_${hash('sha256', JSON.stringify([crew, id, state.id, state.status, state.answer ?? null])).slice(0, 32)}`;
}

const PUSH_LOG_MESSAGES = {
  taken: 'answer taken by its program',
  gone: 'answer not wanted by its program',
  not_allowed: 'answer not sent: ANSWER_HOSTS does not allow its URL, retrying',
  failed: 'answer not taken by its program, retrying',
} as const;

const LOG_MESSAGES = {
  accepted: 'decision accepted by CrewAI',
  not_pending: 'decision not pending at CrewAI',
  refused: 'decision refused by CrewAI',
  not_reached: 'decision not delivered, retrying',
  unknown: 'decision outcome unknown',
} as const;
