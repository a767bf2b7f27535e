import { buildCardFacts } from '../../../approval/card-facts.ts';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Output } from '../../../approval/model/output.ts';
import { isOpen } from '../../../approval/model/round.ts';
import { texts } from '../../texts/texts.ts';
import { buildEndPermissionButton, buildRoundButtons } from '../card/buttons.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { buildDetails } from '../modals/details.ts';
import { buildOutputBlocks, NOTHING_SHOWN } from '../output/output-blocks.ts';
import { actions } from '../text/elements.ts';

/** For the rounds of one approval, in characters; its output may be in the same message. */
const ROUNDS_MAX = 5_000;
const PERMISSIONS_SHOWN = 5;

/**
 * One approval in its present state. Approvers also get its output and its buttons, in case its card was not posted.
 * Pure.
 */
export function buildApprovalView(
  approval: Approval,
  output: Output | undefined,
  links: CardLinks,
): MessageView {
  const known = buildDetails(approval, links, ROUNDS_MAX);
  if (!output) return { text: texts.lists.approvals(1), blocks: known };
  const round = currentRound(approval);
  const shown = isOpen(round) ? buildOutputBlocks(output, 'plain') : { blocks: [], cut: NOTHING_SHOWN };
  const earlier = approval.rounds
    .slice(0, -1)
    .slice(-PERMISSIONS_SHOWN)
    .map((one) => buildCardFacts(approval, one));
  return {
    text: texts.lists.approvals(1),
    blocks: [
      ...known,
      ...shown.blocks,
      ...buildRoundButtons(buildCardFacts(approval, round), shown.cut),
      ...actions(earlier.filter((one) => one.hasPermission).map(buildEndPermissionButton)),
    ],
  };
}
