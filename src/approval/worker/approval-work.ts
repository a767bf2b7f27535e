import { parseUrl } from '../../lib/parse-url.ts';
import { learnRequesters } from '../access/rights.ts';
import type { App } from '../app.ts';
import { clearShownContent } from '../lifecycle/cards.ts';
import { CALL_NOT_MADE } from '../lifecycle/delivery.ts';
import { markIrreversible } from '../lifecycle/mark-irreversible.ts';
import { listNextSteps, type Step } from '../lifecycle/next-steps.ts';
import { findPush } from '../lifecycle/pushes.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import { type Approval, findRound } from '../model/approval.ts';
import { isUserId } from '../model/crew/slack-ids.ts';
import { NOTE_KINDS, type Note } from '../model/note.ts';
import type { Round } from '../model/round.ts';
import { withApproval } from '../model/run/run-record.ts';
import { createTicketId } from '../model/run/ticket.ts';
import { learnSubstitutes } from '../notify/stand-ins.ts';
import { askRunStatus, attemptDelivery, pushAnswer } from './delivery-steps.ts';
import { postCard, runThreadStep, updateCard } from './slack-steps.ts';
import type { Work } from './work.ts';

const MEMBERS_READ_INTERVAL = 60_000;
const NOTHING = async () => undefined;

/** Creates the worker's functions for approvals: cards and notes in Slack, decisions to CrewAI, answers to programs, timers. */
export function createApprovalWork(app: App): Work<Approval, Step> {
  const membersAskedAt = new Map<string, number>();

  /**
   * Asks Slack for the members of a channel if they are not known, at most once per minute: if Slack does not respond, only one
   * card of the channel per minute waits.
   */
  async function readMembers(channel: string): Promise<void> {
    const lastAskedAt = membersAskedAt.get(channel) ?? Number.NEGATIVE_INFINITY;
    const isKnown = isUserId(channel) || app.people.channelSize(channel) !== undefined;
    if (isKnown || app.clock.now() - lastAskedAt < MEMBERS_READ_INTERVAL) return;
    membersAskedAt.set(channel, app.clock.now());
    await app.people.learnMembers([channel]);
  }

  return {
    list: 'due',
    idName: 'approval',
    read: (id) => app.store.approval(id),
    save: (previous, next) => app.store.save({ approvals: [{ previous, next }] }),
    nextSteps: listNextSteps,
    findCallTarget(approval, step) {
      const { channel } = approval;
      if (
        step.do === 'fire_timers' ||
        step.do === 'expire_delivery' ||
        step.do === 'offer' ||
        step.do === 'expire_push'
      )
        return { do: 'timers' };
      if (step.do === 'push') return { do: 'program', host: findPushHost(approval, step) };
      if (step.lane === 'delivery') return { do: 'crew' };
      if (step.do === 'update') return { do: 'update', card: step.card };
      return {
        do: 'post',
        channel: step.lane === 'thread' ? (findRecipient(step.note) ?? channel) : channel,
      };
    },
    priorityOf(step, clicked) {
      // A repeated push gives way to first attempts.
      if (step.do === 'push' && step.isRetry) return 'background';
      if (step.lane === 'delivery') return step.do === 'ask_status' ? 'background' : 'new';
      if (step.lane === 'thread') return NOTE_KINDS[step.note.kind].concernsDeciders ? 'new' : 'background';
      if (step.do === 'post') return 'new';
      return clicked ? 'clicked' : 'background';
    },
    prepare(approval, step) {
      // Reads the run before the attempt is recorded: an attempt that has begun counts as one that may have arrived.
      if (step.do === 'attempt' || step.do === 'ask_status')
        return async () => {
          // A damaged run does not stop a decision: the approval knows the webhook URLs.
          const run = await app.store.run(approval.crew, approval.executionId);
          return withApproval(run?.record, approval);
        };
      if (step.lane !== 'thread' && step.do !== 'post') return NOTHING;
      // The mentions of a message depend on the channel's members, on absences, and on requesters, who may not decide.
      return async () => {
        const members = step.do === 'post' ? readMembers(approval.channel) : undefined;
        await Promise.all([members, learnRequesters(app, approval), learnSubstitutes(app, approval)]);
        return undefined;
      };
    },
    begin(claimed, step, at) {
      switch (step.do) {
        case 'update':
          return { record: clearShownContent(claimed, step.round, step.card) };
        case 'fire_timers':
          return {
            record: applyEvent(markIrreversible(claimed, app.crews.get(claimed.crew), at), {
              type: 'timers_due',
              at,
            }),
            isDone: true,
          };
        case 'offer':
          return { record: applyEvent(claimed, { type: 'offered', at, round: step.round }), isDone: true };
        case 'expire_delivery':
          return {
            record: applyEvent(claimed, { type: 'delivery_expired', at, round: step.round }),
            isDone: true,
          };
        case 'expire_push': {
          const { round, id } = step;
          return { record: applyEvent(claimed, { type: 'push_expired', at, round, id }), isDone: true };
        }
        case 'attempt': {
          const dialect = app.dialects.of(claimed.crew);
          const { round } = step;
          const ticket = createTicketId();
          return { record: applyEvent(claimed, { type: 'attempt_started', at, round, dialect, ticket }) };
        }
        default:
          return { record: claimed };
      }
    },
    perform(approval, step, record) {
      if (step.lane === 'thread') return runThreadStep(app, approval);
      const round = findRound(approval, step.round) as Round;
      switch (step.do) {
        case 'post':
          return postCard(app, approval, round);
        case 'update':
          return updateCard(app, approval, round, step.card);
        case 'push':
          return pushAnswer(app, approval, round, step.id);
        case 'ask_status':
          return askRunStatus(app, approval, round, record);
        default:
          return attemptDelivery(app, approval, round, record);
      }
    },
    takeBack(approval, step, at) {
      if (step.do !== 'attempt') return approval;
      const { round } = step;
      return applyEvent(approval, { type: 'attempt_ended', at, round, outcome: CALL_NOT_MADE, backoffMs: 0 });
    },
  };
}

/**
 * Finds the queue of a note that is posted outside the thread: its user or channel. All notes to requesters share one queue,
 * because the bot only looks up who they are when it posts.
 */
function findRecipient(note: Note): string | undefined {
  if (note.kind === 'direct') return note.to;
  if (note.kind === 'mention') return note.channel;
  return note.kind === 'to_requester' ? 'requesters' : undefined;
}

/** Finds the host to which an answer is sent: a host that does not respond delays only the answers to it. */
function findPushHost(approval: Approval, { round: number, id }: { round: number; id: string }): string {
  const round = findRound(approval, number);
  const url = (round && findPush(approval, round, id))?.push.url ?? '';
  return parseUrl(url)?.host ?? '';
}
