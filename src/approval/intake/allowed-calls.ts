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

/** A tool call that a program asks for. */
interface NewCall {
  id: string;
  digest: string;
  /** Name of the tool. */
  title: string;
  hash: string;
  call: WrittenCall;
  argumentsDigest?: string | undefined;
  requestedBy?: string | undefined;
  push?: Push | undefined;
  /** Approvers that the call names, without those that the settings do not allow. */
  approvers?: string[] | undefined;
  /** Channel of the call's card, if it gets one. */
  channel: string;
}

/** A tool call that the run asked for before. */
interface EarlierCall {
  approval: Approval;
  round: Round;
  title: string;
  hash: string | undefined;
}

/** Most approvals to read per run: the latest ones. */
export const MAX_APPROVALS_READ = 200;

/** Reads the tool calls that a run asked for, each with its approval. Rejects with a StoreError. */
export async function readToolCalls({ store }: App, { record }: Run): Promise<EarlierCall[]> {
  const approvals = await store.approvals(record.approvals.slice(-MAX_APPROVALS_READ));
  return approvals.flatMap(({ record: approval }) =>
    approval.rounds
      .filter(({ question }) => question?.tool)
      .flatMap((round) => {
        const call = { approval, round, title: approval.task, hash: round.hashes[0] };
        // An allowed call with other arguments (`text`) does not repeat the round's call, so it is not counted.
        const repeatedCalls = (round.allowedCalls ?? [])
          .filter(({ text }) => text === undefined)
          .map(() => call);
        return [call, ...repeatedCalls];
      }),
  );
}

/** People about whom Slack must be asked before an earlier decision counts, each with the approval that they decided. */
export interface UncheckedDeciders {
  unchecked: { by: string; of: Approval }[];
}

/**
 * Allows a call by an earlier decision of its run and records the call there; undefined: no decision allows it. `conflict`: a
 * record changed meanwhile. Does not ask Slack, since other calls of the run wait. Rejects with a StoreError.
 */
export async function allowByEarlierDecision(
  app: App,
  crew: Crew,
  call: NewCall,
  run: {
    record: RunRecord;
    calls: readonly EarlierCall[];
    /** Builds the change, for the same commit, that maps the program's id of the call to this approval. */
    pointTo: (approval: Approval) => Pick<Changes, 'question'>;
  },
): Promise<{ approval: string; round: number } | 'conflict' | UncheckedDeciders | undefined> {
  const { record, calls, pointTo } = run;
  const { hash } = call;
  const unchecked: UncheckedDeciders['unchecked'] = [];
  // `calls` lists a round once for each of its calls.
  for (const [round, approval] of new Map(
    calls.map((earlierCall) => [earlierCall.round, earlierCall.approval]),
  )) {
    if (!canStillAllow(app, approval, round, { call, record })) continue;
    const allowedScope = findAllowance(approval, round, call, crew.allowToolsForRun ?? []);
    if (!allowedScope) continue;
    const { isStillValid, unknown: uncheckedPeople } = await checkDecided(app, crew, approval, round);
    unchecked.push(...uncheckedPeople.map((person) => ({ by: person, of: approval })));
    if (!isStillValid) continue;
    const loadedRun = await loadRun(app, crew.name, record.executionId, { only: [approval.id] });
    const currentApproval = loadedRun.run.approvals.get(approval.id);
    if (currentApproval?.factCount !== approval.factCount) return 'conflict';
    const at = app.clock.now();
    const text = allowedScope === 'tool' ? { text: call.call.text } : {};
    const argumentsDigest =
      call.argumentsDigest === undefined ? {} : { argumentsDigest: call.argumentsDigest };
    const withCall = applyEvent(currentApproval, {
      type: 'call_allowed',
      at,
      round: round.number,
      scope: allowedScope,
      hash,
      call: {
        id: call.id,
        digest: call.digest,
        at,
        ...text,
        ...argumentsDigest,
        ...(call.push ? { push: call.push } : {}),
      },
    });
    const next = setOrigin(withCall, currentApproval.factCount, 'program');
    if (!(await saveRun(app, loadedRun, setApproval(loadedRun.run, next), pointTo(next)))) return 'conflict';
    app.log.info(
      { crew: crew.name, execution: record.executionId, approval: next.id },
      'tool call allowed by an earlier permission',
    );
    return { approval: next.id, round: round.number };
  }
  return unchecked.length > 0 ? { unchecked } : undefined;
}

/** True if the decision still counts: same tool and channel, a run that goes on, and no end or restore since. */
function canStillAllow(
  { restoredAt = 0 }: App,
  { task, channel }: Approval,
  { decision }: Round,
  { call, record }: { call: NewCall; record: RunRecord },
): boolean {
  if (hasEnded(record) || task !== call.title || channel !== call.channel) return false;
  return (decision?.at ?? 0) >= Math.max(record.allowsSince ?? 0, restoredAt);
}

/** Checks if enough of the people who made a decision may still decide. `unknown`: people about whom Slack must be asked. */
async function checkDecided(
  app: App,
  crew: Crew,
  approval: Approval,
  round: Round,
): Promise<{ isStillValid: boolean; unknown: string[] }> {
  const { decision, votes } = round;
  const equalVotes = votes.filter((vote) => decision && identifyChoice(vote) === identifyChoice(decision));
  const check = { onCard: true, mayAskSlack: false };
  const refusals = await Promise.all(equalVotes.map(({ by }) => findRefusal(app, approval, by, check)));
  const ableVoters = refusals.filter((refusal) => refusal === undefined).length;
  const isUnknown = (refusal?: Refusal) => refusal?.code === 'cannot_check' || refusal?.code === 'open_card';
  return {
    isStillValid: ableVoters >= findTaskRules(crew, approval.task).policy.approvalsRequired,
    unknown: equalVotes.filter((_, at) => isUnknown(refusals[at])).map(({ by }) => by),
  };
}
