import { buildCardKey } from '../lifecycle/card-key.ts';
import { HELD_UP } from '../lifecycle/delivery.ts';
import type { ApprovalEvent } from '../lifecycle/events.ts';
import { failLane, forgetShown, freezeCard, recordCard, removeCard, removeNote } from '../lifecycle/lanes.ts';
import type { Step } from '../lifecycle/next-steps.ts';
import { addNote } from '../lifecycle/rounds.ts';
import { transition } from '../lifecycle/transitions.ts';
import { type Approval, currentRound, findRound, nextNote } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { isUserId } from '../model/crew/slack-ids.ts';
import { resolveRules } from '../model/crew/task-rules.ts';
import { setOrigin } from '../model/facts.ts';
import type { Note } from '../model/note.ts';
import type { Card, Round } from '../model/round.ts';
import type { Execution } from '../model/run/execution.ts';
import { alertOnBlocked, alertOnDelivery, alertOnRateLimit } from '../notify/alarms.ts';
import { type Audience, createAudiences } from '../notify/audience.ts';
import { createMentions } from '../notify/mentions.ts';
import { createNotes, loadOutput } from '../notify/post-note.ts';
import {
  type ApprovalStore,
  type CardContent,
  CardError,
  type CardFailure,
  type Cards,
  type Clock,
  type CrewAI,
  type PeopleDirectory,
} from '../ports.ts';
import { backoff } from './backoff.ts';

/** A channel or token that Slack refuses is tried again after this time, in milliseconds. */
export const BLOCKED_FOR = 60 * 60_000;

/** A step that met a rate limit takes its turn again after this time, in milliseconds. */
const LIMITED_AGAIN = 1_000;

/** A refusal of Slack's that is not known counts as one for a person after so many tries. */
const UNKNOWN_TRIES = 3;

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
  /** No call was made. */
  silent?: true;
  /** It was for one person, and says nothing of the approval's channel. */
  elsewhere?: true;
}

/** Tells all approvals of a run that it failed, as CrewAI's status says. Rejects with a StoreError. */
export type RunFailed = (crew: string, executionId: string, reason: string | undefined) => Promise<void>;

/** Makes the call of one step: to Slack for a card or a note, to CrewAI for a decision. */
export function createStepWork({
  store,
  cards,
  crews,
  settings,
  recordAlias,
  recordRunFailure,
  people,
  clock,
  random,
}: {
  store: ApprovalStore;
  cards: Cards;
  crews: CrewAI;
  settings: ReadonlyMap<string, Crew>;
  recordAlias: (crew: string, alias: string, executionId: string) => Promise<void>;
  recordRunFailure: RunFailed;
  people: PeopleDirectory;
  clock: Clock;
  random: () => number;
}) {
  const audiences = createAudiences({ store, settings, people });
  const mentions = createMentions(clock, people.members);
  const notes = createNotes({ store, cards, settings, people, audiences, mentions, clock });

  async function perform(approval: Approval, step: Step, execution?: Execution): Promise<StepOutcome> {
    if (step.lane === 'thread') return postNote(approval);
    const round = findRound(approval, step.round) as Round;
    if (step.lane === 'delivery') {
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
      if (!ours || step.lane !== 'delivery' || step.do !== 'attempt') return current;
      const { round } = step;
      const ended = {
        type: 'attempt_ended',
        at: clock.now(),
        round,
        outcome: HELD_UP,
        backoffMs: 0,
      } as const;
      return applied(current, ended);
    };
    return {
      apply,
      failed: true,
      fact: 'a step was held up and is taken up again',
      about: { lane: step.lane },
    };
  }

  async function contentOf(approval: Approval, round: Round): Promise<CardContent> {
    const preview = settings.get(approval.crew)?.preview;
    return { approval, round, output: await loadOutput(store, approval, round), preview };
  }

  async function postCard(approval: Approval, round: Round): Promise<StepOutcome> {
    const shown = buildCardKey(approval, round);
    const waits = round.status === 'waiting';
    const audience: Audience = waits ? await audiences.ofCard(approval, round) : { mention: [], direct: [] };
    const { now: mentioned, later } = mentions.admit(approval.channel, audience.mention, audience.always);
    const crew = settings.get(approval.crew);
    const broadcast = waits && crew !== undefined && resolveRules(crew, approval)[0]?.rounds !== 'thread';
    try {
      const { nobody } = audience;
      const content = await contentOf(approval, {
        ...round,
        mentioned,
        ...(nobody ? { unnotified: nobody } : {}),
      });
      const where = await cards.post(content, { broadcast });
      mentions.mentioned(approval.channel, mentioned);
      const notices = notes.furtherNotices(round.number, { direct: audience.direct, later }, 'waiting');
      const apply = (current: Approval) => {
        const posted = recordCard(current, round.number, { ...where, shown }, clock.now(), {
          mentioned,
          nobody,
        });
        return notices.reduce(addNote, posted);
      };
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
      applied(current, { type: 'dm_rejected', at: clock.now(), channel, why });
    const about = { to: approval.channel, channel, reason: why };
    return { apply, failed: true, fact: 'a direct message was not taken; the channel gets it', about };
  }

  async function updateCard(approval: Approval, round: Round, card: Card): Promise<StepOutcome> {
    const shown = buildCardKey(approval, round);
    const about = { round: round.number, status: round.status };
    try {
      await cards.update(await contentOf(approval, round), card);
      const apply = (current: Approval) => recordCard(current, round.number, { ...card, shown }, clock.now());
      return { apply, failed: false, fact: 'the card was updated', about };
    } catch (error) {
      const failure = cardFailure(error);
      if (failure.kind === 'frozen') {
        const apply = (current: Approval) => freezeCard(current, round.number, card, shown, clock.now());
        return { apply, failed: true, fact: 'the card cannot be changed any more', about };
      }
      if (failure.kind !== 'gone') {
        const failed = slackFailed(approval, 'card', failure);
        return { ...failed, apply: (current) => failed.apply(forgetShown(current, round.number, card)) };
      }
      const apply = (current: Approval) => removeCard(current, round.number, card, shown);
      return { apply, failed: true, fact: 'the card was deleted in Slack', about };
    }
  }

  async function postNote(approval: Approval): Promise<StepOutcome> {
    const note = nextNote(approval) as Note;
    const about = { note: note.kind };
    try {
      const { until, more = [], silent } = await notes.say(approval, note);
      if (until !== undefined) {
        const round = currentRound(approval).number;
        const apply = (current: Approval) =>
          applied(removeNote(current, note), { type: 'reminder_postponed', at: clock.now(), round, until });
        return { apply, failed: false, fact: 'it is night for those who were to be reminded', about };
      }
      return {
        apply: (current) => more.reduce(addNote, removeNote(current, note)),
        failed: false,
        fact: 'a note was posted',
        about,
        ...(silent ? { silent } : {}),
        ...(isForOnePerson(note) ? { elsewhere: true } : {}),
      };
    } catch (error) {
      const failure = cardFailure(error);
      if (isForOnePerson(note) && isRejected(failure)) {
        const instead = notes.insteadOfDirect(approval, note);
        const apply = (current: Approval) => instead.reduce(addNote, removeNote(current, note));
        return {
          elsewhere: true,
          apply,
          failed: true,
          fact: 'direct message rejected',
          about: { ...about, reason: failure.reason },
        };
      }
      if (failure.kind !== 'gone') return slackFailed(approval, 'thread', failure);
      return {
        apply: (current) => removeNote(current, note),
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
    const alias = outcome.kind === 'accepted' ? outcome.aliasId : undefined;
    const before =
      alias !== undefined && alias !== approval.executionId
        ? () => recordAlias(approval.crew, alias, approval.executionId)
        : undefined;
    const backoffMs = backoff(approval.lanes.delivery.failures + 1, random);
    const type = 'attempt_ended';
    const apply = (current: Approval) => {
      const ended = applied(current, { type, at: clock.now(), round: round.number, outcome, backoffMs });
      return setOrigin(ended, current.factCount, 'crewai');
    };
    const failed = outcome.kind !== 'accepted';
    const about = {
      round: round.number,
      outcome: outcome.kind,
      ...('failure' in outcome ? { answer: outcome.failure.status } : {}),
    };
    const alarm = alertOnDelivery(approval, round.decision, outcome, clock.now());
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
    const type = 'stall_detected';
    const about = { round: round.number };
    // Its webhook can have come before the acceptance was recorded, or tell an output that is known already.
    const { firstAttemptAt, acceptedAt } = round.delivery ?? {};
    if ((execution?.lastWebhookAt ?? 0) > (firstAttemptAt ?? acceptedAt ?? Number.POSITIVE_INFINITY)) {
      const apply = (current: Approval) =>
        applied(current, { type, at: clock.now(), round: round.number, status: undefined });
      return { apply, failed: false, fact: 'a webhook of the run has come', about };
    }
    // A run goes on under another id after each decision.
    const runId = execution?.continuedAs ?? approval.executionId;
    const status = await crews.status(approval.crew, runId);
    const apply = (current: Approval) => {
      const at = clock.now();
      const told = applied(current, { type, at, round: round.number, status });
      if (status.kind !== 'failed') return told;
      // What CrewAI says of the run now is later than the decision that it was asked about.
      const failed = applied(current, { type: 'run_failed', at, failedAt: at, reason: status.error });
      return failed === current ? told : failed;
    };
    const fact = 'no webhook of the run came after CrewAI took the decision';
    const asked = { apply, failed: true, fact, about: { ...about, status: status.kind } };
    // Its other cards and whoever started it hear of it too.
    return status.kind === 'failed'
      ? { ...asked, before: () => recordRunFailure(approval.crew, runId, status.error) }
      : asked;
  }

  function slackFailed(approval: Approval, lane: 'card' | 'thread', met: CardFailure): StepOutcome {
    const tries = approval.lanes[lane].failures + 1;
    const given = met.kind === 'try_again' && met.unknown && tries >= UNKNOWN_TRIES;
    const failure: CardFailure = given ? { kind: 'blocked', reason: met.reason, of: 'channel' } : met;
    const retryAfter = failure.kind === 'try_again' ? (failure.retryAfterMs ?? 0) : 0;
    const limited = alertOnRateLimit(approval, retryAfter);
    // A rate limit is waited for where calls take turns: it says nothing of this approval's other calls.
    const again = retryAfter > 0 ? LIMITED_AGAIN : backoff(tries, random);
    const wait = failure.kind === 'blocked' ? BLOCKED_FOR : again;
    return {
      apply: (current) => failLane(current, lane, clock.now() + wait, failure.kind === 'blocked'),
      failed: true,
      fact: 'Slack did not take a message; it is tried again',
      about: { lane, channel: approval.channel, reason: failure.reason, againInMs: Math.round(wait) },
      ...(retryAfter > 0 ? { pauseMs: retryAfter } : {}),
      ...(limited ? { alarm: limited } : {}),
      ...(failure.kind === 'blocked'
        ? { blocked: failure.reason, alarm: alertOnBlocked(approval, failure) }
        : {}),
    };
  }

  return { perform, heldUp };
}

/** Slack does not take it, whatever its word for that is; it is not tried again. */
function isRejected(failure: CardFailure): boolean {
  return (
    (failure.kind === 'blocked' && failure.of === 'channel') ||
    (failure.kind === 'try_again' && failure.unknown === true)
  );
}

/** Nobody else misses it where Slack does not take it. */
function isForOnePerson({ kind }: Note): boolean {
  return kind === 'direct' || kind === 'to_requester';
}

function applied(approval: Approval, event: ApprovalEvent): Approval {
  const result = transition(approval, event);
  return 'approval' in result ? result.approval : approval;
}

function cardFailure(error: unknown): CardFailure {
  if (error instanceof CardError) return error.failure;
  throw error;
}
