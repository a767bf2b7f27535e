import { currentRound } from '../../approval/approval.ts';
import type { Log } from '../../approval/ports.ts';
import type { Answer, Service } from '../../approval/service.ts';
import { ANSWERED_WITHIN, within } from '../deadline.ts';
import type { Tell } from '../tell.ts';
import type { CardLinks } from '../views/card.ts';

/** What every listener needs. */
export interface ListenerContext {
  service: Service;
  tell: Tell;
  links: CardLinks;
  log: Log;
}

/** An answer, or that the store failed or was late: nothing was recorded then. */
export async function answerInTime(log: Log, ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await within(ANSWERED_WITHIN, ask);
  } catch (error) {
    log.error({ error }, 'a decision could not be recorded');
    return undefined;
  }
}

/** The link to the card that can be decided now. */
export function currentCardLink(answer: Answer, links: CardLinks): string | undefined {
  const card = answer.approval && currentRound(answer.approval).card;
  return card && links.message(card);
}
