import { type Approval, currentRound } from '../../approval/approval.ts';
import type { Output } from '../../approval/output.ts';
import { buttons, type CardLinks, type MessageView } from './card.ts';
import { context, section } from './elements.ts';
import { outputBlocks } from './output.ts';
import { quoted, stateWord } from './state.ts';
import { escapedLine, slackDate } from './text.ts';
import { urlsSent } from './urls.ts';
import { decider } from './words.ts';

/** How many approvals a list shows. */
export const LISTED = 20;
/** How many are shown with all of their rounds: a message has room for no more. */
const DETAILED = 4;

/** What waits, oldest first; `approvals` may hold one more than is shown. Pure. */
export function waitingView(approvals: readonly Approval[], links: CardLinks): MessageView {
  if (approvals.length === 0) return sentence('Nothing waits for a decision.');
  const shown = approvals.slice(0, LISTED);
  const more = approvals.length > shown.length;
  const text = more ? `More than ${LISTED} approvals wait; the oldest:` : `${waiting(shown.length)}:`;
  return { text, blocks: [section(text), ...shown.map((approval) => section(line(approval, links)))] };
}

/**
 * One approval in its present state; to those who may decide with its output and its buttons, for when its card could
 * not be posted. Pure.
 */
export function approvalView(approval: Approval, output: Output | undefined, links: CardLinks): MessageView {
  if (!output) return { text: 'One approval', blocks: details(approval, links) };
  const round = currentRound(approval);
  const open = ['waiting', 'sending', 'refused', 'undelivered'].includes(round.status);
  const shown = open ? outputBlocks(output, 'plain') : { blocks: [], cut: true };
  return {
    text: 'One approval',
    blocks: [...details(approval, links), ...shown.blocks, ...buttons(approval, round, shown.cut)],
  };
}

/** Several approvals, of one execution, in a row. Pure. */
export function foundView(text: string, approvals: readonly Approval[], links: CardLinks): MessageView {
  if (approvals.length === 0)
    return sentence(`I know no approval and no execution "${escapedLine(text, 100)}".`);
  const shown = approvals.slice(0, DETAILED);
  const more = approvals.length - shown.length;
  return {
    text: `${approvals.length} approvals`,
    blocks: [
      ...shown.flatMap((approval) => details(approval, links)),
      ...context(more > 0 ? `${more} more: name one by its own id.` : undefined),
    ],
  };
}

function details(approval: Approval, links: CardLinks) {
  const rounds = approval.rounds.slice(-5).map((round) => {
    const { decision } = round;
    const who = decision ? ` · ${decider(decision)} ${slackDate(decision.at)}` : '';
    const feedback = decision?.action === 'request_revision' ? `\n${quoted(decision.feedback, 200)}` : '';
    return `Round ${round.number}: ${stateWord(approval, round)}${who}${feedback}`;
  });
  const urls =
    urlsSent(approval, currentRound(approval)) ?? 'No webhook URL is known: CrewAI would not report back.';
  const small = `${urls}\nCrew ${escapedLine(approval.crew, 64)} · execution ${escapedLine(approval.executionId, 255)} · approval ${approval.id}`;
  return [section(`${title(approval, links)}\n${rounds.join('\n')}`), ...context(small)];
}

function line(approval: Approval, links: CardLinks): string {
  const round = currentRound(approval);
  const state = round.status === 'waiting' ? '' : ` · ${stateWord(approval, round)}`;
  return `${title(approval, links)} · ${escapedLine(approval.crew, 64)} · since ${slackDate(round.receivedAt)} · \`${approval.id}\`${state}${round.card ? '' : ' · no card in Slack yet'}`;
}

function title(approval: Approval, links: CardLinks): string {
  const name = escapedLine(approval.task, 120);
  const { card } = currentRound(approval);
  const link = card && links.message(card);
  return link ? `*<${link}|${name.replaceAll('|', '¦')}>*` : `*${name}*`;
}

function waiting(number: number): string {
  return number === 1 ? 'One approval waits' : `${number} approvals wait`;
}

function sentence(text: string): MessageView {
  return { text, blocks: [section(text)] };
}
