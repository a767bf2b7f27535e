import { buildCardFacts } from '../../../approval/card-facts.ts';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Output } from '../../../approval/model/output.ts';
import { isOpen } from '../../../approval/model/round-status.ts';
import { en as texts } from '../../texts/en.ts';
import { buildRoundButtons } from '../card/buttons.ts';
import { summarizeState } from '../card/state.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { buildDetails, buildSummary } from '../modals/details.ts';
import { buildOutputBlocks } from '../output/output-blocks.ts';
import { context, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';

/** Approvals that are shown with their rounds; a message has no room for more. */
const SUMMED_UP = 3;
/** For the approvals with one line each, in characters. */
const NAMED_MAX = 2_900;
/** For the rounds of one approval, in characters; its output may be in the same message. */
const ROUNDS_MAX = 5_000;

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
  const shown = isOpen(round) ? buildOutputBlocks(output, 'plain') : { blocks: [], cut: true };
  return {
    text: texts.lists.approvals(1),
    blocks: [...known, ...shown.blocks, ...buildRoundButtons(buildCardFacts(approval, round), shown.cut)],
  };
}

/** Several approvals of one run. Pure. */
export function buildFoundApprovals(approvals: readonly Approval[], links: CardLinks): MessageView {
  const others = approvals.slice(SUMMED_UP).map((approval) => {
    const state = summarizeState(approval, currentRound(approval));
    return `• *${escapeLine(approval.task, 60)}* · ${state} · \`${approval.id}\``;
  });
  let room = NAMED_MAX;
  const named = others.filter((text) => {
    room -= text.length + 1;
    return room >= 0;
  });
  const more = others.length - named.length;
  return {
    text: texts.lists.approvals(approvals.length),
    blocks: [
      ...approvals.slice(0, SUMMED_UP).flatMap((approval) => buildSummary(approval, links)),
      ...(named.length > 0 ? [section(named.join('\n'))] : []),
      ...context(more > 0 ? texts.lists.notShown(more) : undefined),
    ],
  };
}
