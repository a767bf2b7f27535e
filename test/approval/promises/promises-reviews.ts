import type { Approval } from '../../../src/approval/model/approval.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import { isOpen } from '../../../src/approval/model/round-status.ts';
import type { Watched } from './promises-claims.ts';
import type { Flow, FlowAnswer } from './promises-flow.ts';
import type { PromisesWorld } from './promises-world.ts';

/** What has to be true of the reviews of a Flow once everything has come to rest. */
export function checkReviews({ flow, run, watch }: PromisesWorld) {
  if (!flow) return;
  const all = [...watch.approvals.values()];
  for (const watched of all) {
    for (const round of watched.record.rounds) {
      const faults = findFaults(watched, round, flow.answers.get(round.taskId));
      for (const fault of faults) watch.must(false, fault);
    }
  }
  checkPending(
    flow,
    all.map(({ record }) => record),
    run.delivered.map(({ taskId }) => taskId),
    watch.must,
  );
}

/** What a card says of a review against what CrewAI has. */
function findFaults(watched: Watched, round: Round, has: FlowAnswer | undefined): string[] {
  const { taskId, status, decision, delivery, review, number } = round;
  const said = `${taskId} is ${status}, and CrewAI has ${JSON.stringify(has)}`;
  const isOurs = has?.via === 'api';
  const isDecided = isOurs && has.feedback === decision?.feedback;
  const callback = review?.callbackUrl !== undefined;
  const unsettled = status === 'refused' || status === 'undelivered' || status === 'given_up';
  const promises: [boolean, string][] = [
    [status !== 'answered' || isDecided || isProved(watched, number), said],
    [status !== 'resolved_elsewhere' || (has !== undefined && !isOurs), said],
    // Nobody hears that an answer arrived when every attempt after it failed: that is what the card says then.
    [!isOurs || status === 'answered' || (unsettled && delivery?.unsure === true), said],
    [callback === isOpen(round), `${taskId} is ${status}, and its callback is ${callback ? 'kept' : 'gone'}`],
  ];
  return promises.filter(([kept]) => !kept).map(([, fault]) => fault);
}

/** The next review of the same method proves that this one was answered, not by whom, until CrewAI's word is recorded. */
function isProved({ written, record }: Watched, number: number): boolean {
  const facts = written.flatMap((one) => one.facts.filter(({ round }) => round === number));
  const proof = facts.find(
    ({ what, detail }) => what === 'answered' && detail === 'proved by a later webhook',
  );
  const heard = record.facts.some(
    ({ round, what, outcome, seq }) =>
      round === number && what === 'attempt_ended' && outcome === 'not_pending' && seq > (proof?.seq ?? 0),
  );
  return proof !== undefined && !heard;
}

/** A review that CrewAI waits for, and that was answered 2xx, can be decided, unless someone closed it. */
function checkPending(
  flow: Flow,
  records: readonly Approval[],
  delivered: readonly string[],
  must: (holds: boolean, sentence: string) => void,
) {
  const { taskId } = flow.pending() ?? {};
  if (taskId === undefined || !delivered.includes(taskId)) return;
  const approval = records.find(({ rounds }) => rounds.some((round) => round.taskId === taskId));
  const newest = approval?.rounds.at(-1);
  const found = approval?.rounds.find((round) => round.taskId === taskId);
  const waits = found && newest === found && (isOpen(found) || found.status === 'given_up');
  must(waits === true, `CrewAI waits for ${taskId}, but it is ${found?.status ?? 'gone'}`);
}
