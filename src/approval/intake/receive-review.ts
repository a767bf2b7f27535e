import type { App } from '../app.ts';
import type { OutputEvent } from '../lifecycle/events.ts';
import { type Approval, buildApprovalId, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { findTaskRules, type Policy } from '../model/crew/task-rules.ts';
import { excerptOutput } from '../model/output.ts';
import { isOpen, type Review } from '../model/round.ts';
import { buildReviewRunId } from '../model/run/program-run.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import type { FlowReview, Receipt } from '../model/run/webhook.ts';
import { addFileNotes, buildApproval } from './build-approval.ts';
import { changeRun } from './change-run.ts';
import { applyWebhookEvent, listRunApprovals, type Run, setApproval } from './run.ts';

/** Records a Flow's review. CrewAI never sends it again. Rejects with a StoreError if it must not be answered with 2xx. */
export async function receiveReview(app: App, crew: Crew, given: FlowReview): Promise<Receipt> {
  const at = app.clock.now();
  const executionId = await findReviewRun(app, crew, given);
  const asked = { ...given, executionId };
  const callbackAllowed = app.crewAI.mayCallBack(crew.name, asked.callbackUrl);
  const reads = { approvalId: buildReviewId(crew.name, asked) };
  const { receipt, fact } = await changeRun(app, crew, executionId, reads, (run) =>
    applyReview({ crew, at, callbackAllowed }, asked, run),
  );
  const { approval, round } = receipt;
  const logFields = { crew: crew.name, execution: executionId };
  if (fact) app.log.info({ ...logFields, approval, round }, fact);
  if (!callbackAllowed) {
    const { host } = new URL(asked.callbackUrl);
    app.log.warn({ ...logFields, host }, 'host of a review not allowed');
    app.alert({ kind: 'callback_host_not_allowed', crew: crew.name, host });
  }
  return receipt;
}

/**
 * Finds the run of a review. A review that names only its Flow gets a run of its own, unless a run with that id is known: it was
 * registered, started from Slack, or has reported.
 */
async function findReviewRun(
  { store }: App,
  { name }: Crew,
  { executionId, requestId, sharesId }: FlowReview,
): Promise<string> {
  if (!sharesId) return executionId;
  // Hashed: the request's id is part of the URL that its answer is sent to.
  const own = buildReviewRunId(buildApprovalId(name, executionId, requestId));
  // The review came before, when no run with that id was known.
  if (await store.run(name, own)) return own;
  const named = await store.originalId(name, executionId);
  return (await store.run(name, named)) ? executionId : own;
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
function applyReview(context: ReviewContext, asked: FlowReview, loaded: Run): ReceivedReview {
  const { crew, at } = context;
  const { id, before } = findReviewed(loaded, crew.name, asked);
  const { approvals } = loaded.record;
  const record: RunRecord = {
    ...loaded.record,
    lastWebhookAt: at,
    approvals: approvals.includes(id) ? approvals : [...approvals, id],
  };
  const run = { ...loaded, record };
  const event = buildReviewEvent(context, asked);
  const output = { hash: asked.hashes[0] as string, output: asked.output };
  const outputs = asked.state ? [output, asked.state] : [output];
  if (!before) {
    const { method: task, enforceRouting, responders } = asked;
    const opened = buildApproval(crew, record, event, {
      id,
      task,
      title: task,
      policy: narrowPolicy(findTaskRules(crew, task).policy, asked),
      tooFew: enforceRouting && !responders?.length ? { able: 0, required: 1 } : undefined,
      output: asked.output,
    });
    return {
      run: setApproval(run, opened, outputs),
      receipt: { status: 'created', approval: id, round: 1 },
      fact: REVIEW_WAITS,
    };
  }
  const seen = before.rounds.find(({ taskId }) => taskId === asked.requestId);
  if (seen) {
    const news = applyRepeatedReview(before, context, asked);
    const receipt: Receipt = { status: 'duplicate', approval: id, round: seen.number };
    if (news === before) return { run, receipt };
    const fact = asked.event === 'escalation' ? 'review escalated by CrewAI' : 'callback of a review allowed';
    return { run: setApproval(run, news), receipt, fact };
  }
  if (isOvertaken(before, asked))
    return {
      run,
      receipt: { status: 'noted', approval: id },
      fact: 'review ignored: a later one arrived before',
    };
  const next = addFileNotes(applyWebhookEvent(before, { ...event, pause: 'next' }), asked.output);
  const receipt: Receipt = { status: 'created', approval: id, round: currentRound(next).number };
  return { run: setApproval(run, next, outputs), receipt, fact: REVIEW_WAITS };
}

/** Applies a review that came again: CrewAI escalates it, or the settings now allow its callback. */
function applyRepeatedReview(
  before: Approval,
  { at, callbackAllowed }: ReviewContext,
  { event, requestId, callbackUrl }: FlowReview,
): Approval {
  if (event === 'escalation') return applyWebhookEvent(before, { type: 'escalation_asked', at, requestId });
  return callbackAllowed
    ? applyWebhookEvent(before, { type: 'callback_allowed', at, requestId, callbackUrl })
    : before;
}

/**
 * Finds the approval of a review. If CrewAI names only the Flow, a review that comes while another one waits may belong to
 * another run: it gets an approval of its own, so that neither supersedes the other.
 */
function findReviewed(
  run: Run,
  crew: string,
  asked: FlowReview,
): { id: string; before: Approval | undefined } {
  const id = buildReviewId(crew, asked);
  const first = run.approvals.get(id);
  const known = listRunApprovals(run).find(({ rounds }) =>
    rounds.some(({ taskId }) => taskId === asked.requestId),
  );
  if (known) return { id: known.id, before: known };
  if (!first || !asked.sharesId || !isOpen(currentRound(first))) return { id, before: first };
  return {
    id: buildApprovalId(crew, asked.executionId, `flow ${asked.method} ${asked.requestId}`),
    before: undefined,
  };
}

const REVIEW_WAITS = 'review waiting for a decision';

/** True if a later review of the Flow is already here: a Flow that asks again has the answer to the earlier review. */
function isOvertaken(approval: Approval, { createdAt }: FlowReview): boolean {
  const newest = currentRound(approval).review?.createdAt;
  return createdAt !== undefined && newest !== undefined && createdAt < newest;
}

/** Reminds and escalates when the time is over in which CrewAI expects an answer. The round does not expire then. */
function narrowPolicy(policy: Policy, { slaTargetMinutes }: FlowReview): Policy {
  if (slaTargetMinutes === undefined) return policy;
  const due = slaTargetMinutes * MINUTE;
  return {
    ...policy,
    remindAfter: Math.min(policy.remindAfter ?? due, due),
    ...(policy.escalateTo.length > 0 ? { escalateAfter: Math.min(policy.escalateAfter ?? due, due) } : {}),
  };
}

function buildReviewEvent({ at, callbackAllowed }: ReviewContext, asked: FlowReview): OutputEvent {
  const { callbackUrl, createdAt, slaTargetMinutes, responders, enforceRouting } = asked;
  const review: Review = {
    options: asked.options,
    ...(asked.defaultOutcome === undefined ? {} : { defaultOutcome: asked.defaultOutcome }),
    ...(callbackAllowed ? { callbackUrl } : { blockedHost: new URL(callbackUrl).host }),
    ...(asked.state ? { stateHash: asked.state.hash } : {}),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(slaTargetMinutes === undefined ? {} : { dueAt: at + slaTargetMinutes * MINUTE }),
    ...(asked.assigneeEmail === undefined ? {} : { assigneeEmail: asked.assigneeEmail }),
    ...(enforceRouting ? { responders: responders ?? [] } : {}),
  };
  return {
    type: 'output',
    at,
    opensRounds: true,
    task: asked.method,
    output: {
      excerpt: excerptOutput(asked.output),
      taskId: asked.requestId,
      humanInput: true,
      hashes: asked.hashes,
      ...(asked.unseen === undefined ? {} : { unseen: asked.unseen }),
      ...(asked.message === '' ? {} : { description: asked.message }),
      review,
    },
  };
}
