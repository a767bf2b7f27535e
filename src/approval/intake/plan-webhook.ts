import { StoreError } from '../../lib/errors.ts';
import { tieToKickoff } from '../kickoffs/started-run.ts';
import type { ApprovalEvent, OutputEvent } from '../lifecycle/events.ts';
import { isKnownOutput, isNamelessPause, type Pause } from '../lifecycle/pauses.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import { buildStrictestPolicy } from '../model/crew/task-rules.ts';
import { excerptOutput } from '../model/output.ts';
import { addApproval, announcesPauses, type Execution, unreportedWarnings } from '../model/run/execution.ts';
import type { Receipt, TaskWebhook, WebhookFacts } from '../model/run/webhook.ts';
import { addFileNotes, buildApproval, resolveShownUrls } from './build-approval.ts';
import { applyWebhook, hasReport } from './change-execution.ts';
import { findApproval } from './find-approval.ts';
import type { LoadedRun } from './load-run.ts';
import { buildReportKey, nameTask, opensApproval } from './opens-approval.ts';
import { applyRunFinished, applyWebhookEvent, isOutlived, RunDraft, type RunPlan } from './run-draft.ts';
import { findReportedTask, nameTaskByEvents } from './task-of-pause.ts';
import { scheduleUnseenCheck } from './unseen-pauses.ts';

/** An approval waits this long for its card while its webhook may be another id of a known run, in milliseconds. */
const HELD_FOR = 15_000;

export interface WebhookContext {
  crew: Crew;
  dialect: Dialect;
  /** When the webhook came in, by the store's clock. */
  at: number;
  /** A decision of the crew is being sent: its answer may name another id of a known run. */
  underway: boolean;
}

export interface WebhookPlan extends RunPlan {
  webhook: WebhookFacts;
  receipt: Receipt;
  /** What the webhook asked for and does not get, in words. */
  warnings: string[];
  /** For the log. */
  fact?: string;
}

/**
 * What a webhook makes of its run: the run's record, the approval that it opens or adds to, and what the other approvals
 * of the run learn from it. Pure. Throws a StoreError when the approval's id belongs to another run, and a RecordError
 * when a newer version wrote that approval.
 */
export function planWebhook(context: WebhookContext, received: WebhookFacts, run: LoadedRun): WebhookPlan {
  const { crew, dialect, at } = context;
  const draft = new RunDraft(run);
  const before = tieToKickoff(draft, crew, received.executionId, run, at);
  const named = nameTaskByEvents(received, before);
  const reported = findReportedTask(named, before);
  const webhook = reported && named.kind === 'human_input' ? { ...named, task: reported.task } : named;
  const opens = opensApproval(crew, webhook, before, dialect);
  if (!('taskKey' in webhook)) return planRunWebhook(context, webhook, before, draft);

  const siblings = draft.list(before?.approvals ?? []);
  const { id, pause } = findApproval(draft, { crew, webhook, execution: before, siblings, dialect, at });
  const earlier = draft.approval(id);
  if (earlier && (earlier.crew !== crew.name || earlier.executionId !== webhook.executionId))
    throw new StoreError(`The approval id ${id} belongs to another run.`);
  const known = opens && earlier ? addApproval(before, earlier) : before;
  const report = opens ? undefined : buildReportKey(webhook, earlier);
  const { execution, warnings } = recordWebhook(context, webhook, known, opens ? { opened: id } : { report });
  const isNewReport = report !== undefined && !(known && hasReport(known, report, at));
  if (isNewReport) noteReport(draft, context, webhook, execution, report);

  const plan = { webhook, execution, warnings };
  if (opens && !earlier) {
    const ignored = [...(known ? unreportedWarnings(known) : []), ...warnings];
    // A name that a task webhook brought never widens who can decide.
    const opened = reported ? { ...webhook, task: undefined } : webhook;
    const built = openApproval(context, draft, { webhook: opened, execution, id, ignored });
    const approval = reported ? applyWebhookEvent(built, { type: 'task_named', at, ...reported }) : built;
    const isFirst = !known?.approvals.length;
    const held = dialect === 'unknown' && webhook.kind === 'task' && isFirst && context.underway;
    draft.notifySiblings(execution, taskReportedEvent(at), id);
    if (isNamelessPause(webhook, dialect)) draft.notifySiblings(execution, { type: 'later_pause', at }, id);
    updateUrls(draft, context, webhook, execution, id);
    const hash = currentRound(approval).hashes[0] as string;
    draft.set(held ? holdCard(approval, at) : approval, [{ hash, output: webhook.output }]);
    const receipt: Receipt = { status: 'created', approval: id, round: 1 };
    return { ...plan, receipt, fact: OUTPUT_WAITS, ...draft.changes() };
  }

  updateUrls(draft, context, webhook, execution);
  const isRedelivery =
    pause?.kind === 'seen' || (!pause && earlier !== undefined && isKnownOutput(earlier, webhook.round));
  if (!earlier || (!opens && !isRedelivery))
    return { ...plan, receipt: { status: 'noted' }, ...draft.changes() };
  // A redelivery says nothing new about the run.
  if (opens && !isRedelivery) draft.notifySiblings(execution, taskReportedEvent(at), id);
  const added = addOutput(context, draft, webhook, { id, opens, pause });
  return { ...plan, ...added, ...draft.changes() };
}

/** A webhook of the run itself: a step, a task that failed, or the run's end. */
function planRunWebhook(
  context: WebhookContext,
  webhook: Exclude<WebhookFacts, TaskWebhook>,
  before: Execution | undefined,
  draft: RunDraft,
): WebhookPlan {
  const { dialect, at } = context;
  const { execution, warnings } = recordWebhook(context, webhook, before, {});
  const plan = { webhook, execution, warnings };
  updateUrls(draft, context, webhook, execution);
  if (webhook.kind === 'crew') {
    applyRunFinished(draft, execution, at);
    const result = execution.hasResult && !before?.hasResult ? { result: webhook.result } : {};
    const receipt: Receipt = { status: before?.finishedAt === undefined ? 'noted' : 'duplicate' };
    return { ...plan, ...result, receipt, fact: 'run finished', ...draft.changes() };
  }
  const last = execution.approvals.at(-1);
  if (webhook.kind === 'task_failed' && last !== undefined)
    draft.apply(last, { type: 'task_failed', at, task: webhook.task, reason: webhook.reason });
  if (!isOutdated(webhook, execution, dialect))
    draft.notifySiblings(execution, { type: 'other_webhook', at, taskReported: false });
  const fact = webhook.kind === 'task_failed' ? { fact: 'task failed' } : {};
  return { ...plan, ...fact, receipt: { status: 'noted' }, ...draft.changes() };
}

/** The run's record after a webhook. */
function recordWebhook(
  { crew, dialect, at }: WebhookContext,
  webhook: WebhookFacts,
  known: Execution | undefined,
  about: { opened?: string; report?: string | undefined },
) {
  const { execution, warnings } = applyWebhook(crew, webhook, known, at, about);
  return { execution: scheduleUnseenCheck(execution, crew, dialect, at), warnings };
}

/** A task without an approval has reported: the run has moved on, and the last thread says which task it was. */
function noteReport(
  draft: RunDraft,
  { dialect, at }: WebhookContext,
  webhook: TaskWebhook,
  execution: Execution,
  key: string,
): void {
  if (!isOutdated(webhook, execution, dialect)) draft.notifySiblings(execution, taskReportedEvent(at));
  const last = execution.approvals.at(-1);
  if (last === undefined || announcesPauses(execution)) return;
  draft.applyOrThrow(last, {
    type: 'task_done',
    at,
    key,
    task: nameTask(webhook),
    agent: webhook.round.agent,
  });
}

function openApproval(
  { crew, dialect, at }: WebhookContext,
  draft: RunDraft,
  {
    webhook,
    execution,
    id,
    ignored,
  }: { webhook: TaskWebhook; execution: Execution; id: string; ignored: string[] },
): Approval {
  const { failure: _, ...continued } = execution;
  const run = isOutlived(draft, execution) ? continued : execution;
  const event = buildOutputEvent(webhook, at, true, crew);
  return buildApproval(crew, webhook, run, id, event, { warnings: ignored, dialect });
}

/** The output of an approval that exists: another round, the same output by the other route, or a redelivery. */
function addOutput(
  { crew, at }: WebhookContext,
  draft: RunDraft,
  webhook: TaskWebhook,
  { id, opens, pause }: { id: string; opens: boolean; pause: Pause | undefined },
): Pick<WebhookPlan, 'receipt' | 'fact'> {
  const before = draft.approval(id) as Approval;
  const changed = applyWebhookEvent(before, buildOutputEvent(webhook, at, opens, crew, pause));
  const round = currentRound(changed);
  const isNewRound = round.number > before.rounds.length;
  const receipt: Receipt = {
    status: isNewRound ? 'created' : 'duplicate',
    approval: id,
    round: round.number,
  };
  if (changed === before) return { receipt };
  if (!isNewRound) {
    draft.set(changed);
    return { receipt, fact: 'same output received by the other webhook' };
  }
  const hash = round.hashes[0] as string;
  draft.set(addFileNotes(changed, webhook.output), [{ hash, output: webhook.output }]);
  return { receipt, fact: OUTPUT_WAITS };
}

const OUTPUT_WAITS = 'output waiting for a decision';

/** The cards say which webhook URLs a decision will be sent with. */
function updateUrls(
  draft: RunDraft,
  { crew, dialect, at }: WebhookContext,
  { meta }: WebhookFacts,
  execution: Execution,
  except?: string,
): void {
  if (Object.keys(meta.urls).length === 0) return;
  const urls = resolveShownUrls(crew, execution, dialect);
  draft.notifySiblings(execution, { type: 'urls_known', at, ...urls }, except);
}

/** The event: some task of the run ended, so whatever was decided before has continued it. */
function taskReportedEvent(at: number): ApprovalEvent {
  return { type: 'other_webhook', at, taskReported: true };
}

/** It came late, under an id from before the last decision: it does not show what became of that decision. */
function isOutdated({ under }: WebhookFacts, { continuedAs }: Execution, dialect: Dialect): boolean {
  return dialect === 'live' && continuedAs !== undefined && under !== continuedAs;
}

function holdCard(approval: Approval, at: number): Approval {
  const card = { ...approval.lanes.card, notBefore: at + HELD_FOR };
  return { ...approval, lanes: { ...approval.lanes, card } };
}

function buildOutputEvent(
  webhook: TaskWebhook,
  at: number,
  opensRounds: boolean,
  crew: Crew,
  pause?: Pause,
): OutputEvent {
  return {
    type: 'output',
    at,
    output: { ...webhook.round, excerpt: excerptOutput(webhook.output) },
    opensRounds,
    task: webhook.task,
    approvalsRequired: buildStrictestPolicy(crew).approvalsRequired,
    ...(pause?.kind === 'seen' || pause?.kind === 'answer' ? { pause: pause.kind } : {}),
  };
}
