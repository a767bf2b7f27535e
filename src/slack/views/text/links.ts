import { findCardPlace } from '../../../approval/card-facts.ts';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Round } from '../../../approval/model/round.ts';
import type { Texts } from '../../texts/texts.ts';
import type { CardLinks } from '../message-view.ts';
import { writeTask } from './names.ts';

/** Builds the link to a round's card; undefined: no link is known. */
export function buildCardLink(approval: Approval, round: Round, links: CardLinks): string | undefined {
  const place = findCardPlace(approval, round);
  return place && links.message(place);
}

/** Writes the name of a task, as a link to its current card if there is one. */
export function linkTask(texts: Texts, approval: Approval, links: CardLinks): string {
  const name = writeTask(texts, approval.task, 120);
  const link = buildCardLink(approval, currentRound(approval), links);
  return link ? `*<${link}|${name.replaceAll('|', '¦')}>*` : `*${name}*`;
}
