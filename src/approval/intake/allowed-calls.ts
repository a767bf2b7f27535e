import { findRefusal } from '../access/deciders.ts';
import type { App } from '../app.ts';
import type { Refusal } from '../lifecycle/refusal.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import { identifyChoice } from '../lifecycle/votes.ts';
import { type Approval, setOrigin } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { findTaskRules } from '../model/crew/task-rules.ts';
import type { Push, Round } from '../model/round.ts';
import { hasEnded, type RunRecord } from '../model/run/run-record.ts';
import { findAllowance, type WrittenCall } from '../model/tool-call.ts';
import type { Changes } from '../ports.ts';
import { loadRun, saveRun } from './change-run.ts';
import { type Run, setApproval } from './run.ts';

/** A call that a program asks for. */
interface AskedCall {
  id: string;
  digest: string;
  /** The tool. */
  title: string;
  hash: string;
  call: WrittenCall;
  requestedBy?: string | undefined;
  push?: Push | undefined;
  /** Whom it names, as far as that fits, and where its card would go. */
  approvers?: string[] | undefined;
  channel: string;
}

/** A call that its run has asked for before. */
interface EarlierCall {
  approval: Approval;
  round: Round;
  title: string;
  hash: string | undefined;
}

/** Of a long run the last so many approvals are looked at. */
export const APPROVALS_LOOKED_AT = 200;

/** The tool calls that a run has asked for: each with the approval that it is of. Rejects with a StoreError. */
export async function readToolCalls({ store }: App, { record }: Run): Promise<EarlierCall[]> {
  const approvals = await store.approvals(record.approvals.slice(-APPROVALS_LOOKED_AT));
  return approvals.flatMap(({ record: approval }) =>
    approval.rounds
      .filter(({ question }) => question?.tool)
      .flatMap((round) => {
        const call = { approval, round, title: approval.task, hash: round.hashes[0] };
        // A call of the same tool with other arguments is counted by no later one.
        const again = (round.allowedCalls ?? []).filter(({ text }) => text === undefined).map(() => call);
        return [call, ...again];
      }),
  );
}

/** Whether a decision still holds depends on what is not known of these people: each with the approval that they decided. */
export interface UnsureDecision {
  unsure: { by: string; of: Approval }[];
}

/**
 * Allows a call as an earlier decision of its run says, and records it there. Undefined: no decision does. `conflict`: something
 * of it changed meanwhile. Slack is not asked: other calls of the run wait. Rejects with a StoreError.
 */
export async function allowAsBefore(
  app: App,
  crew: Crew,
  call: AskedCall,
  run: {
    record: RunRecord;
    calls: readonly EarlierCall[];
    /** What is stored beside: the program's id of the call stands for this approval. */
    pointTo: (approval: Approval) => Pick<Changes, 'question'>;
  },
): Promise<{ approval: string; round: number } | 'conflict' | UnsureDecision | undefined> {
  const { record, calls, pointTo } = run;
  const { hash } = call;
  const unsure: UnsureDecision['unsure'] = [];
  // A round is listed once for each of its calls.
  for (const [round, approval] of new Map(calls.map((one) => [one.round, one.approval]))) {
    if (!isOfRun(app, approval, round, { call, record })) continue;
    const by = findAllowance(approval, round, call, crew.allowToolsForRun ?? []);
    if (!by) continue;
    const { isStill, unknown } = await checkDecided(app, crew, approval, round);
    unsure.push(...unknown.map((person) => ({ by: person, of: approval })));
    if (!isStill) continue;
    const loaded = await loadRun(app, crew.name, record.executionId, { only: [approval.id] });
    const before = loaded.run.approvals.get(approval.id);
    if (before?.factCount !== approval.factCount) return 'conflict';
    const at = app.clock.now();
    const text = by === 'tool' ? { text: call.call.text } : {};
    const allowed = applyEvent(before, {
      type: 'call_allowed',
      at,
      round: round.number,
      by,
      hash,
      call: { id: call.id, digest: call.digest, at, ...text, ...(call.push ? { push: call.push } : {}) },
    });
    const next = setOrigin(allowed, before.factCount, 'program');
    if (!(await saveRun(app, loaded, setApproval(loaded.run, next), pointTo(next)))) return 'conflict';
    app.log.info(
      { crew: crew.name, execution: record.executionId, approval: next.id },
      'tool call allowed before',
    );
    return { approval: next.id, round: round.number };
  }
  return unsure.length > 0 ? { unsure } : undefined;
}

/** Whether a decision was made on this tool, in this channel, since the run began and the store was restored. */
function isOfRun(
  { restoredAt = 0 }: App,
  { task, channel }: Approval,
  { decision }: Round,
  { call, record }: { call: AskedCall; record: RunRecord },
): boolean {
  if (hasEnded(record) || task !== call.title || channel !== call.channel) return false;
  return (decision?.at ?? 0) >= Math.max(record.allowsSince ?? 0, restoredAt);
}

/** Whether those who made a decision may still decide, and are as many as the rules want by now, as far as is known. */
async function checkDecided(
  app: App,
  crew: Crew,
  approval: Approval,
  round: Round,
): Promise<{ isStill: boolean; unknown: string[] }> {
  const { decision, votes } = round;
  const equal = votes.filter((vote) => decision && identifyChoice(vote) === identifyChoice(decision));
  const check = { onCard: true, asks: false };
  const refusals = await Promise.all(equal.map(({ by }) => findRefusal(app, approval, by, check)));
  const able = refusals.filter((refusal) => refusal === undefined).length;
  const isUnknown = (refusal?: Refusal) => refusal?.code === 'cannot_check' || refusal?.code === 'open_card';
  return {
    isStill: able >= findTaskRules(crew, approval.task).policy.approvalsRequired,
    unknown: equal.filter((_, at) => isUnknown(refusals[at])).map(({ by }) => by),
  };
}
