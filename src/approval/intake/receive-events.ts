import { type Approval, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { type Execution, newExecution } from '../model/run/execution.ts';
import { applyRunEvents, findActiveTask, type RunEvent } from '../model/run/run-events.ts';
import type { Receipt } from '../model/run/webhook.ts';
import type { ApprovalStore, Clock, Log } from '../ports.ts';
import { CONFLICT, retryConflicts } from '../update.ts';
import type { RunTeller } from './notify-siblings.ts';

/** Records what CrewAI's events webhook says of runs: those that failed or finished, and at which task they are. */
export function createEventReceiver({
  store,
  teller,
  clock,
  log,
}: {
  store: ApprovalStore;
  teller: RunTeller;
  clock: Clock;
  log: Log;
}) {
  const { applyToSibling, siblingOf, tellEnd } = teller;

  /** Records events of the crew's runs: those that failed or finished, and at which task they are. Rejects like `receive`. */
  async function receiveEvents(crew: Crew, events: readonly RunEvent[]): Promise<Receipt> {
    let fresh = 0;
    for (const [id, own] of byExecution(events)) fresh += await recordEvents(crew, id, own);
    return { status: fresh > 0 || events.length === 0 ? 'noted' : 'duplicate' };
  }

  async function recordEvents(crew: Crew, executionId: string, events: readonly RunEvent[]): Promise<number> {
    const at = clock.now();
    const news = await retryConflicts(executionId, async () => {
      const id = await store.originalId(crew.name, executionId);
      const stored = await store.execution(crew.name, id);
      const before = stored?.record ?? newExecution(crew, id);
      const found = applyRunEvents(before, events, at);
      if (found.fresh.length === 0) return found;
      return (await store.saveExecution(stored, found.execution)) ? found : CONFLICT;
    });
    if (news.fresh.some(({ type }) => type === 'crew_kickoff_failed')) {
      log.warn({ crew: crew.name, execution: executionId }, 'run failed');
    }
    // Also those that were recorded before: the process may have ended before it told anyone.
    await tellEvents(news.execution, events, at);
    return news.fresh.length;
  }

  /** What events of a run say to its approvals. It can be repeated. */
  async function tellEvents(execution: Execution, events: readonly RunEvent[], at: number) {
    const active = findActiveTask(execution);
    const waiting = await waitingUncertain(execution);
    if (active && waiting.length === 1) {
      const { name: task, agent } = active;
      const named = { type: 'task_named', at, task, agent, byEvents: true } as const;
      await applyToSibling(waiting[0] as string, named);
    }
    for (const id of execution.approvals) {
      const approval = await siblingOf(id);
      if (approval && events.some((event) => followsDecision(approval, event, execution)))
        await applyToSibling(id, { type: 'other_webhook', at, taskReported: false });
    }
    await tellEnd(execution, at);
  }

  /** Approvals of a run that wait for a decision and whose task is not certain. */
  async function waitingUncertain({ approvals }: Execution): Promise<string[]> {
    const found: string[] = [];
    for (const id of approvals) {
      const approval = await siblingOf(id);
      if (!approval || currentRound(approval).status !== 'waiting') continue;
      const { chained, namedByEvents } = currentRound(approval);
      if (approval.titleOnly || chained || namedByEvents) found.push(id);
    }
    return found;
  }

  return receiveEvents;
}

function byExecution(events: readonly RunEvent[]): Map<string, RunEvent[]> {
  const runs = new Map<string, RunEvent[]>();
  for (const event of events) {
    const own = runs.get(event.executionId);
    if (own) own.push(event);
    else runs.set(event.executionId, [event]);
  }
  return runs;
}

/** An event that the run emitted after its decision was made proves that it went on. */
function followsDecision(approval: Approval, event: RunEvent, { continuedAs }: Execution): boolean {
  const { decision } = currentRound(approval);
  // A failure proves neither that a decision was taken nor that it was not.
  if (!decision || event.type === 'crew_kickoff_failed') return false;
  return event.executionId === continuedAs || (event.at ?? 0) > decision.at;
}
