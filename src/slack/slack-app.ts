import type { App } from '../approval/app.ts';
import { type Approval, currentRound } from '../approval/model/approval.ts';
import type { RequestResult } from '../approval/read-round.ts';
import type { ClickedCards } from './api/clicked-cards.ts';
import type { SlackBase } from './api/client.ts';
import type { Home } from './api/home.ts';
import type { Reply } from './api/reply.ts';
import type { Languages } from './app/languages.ts';
import type { CardLinks } from './views/message-view.ts';
import { buildCardLink } from './views/text/links.ts';

/** The app and what its Slack listeners need besides. It is the first argument of each listener. */
export interface SlackApp extends App, SlackBase {
  languages: Pick<Languages, 'textsFor'>;
  reply: Reply;
  links: CardLinks;
  home: Pick<Home, 'open' | 'features'>;
  clicked: Pick<ClickedCards, 'remember'>;
}

/** True if the note of an approval is sent on: the live platform would read any text but the plain approval as a revision. */
export function isNoteSent({ dialects }: Pick<App, 'dialects'>, approval: Approval): boolean {
  return currentRound(approval).question !== undefined || dialects.of(approval.crew) === 'documented';
}

/** The link to the card that can be decided now. */
export function currentCardLink(answer: RequestResult, links: CardLinks): string | undefined {
  return answer.approval && buildCardLink(answer.approval, currentRound(answer.approval), links);
}
