import {
  type Approval,
  type Card,
  type Execution,
  type Note,
  type Round,
  roundNumbered,
} from './approval.ts';
import { backoff } from './backoff.ts';
import { cardKey } from './card-view.ts';
import { cardGone, cardShown, laneFailed, notePosted } from './lanes.ts';
import type { Step } from './next-steps.ts';
import { LOST_OUTPUT } from './output.ts';
import {
  type ApprovalStore,
  CardError,
  type CardFailure,
  type Cards,
  type Clock,
  type Crews,
} from './ports.ts';
import { transition } from './transitions.ts';

/** A channel or token that Slack refuses is tried again after this time, in milliseconds. */
export const BLOCKED_FOR = 60 * 60_000;

const FACTS = {
  accepted: 'CrewAI took the decision',
  not_pending: 'CrewAI was not waiting for the decision',
  refused: 'CrewAI refused the decision',
  not_reached: 'CrewAI was not reached with the decision',
  unknown: "CrewAI's answer to the decision was lost",
} as const;

/** What carrying out a step came to. */
export interface StepOutcome {
  /** Records it, on the approval as it is by then. */
  apply: (approval: Approval) => Approval;
  failed: boolean;
  /** For the log. */
  fact: string;
  about: object;
  /** Why Slack takes nothing for this channel until a person changes something. */
  blocked?: string;
  /** Nothing else for the same target for so long. */
  pauseMs?: number;
}

/** Makes the call of one step: to Slack for a card or a note, to CrewAI for a decision. */
export function createStepWork({
  store,
  cards,
  crews,
  clock,
  random,
}: {
  store: ApprovalStore;
  cards: Cards;
  crews: Crews;
  clock: Clock;
  random: () => number;
}) {
  async function perform(approval: Approval, step: Step, execution?: Execution): Promise<StepOutcome> {
    if (step.lane === 'thread') return postNote(approval);
    const round = roundNumbered(approval, step.round) as Round;
    if (step.lane === 'resume') {
      return step.do === 'ask_status' ? askStatus(approval, round) : attempt(approval, round, execution);
    }
    return step.do === 'post' ? postCard(approval, round) : updateCard(approval, round, step.card);
  }

  async function postCard(approval: Approval, round: Round): Promise<StepOutcome> {
    const shown = cardKey(approval, round);
    try {
      const where = await cards.post({ approval, round, output: await outputOf(approval, round) });
      const apply = (current: Approval) => cardShown(current, round.number, { ...where, shown }, clock.now());
      return {
        apply,
        failed: false,
        fact: 'the card was posted',
        about: { round: round.number, channel: where.channel },
      };
    } catch (error) {
      return slackFailed(approval, 'card', cardFailure(error));
    }
  }

  async function updateCard(approval: Approval, round: Round, card: Card): Promise<StepOutcome> {
    const shown = cardKey(approval, round);
    const about = { round: round.number, status: round.status };
    try {
      await cards.update({ approval, round, output: await outputOf(approval, round) }, card);
      const apply = (current: Approval) => cardShown(current, round.number, { ...card, shown }, clock.now());
      return { apply, failed: false, fact: 'the card was updated', about };
    } catch (error) {
      const failure = cardFailure(error);
      if (failure.kind !== 'gone') return slackFailed(approval, 'card', failure);
      const apply = (current: Approval) => cardGone(current, round.number, card, shown);
      return { apply, failed: true, fact: 'the card was deleted in Slack', about };
    }
  }

  async function postNote(approval: Approval): Promise<StepOutcome> {
    const note = approval.notes[0] as Note;
    const about = { note: note.kind };
    try {
      const result =
        note.kind === 'run_result' ? await store.result(approval.crew, approval.executionId) : undefined;
      await cards.note(approval, note, result);
      return {
        apply: (current) => notePosted(current, note),
        failed: false,
        fact: 'a note was posted',
        about,
      };
    } catch (error) {
      const failure = cardFailure(error);
      if (failure.kind !== 'gone') return slackFailed(approval, 'thread', failure);
      return {
        apply: (current) => notePosted(current, note),
        failed: true,
        fact: 'the thread was deleted',
        about,
      };
    }
  }

  async function attempt(approval: Approval, round: Round, execution?: Execution): Promise<StepOutcome> {
    if (!execution || !round.decision) throw new Error('a decision without its execution');
    const outcome = await crews.resume({
      approval,
      round,
      decision: round.decision,
      execution,
    });
    // A webhook under the new id must find its execution: before the outcome is recorded, and so before a crash can hide it.
    if (
      outcome.kind === 'accepted' &&
      outcome.aliasId !== undefined &&
      outcome.aliasId !== approval.executionId
    ) {
      await store.saveAlias(approval.crew, outcome.aliasId, approval.executionId);
    }
    const backoffMs = backoff(approval.lanes.resume.failures + 1, random);
    const apply = (current: Approval) => {
      const type = 'attempt_ended';
      const result = transition(current, { type, at: clock.now(), round: round.number, outcome, backoffMs });
      return 'approval' in result ? result.approval : current;
    };
    const failed = outcome.kind !== 'accepted';
    const about = {
      round: round.number,
      outcome: outcome.kind,
      ...('failure' in outcome ? { answer: outcome.failure.status } : {}),
    };
    return {
      apply,
      failed,
      fact: FACTS[outcome.kind],
      about,
    };
  }

  async function askStatus(approval: Approval, round: Round): Promise<StepOutcome> {
    const status = await crews.status(approval.crew, approval.executionId);
    const apply = (current: Approval) => {
      const type = 'found_silent';
      const result = transition(current, { type, at: clock.now(), round: round.number, status });
      return 'approval' in result ? result.approval : current;
    };
    const about = { round: round.number, status: status.kind };
    return { apply, failed: true, fact: 'no webhook of the run came after CrewAI took the decision', about };
  }

  function slackFailed(approval: Approval, lane: 'card' | 'thread', failure: CardFailure): StepOutcome {
    const retryAfter = failure.kind === 'try_again' ? (failure.retryAfterMs ?? 0) : 0;
    const wait =
      failure.kind === 'blocked'
        ? BLOCKED_FOR
        : Math.max(retryAfter, backoff(approval.lanes[lane].failures + 1, random));
    return {
      apply: (current) => laneFailed(current, lane, clock.now() + wait, failure.kind === 'blocked'),
      failed: true,
      fact: 'Slack did not take a message; it is tried again',
      about: { lane, channel: approval.channel, reason: failure.reason, againInMs: Math.round(wait) },
      ...(retryAfter > 0 ? { pauseMs: retryAfter } : {}),
      ...(failure.kind === 'blocked' ? { blocked: failure.reason } : {}),
    };
  }

  async function outputOf(approval: Approval, round: Round) {
    return (await store.output(approval.id, round.hashes[0] as string)) ?? LOST_OUTPUT;
  }

  return { perform };
}

function cardFailure(error: unknown): CardFailure {
  if (error instanceof CardError) return error.failure;
  throw error;
}
