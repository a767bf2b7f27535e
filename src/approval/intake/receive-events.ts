import type { App } from '../app.ts';
import { type Approval, currentRound, isTitleOnly } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { hideReason } from '../model/crew/hide-secrets.ts';
import { isOpen } from '../model/round.ts';
import { applyRunEvents, findActiveTask, type RunEvent } from '../model/run/run-events.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import type { Report } from '../model/run/run-status.ts';
import type { Receipt } from '../model/run/webhook.ts';
import { tieToStart } from '../starts/start-run.ts';
import { changeRun } from './change-run.ts';
import { applyRunEnd, applyToApproval, listRunApprovals, type Run } from './run.ts';
import { applyTicket } from './tickets.ts';

/** Events of one run that are applied in one turn of the event loop. Only after the last ones is the run's current task known. */
const MAX_PER_TURN = 2_000;

/** Records events of runs: failures, ends and current tasks. `ticket`: from the URL. Rejects like `receiveWebhook`. */
export async function receiveEvents(
  app: App,
  crew: Crew,
  events: readonly RunEvent[],
  ticket?: unknown,
): Promise<Receipt> {
  let hasChanged = events.length === 0;
  for (const [executionId, runEvents] of groupByRun(events))
    for (let at = 0; at < runEvents.length; at += MAX_PER_TURN) {
      const end = at + MAX_PER_TURN;
      const batch = runEvents.slice(at, end).map((event) => hideInEvent(crew, event));
      const origin = { ticket, isLast: end >= runEvents.length };
      if (await recordRunEvents(app, crew, executionId, batch, origin)) hasChanged = true;
    }
  return { status: hasChanged ? 'noted' : 'duplicate' };
}

function hideInEvent(crew: Crew, event: RunEvent): RunEvent {
  const { error } = event;
  return typeof error === 'string' ? { ...event, error: hideReason(crew, error) } : event;
}

/** Records the failure of a run that CrewAI reported when asked for the run's status. Rejects like `receiveWebhook`. */
export async function recordRunFailure(
  app: App,
  crew: Crew,
  executionId: string,
  error: Report | undefined,
): Promise<void> {
  const at = app.clock.now();
  const type = 'crew_kickoff_failed';
  const event: RunEvent = { id: `status ${at}`, executionId, at, type, sequence: undefined, error };
  await receiveEvents(app, crew, [event]);
}

async function recordRunEvents(
  app: App,
  crew: Crew,
  executionId: string,
  events: readonly RunEvent[],
  { ticket, isLast }: { ticket: unknown; isLast: boolean },
): Promise<boolean> {
  const at = app.clock.now();
  const { requestId } = await applyTicket(app, crew, { ticket, executionId, kind: 'events', at });
  const { hasChanged, hasFailed } = await changeRun(
    app,
    crew,
    executionId,
    requestId === undefined ? {} : { requestId },
    (run) => applyEvents(events, run, { at, isLast }),
  );
  if (hasFailed) app.log.warn({ crew: crew.name, execution: executionId }, 'run failed');
  return hasChanged;
}

/** Applies events to a run and its approvals, if they say anything new. `isLast`: no more events of the run follow. Pure. */
function applyEvents(
  events: readonly RunEvent[],
  loadedRun: Run,
  { at, isLast }: { at: number; isLast: boolean },
): { run: Run; hasChanged: boolean; hasFailed: boolean } {
  const tiedRun = tieToStart(loadedRun, loadedRun.record.executionId, at);
  const record = applyRunEvents(tiedRun.record, events, at);
  let run: Run = { ...tiedRun, record };
  if (isLast) run = nameEarlierPauses(nameWaitingPause(run, at), at);
  for (const approval of listRunApprovals(run)) {
    const laterEvents = events.filter((event) => followsDecision(approval, event, record));
    if (laterEvents.length === 0) continue;
    const [firstStart] = laterEvents
      .filter(({ type, task: name }) => type === 'task_started' && name !== approval.task)
      .toSorted((a, b) => (a.sequence ?? Number.MAX_VALUE) - (b.sequence ?? Number.MAX_VALUE));
    const task = firstStart?.task;
    run = applyToApproval(run, approval.id, { type: 'other_webhook', at, isTaskReport: false, task });
  }
  const finalRun = applyRunEnd(run, at);
  const hasChanged = !isSameRun(loadedRun, finalRun);
  const hasFailed = record.failure?.at !== loadedRun.record.failure?.at;
  return { run: hasChanged ? finalRun : loadedRun, hasChanged, hasFailed };
}

/** True if two states of a run differ only in the time of its last webhook. False for the run's first webhook. */
function isSameRun(before: Run, after: Run): boolean {
  if (before.start !== after.start || before.record.lastWebhookAt === undefined) return false;
  if ([...after.approvals].some(([id, approval]) => before.approvals.get(id) !== approval)) return false;
  const [textBefore, textAfter] = [before, after].map(({ record: { lastWebhookAt: _, ...facts } }) =>
    JSON.stringify(facts),
  );
  return textBefore === textAfter;
}

/** Names the run's only open pause without a task name after the task that the run is at. */
function nameWaitingPause(run: Run, at: number): Run {
  const activeTask = findActiveTask(run.record);
  const [unnamedApproval, ...furtherApprovals] = listRunApprovals(run).filter(
    (approval) => isTitleOnly(approval) && isOpen(currentRound(approval)),
  );
  if (!activeTask || !unnamedApproval || furtherApprovals.length > 0) return run;
  return applyToApproval(run, unnamedApproval.id, {
    type: 'task_named',
    at,
    task: activeTask.name,
    agent: activeTask.agent,
  });
}

/** Names earlier pauses, since events can come after the decision: an event's older id tells which pause its task belongs to. */
function nameEarlierPauses(run: Run, at: number): Run {
  const { record } = run;
  const latestId = record.continuedAs ?? record.executionId;
  let namedRun = run;
  for (const { id, rounds } of listRunApprovals(run).filter(isTitleOnly)) {
    const pastPause = rounds
      .filter(({ under }) => under !== undefined && under !== latestId)
      .map(({ number, under }) => ({ number, task: findActiveTask(record, under) }))
      .find(({ task }) => task !== undefined);
    if (!pastPause?.task) continue;
    const { name: task, agent } = pastPause.task;
    namedRun = applyToApproval(namedRun, id, {
      type: 'task_named',
      at,
      round: pastPause.number,
      task,
      agent,
    });
  }
  return namedRun;
}

function groupByRun(events: readonly RunEvent[]): Map<string, RunEvent[]> {
  const runs = new Map<string, RunEvent[]>();
  for (const event of events) {
    const runEvents = runs.get(event.executionId);
    if (runEvents) runEvents.push(event);
    else runs.set(event.executionId, [event]);
  }
  return runs;
}

/** True if the event proves that the run continued: the run emitted it after the approval's decision was made. */
function followsDecision(approval: Approval, event: RunEvent, { continuedAs }: RunRecord): boolean {
  const { decision } = currentRound(approval);
  // A failure proves neither that CrewAI accepted a decision nor that it did not.
  if (!decision || event.type === 'crew_kickoff_failed') return false;
  return event.executionId === continuedAs || (event.at ?? 0) > decision.at;
}
