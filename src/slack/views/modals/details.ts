import type { Button, KnownBlock, ModalView } from '@slack/types';
import { type Approval, currentRound, findRound } from '../../../approval/model/approval.ts';
import type { Delivery } from '../../../approval/model/decision.ts';
import type { Round } from '../../../approval/model/round.ts';
import { modalTarget, type Opened, writePage } from '../../app/button-values.ts';
import { ACTIONS } from '../../app/ids.ts';
import { describeDecision, isConfirmed, nameStateActor, quote, summarizeState } from '../card/state.ts';
import type { CardLinks } from '../message-view.ts';
import { describeFailure } from '../text/crewai.ts';
import { actions, button, context, plain, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { linkTask } from '../text/links.ts';
import { mention, nameDecider } from '../text/people.ts';
import { formatDate } from '../text/text.ts';
import { describeUrls } from '../text/urls.ts';

/** How much is shown: a message can hold several approvals. */
const SHORT = { rounds: 5, feedback: 200 };
const FULL = { rounds: 30, feedback: 600 };

/** An approval in short: the states of its rounds, and its webhook URLs. Pure. */
export function buildSummary(approval: Approval, links: CardLinks): KnownBlock[] {
  const rounds = approval.rounds.slice(-SHORT.rounds).map((round) => {
    const { decision } = round;
    return [
      describeRoundState(approval, round),
      decision && decision.feedback !== '' ? quote(decision.feedback, SHORT.feedback) : undefined,
    ];
  });
  const lines = [linkTask(approval, links), describeLeftOut(approval, rounds.length), ...rounds.flat()];
  return [section(lines.filter(Boolean).join('\n')), ...buildFooter(approval)];
}

/** Everything about an approval, with as many rounds as fit. `room`: for rounds, in characters. Pure. */
export function buildDetails(
  approval: Approval,
  links: CardLinks,
  room = Number.POSITIVE_INFINITY,
): KnownBlock[] {
  const rounds: string[] = [];
  let left = room;
  for (const round of approval.rounds.toReversed().slice(0, FULL.rounds)) {
    const text = describeRoundHistory(approval, round);
    left -= text.length;
    if (left < 0) break;
    rounds.unshift(text);
  }
  return [
    section(linkTask(approval, links)),
    ...context(describeLeftOut(approval, rounds.length)),
    ...rounds.map(section),
    ...buildFooter(approval),
  ];
}

/** `opened`: the round whose Flow's state can be read from there. */
export function buildDetailsModal(approval: Approval, links: CardLinks, opened: Opened): ModalView {
  return {
    type: 'modal',
    title: plain('Approval details'),
    close: plain('Close'),
    blocks: [...buildDetails(approval, links), ...actions([buildStateButton(approval, opened)])],
  };
}

function buildStateButton(approval: Approval, opened: Opened): Button | undefined {
  if (findRound(approval, opened.round)?.review?.stateHash === undefined) return undefined;
  const target = modalTarget(approval, opened);
  return button(ACTIONS.readState, 'State of the Flow', writePage({ target, what: 'state', page: 0 }));
}

function describeLeftOut({ rounds }: Approval, shown: number): string | undefined {
  return shown < rounds.length ? `The last ${shown} of ${rounds.length} rounds:` : undefined;
}

function buildFooter(approval: Approval): KnownBlock[] {
  const round = currentRound(approval);
  const urls = describeUrls(approval, round) ?? (round.review ? undefined : NO_WEBHOOK_URL);
  const ids = `Crew ${escapeLine(approval.crew, 64)} · execution ${escapeLine(approval.executionId, 255)} · approval ${approval.id}`;
  return context([urls, ids].filter(Boolean).join('\n'));
}

const NO_WEBHOOK_URL = 'No webhook URL is known, so CrewAI would not report back.';

function describeRoundState(approval: Approval, round: Round): string {
  const { decision, settledAt } = round;
  const by = nameStateActor(round);
  const at = round.status === 'given_up' ? settledAt : decision?.at;
  const who = by && at !== undefined ? ` · ${by} ${formatDate(at)}` : '';
  const before =
    decision && by !== nameDecider(decision)
      ? ` · ${describeDecision(decision)} ${formatDate(decision.at)}`
      : '';
  return `Round ${round.number}: ${summarizeState(approval, round)}${who}${before}`;
}

function describeRoundHistory(approval: Approval, round: Round): string {
  const { decision, delivery, votes } = round;
  const others = votes.filter(({ by }) => by !== decision?.by).map(({ by }) => mention(by));
  const by = round.agent ? ` from ${escapeLine(round.agent, 100)}` : '';
  return [
    `*${describeRoundState(approval, round)}*`,
    `Received ${formatDate(round.receivedAt)}${by}`,
    others.length > 0 ? `Also voted: ${others.join(', ')}` : undefined,
    delivery && delivery.attempts > 0 ? describeDelivery(delivery, round) : undefined,
    delivery?.failure && describeFailure(delivery.failure),
    decision && decision.feedback !== '' ? quote(decision.feedback, FULL.feedback) : undefined,
  ]
    .filter(Boolean)
    .join('\n');
}

function describeDelivery({ attempts, acceptedAt }: Delivery, round: Round): string {
  const { continuedAt } = round;
  const taken = isConfirmed(round) ? 'accepted' : 'answered';
  return [
    `Sent to CrewAI ${attempts === 1 ? 'once' : `${attempts} times`}`,
    acceptedAt === undefined ? undefined : `${taken} ${formatDate(acceptedAt)}`,
    continuedAt === undefined ? undefined : `the run continued ${formatDate(continuedAt)}`,
  ]
    .filter(Boolean)
    .join(', ');
}
