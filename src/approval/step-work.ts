import { blockedAlarm, lateAlarm } from './alarms.ts';
import {
  type Approval,
  type Card,
  currentRound,
  type Execution,
  type Note,
  type Round,
  roundNumbered,
} from './approval.ts';
import { backoff } from './backoff.ts';
import { cardKey } from './card-view.ts';
import type { Crew } from './crew.ts';
import type { ApprovalEvent } from './events.ts';
import { withOrigin } from './facts.ts';
import { cardGone, cardShown, cardUnknown, laneFailed, notePosted } from './lanes.ts';
import type { Step } from './next-steps.ts';
import { LOST_OUTPUT } from './output.ts';
import { deciders, isUserId, type RunPeople } from './policy.ts';
import {
  type ApprovalStore,
  CardError,
  type CardFailure,
  type Cards,
  type Clock,
  type Crews,
  type NoteContent,
  type PeopleDirectory,
} from './ports.ts';
import { rulesFor } from './task-rules.ts';
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
  /** Is stored before it. */
  before?: () => Promise<void>;
  failed: boolean;
  /** For the log. */
  fact: string;
  about: object;
  /** Why Slack takes nothing for this channel until a person changes something. */
  blocked?: string;
  /** What the operators are told. */
  alarm?: { cause: string; sentence: string };
  /** Nothing else for the same target for so long. */
  pauseMs?: number;
}

/** Makes the call of one step: to Slack for a card or a note, to CrewAI for a decision. */
export function createStepWork({
  store,
  cards,
  crews,
  settings,
  people,
  clock,
  random,
}: {
  store: ApprovalStore;
  cards: Cards;
  crews: Crews;
  settings: ReadonlyMap<string, Crew>;
  people: PeopleDirectory;
  clock: Clock;
  random: () => number;
}) {
  async function perform(approval: Approval, step: Step, execution?: Execution): Promise<StepOutcome> {
    if (step.lane === 'thread') return postNote(approval);
    const round = roundNumbered(approval, step.round) as Round;
    if (step.lane === 'resume') {
      return step.do === 'ask_status'
        ? askStatus(approval, round, execution)
        : attempt(approval, round, execution);
    }
    return step.do === 'post' ? postCard(approval, round) : updateCard(approval, round, step.card);
  }

  /** What a step comes to whose call was not made, since its worker was held up. */
  function heldUp(step: Step, owner: string): StepOutcome {
    const apply = (current: Approval) => {
      // Of one that was overtaken nothing is said: the other one's attempt counts.
      const ours = current.lanes[step.lane].lease?.owner === owner;
      if (!ours || step.lane !== 'resume' || step.do !== 'attempt') return current;
      const outcome = { kind: 'not_reached', failure: { kind: 'not_reached', detail: 'HELD_UP' } } as const;
      const { round } = step;
      return applied(current, { type: 'attempt_ended', at: clock.now(), round, outcome, backoffMs: 0 });
    };
    return {
      apply,
      failed: true,
      fact: 'a step was held up and is taken up again',
      about: { lane: step.lane },
    };
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
      const failure = cardFailure(error);
      return fallBack(approval, failure) ?? slackFailed(approval, 'card', failure);
    }
  }

  /** A direct message that Slack does not take goes to the crew's channel. */
  function fallBack(approval: Approval, failure: CardFailure): StepOutcome | undefined {
    const channel = settings.get(approval.crew)?.channel;
    const refused = failure.kind === 'blocked' && failure.of === 'channel';
    if (!refused || !isUserId(approval.channel) || channel === undefined) return undefined;
    const why = failure.reason;
    const apply = (current: Approval) =>
      applied(current, { type: 'fell_back', at: clock.now(), channel, why });
    const about = { to: approval.channel, channel, reason: why };
    return { apply, failed: true, fact: 'a direct message was not taken; the channel gets it', about };
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
      if (failure.kind !== 'gone') {
        const failed = slackFailed(approval, 'card', failure);
        return { ...failed, apply: (current) => failed.apply(cardUnknown(current, round.number, card)) };
      }
      const apply = (current: Approval) => cardGone(current, round.number, card, shown);
      return { apply, failed: true, fact: 'the card was deleted in Slack', about };
    }
  }

  async function postNote(approval: Approval): Promise<StepOutcome> {
    const note = approval.notes[0] as Note;
    const about = { note: note.kind };
    try {
      const later = await sayNote(approval, note);
      if (later !== undefined) {
        const round = currentRound(approval).number;
        const apply = (current: Approval) =>
          applied(notePosted(current, note), { type: 'remind_later', at: clock.now(), round, until: later });
        return { apply, failed: false, fact: 'it is night for those who were to be reminded', about };
      }
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

  /** Posts what the note says; gives the time until which it waits, if it is not its time yet. */
  async function sayNote(approval: Approval, note: Note): Promise<number | undefined> {
    if (note.kind === 'whole_output') {
      const round = roundNumbered(approval, note.round) as Round;
      await cards.file({ approval, round, output: await outputOf(approval, round) });
    } else if (note.kind === 'run_result') {
      await cards.note(approval, note, { result: await store.result(approval.crew, approval.executionId) });
    } else if (isOver(approval, note)) {
      return undefined;
    } else if (note.kind === 'reminder') {
      const asked = await askedToDecide(approval);
      const { ids, dawn } = approval.policy.urgent ? { ids: asked } : await people.awake(asked, clock.now());
      if (ids.length === 0 && dawn !== undefined) return dawn;
      await cards.note(approval, note, { calls: ids });
    } else await cards.note(approval, note, elsewhereFor(approval, note));
    return undefined;
  }

  /** Whom an approval in a direct message calls does not see it: the crew's channel tells them. */
  function elsewhereFor(approval: Approval, note: Note): NoteContent {
    const calls = note.kind === 'escalated' || note.kind === 'assigned';
    const channel = settings.get(approval.crew)?.channel;
    return calls && isUserId(approval.channel) && channel !== undefined ? { elsewhere: channel } : {};
  }

  /** Slack ids of those who are to decide; none: nobody in particular. */
  async function askedToDecide(approval: Approval): Promise<string[]> {
    const { assignee, votes, escalatedAt } = currentRound(approval);
    if (assignee !== undefined) return [assignee];
    const crew = settings.get(approval.crew);
    if (!crew) return [];
    const run: RunPeople = (await store.execution(approval.crew, approval.executionId))?.record ?? {};
    const rules = rulesFor(crew, approval.task);
    const asked = deciders(rules, run, people.members);
    const more = escalatedAt === undefined || asked.length === 0 ? [] : approval.policy.escalateTo;
    const done = votes.map(({ by }) => by);
    const excluded = rules.excludeRequester ? run.requestedBy : undefined;
    return [...new Set([...asked, ...more])].filter((id) => !done.includes(id) && id !== excluded);
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
    const alias = outcome.kind === 'accepted' ? outcome.aliasId : undefined;
    const before =
      alias !== undefined && alias !== approval.executionId
        ? () => store.saveAlias(approval.crew, alias, approval.executionId)
        : undefined;
    const backoffMs = backoff(approval.lanes.resume.failures + 1, random);
    const type = 'attempt_ended';
    const apply = (current: Approval) => {
      const ended = applied(current, { type, at: clock.now(), round: round.number, outcome, backoffMs });
      return withOrigin(ended, current.factCount, 'crewai');
    };
    const failed = outcome.kind !== 'accepted';
    const about = {
      round: round.number,
      outcome: outcome.kind,
      ...('failure' in outcome ? { answer: outcome.failure.status } : {}),
    };
    const alarm = lateAlarm(approval, round.decision, outcome, clock.now());
    return {
      apply,
      ...(before ? { before } : {}),
      ...(alarm ? { alarm } : {}),
      failed,
      fact: FACTS[outcome.kind],
      about,
    };
  }

  async function askStatus(approval: Approval, round: Round, execution?: Execution): Promise<StepOutcome> {
    const type = 'found_silent';
    const about = { round: round.number };
    // Its webhook can have come before the acceptance was recorded, or tell an output that is known already.
    const { firstAttemptAt, acceptedAt } = round.delivery ?? {};
    if ((execution?.lastWebhookAt ?? 0) > (firstAttemptAt ?? acceptedAt ?? Number.POSITIVE_INFINITY)) {
      const apply = (current: Approval) =>
        applied(current, { type, at: clock.now(), round: round.number, status: undefined });
      return { apply, failed: false, fact: 'a webhook of the run has come', about };
    }
    const status = await crews.status(approval.crew, approval.executionId);
    const apply = (current: Approval) =>
      applied(current, { type, at: clock.now(), round: round.number, status });
    const fact = 'no webhook of the run came after CrewAI took the decision';
    return { apply, failed: true, fact, about: { ...about, status: status.kind } };
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
      ...(failure.kind === 'blocked'
        ? { blocked: failure.reason, alarm: blockedAlarm(approval, failure) }
        : {}),
    };
  }

  async function outputOf(approval: Approval, round: Round) {
    return (await store.output(approval.id, round.hashes[0] as string)) ?? LOST_OUTPUT;
  }

  return { perform, heldUp };
}

/** It was about a round that waits no more. */
function isOver(approval: Approval, note: Note): boolean {
  const asks =
    ['reminder', 'escalated', 'assigned'].includes(note.kind) || (note.kind === 'expired' && !note.decision);
  if (!asks || !('round' in note)) return false;
  const { number, status } = currentRound(approval);
  return note.round !== number || status !== 'waiting';
}

function applied(approval: Approval, event: ApprovalEvent): Approval {
  const result = transition(approval, event);
  return 'approval' in result ? result.approval : approval;
}

function cardFailure(error: unknown): CardFailure {
  if (error instanceof CardError) return error.failure;
  throw error;
}
