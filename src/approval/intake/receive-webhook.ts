import { StoreError } from '../../lib/errors.ts';
import type { App } from '../app.ts';
import type { OutputEvent } from '../lifecycle/events.ts';
import {
  canOpenApproval,
  chooseApproval,
  type FollowedDecision,
  isFollowed,
  isKnownOutput,
  isNamelessPause,
  isOfAnotherAttempt,
  type Pause,
} from '../lifecycle/which-approval.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import { isIrreversible } from '../model/crew/effect.ts';
import { hideReason, hideSecrets } from '../model/crew/hide-secrets.ts';
import { buildPolicy } from '../model/crew/task-rules.ts';
import { excerptOutput, findTitleInOutput } from '../model/output.ts';
import type { Round } from '../model/round.ts';
import { type AgentStep, addAgentStep } from '../model/run/agent-steps.ts';
import type { IgnoredSetting } from '../model/run/ignored-setting.ts';
import { announcesPauses, listUnreportedWarnings, type RunRecord } from '../model/run/run-record.ts';
import type { Receipt, TaskWebhook, WebhookFacts } from '../model/run/webhook.ts';
import { tieToStart } from '../starts/start-run.ts';
import { recordAlias } from './aliases.ts';
import { addFileNotes, applyEarlyEnd, buildApproval, resolveShownUrls } from './build-approval.ts';
import { changeRun } from './change-run.ts';
import { buildReportKey, hasReport, learnFromWebhook } from './change-run-record.ts';
import { addRunId, findTitle } from './pause-title.ts';
import {
  applyRunFinish,
  applyToAll,
  applyToApproval,
  applyWebhookEvent,
  countWaitingOfRun,
  isOutlived,
  listRunApprovals,
  MAX_WAITING_PER_RUN,
  moveStepsToRound,
  type Run,
  setApproval,
} from './run.ts';
import { applyTicket } from './tickets.ts';

/**
 * Records a webhook in one commit: facts about its run, a new approval or round, and what other approvals of the run learn.
 * `ticket`: from the URL. Rejects with a StoreError if the webhook must not be answered with 2xx.
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
  const { requestId = received.meta.requestId, follows } = await applyTicket(app, crew, {
    ticket,
    executionId,
    kind: kind === 'human_input' ? 'pause' : 'other',
    at,
  });
  const meta = { ...received.meta, ...(requestId === undefined ? {} : { requestId }) };
  const facts = { ...received, meta, under };
  const { name } = crew;
  const bringsTickets =
    dialects.of(name) !== 'live' && 'taskKey' in facts && (await dialects.bringsTickets(name));
  const { run, webhook, receipt, warnings, fact } = await changeRun(
    app,
    crew,
    executionId,
    {
      ...('taskKey' in facts ? { taskKey: facts.taskKey } : {}),
      ...(requestId === undefined ? {} : { requestId }),
      ...(crew.showSteps ? { withSteps: true } : {}),
    },
    (run, id) => {
      const arrival = { crew, dialect: dialects.of(name), follows, bringsTickets, at };
      return applyWebhook(arrival, { ...facts, executionId: id }, run);
    },
  );
  const logFields = { crew: crew.name, execution: webhook.executionId };
  if (warnings.length > 0) log.warn({ ...logFields, kind, ignored: warnings }, 'settings of the run ignored');
  const { approval, round } = receipt;
  if (fact !== undefined && facts.kind === 'task_failed') log.warn({ ...logFields, task: facts.task }, fact);
  else if (fact !== undefined) log.info({ ...logFields, approval, round }, fact);
  const waiting = receipt.status === 'created' ? countWaitingOfRun(run) : 0;
  if (waiting > MAX_WAITING_PER_RUN)
    log.warn({ ...logFields, waiting }, 'many approvals of one run are waiting');
  if (webhook.aliasId !== undefined) await recordAlias(app, crew.name, webhook.aliasId, webhook.executionId);
  return receipt;
}

/** The context in which a webhook is applied. */
interface Arrival {
  crew: Crew;
  dialect: Dialect;
  /** The decision or start that the webhook follows. */
  follows: FollowedDecision;
  /** This crew's webhooks carry tickets: the same output without a ticket is a redelivery. Always false in the live dialect. */
  bringsTickets: boolean;
  /** When the webhook came in, by the store's clock. */
  at: number;
}

/** The result of a webhook. */
interface Received extends Outcome {
  webhook: WebhookFacts;
  /** Settings that the webhook asks for and does not get. */
  warnings: IgnoredSetting[];
}

interface Outcome {
  run: Run;
  receipt: Receipt;
  /** Message for the log; absent: nothing to log. */
  fact?: string;
}

type Title = ReturnType<typeof findTitle>;

/**
 * Applies a webhook to its run: the facts about the run, the approval it opens or adds to, and what other approvals of the run
 * learn. Pure. Throws a StoreError if the approval's id belongs to another run.
 */
function applyWebhook(arrival: Arrival, received: WebhookFacts, storedRun: Run): Received {
  const { crew, dialect, follows, at } = arrival;
  const loadedRun = tieToStart(storedRun, received.executionId, at);
  const webhook = addRunId(received, loadedRun.record);
  if (!('taskKey' in webhook)) return applyRunWebhook(arrival, webhook, loadedRun);

  const canOpenCard = canOpenApproval(crew, webhook, loadedRun.record, dialect);
  const siblings = listRunApprovals(loadedRun);
  const { id, pause } = chooseApproval({ crew, webhook, siblings, dialect, follows, at });
  const matchedApproval = loadedRun.approvals.get(id);
  if (
    matchedApproval &&
    (matchedApproval.crew !== crew.name || matchedApproval.executionId !== webhook.executionId)
  )
    throw new StoreError(`The approval id ${id} belongs to another run.`);
  const reportKey = canOpenCard ? undefined : buildReportKey(webhook, matchedApproval);
  const learned = canOpenCard ? { opened: id } : { report: reportKey };
  const { record, warnings } = learnFromWebhook(arrival, webhook, loadedRun.record, learned);
  const isNewReport = reportKey !== undefined && !hasReport(loadedRun.record, reportKey, at);
  const runWithFacts = { ...loadedRun, record };
  const run = isNewReport ? recordReport(arrival, webhook, runWithFacts, reportKey) : runWithFacts;
  const title = findTitle(webhook, loadedRun.record);

  if (canOpenCard && !matchedApproval) {
    const ignored = [...listUnreportedWarnings(loadedRun.record), ...warnings];
    const event = buildOutputEvent(arrival, webhook, loadedRun, true);
    return { webhook, warnings, ...openNewApproval(arrival, webhook, run, { id, event, ignored, title }) };
  }
  const runWithUrls = showNewUrls(arrival, webhook, run);
  const approval = runWithUrls.approvals.get(id);
  const isRepeated =
    approval !== undefined && isRedelivery(arrival, webhook, approval, { opens: canOpenCard, pause });
  if (!approval || (!canOpenCard && !isRepeated))
    return { run: runWithUrls, webhook, warnings, receipt: { status: 'noted' } };
  // A redelivery reports nothing new about the run.
  const continuedRun =
    isRepeated || !canOpenCard ? runWithUrls : applyToAll(runWithUrls, { ...TASK_REPORTED, at }, id);
  const event = buildOutputEvent(arrival, webhook, continuedRun, canOpenCard, approval, pause);
  const changedApproval = applyWebhookEvent(approval, event);
  return {
    webhook,
    warnings,
    ...(changedApproval.rounds.length > approval.rounds.length
      ? addNextRound(arrival, webhook, continuedRun, changedApproval, title)
      : recordRedelivery(continuedRun, changedApproval)),
  };
}

/** Opens the approval of an output and updates the run's other approvals. */
function openNewApproval(
  arrival: Arrival,
  webhook: TaskWebhook,
  run: Run,
  { id, event, ignored, title }: { id: string; event: OutputEvent; ignored: IgnoredSetting[]; title: Title },
): Outcome {
  const { crew, dialect, follows, at } = arrival;
  const { failure: _, ...continued } = run.record;
  const record = isOutlived(run) ? continued : run.record;
  const built = buildApproval(crew, record, event, {
    id,
    task: webhook.task,
    title: webhook.task ?? webhook.title ?? findTitleInOutput(webhook.output),
    policy: crew.policy,
    shownUrls: resolveShownUrls(crew, record, dialect),
    warnings: ignored,
    output: webhook.output,
  });
  const opened = nameByTitle(applyEarlyEnd(built, record, at), title, at);
  let applied = applyToAll(run, { ...TASK_REPORTED, at, task: webhook.task }, id);
  // With a decision's ticket, a pause confirms only that decision; with the ticket of an older round it came late and confirms
  // nothing. Without such a ticket, its arrival time decides.
  const followed = listRunApprovals(run).find((one) => isFollowed(one, follows));
  const later = { type: 'later_pause', at } as const;
  if (isNamelessPause(webhook, dialect)) {
    if (followed) applied = applyToApproval(applied, followed.id, later);
    else if (typeof follows !== 'object') applied = applyToAll(applied, later, id);
  }
  const hash = currentRound(opened).hashes[0] as string;
  const added = setApproval(showNewUrls(arrival, webhook, applied, id), opened, [
    { hash, output: webhook.output },
  ]);
  return {
    run: moveStepsToRound(added, opened),
    receipt: { status: 'created', approval: id, round: 1 },
    fact: OUTPUT_WAITS,
  };
}

/** Stores the next round of an approval. `next`: the approval with that round. */
function addNextRound(
  { at }: Arrival,
  { output }: TaskWebhook,
  run: Run,
  next: Approval,
  title: Title,
): Outcome {
  const approval = addFileNotes(nameByTitle(next, title, at), output);
  const { number: round, hashes } = currentRound(approval);
  const added = setApproval(run, approval, [{ hash: hashes[0] as string, output }]);
  return {
    run: moveStepsToRound(added, approval),
    receipt: { status: 'created', approval: approval.id, round },
    fact: OUTPUT_WAITS,
  };
}

/** Stores what a second webhook adds to a known round, if anything. `next`: the approval with these facts. */
function recordRedelivery(run: Run, next: Approval): Outcome {
  const receipt: Receipt = { status: 'duplicate', approval: next.id, round: currentRound(next).number };
  return next === run.approvals.get(next.id)
    ? { run, receipt }
    : { run: setApproval(run, next), receipt, fact: 'same output received by the other webhook' };
}

/** True if the approval already has the webhook's output, unless another attempt of a revision led to this one. */
function isRedelivery(
  { follows }: Arrival,
  { round }: TaskWebhook,
  approval: Approval,
  { opens, pause }: { opens: boolean; pause: Pause | undefined },
): boolean {
  if (pause) return pause.kind === 'seen';
  return isKnownOutput(approval, round) && !(opens && isOfAnotherAttempt(approval, follows));
}

/** Uses the task's name from events or task webhooks as the title, if the pause's own webhook does not name the task. */
function nameByTitle(approval: Approval, title: Title, at: number): Approval {
  return title ? applyWebhookEvent(approval, { type: 'task_named', at, ...title }) : approval;
}

/** Applies a webhook of the run itself: a step, a failed task, or the run's end. */
function applyRunWebhook(
  arrival: Arrival,
  webhook: Exclude<WebhookFacts, TaskWebhook>,
  loadedRun: Run,
): Received {
  const { crew, at } = arrival;
  const { record, warnings } = learnFromWebhook(arrival, webhook, loadedRun.record);
  const runWithUrls = showNewUrls(arrival, webhook, { ...loadedRun, record });
  const result = { webhook, warnings };
  const noted: Receipt = { status: 'noted' };
  switch (webhook.kind) {
    case 'step':
      return {
        ...result,
        run: recordProgress(arrival, webhook, recordStep(arrival, webhook.step, runWithUrls)),
        receipt: noted,
      };
    case 'task_failed': {
      const last = record.approvals.at(-1);
      const reason = webhook.reason && hideReason(crew, webhook.reason);
      const failed = { type: 'task_failed', at, task: webhook.task, reason } as const;
      const updatedRun = last === undefined ? runWithUrls : applyToApproval(runWithUrls, last, failed);
      return {
        ...result,
        run: recordProgress(arrival, webhook, updatedRun),
        receipt: noted,
        fact: 'task failed',
      };
    }
    case 'crew': {
      const { finishedAt, hasResult } = loadedRun.record;
      const isNew = record.hasResult && !hasResult;
      const run = applyRunFinish(
        runWithUrls,
        at,
        isNew ? { hash: webhook.hash, output: webhook.result } : undefined,
      );
      const receipt: Receipt = finishedAt === undefined ? noted : { status: 'duplicate' };
      return { ...result, run, receipt, fact: 'run finished' };
    }
  }
}

/** Records that the run is alive: the decisions made before have continued it. `reported`: the task that ended. */
function recordProgress(arrival: Arrival, webhook: WebhookFacts, run: Run, reported?: TaskWebhook): Run {
  const { dialect, follows, at } = arrival;
  const event = {
    type: 'other_webhook',
    at,
    isTaskReport: reported !== undefined,
    task: reported?.task,
  } as const;
  if (!isLateWebhook(webhook, run.record, dialect)) return applyToAll(run, event);
  // The webhook carries an older id: only the ticket of an approval's last decision still proves that decision.
  const followed = listRunApprovals(run).find((approval) => isFollowed(approval, follows));
  return followed ? applyToApproval(run, followed.id, event) : run;
}

/** Keeps an agent's step for the next card, if the crew's cards show steps. */
function recordStep({ crew, at }: Arrival, step: Omit<AgentStep, 'at'> | undefined, run: Run): Run {
  if (!step || !run.steps) return run;
  const hide = (text: string) => hideSecrets(crew, text);
  const hidden = { at, tool: hide(step.tool), input: hide(step.input), result: hide(step.result) };
  return { ...run, steps: addAgentStep(run.steps, hidden) };
}

/** Records that a task without an approval ended: the run continued. The last thread says so unless the run announces pauses. */
function recordReport(arrival: Arrival, webhook: TaskWebhook, reported: Run, key: string): Run {
  const { at } = arrival;
  const run = reported.steps?.length ? { ...reported, steps: [] } : reported;
  const { record } = run;
  const applied = recordProgress(arrival, webhook, run, webhook);
  const last = record.approvals.at(-1);
  if (last === undefined || announcesPauses(record)) return applied;
  const { taskKey: task, round } = webhook;
  return applyToApproval(applied, last, { type: 'task_done', at, key, task, agent: round.agent });
}

const OUTPUT_WAITS = 'output waiting for a decision';
/** A task ended: the decisions made before have continued the run. */
const TASK_REPORTED = { type: 'other_webhook', isTaskReport: true } as const;

/** Updates the webhook URLs that the cards show, if the webhook brought any. */
function showNewUrls({ crew, dialect, at }: Arrival, { meta }: WebhookFacts, run: Run, except?: string): Run {
  if (Object.keys(meta.urls).length === 0) return run;
  return applyToAll(run, { type: 'urls_known', at, ...resolveShownUrls(crew, run.record, dialect) }, except);
}

/** True if the webhook's id predates the last decision: it proves nothing about that decision. */
function isLateWebhook({ under }: WebhookFacts, { continuedAs }: RunRecord, dialect: Dialect): boolean {
  return dialect === 'live' && continuedAs !== undefined && under !== continuedAs;
}

function buildOutputEvent(
  { crew, at, follows, bringsTickets }: Arrival,
  webhook: TaskWebhook,
  run: Run,
  opensRounds: boolean,
  approval?: Approval,
  pause?: Pause,
): OutputEvent {
  const { task } = webhook;
  const irreversible = isIrreversible(crew, { task });
  const after = describeFollowedDecision(run, follows, pause, approval);
  return {
    type: 'output',
    at,
    output: { ...webhook.round, excerpt: excerptOutput(webhook.output) },
    opensRounds,
    task,
    ...(pause?.kind === 'seen' || pause?.kind === 'next' ? { pause: pause.kind } : {}),
    opening: {
      policy: buildPolicy(crew, task, irreversible),
      ...(task === undefined ? { unnamed: true } : {}),
      ...(irreversible ? { irreversible } : {}),
      ...(after ? { after } : {}),
    },
    ...(bringsTickets && !(approval && isFollowed(approval, follows)) ? { isRedelivered: true } : {}),
    ...(opensRounds && approval && isOfAnotherAttempt(approval, follows) ? { isOfAnotherAttempt: true } : {}),
  };
}

/** Describes how a pause follows its run's decisions: by which ticket, and if only likely; undefined: there is no decision. */
function describeFollowedDecision(
  run: Run,
  follows: FollowedDecision,
  pause: Pause | undefined,
  approval: Approval | undefined,
): Round['after'] {
  const approvals = listRunApprovals(run);
  if (!approvals.some(({ rounds }) => rounds.some(({ decision }) => decision))) return undefined;
  const brought =
    typeof follows !== 'object'
      ? (follows ?? 'none')
      : approvals.some((approval) => isFollowed(approval, follows))
        ? 'ticket'
        : 'older';
  const ticket =
    typeof follows === 'object' && follows.approval === approval?.id ? { ticket: follows.ticket } : {};
  return { brought, ...ticket, ...(pause?.kind === 'next' && pause.likely ? { likely: true } : {}) };
}
