import type { ApprovalEvent } from '../lifecycle/events.ts';
import { replaceRound } from '../lifecycle/rounds.ts';
import { findLastAcceptance } from '../lifecycle/run-progress.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import { type Approval, currentRound, setOrigin } from '../model/approval.ts';
import { attachHash, type HashedOutput, type Output } from '../model/output.ts';
import type { AgentStep } from '../model/run/agent-steps.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import type { Start } from '../model/run/start.ts';
import { applyStartEvent, type StartEvent } from '../starts/start-events.ts';

/** A run with everything that belongs to it, as an immutable value. Functions return a changed copy; the difference is stored. */
export interface Run {
  /** Facts about the run across its approvals. */
  readonly record: RunRecord;
  /** Approvals of the run that were read, and the one with the key of the webhook's task or review, if it exists. */
  readonly approvals: ReadonlyMap<string, Approval>;
  /** The run's start from Slack. */
  readonly start?: Start | undefined;
  /** Outputs that came after the run was read, by approval id. */
  readonly outputs: ReadonlyMap<string, readonly HashedOutput[]>;
  /** Agent steps since the last task or pause, if the crew's cards show steps. */
  readonly steps?: readonly AgentStep[] | undefined;
  /** The run's result, if it came after the run was read. */
  readonly result?: Output | undefined;
}

/** Lists the run's approvals in the order in which they were opened. */
export function listRunApprovals({ record, approvals }: Run): Approval[] {
  return record.approvals.flatMap((id) => approvals.get(id) ?? []);
}

/** Limit of waiting approvals per run. Above it, a program is told to ask later; webhooks are always accepted. */
export const MAX_WAITING_PER_RUN = 100;

export function countWaitingOfRun(run: Run): number {
  return listRunApprovals(run).filter((approval) => currentRound(approval).status === 'waiting').length;
}

/** Adds or replaces an approval of the run. `outputs`: texts of its new round. */
export function setApproval(run: Run, approval: Approval, outputs: readonly HashedOutput[] = []): Run {
  return {
    ...run,
    approvals: new Map(run.approvals).set(approval.id, approval),
    outputs: outputs.length > 0 ? new Map(run.outputs).set(approval.id, outputs) : run.outputs,
  };
}

/** Moves the agent steps since the last task or pause to the new round of an approval. */
export function moveStepsToRound(run: Run, approval: Approval): Run {
  const { steps, record } = run;
  if (!steps?.length) return setApproval(run, approval);
  const stepsOutput = attachHash({ kind: 'json', text: JSON.stringify(steps) });
  const isOfRun =
    (record.tasks ?? []).filter(({ started, ended }) => started !== undefined && ended === undefined).length >
    1;
  const round = {
    ...currentRound(approval),
    steps: { hash: stepsOutput.hash, ...(isOfRun ? { ofRun: true as const } : {}) },
  };
  const outputs = run.outputs.get(approval.id) ?? [];
  return { ...setApproval(run, replaceRound(approval, round), [...outputs, stepsOutput]), steps: [] };
}

/** Applies an event to one approval of the run. Returns the same run if nothing changes. */
export function applyToApproval(run: Run, id: string, event: ApprovalEvent): Run {
  const approval = run.approvals.get(id);
  const changedApproval = approval && applyWebhookEvent(approval, event);
  return changedApproval === approval || !changedApproval ? run : setApproval(run, changedApproval);
}

/** Applies an event to all approvals of the run except `except`. */
export function applyToAll(run: Run, event: ApprovalEvent, except?: string): Run {
  return applyToEach(run, (id) => (id === except ? undefined : event));
}

/** Applies to each approval the event that `eventOf` returns for it. Returns the same run if nothing changes. */
function applyToEach(run: Run, eventOf: (id: string) => ApprovalEvent | undefined): Run {
  // Copies the map once for all approvals: a run can have a thousand.
  const approvals = new Map(run.approvals);
  let isChanged = false;
  for (const id of run.record.approvals) {
    const [approval, event] = [approvals.get(id), eventOf(id)];
    const changedApproval = approval && event && applyWebhookEvent(approval, event);
    if (!changedApproval || changedApproval === approval) continue;
    approvals.set(id, changedApproval);
    isChanged = true;
  }
  return isChanged ? { ...run, approvals } : run;
}

/** Applies an event to the run's start from Slack. Returns the same run if there is no start or nothing changes. */
export function applyToStart(run: Run, event: StartEvent): Run {
  const start = run.start && applyStartEvent(run.start, event);
  return start === run.start ? run : { ...run, start };
}

/** Applies an event that a webhook brought. */
export function applyWebhookEvent(approval: Approval, event: ApprovalEvent): Approval {
  return setOrigin(applyEvent(approval, event), approval.factCount, 'webhook');
}

/** Applies the run's end, as far as it is known, to its approvals and its start. Each records an end only once. */
export function applyRunEnd(run: Run, at: number): Run {
  const { failure, finishedAt, approvals } = run.record;
  let updatedRun = run;
  if (failure && !isOutlived(run)) {
    const event = { type: 'run_failed', at, failedAt: failure.at, reason: failure.reason } as const;
    updatedRun = applyToStart(run, { ...event, decider: findLastDecider(run) });
    const isTold = updatedRun !== run;
    updatedRun = applyToEach(updatedRun, (id) => ({
      ...event,
      isReportedByStart: isTold,
      isLast: id === approvals.at(-1),
    }));
  }
  return finishedAt === undefined ? updatedRun : applyRunFinish(updatedRun, at);
}

/** Finds who made the run's latest decision, which may have caused the failure; undefined: nobody, or a rule. */
function findLastDecider(run: Run): string | undefined {
  const decisions = listRunApprovals(run).flatMap(({ rounds }) =>
    rounds.flatMap(({ decision }) => decision ?? []),
  );
  const lastDecision = decisions.toSorted((a, b) => a.at - b.at).at(-1);
  return lastDecision?.rule ? undefined : lastDecision?.by;
}

/** Applies the run's finish to its approvals and its start. `result`: a result that has just come. */
export function applyRunFinish(run: Run, at: number, result?: HashedOutput): Run {
  const { approvals, hasResult, thread } = run.record;
  // The start posts the result in the thread of a run that was started from Slack.
  const withResult = hasResult && (thread === undefined || run.start === undefined);
  const finished = { type: 'run_finished', at, ...(result ? { result: result.hash } : {}) } as const;
  const runWithResult = result ? { ...run, result: result.output } : run;
  return applyToEach(applyToStart(runWithResult, { ...finished, withResult: hasResult }), (id) => ({
    ...finished,
    withResult,
    isLast: id === approvals.at(-1),
  }));
}

/** True if CrewAI accepted a decision that was made after the run's failure: events are unordered, and the run continued. */
export function isOutlived(run: Run): boolean {
  const { failure } = run.record;
  return (
    failure !== undefined &&
    listRunApprovals(run).some((approval) => findLastAcceptance(approval) > failure.at)
  );
}
