import type { Button, KnownBlock, ModalView } from '@slack/types';
import { describeEntered, readProgress } from '../../../approval/card-facts.ts';
import { type Approval, currentRound, findRound, isTitleOnly } from '../../../approval/model/approval.ts';
import type { Delivery, Round } from '../../../approval/model/round.ts';
import { findOptionNumber, isPause } from '../../../approval/model/round.ts';
import { modalTarget, type OpenedRound, writePage } from '../../app/button-values.ts';
import { ACTIONS } from '../../app/ids.ts';
import type { Texts } from '../../texts/texts.ts';
import { writeEntered } from '../card/entered.ts';
import { describeDecision, nameStateActor, quote, summarizeState } from '../card/state.ts';
import type { CardLinks } from '../message-view.ts';
import { describeFailure } from '../text/crewai.ts';
import { actions, buildReadModal, button, context, formatDate, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { linkTask } from '../text/links.ts';
import { describeUrls, humanizeName, mention, nameDecider, writeRunId } from '../text/names.ts';

/** Rounds that are shown, and characters of the feedback and the values of each. */
const MAX_ROUNDS = 30;
const FEEDBACK_SHOWN = 600;
const VALUES_SHOWN = 1_200;

/** Builds the details of an approval with as many of the latest rounds as fit. `room`: for the rounds, in characters. Pure. */
export function buildDetails(
  texts: Texts,
  approval: Approval,
  links: CardLinks,
  room = Number.POSITIVE_INFINITY,
): KnownBlock[] {
  const rounds: string[] = [];
  let remainingRoom = room;
  for (const round of approval.rounds.toReversed().slice(0, MAX_ROUNDS)) {
    const text = describeRoundHistory(texts, approval, round);
    remainingRoom -= text.length;
    if (remainingRoom < 0) break;
    rounds.unshift(text);
  }
  return [
    section(linkTask(texts, approval, links)),
    ...context(describeLeftOut(texts, approval, rounds.length)),
    ...rounds.map(section),
    ...buildFooter(texts, approval),
  ];
}

/** Builds the modal *Approval details*. `opened`: the round whose Flow state a button shows, if there is one. */
export function buildDetailsModal(
  texts: Texts,
  approval: Approval,
  links: CardLinks,
  opened: OpenedRound,
): ModalView {
  return buildReadModal(texts, texts.reading.detailsTitle, [
    ...buildDetails(texts, approval, links),
    ...actions([buildStateButton(texts, approval, opened)]),
  ]);
}

function buildStateButton(texts: Texts, approval: Approval, opened: OpenedRound): Button | undefined {
  if (findRound(approval, opened.round)?.review?.stateHash === undefined) return undefined;
  const target = modalTarget(approval, opened);
  return button(
    ACTIONS.readState,
    texts.reading.stateTitle,
    writePage({ target, content: 'state', page: 0 }),
  );
}

function describeLeftOut(texts: Texts, { rounds }: Approval, shownCount: number): string | undefined {
  return shownCount < rounds.length ? texts.reading.lastRounds(shownCount, rounds.length) : undefined;
}

function buildFooter(texts: Texts, approval: Approval): KnownBlock[] {
  const round = currentRound(approval);
  const urls =
    describeUrls(texts, approval, round) ?? (isPause(round) ? texts.reading.noWebhookUrl : undefined);
  const ids = texts.reading.ids({
    crew: escapeLine(approval.crew, 64),
    task:
      isTitleOnly(approval) || !isPause(round) || humanizeName(approval.task) === approval.task
        ? undefined
        : escapeLine(approval.task, 255),
    execution: writeRunId(approval.executionId, 255),
    approval: approval.id,
  });
  return context([urls, ids].filter(Boolean).join('\n'));
}

function describeRoundState(texts: Texts, approval: Approval, round: Round): string {
  const { decision, settledAt } = round;
  const by = nameStateActor(texts, round);
  const at = round.status === 'given_up' ? settledAt : decision?.at;
  const isOtherActor = decision !== undefined && by !== nameDecider(texts, decision);
  return texts.reading.round({
    number: round.number,
    state: summarizeState(texts, approval, round),
    by,
    at: at === undefined ? undefined : formatDate(texts, at),
    decision: isOtherActor
      ? {
          what: describeDecision(texts, decision, {
            isTool: round.question?.tool === true,
            number: findOptionNumber(round, decision),
          }),
          at: formatDate(texts, decision.at),
        }
      : undefined,
  });
}

function describeRoundHistory(texts: Texts, approval: Approval, round: Round): string {
  const { decision, delivery, votes } = round;
  const otherVoters = votes.filter(({ by }) => by !== decision?.by).map(({ by }) => mention(by));
  return [
    // The whole line is bold: bold text inside would end the bold.
    `*${describeRoundState(texts, approval, round).replaceAll('*', '')}*`,
    texts.reading.received(formatDate(texts, round.receivedAt), round.agent && escapeLine(round.agent, 100)),
    otherVoters.length > 0 ? texts.reading.alsoVoted(otherVoters.join(', ')) : undefined,
    delivery && delivery.attempts > 0 ? describeDetailsOfDelivery(texts, delivery, round) : undefined,
    delivery?.failure && describeFailure(texts, delivery.failure),
    decision && decision.option === undefined && decision.feedback !== ''
      ? quote(decision.feedback, FEEDBACK_SHOWN)
      : undefined,
    decision && writeEntered(texts, describeEntered(round), VALUES_SHOWN),
    decision?.remark === undefined ? undefined : quote(decision.remark, FEEDBACK_SHOWN),
  ]
    .filter(Boolean)
    .join('\n');
}

function describeDetailsOfDelivery(texts: Texts, { attempts, acceptedAt }: Delivery, round: Round): string {
  const { continuedAt } = round;
  return texts.reading.delivery({
    attempts,
    answered:
      acceptedAt === undefined
        ? undefined
        : { at: formatDate(texts, acceptedAt), accepted: readProgress(round) !== 'sent' },
    continued: continuedAt === undefined ? undefined : formatDate(texts, continuedAt),
  });
}
