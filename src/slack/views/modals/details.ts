import type { KnownBlock, ModalView } from '@slack/types';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Delivery } from '../../../approval/model/decision.ts';
import type { Round } from '../../../approval/model/round.ts';
import { decided, isConfirmed, quoted, stateWord, whoseState } from '../card/state.ts';
import type { CardLinks } from '../message-view.ts';
import { context, plain, section } from '../text/elements.ts';
import { escapedLine } from '../text/escape.ts';
import { linkedTask } from '../text/links.ts';
import { decider, mention } from '../text/people.ts';
import { slackDate } from '../text/text.ts';
import { urlsSent } from '../text/urls.ts';

/** How much room there is: in a message several approvals stand below each other. */
const SHORT = { rounds: 5, feedback: 200 };
const FULL = { rounds: 30, feedback: 600 };

/** The short of an approval: how its rounds stand, and its webhook URLs. Pure. */
export function summary(approval: Approval, links: CardLinks): KnownBlock[] {
  const rounds = approval.rounds.slice(-SHORT.rounds).map((round) => {
    const { decision } = round;
    return [
      stateOf(approval, round),
      decision && decision.feedback !== '' ? quoted(decision.feedback, SHORT.feedback) : undefined,
    ];
  });
  const lines = [linkedTask(approval, links), leftOut(approval, rounds.length), ...rounds.flat()];
  return [section(lines.filter(Boolean).join('\n')), ...smallPrint(approval)];
}

/** All that is known of an approval, as far as there is room for its rounds, in characters. Pure. */
export function details(approval: Approval, links: CardLinks, room = Number.POSITIVE_INFINITY): KnownBlock[] {
  const rounds: string[] = [];
  let left = room;
  for (const round of approval.rounds.toReversed().slice(0, FULL.rounds)) {
    const text = history(approval, round);
    left -= text.length;
    if (left < 0) break;
    rounds.unshift(text);
  }
  return [
    section(linkedTask(approval, links)),
    ...context(leftOut(approval, rounds.length)),
    ...rounds.map(section),
    ...smallPrint(approval),
  ];
}

export function detailsModal(approval: Approval, links: CardLinks): ModalView {
  return {
    type: 'modal',
    title: plain('Approval details'),
    close: plain('Close'),
    blocks: details(approval, links),
  };
}

function leftOut({ rounds }: Approval, shown: number): string | undefined {
  return shown < rounds.length ? `The last ${shown} of ${rounds.length} rounds:` : undefined;
}

function smallPrint(approval: Approval): KnownBlock[] {
  const urls =
    urlsSent(approval, currentRound(approval)) ?? 'No webhook URL is known: CrewAI would not report back.';
  const ids = `Crew ${escapedLine(approval.crew, 64)} · execution ${escapedLine(approval.executionId, 255)} · approval ${approval.id}`;
  return context(`${urls}\n${ids}`);
}

function stateOf(approval: Approval, round: Round): string {
  const { decision, settledAt } = round;
  const by = whoseState(round);
  const at = round.status === 'given_up' ? settledAt : decision?.at;
  const who = by && at !== undefined ? ` · ${by} ${slackDate(at)}` : '';
  const before =
    decision && by !== decider(decision) ? ` · ${decided(decision)} ${slackDate(decision.at)}` : '';
  return `Round ${round.number}: ${stateWord(approval, round)}${who}${before}`;
}

function history(approval: Approval, round: Round): string {
  const { decision, delivery, votes } = round;
  const others = votes.filter(({ by }) => by !== decision?.by).map(({ by }) => mention(by));
  const by = round.agent ? ` from ${escapedLine(round.agent, 100)}` : '';
  return [
    `*${stateOf(approval, round)}*`,
    `Received ${slackDate(round.receivedAt)}${by}`,
    others.length > 0 ? `Voted too: ${others.join(', ')}` : undefined,
    delivery && delivery.attempts > 0 ? sent(delivery, round) : undefined,
    decision && decision.feedback !== '' ? quoted(decision.feedback, FULL.feedback) : undefined,
  ]
    .filter(Boolean)
    .join('\n');
}

function sent({ attempts, acceptedAt }: Delivery, round: Round): string {
  const { continuedAt } = round;
  const taken = isConfirmed(round) ? 'accepted' : 'answered';
  return [
    `Sent to CrewAI ${attempts === 1 ? 'once' : `${attempts} times`}`,
    acceptedAt === undefined ? undefined : `${taken} ${slackDate(acceptedAt)}`,
    continuedAt === undefined ? undefined : `went on ${slackDate(continuedAt)}`,
  ]
    .filter(Boolean)
    .join(', ');
}
