import type { App } from '../app.ts';
import type { OutputEvent } from '../lifecycle/events.ts';
import { type Approval, buildApprovalId, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { isIrreversible } from '../model/crew/effect.ts';
import { buildPolicy, type Policy } from '../model/crew/task-rules.ts';
import { excerptOutput } from '../model/output.ts';
import { isOpen, type Review } from '../model/round.ts';
import { buildReviewRunId } from '../model/run/program-run.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import type { FlowReview, Receipt } from '../model/run/webhook.ts';
import { addFileNotes, buildApproval } from './build-approval.ts';
import { changeRun } from './change-run.ts';
import { applyWebhookEvent, listRunApprovals, type Run, setApproval } from './run.ts';

/** Records a Flow's review. Rejects with a StoreError if it was not stored: the response must not be 2xx then. */
export async function receiveReview(app: App, crew: Crew, received: FlowReview): Promise<Receipt> {
  const at = app.clock.now();
  const executionId = await findReviewRun(app, crew, received);
  const review = { ...received, executionId };
  const callbackAllowed = app.crewAI.mayCallBack(crew.name, review.callbackUrl);
  const query = { approvalId: buildReviewId(crew.name, review) };
  const { receipt, fact } = await changeRun(app, crew, executionId, query, (run) =>
    applyReview({ crew, at, callbackAllowed }, review, run),
  );
  const { approval, round } = receipt;
  const logFields = { crew: crew.name, execution: executionId };
  if (fact) app.log.info({ ...logFields, approval, round }, fact);
  if (!callbackAllowed) {
    const { host } = new URL(review.callbackUrl);
    app.log.warn({ ...logFields, host }, 'host of a review not allowed');
    app.alert({ kind: 'callback_host_not_allowed', crew: crew.name, host });
  }
  return receipt;
}

/**
 * Finds the run of a review. If the execution id only identifies the Flow, the review gets its own run, unless a run with this
 * id was registered, started from Slack, or has reported.
 */
async function findReviewRun(
  { store }: App,
  { name }: Crew,
  { executionId, requestId, hasFlowIdOnly }: FlowReview,
): Promise<string> {
  if (!hasFlowIdOnly) return executionId;
  // The id of the run is a hash of the request's id, because that id is part of the callback URL and must stay secret.
  const ownRunId = buildReviewRunId(buildApprovalId(name, executionId, requestId));
  // An earlier delivery of this review got its own run.
  if (await store.run(name, ownRunId)) return ownRunId;
  const originalId = await store.originalId(name, executionId);
  return (await store.run(name, originalId)) ? executionId : ownRunId;
}

const MINUTE = 60_000;

interface ReviewContext {
  crew: Crew;
  /** When the webhook came in, by the store's clock. */
  at: number;
  /** The settings allow calls to the host of the review's callback. */
  callbackAllowed: boolean;
}

interface ReceivedReview {
  run: Run;
  receipt: Receipt;
  /** Message for the log; absent: nothing is new. */
  fact?: string;
}

/** Builds the id of a review's approval. The reviews of one method in one run of a Flow are rounds of one approval. */
function buildReviewId(crew: string, { executionId, method }: FlowReview): string {
  return buildApprovalId(crew, executionId, `flow ${method}`);
}

/** Applies a Flow's review to its run: a new approval, the next round, an escalation, or nothing. Pure. */
function applyReview(context: ReviewContext, review: FlowReview, loadedRun: Run): ReceivedReview {
  const { crew, at } = context;
  const { id, approval } = findReviewApproval(loadedRun, crew.name, review);
  const { approvals } = loadedRun.record;
  const record: RunRecord = {
    ...loadedRun.record,
    lastWebhookAt: at,
    approvals: approvals.includes(id) ? approvals : [...approvals, id],
  };
  const run = { ...loadedRun, record };
  const event = buildReviewEvent(context, review);
  const output = { hash: review.hashes[0] as string, output: review.output };
  const outputs = review.state ? [output, review.state] : [output];
  if (!approval) {
    const { method: task, enforceRouting, responders } = review;
    const newApproval = buildApproval(crew, record, event, {
      id,
      task,
      title: task,
      policy: findReviewPolicy(crew, review),
      tooFew: enforceRouting && !responders?.length ? { able: 0, required: 1 } : undefined,
      output: review.output,
    });
    return {
      run: setApproval(run, newApproval, outputs),
      receipt: { status: 'created', approval: id, round: 1 },
      fact: REVIEW_WAITS,
    };
  }
  const knownRound = approval.rounds.find(({ taskId }) => taskId === review.requestId);
  if (knownRound) {
    const updatedApproval = applyRepeatedReview(approval, context, review);
    const receipt: Receipt = { status: 'duplicate', approval: id, round: knownRound.number };
    if (updatedApproval === approval) return { run, receipt };
    const fact =
      review.event === 'escalation' ? 'review escalated by CrewAI' : 'callback of a review allowed';
    return { run: setApproval(run, updatedApproval), receipt, fact };
  }
  if (isOvertaken(approval, review))
    return {
      run,
      receipt: { status: 'noted', approval: id },
      fact: 'review ignored: a later one arrived before',
    };
  const nextApproval = addFileNotes(applyWebhookEvent(approval, { ...event, pause: 'next' }), review.output);
  const receipt: Receipt = { status: 'created', approval: id, round: currentRound(nextApproval).number };
  return { run: setApproval(run, nextApproval, outputs), receipt, fact: REVIEW_WAITS };
}

/** Applies a review that came again: CrewAI escalates it, or the settings now allow its callback. */
function applyRepeatedReview(
  approval: Approval,
  { at, callbackAllowed }: ReviewContext,
  { event, requestId, callbackUrl }: FlowReview,
): Approval {
  if (event === 'escalation') return applyWebhookEvent(approval, { type: 'escalation_asked', at, requestId });
  return callbackAllowed
    ? applyWebhookEvent(approval, { type: 'callback_allowed', at, requestId, callbackUrl })
    : approval;
}

/**
 * Finds the approval of a review. If CrewAI names only the Flow, a review that comes while another one waits may belong to
 * another run: it gets its own approval, so that neither supersedes the other.
 */
function findReviewApproval(
  run: Run,
  crew: string,
  review: FlowReview,
): { id: string; approval: Approval | undefined } {
  const id = buildReviewId(crew, review);
  const methodApproval = run.approvals.get(id);
  const matchedApproval = listRunApprovals(run).find(({ rounds }) =>
    rounds.some(({ taskId }) => taskId === review.requestId),
  );
  if (matchedApproval) return { id: matchedApproval.id, approval: matchedApproval };
  if (!methodApproval || !review.hasFlowIdOnly || !isOpen(currentRound(methodApproval)))
    return { id, approval: methodApproval };
  return {
    id: buildApprovalId(crew, review.executionId, `flow ${review.method} ${review.requestId}`),
    approval: undefined,
  };
}

const REVIEW_WAITS = 'review waiting for a decision';

/** True if a later review of the Flow has already arrived: a Flow asks again only after the earlier review was answered. */
function isOvertaken(approval: Approval, { createdAt }: FlowReview): boolean {
  const newestCreatedAt = currentRound(approval).review?.createdAt;
  return createdAt !== undefined && newestCreatedAt !== undefined && createdAt < newestCreatedAt;
}

/**
 * Finds the policy of a review. It reminds and escalates by the deadline that CrewAI set for an answer. The round does not expire
 * then.
 */
function findReviewPolicy(crew: Crew, { method: task, slaTargetMinutes }: FlowReview): Policy {
  const policy = buildPolicy(crew, task, isIrreversible(crew, { task }));
  if (slaTargetMinutes === undefined) return policy;
  const timeToAnswer = slaTargetMinutes * MINUTE;
  return {
    ...policy,
    remindAfter: Math.min(policy.remindAfter ?? timeToAnswer, timeToAnswer),
    ...(policy.escalateTo.length > 0
      ? { escalateAfter: Math.min(policy.escalateAfter ?? timeToAnswer, timeToAnswer) }
      : {}),
  };
}

function buildReviewEvent({ crew, at, callbackAllowed }: ReviewContext, received: FlowReview): OutputEvent {
  const { callbackUrl, createdAt, slaTargetMinutes, responders, enforceRouting } = received;
  const review: Review = {
    options: received.options,
    ...(received.defaultOutcome === undefined ? {} : { defaultOutcome: received.defaultOutcome }),
    ...(callbackAllowed ? { callbackUrl } : { blockedHost: new URL(callbackUrl).host }),
    ...(received.state ? { stateHash: received.state.hash } : {}),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(slaTargetMinutes === undefined ? {} : { dueAt: at + slaTargetMinutes * MINUTE }),
    ...(received.assigneeEmail === undefined ? {} : { assigneeEmail: received.assigneeEmail }),
    ...(enforceRouting ? { responders: responders ?? [] } : {}),
  };
  return {
    type: 'output',
    at,
    opensRounds: true,
    task: received.method,
    ...(isIrreversible(crew, { task: received.method })
      ? { opening: { irreversible: true, policy: findReviewPolicy(crew, received) } }
      : {}),
    output: {
      excerpt: excerptOutput(received.output),
      taskId: received.requestId,
      humanInput: true,
      hashes: received.hashes,
      ...(received.unseen === undefined ? {} : { unseen: received.unseen }),
      ...(received.message === '' ? {} : { description: received.message }),
      review,
    },
  };
}
