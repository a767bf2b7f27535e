import { buildCardFacts } from '../../../approval/card-facts.ts';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Output } from '../../../approval/model/output.ts';
import { isOpen, type Round } from '../../../approval/model/round.ts';
import type { NamedDeciders } from '../../../approval/ports.ts';
import type { Texts } from '../../texts/texts.ts';
import { buildEndPermissionButton, buildRoundButtons } from '../card/buttons.ts';
import { describeTask } from '../card/state.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { buildDetails } from '../modals/details.ts';
import { buildArgumentsBeginning } from '../output/arguments.ts';
import {
  ALL_HIDDEN,
  addHiddenMessage,
  buildOutputBlocks,
  MESSAGES,
  type OutputBlocks,
} from '../output/output-blocks.ts';
import { addCuts, layOut } from '../parts/lay-out.ts';
import { actions, countBlockCharacters, plainContext, section } from '../text/elements.ts';
import { escapeText } from '../text/escape.ts';

/** Characters of the rounds of one approval. */
const ROUNDS_MAX = 5_000;
/** Characters of all rounds, the question and the output together. */
const ALL_MAX = 11_000;
const PERMISSIONS_SHOWN = 5;
/** Characters shown of a tool's arguments. */
const ARGUMENTS_SHOWN = 1_500;

/** Builds the view of one approval. Approvers also get its output and its buttons, in case its card was not posted. Pure. */
export function buildApprovalView(
  texts: Texts,
  approval: Approval,
  output: Output | undefined,
  links: CardLinks,
  deciders?: NamedDeciders | undefined,
): MessageView {
  const buildDetailsWithin = (room: number) => buildDetails(texts, approval, links, room);
  if (!output) return { text: texts.lists.approvals(1), blocks: buildDetailsWithin(ROUNDS_MAX) };
  const round = currentRound(approval);
  const facts = buildCardFacts(approval, round);
  const message = facts.question?.text;
  const shownOutput = isOpen(round)
    ? buildShownOutput(texts, round, output)
    : { blocks: [], cut: ALL_HIDDEN };
  const layout = isOpen(round) ? layOut(texts, { facts, deciders }, 'look_up') : undefined;
  const requestLines = layout ? [describeTask(texts, facts), ...layout.lines] : [];
  const pastRounds = approval.rounds
    .slice(0, -1)
    .slice(-PERMISSIONS_SHOWN)
    .map((pastRound) => buildCardFacts(approval, pastRound));
  const requestBlocks = [
    ...(requestLines.length > 0 ? [section(requestLines.join('\n'))] : []),
    ...plainContext(layout?.decidersLine),
    ...(message ? [section(escapeText(message, MESSAGES.card))] : []),
    ...shownOutput.blocks,
    ...buildRoundButtons(
      texts,
      facts,
      addCuts(addHiddenMessage(shownOutput.cut, message), layout?.cut),
      'look_up',
    ),
    ...actions(
      pastRounds
        .filter((pastRound) => pastRound.hasPermission)
        .map((facts) => buildEndPermissionButton(texts, facts)),
    ),
  ];
  const room = ALL_MAX - countBlockCharacters([...buildDetailsWithin(0), ...requestBlocks]);
  return {
    text: texts.lists.approvals(1),
    blocks: [...buildDetailsWithin(Math.min(ROUNDS_MAX, room)), ...requestBlocks],
  };
}

function buildShownOutput(texts: Texts, { question }: Round, output: Output): OutputBlocks {
  return question?.tool
    ? buildArgumentsBeginning(texts, output, ARGUMENTS_SHOWN)
    : buildOutputBlocks(texts, output, 'plain');
}
