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

/** The app with what its listeners in Slack need: their first argument. */
export interface SlackApp extends App, SlackBase {
  languages: Pick<Languages, 'textsFor'>;
  reply: Reply;
  links: CardLinks;
  home: Pick<Home, 'open' | 'features'>;
  clicked: Pick<ClickedCards, 'remember'>;
}

/** True if CrewAI gets the note of an approval: the live platform would read any other text than the plain one as a revision. */
export function isNoteSent({ dialects }: Pick<App, 'dialects'>, approval: Approval): boolean {
  return currentRound(approval).question !== undefined || dialects.of(approval.crew) === 'documented';
}

/** The link to the card that can be decided now. */
export function currentCardLink(answer: RequestResult, links: CardLinks): string | undefined {
  return answer.approval && buildCardLink(answer.approval, currentRound(answer.approval), links);
}
