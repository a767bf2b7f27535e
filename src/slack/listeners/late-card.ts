import type { Answer } from '../../approval/decisions.ts';
import { buildCardKey } from '../../approval/lifecycle/card-key.ts';
import { type Approval, findRound, threadCard } from '../../approval/model/approval.ts';
import type { ReplyPlace } from '../api/reply.ts';
import { CARD_FOLLOWS } from '../views/text/sentences.ts';
import type { ListenerContext } from './context.ts';

/** A person who sees no change on the card this long after a click clicks again, in milliseconds. */
const CARD_LATE = 2_000;

/** Tells a person that their click was recorded when its card does not show it in time. Returns at once. */
export function answerForLateCard(
  { service, reply, clock, log }: ListenerContext,
  place: ReplyPlace,
  answer: Answer & { done: true },
  round: number,
): void {
  const before = shownOn(answer.approval, round);
  if (before === undefined) return;
  clock.after(CARD_LATE, () => {
    service
      .find(answer.approval.id)
      .then((approval) => {
        const now = approval && findRound(approval, round);
        const isStale = now?.card !== undefined && now.card.shown !== buildCardKey(approval as Approval, now);
        // Empty while an update is under way.
        return isStale && (now?.card?.shown === before || now?.card?.shown === '')
          ? reply(place, CARD_FOLLOWS)
          : undefined;
      })
      .catch((error: unknown) => log.error({ approval: answer.approval.id, error }, 'late card not checked'));
  });
}

/** Where a person is answered who decided in a modal. */
export function besideCard(user: string, approval: Approval, round: number): ReplyPlace {
  const card = findRound(approval, round)?.card;
  const root = threadCard(approval);
  const threadTs = root && card && root.ts !== card.ts && root.channel === card.channel ? root.ts : undefined;
  return { user, channel: card?.channel, threadTs };
}

function shownOn(approval: Approval, round: number): string | undefined {
  return findRound(approval, round)?.card?.shown;
}
