import type { Deciders } from '../../approval/access/deciders.ts';
import type { Decisions } from '../../approval/decisions.ts';
import type { Starts } from '../../approval/kickoffs/start-run.ts';
import { type Approval, currentRound } from '../../approval/model/approval.ts';
import type { Dialects } from '../../approval/model/crew/dialect.ts';
import type { Clock, Log } from '../../approval/ports.ts';
import type { LookUps } from '../../approval/queries/look-ups.ts';
import type { Answer } from '../../approval/read-round.ts';
import type { GiveWay } from '../../lib/give-way.ts';
import type { Reply } from '../api/reply.ts';
import type { CardLinks } from '../views/message-view.ts';
import { buildCardLink } from '../views/text/links.ts';

/** What listeners need. */
export interface ListenerContext {
  decisions: Decisions;
  deciders: Pick<Deciders, 'canSee'>;
  dialects: Dialects;
  lookUps: LookUps;
  starts: Starts;
  reply: Reply;
  giveWay: GiveWay;
  links: CardLinks;
  clock: Clock;
  log: Log;
}

/** Whether CrewAI gets the note of an approval: the live platform would read any other text than the plain one as a revision. */
export function isNoteSent({ dialects }: Pick<ListenerContext, 'dialects'>, { crew }: Approval): boolean {
  return dialects.of(crew) === 'documented';
}

/** The link to the card that can be decided now. */
export function currentCardLink(answer: Answer, links: CardLinks): string | undefined {
  return answer.approval && buildCardLink(answer.approval, currentRound(answer.approval), links);
}
