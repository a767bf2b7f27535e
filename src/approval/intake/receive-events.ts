import type { App } from '../app.ts';
import { tieToKickoff } from '../kickoffs/started-run.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { hideReason } from '../model/crew/hide-secrets.ts';
import { mayHaveArrived } from '../model/round.ts';
import { isOpen } from '../model/round-status.ts';
import { type Execution, newExecution } from '../model/run/execution.ts';
import { applyRunEvents, findActiveTask, type RunEvent } from '../model/run/run-events.ts';
import type { Report } from '../model/run/start-reason.ts';
import type { Receipt } from '../model/run/webhook.ts';
import { applyRunEnd, changeRun, type LoadedRun, RunDraft, type RunPlan } from './run-draft.ts';
import { applyTicket } from './tickets.ts';

/** Records events of a crew's runs: which failed or finished, and at which task they are. `ticket`: of the URL that they came to. Rejects like `receiveWebhook`. */
export async function receiveEvents(
  app: App,
  crew: Crew,
  events: readonly RunEvent[],
  ticket?: unknown,
): Promise<Receipt> {
  let fresh = 0;
  for (const [executionId, own] of groupByExecution(events.map((event) => hideInEvent(crew, event))))
    fresh += await recordRunEvents(app, crew, executionId, own, ticket);
  return { status: fresh > 0 || events.length === 0 ? 'noted' : 'duplicate' };
}

function hideInEvent(crew: Crew, event: RunEvent): RunEvent {
  const { error } = event;
  return typeof error === 'string' ? { ...event, error: hideReason(crew, error) } : event;
}

/** Records that a run failed, as CrewAI said when it was asked. Rejects like `receiveWebhook`. */
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
  ticket?: unknown,
): Promise<number> {
  const at = app.clock.now();
  const { requestId } = await applyTicket(app, crew, { ticket, executionId, kind: 'events', at });
  const { fresh } = await changeRun(
    app,
    crew,
    executionId,
    requestId === undefined ? {} : { requestId },
    (run, id) => {
      const plan = planRunEvents(crew, id, events, run, at);
      const isNews = plan.fresh.length > 0 || plan.writes.length > 0;
      return isNews ? plan : { fresh: plan.fresh, execution: undefined };
    },
  );
  if (fresh.some(({ type }) => type === 'crew_kickoff_failed'))
    app.log.warn({ crew: crew.name, execution: executionId }, 'run failed');
  return fresh.length;
}

/** What events make of a run and its approvals; events that were seen before change nothing. Pure. */
function planRunEvents(
  crew: Crew,
  executionId: string,
  events: readonly RunEvent[],
  run: LoadedRun,
  at: number,
): RunPlan & { fresh: RunEvent[] } {
  const draft = new RunDraft(run);
  const before = tieToKickoff(draft, crew, executionId, run, at) ?? newExecution(crew, executionId);
  const { execution, fresh } = applyRunEvents(before, events, at);
  const active = findActiveTask(execution);
  const uncertain = draft.list(execution.approvals).filter(waitsWithUncertainTask);
  const [only] = uncertain;
  if (active && only && uncertain.length === 1) {
    const { name: task, agent } = active;
    draft.apply(only.id, { type: 'task_named', at, task, agent, byEvents: true });
  }
  nameEarlierPauses(draft, execution, at);
  for (const approval of draft.list(execution.approvals))
    if (events.some((event) => followsDecision(approval, event, execution)))
      draft.apply(approval.id, { type: 'other_webhook', at, taskReported: false });
  applyRunEnd(draft, execution, at);
  return { execution, fresh, ...draft.changes() };
}

function waitsWithUncertainTask(approval: Approval): boolean {
  const round = currentRound(approval);
  if (round.status === 'waiting') return Boolean(approval.titleOnly || round.chained || round.namedByEvents);
  return Boolean(approval.titleOnly) && isOpen(round) && !mayHaveArrived(round);
}

/** Events can be later than the decision: those of an id that the run no longer has name the task that paused under it. */
function nameEarlierPauses(draft: RunDraft, execution: Execution, at: number): void {
  for (const { id, titleOnly, rounds } of draft.list(execution.approvals)) {
    if (!titleOnly) continue;
    for (const { number, under } of rounds) {
      if (under === undefined || under === (execution.continuedAs ?? execution.executionId)) continue;
      const past = findActiveTask(execution, under);
      if (!past) continue;
      const { name: task, agent } = past;
      draft.apply(id, { type: 'task_named', at, round: number, task, agent, byEvents: true });
      break;
    }
  }
}

function groupByExecution(events: readonly RunEvent[]): Map<string, RunEvent[]> {
  const runs = new Map<string, RunEvent[]>();
  for (const event of events) {
    const own = runs.get(event.executionId);
    if (own) own.push(event);
    else runs.set(event.executionId, [event]);
  }
  return runs;
}

/** An event that the run emitted after its decision was made proves that the run continued. */
function followsDecision(approval: Approval, event: RunEvent, { continuedAs }: Execution): boolean {
  const { decision } = currentRound(approval);
  // A failure proves neither that a decision was accepted nor that it was not.
  if (!decision || event.type === 'crew_kickoff_failed') return false;
  return event.executionId === continuedAs || (event.at ?? 0) > decision.at;
}
