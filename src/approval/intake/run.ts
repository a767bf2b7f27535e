import type { ApprovalEvent } from '../lifecycle/events.ts';
import { replaceRound } from '../lifecycle/rounds.ts';
import { lastTakenAt } from '../lifecycle/run-progress.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import { type Approval, currentRound, setOrigin } from '../model/approval.ts';
import { type NamedOutput, nameOutput, type Output } from '../model/output.ts';
import type { AgentStep } from '../model/run/agent-steps.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import type { Start } from '../model/run/start.ts';
import { applyStartEvent, type StartEvent } from '../starts/start-events.ts';

/** A run with all that belongs to it, as a value: what comes of it is another one, and their difference is stored. */
export interface Run {
  /** What is known of it across its approvals. */
  readonly record: RunRecord;
  /** Its approvals, and the one that a webhook's task would have. */
  readonly approvals: ReadonlyMap<string, Approval>;
  /** Its start from Slack. */
  readonly start?: Start | undefined;
  /** Outputs that have come since it was read, by approval. */
  readonly outputs: ReadonlyMap<string, readonly NamedOutput[]>;
  /** The steps of its agents since its last task or pause, where the crew's cards show them. */
  readonly steps?: readonly AgentStep[] | undefined;
  /** Its result, if that has come since it was read. */
  readonly result?: Output | undefined;
}

/** Its approvals, in the order in which they were opened. */
export function listRunApprovals({ record, approvals }: Run): Approval[] {
  return record.approvals.flatMap((id) => approvals.get(id) ?? []);
}

/** So many approvals of one run can wait for people before a program is told to come later; a webhook never is. */
export const MOST_OPEN = 100;

export function countWaitingOfRun(run: Run): number {
  return listRunApprovals(run).filter((approval) => currentRound(approval).status === 'waiting').length;
}

/** `outputs`: of a new round. */
export function setApproval(run: Run, approval: Approval, outputs: readonly NamedOutput[] = []): Run {
  return {
    ...run,
    approvals: new Map(run.approvals).set(approval.id, approval),
    outputs: outputs.length > 0 ? new Map(run.outputs).set(approval.id, outputs) : run.outputs,
  };
}

/** What the agents did before it goes with the new round of an approval. */
export function moveStepsToRound(run: Run, approval: Approval): Run {
  const { steps, record } = run;
  if (!steps?.length) return setApproval(run, approval);
  const named = nameOutput({ kind: 'json', text: JSON.stringify(steps) });
  const isOfRun =
    (record.tasks ?? []).filter(({ started, ended }) => started !== undefined && ended === undefined).length >
    1;
  const round = {
    ...currentRound(approval),
    steps: { hash: named.hash, ...(isOfRun ? { ofRun: true as const } : {}) },
  };
  const before = run.outputs.get(approval.id) ?? [];
  return { ...setApproval(run, replaceRound(approval, round), [...before, named]), steps: [] };
}

/** Applies an event to one of its approvals. The same run when it changes nothing. */
export function applyToApproval(run: Run, id: string, event: ApprovalEvent): Run {
  const approval = run.approvals.get(id);
  const applied = approval && applyWebhookEvent(approval, event);
  return applied === approval || !applied ? run : setApproval(run, applied);
}

/** Applies an event to all its approvals, except one. */
export function applyToAll(run: Run, event: ApprovalEvent, except?: string): Run {
  return applyToEach(run, (id) => (id === except ? undefined : event));
}

/** Applies to each of its approvals what happened to it. The same run when that changes nothing. */
function applyToEach(run: Run, eventOf: (id: string) => ApprovalEvent | undefined): Run {
  // One copy for all: a run can have a thousand.
  const approvals = new Map(run.approvals);
  let isChanged = false;
  for (const id of run.record.approvals) {
    const [before, event] = [approvals.get(id), eventOf(id)];
    const after = before && event && applyWebhookEvent(before, event);
    if (!after || after === before) continue;
    approvals.set(id, after);
    isChanged = true;
  }
  return isChanged ? { ...run, approvals } : run;
}

/** Applies an event to its start from Slack. The same run when it has none, or the event changes nothing. */
export function applyToStart(run: Run, event: StartEvent): Run {
  const start = run.start && applyStartEvent(run.start, event);
  return start === run.start ? run : { ...run, start };
}

/** The approval after an event that a webhook brought. */
export function applyWebhookEvent(approval: Approval, event: ApprovalEvent): Approval {
  return setOrigin(applyEvent(approval, event), approval.factCount, 'webhook');
}

/** Applies its end to its approvals and its start, as far as that is known; each takes an end once. */
export function applyRunEnd(run: Run, at: number): Run {
  const { failure, finishedAt, approvals } = run.record;
  let applied = run;
  if (failure && !isOutlived(run)) {
    const event = { type: 'run_failed', at, failedAt: failure.at, reason: failure.reason } as const;
    applied = applyToStart(run, { ...event, decider: findLastDecider(run) });
    const isTold = applied !== run;
    applied = applyToEach(applied, (id) => ({ ...event, isTold, isLast: id === approvals.at(-1) }));
  }
  return finishedAt === undefined ? applied : applyRunFinish(applied, at);
}

/** The person who made its latest decision, by which it may have failed. */
function findLastDecider(run: Run): string | undefined {
  const decisions = listRunApprovals(run).flatMap(({ rounds }) =>
    rounds.flatMap(({ decision }) => decision ?? []),
  );
  const last = decisions.toSorted((a, b) => a.at - b.at).at(-1);
  return last?.rule ? undefined : last?.by;
}

/** `result`: one that has just come. */
export function applyRunFinish(run: Run, at: number, result?: NamedOutput): Run {
  const { approvals, hasResult, thread } = run.record;
  // The thread of a run that was started from Slack has its result from there.
  const withResult = hasResult && (thread === undefined || run.start === undefined);
  const finished = { type: 'run_finished', at, ...(result ? { result: result.hash } : {}) } as const;
  const shown = result ? { ...run, result: result.output } : run;
  return applyToEach(applyToStart(shown, { ...finished, withResult: hasResult }), (id) => ({
    ...finished,
    withResult,
    isLast: id === approvals.at(-1),
  }));
}

/** Events are unordered: a run that took a decision after it had failed has continued. */
export function isOutlived(run: Run): boolean {
  const { failure } = run.record;
  return failure !== undefined && listRunApprovals(run).some((one) => lastTakenAt(one) > failure.at);
}
