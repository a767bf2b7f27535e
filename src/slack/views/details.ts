import type { KnownBlock, ModalView } from '@slack/types';
import { type Approval, currentRound, type Delivery, type Round } from '../../approval/approval.ts';
import type { CardLinks } from './card.ts';
import { context, plain, section } from './elements.ts';
import { decided, quoted, stateWord, whoseState } from './state.ts';
import { escapedLine, mention, slackDate } from './text.ts';
import { urlsSent } from './urls.ts';
import { decider, linkedTask } from './words.ts';

/** How much room there is: in a message several approvals stand below each other. */
const SHORT = { rounds: 5, feedback: 200 };
const FULL = { rounds: 30, feedback: 600 };

/** What is known of an approval: its rounds, decisions and webhook URLs. Pure. */
export function details(approval: Approval, links: CardLinks): KnownBlock[] {
  const rounds = approval.rounds.slice(-SHORT.rounds).map((round) => {
    const { decision } = round;
    return [
      stateOf(approval, round),
      decision && decision.feedback !== '' ? quoted(decision.feedback, SHORT.feedback) : undefined,
    ];
  });
  return [
    section([linkedTask(approval, links), ...rounds.flat()].filter(Boolean).join('\n')),
    ...smallPrint(approval),
  ];
}

/** All that is known of it, in a modal of its own. Pure. */
export function detailsModal(approval: Approval, links: CardLinks): ModalView {
  const left = approval.rounds.length - FULL.rounds;
  return {
    type: 'modal',
    title: plain('Approval details'),
    close: plain('Close'),
    blocks: [
      section(linkedTask(approval, links)),
      ...context(left > 0 ? `The last ${FULL.rounds} of ${approval.rounds.length} rounds:` : undefined),
      ...approval.rounds.slice(-FULL.rounds).map((round) => section(history(approval, round))),
      ...smallPrint(approval),
    ],
  };
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

function sent({ attempts, acceptedAt }: Delivery, { wentOnAt }: Round): string {
  return [
    `Sent to CrewAI ${attempts === 1 ? 'once' : `${attempts} times`}`,
    acceptedAt === undefined ? undefined : `accepted ${slackDate(acceptedAt)}`,
    wentOnAt === undefined ? undefined : `went on ${slackDate(wentOnAt)}`,
  ]
    .filter(Boolean)
    .join(', ');
}
