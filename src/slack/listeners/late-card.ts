import { buildCardFacts, hashCardFacts } from '../../approval/card-facts.ts';
import { type Approval, findRound, threadCard } from '../../approval/model/approval.ts';
import type { Answer } from '../../approval/read-round.ts';
import { sleep } from '../../lib/sleep.ts';
import type { ReplyPlace } from '../api/reply.ts';
import { CARD_FOLLOWS } from '../views/text/sentences.ts';
import type { ListenerContext } from './context.ts';

/** People click again if the card has not changed this long after a click, in milliseconds. */
const CARD_LATE_AFTER = 2_000;

type LateCardContext = Pick<ListenerContext, 'decisions' | 'reply' | 'clock' | 'log'>;

/** Replies that a click was recorded if its card does not show that in time. Returns at once. */
export function replyIfCardIsLate(
  context: LateCardContext,
  place: ReplyPlace,
  { approval }: Answer & { done: true },
  round: number,
): void {
  const before = findRound(approval, round)?.card?.shown;
  if (before === undefined) return;
  sleep(context.clock, CARD_LATE_AFTER)
    .then(() => replyIfCardIsStale(context, place, approval.id, { round, before }))
    .catch((error: unknown) => context.log.error({ approval: approval.id, error }, 'late card not checked'));
}

async function replyIfCardIsStale(
  { decisions, reply }: LateCardContext,
  place: ReplyPlace,
  approvalId: string,
  { round: number, before }: { round: number; before: string },
): Promise<void> {
  const approval = await decisions.find(approvalId);
  const round = approval && findRound(approval, number);
  if (!approval || !round?.card || round.card.shown === hashCardFacts(buildCardFacts(approval, round)))
    return;
  // What is shown is not known during an update.
  if (round.card.shown === before || round.card.shown === '') await reply(place, CARD_FOLLOWS);
}

/** Where to reply to a person who decided in a modal: beside the card. */
export function findPlaceBesideCard(user: string, approval: Approval, round: number): ReplyPlace {
  const card = findRound(approval, round)?.card;
  const root = threadCard(approval);
  const threadTs = root && card && root.ts !== card.ts && root.channel === card.channel ? root.ts : undefined;
  return { user, channel: card?.channel, threadTs };
}
