import { StoreError } from '../../lib/errors.ts';
import type { App } from '../app.ts';
import { tieToKickoff } from '../kickoffs/started-run.ts';
import type { OutputEvent } from '../lifecycle/events.ts';
import { isKnownOutput, isNamelessPause, type Pause } from '../lifecycle/pauses.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import { hideReason } from '../model/crew/hide-secrets.ts';
import { buildStrictestPolicy } from '../model/crew/task-rules.ts';
import { excerptOutput } from '../model/output.ts';
import { addApproval, announcesPauses, type Execution, unreportedWarnings } from '../model/run/execution.ts';
import type { IgnoredSetting } from '../model/run/ignored-setting.ts';
import type { Receipt, TaskWebhook, WebhookFacts } from '../model/run/webhook.ts';
import { recordAlias } from './aliases.ts';
import { addFileNotes, buildApproval, resolveShownUrls } from './build-approval.ts';
import { applyWebhook, hasReport } from './change-execution.ts';
import {
  buildReportKey,
  findApproval,
  findReportedTask,
  nameTaskByEvents,
  opensApproval,
} from './find-approval.ts';
import {
  applyRunFinished,
  applyWebhookEvent,
  changeRun,
  isOutlived,
  type LoadedRun,
  RunDraft,
  type RunPlan,
} from './run-draft.ts';
import { applyTicket } from './tickets.ts';

/**
 * Records a webhook: what it says of the run, the approval that it opens or adds to, and what the run's other approvals
 * learn from it, in one commit. `ticket`: of the URL that it came to. Rejects with a StoreError when nothing can be answered with 2xx.
 */
export async function receiveWebhook(
  app: App,
  crew: Crew,
  received: WebhookFacts,
  ticket?: unknown,
): Promise<Receipt> {
  const { dialects, clock, log } = app;
  const at = clock.now();
  const { executionId, kind, under = executionId } = received;
  const { requestId = received.meta.requestId } = await applyTicket(app, crew, {
    ticket,
    executionId,
    kind: kind === 'human_input' ? 'pause' : 'other',
    at,
  });
  const meta = { ...received.meta, ...(requestId === undefined ? {} : { requestId }) };
  const sent = { ...received, meta, under };
  const plan = await changeRun(
    app,
    crew,
    executionId,
    {
      ...('taskKey' in sent ? { taskKey: sent.taskKey } : {}),
      ...(requestId === undefined ? {} : { requestId }),
    },
    (run, id) => {
      const arrival = { crew, dialect: dialects.of(crew.name), at };
      return planWebhook(arrival, { ...sent, executionId: id }, run);
    },
  );
  const { webhook, receipt } = plan;
  const about = { crew: crew.name, execution: webhook.executionId };
  if (plan.warnings.length > 0)
    log.warn({ ...about, kind, ignored: plan.warnings }, 'settings of the run ignored');
  const { approval, round } = receipt;
  if (plan.fact !== undefined && sent.kind === 'task_failed')
    log.warn({ ...about, task: sent.task }, plan.fact);
  else if (plan.fact !== undefined) log.info({ ...about, approval, round }, plan.fact);
  if (webhook.aliasId !== undefined) await recordAlias(app, crew.name, webhook.aliasId, webhook.executionId);
  return receipt;
}

/** What is known when a webhook comes in. */
interface Arrival {
  crew: Crew;
  dialect: Dialect;
  /** When the webhook came in, by the store's clock. */
  at: number;
}

interface WebhookPlan extends RunPlan {
  webhook: WebhookFacts;
  receipt: Receipt;
  /** What the webhook asked for and does not get. */
  warnings: IgnoredSetting[];
  /** For the log. */
  fact?: string;
}

/**
 * What a webhook makes of its run: the run's record, the approval that it opens or adds to, and what the other approvals
 * of the run learn from it. Pure. Throws a StoreError when the approval's id belongs to another run, and a RecordError
 * when a newer version wrote that approval.
 */
function planWebhook(arrival: Arrival, received: WebhookFacts, run: LoadedRun): WebhookPlan {
  const { crew, dialect, at } = arrival;
  const draft = new RunDraft(run);
  const before = tieToKickoff(draft, crew, received.executionId, run, at);
  const named = nameTaskByEvents(received, before);
  const reported = findReportedTask(named, before);
  const webhook = reported && named.kind === 'human_input' ? { ...named, task: reported.task } : named;
  const opens = opensApproval(crew, webhook, before, dialect);
  if (!('taskKey' in webhook)) return planRunWebhook(arrival, webhook, before, draft);

  const siblings = draft.list(before?.approvals ?? []);
  const { id, pause } = findApproval({ crew, webhook, execution: before, siblings, dialect, at });
  const earlier = draft.approval(id);
  if (earlier && (earlier.crew !== crew.name || earlier.executionId !== webhook.executionId))
    throw new StoreError(`The approval id ${id} belongs to another run.`);
  const known = opens && earlier ? addApproval(before, earlier) : before;
  const report = opens ? undefined : buildReportKey(webhook, earlier);
  const { execution, warnings } = applyWebhook(arrival, webhook, known, opens ? { opened: id } : { report });
  const isNewReport = report !== undefined && !(known && hasReport(known, report, at));
  if (isNewReport) noteReport(draft, arrival, webhook, execution, report);

  const plan = { webhook, execution, warnings };
  if (opens && !earlier) {
    const ignored = [...(known ? unreportedWarnings(known) : []), ...warnings];
    // A name that a task webhook brought never widens who can decide.
    const opened = reported ? { ...webhook, task: undefined } : webhook;
    const { failure: _, ...continued } = execution;
    const its = isOutlived(draft, execution) ? continued : execution;
    const event = buildOutputEvent(opened, at, true, crew);
    const built = buildApproval(crew, opened, its, id, event, { warnings: ignored, dialect });
    const approval = reported ? applyWebhookEvent(built, { type: 'task_named', at, ...reported }) : built;
    draft.notifySiblings(execution, { ...TASK_REPORTED, at }, id);
    if (isNamelessPause(webhook, dialect)) draft.notifySiblings(execution, { type: 'later_pause', at }, id);
    showNewUrls(draft, arrival, webhook, execution, id);
    const hash = currentRound(approval).hashes[0] as string;
    draft.set(approval, [{ hash, output: webhook.output }]);
    const receipt: Receipt = { status: 'created', approval: id, round: 1 };
    return { ...plan, receipt, fact: OUTPUT_WAITS, ...draft.changes() };
  }

  showNewUrls(draft, arrival, webhook, execution);
  const isRedelivery =
    pause?.kind === 'seen' || (!pause && earlier !== undefined && isKnownOutput(earlier, webhook.round));
  if (!earlier || (!opens && !isRedelivery))
    return { ...plan, receipt: { status: 'noted' }, ...draft.changes() };
  // A redelivery says nothing new about the run.
  if (opens && !isRedelivery) draft.notifySiblings(execution, { ...TASK_REPORTED, at }, id);
  const added = addOutput(arrival, draft, webhook, { id, opens, pause });
  return { ...plan, ...added, ...draft.changes() };
}

/** A webhook of the run itself: a step, a task that failed, or the run's end. */
function planRunWebhook(
  arrival: Arrival,
  webhook: Exclude<WebhookFacts, TaskWebhook>,
  before: Execution | undefined,
  draft: RunDraft,
): WebhookPlan {
  const { crew, dialect, at } = arrival;
  const { execution, warnings } = applyWebhook(arrival, webhook, before);
  const plan = { webhook, execution, warnings };
  showNewUrls(draft, arrival, webhook, execution);
  if (webhook.kind === 'crew') {
    applyRunFinished(draft, execution, at);
    const result = execution.hasResult && !before?.hasResult ? { result: webhook.result } : {};
    const receipt: Receipt = { status: before?.finishedAt === undefined ? 'noted' : 'duplicate' };
    return { ...plan, ...result, receipt, fact: 'run finished', ...draft.changes() };
  }
  const last = execution.approvals.at(-1);
  if (webhook.kind === 'task_failed' && last !== undefined) {
    const reason = webhook.reason && hideReason(crew, webhook.reason);
    draft.apply(last, { type: 'task_failed', at, task: webhook.task, reason });
  }
  if (!isLateWebhook(webhook, execution, dialect))
    draft.notifySiblings(execution, { type: 'other_webhook', at, taskReported: false });
  const fact = webhook.kind === 'task_failed' ? { fact: 'task failed' } : {};
  return { ...plan, ...fact, receipt: { status: 'noted' }, ...draft.changes() };
}

/** A task without an approval has reported: the run has moved on, and the last thread says which task it was. */
function noteReport(
  draft: RunDraft,
  { dialect, at }: Arrival,
  webhook: TaskWebhook,
  execution: Execution,
  key: string,
): void {
  if (!isLateWebhook(webhook, execution, dialect)) draft.notifySiblings(execution, { ...TASK_REPORTED, at });
  const last = execution.approvals.at(-1);
  if (last === undefined || announcesPauses(execution)) return;
  draft.applyOrThrow(last, {
    type: 'task_done',
    at,
    key,
    task: webhook.taskKey,
    agent: webhook.round.agent,
  });
}

/** The output of an approval that exists: another round, the same output by the other route, or a redelivery. */
function addOutput(
  { crew, at }: Arrival,
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
/** Some task of the run ended: whatever was decided before has continued it. */
const TASK_REPORTED = { type: 'other_webhook', taskReported: true } as const;

/** The cards say which webhook URLs a decision will be sent with. */
function showNewUrls(
  draft: RunDraft,
  { crew, dialect, at }: Arrival,
  { meta }: WebhookFacts,
  execution: Execution,
  except?: string,
): void {
  if (Object.keys(meta.urls).length === 0) return;
  const urls = resolveShownUrls(crew, execution, dialect);
  draft.notifySiblings(execution, { type: 'urls_known', at, ...urls }, except);
}

/** It came late, under an id from before the last decision: it does not show what became of that decision. */
function isLateWebhook({ under }: WebhookFacts, { continuedAs }: Execution, dialect: Dialect): boolean {
  return dialect === 'live' && continuedAs !== undefined && under !== continuedAs;
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
    ...(pause?.kind === 'seen' ? { pause: pause.kind } : {}),
    ...(pause?.kind === 'answer'
      ? { pause: pause.kind, approvalsRequired: buildStrictestPolicy(crew).approvalsRequired }
      : {}),
  };
}
