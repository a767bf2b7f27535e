import { type Approval, addFact, currentRound, isTitleOnly } from '../model/approval.ts';
import { type Decision, mayHaveArrived, type Round } from '../model/round.ts';
import type { OutputEvent } from './events.ts';
import { markRound } from './mark-irreversible.ts';
import { addNote, addRound, replaceRound, settle } from './rounds.ts';
import { setTaskName } from './run-facts.ts';
import { proveDecision } from './run-progress.ts';
import { recordContinued } from './went-on.ts';
import { isSameHash, type Place, placeOutput } from './which-approval.ts';

/** Adds an output to its approval: as a new round, as more facts about a round that has it, or not at all. */
export function receiveOutput(approval: Approval, event: OutputEvent): Approval {
  const place = placeOutput(approval, event);
  switch (place.kind) {
    case 'nothing':
      return approval;
    case 'same':
      return addFacts(approval, place.round, place.namesTask ? event : { ...event, task: undefined });
    case 'next': {
      const round = currentRound(approval);
      const isUnchanged = isSameHash(round, event.output.hashes);
      return openRound(closeFor(place.after, approval, round, event.at), event, isUnchanged);
    }
  }
}

/** Closes the current round so that the next one can open. */
function closeFor(
  after: (Place & { kind: 'next' })['after'],
  approval: Approval,
  round: Round,
  at: number,
): Approval {
  switch (after) {
    case 'matched_decision':
      return closeAnsweredRound(approval, round, at);
    case 'accepted_revision':
      return recordContinued(approval, round, { kind: 'follows', at });
    case 'other_output':
      return settleByNewOutput(approval, round, at);
  }
}

/** Closes a round whose decision the new output answers, whether CrewAI did what was decided or not. */
function closeAnsweredRound(approval: Approval, round: Round, at: number): Approval {
  const closed = settleByNewOutput(approval, round, at);
  const settledRound = currentRound(closed);
  return recordContinued(closed, settledRound, { kind: 'follows', at });
}

/** Opens the next round. If the end of the run was recorded before the output, nothing waits: closes the round at once. */
function openRound(approval: Approval, event: OutputEvent, unchanged: boolean): Approval {
  const addedRound = addRound(approval, event, unchanged);
  // What follows something irreversible is irreversible, whatever the settings say by now.
  const isInherited = currentRound(approval).irreversible && !currentRound(addedRound).irreversible;
  const withNewRound = isInherited ? markRound(addedRound, approval.policy, event.at) : addedRound;
  const namesTask = isTitleOnly(approval) && event.task !== undefined;
  const withTaskName = namesTask ? setTaskName(withNewRound, event.task as string, event.at) : withNewRound;
  return approval.runEndedAt === undefined
    ? withTaskName
    : settle(withTaskName, currentRound(withTaskName), 'run_ended', event.at);
}

function settleByNewOutput(approval: Approval, round: Round, at: number): Approval {
  switch (round.status) {
    case 'waiting':
      return settle(approval, round, 'superseded', at);
    // An attempt may have arrived, even if the decision counts as refused or undelivered: then this output is its effect.
    case 'refused':
    case 'undelivered':
      return isProvedByOutput(round) && mayHaveArrived(round)
        ? proveDecision(approval, round, at)
        : settle(approval, round, 'superseded', at);
    case 'sending': {
      const decision = round.decision as Decision;
      // A program that asks again has the answer to its earlier question.
      if (round.delivery?.offeredAt !== undefined) return proveDecision(approval, round, at);
      if (!mayHaveArrived(round)) {
        return addNote(settle(approval, round, 'superseded', at), {
          kind: 'not_sent',
          why: 'superseded',
          decision,
          unsure: false,
        });
      }
      if (isProvedByOutput(round)) return proveDecision(approval, round, at);
      return addNote(settle(approval, round, 'resolved_elsewhere', at), { kind: 'not_taken', decision });
    }
    default:
      return approval;
  }
}

/** True if another output proves the decision: a revision leads to a re-run, a choice to the next review, an approve to none. */
function isProvedByOutput({ decision }: Round): boolean {
  return decision?.action === 'request_revision' || decision?.action === 'choose';
}

/** Adds facts from a second webhook of the same pause. Facts that the round has stay, except the task id. */
function addFacts(approval: Approval, round: Round, event: OutputEvent): Approval {
  const { output } = event;
  const completeRound: Round = {
    ...round,
    hashes: [...new Set([...round.hashes, ...output.hashes])],
    // CrewAI resumes a pause by the task id of its human-input webhook.
    taskId: output.humanInput ? output.taskId : round.taskId,
    humanInput: round.humanInput || output.humanInput,
  };
  for (const field of ['agent', 'description', 'expectedOutput'] as const) {
    const value = round[field] ?? output[field];
    if (value !== undefined) completeRound[field] = value;
  }
  const route = output.humanInput ? 'human-input' : 'task';
  const withFacts =
    JSON.stringify(completeRound) === JSON.stringify(round)
      ? approval
      : addFact(replaceRound(approval, completeRound), {
          at: event.at,
          what: 'received',
          round: round.number,
          detail: `same output by the ${route} webhook`,
        });
  const { number, status, irreversible } = currentRound(withFacts);
  const isCurrent = round.number === number;
  const { opening } = event;
  // The webhook of the pause does not name its task: it may be of a task that is irreversible.
  const isNewlyMarked = isCurrent && status === 'waiting' && opening?.irreversible && !irreversible;
  const marked = isNewlyMarked ? markRound(withFacts, opening.policy, event.at) : withFacts;
  const canNameTask = isTitleOnly(approval) || isCurrent;
  return event.task !== undefined && canNameTask
    ? setTaskName(marked, event.task, event.at, round.number)
    : marked;
}
