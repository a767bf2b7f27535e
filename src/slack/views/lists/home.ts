import type { HomeView, KnownBlock } from '@slack/types';
import { buildCardFacts } from '../../../approval/card-facts.ts';
import { type Approval, currentRound, findAgent } from '../../../approval/model/approval.ts';
import type { Output } from '../../../approval/model/output.ts';
import type { Inbox } from '../../../approval/queries/inbox.ts';
import { ACTIONS } from '../../app/ids.ts';
import { buildRoundButtons } from '../card/buttons.ts';
import { describeOpenRound, summarizeState } from '../card/state.ts';
import type { CardLinks } from '../message-view.ts';
import { type Beginning, buildBeginning } from '../output/mrkdwn.ts';
import { actions, button, context, section } from '../text/elements.ts';
import { escapeLine, escapeText } from '../text/escape.ts';
import { buildCardLink } from '../text/links.ts';
import { nameAgent, nameDecider } from '../text/people.ts';
import { formatCount, formatDate, formatLaterRound } from '../text/text.ts';

const INBOX_SHOWN = 15;
/** A home tab takes 100: https://docs.slack.dev/reference/block-kit */
const MOST_BLOCKS = 85;
const DECIDED_SHOWN = 10;
const PREVIEW = { shown: 300, written: 2_000 };
/** Characters of a Flow's question in the tab. */
const LONGEST_QUESTION = 300;

/** The part of an output that the tab shows. Pure. */
export function buildHomeBeginning(output: Output): Beginning {
  return buildBeginning(output, PREVIEW);
}

/** A person's inbox: the approvals that are waiting for them, oldest first, and their recent decisions. Pure. */
export function buildHome(
  inbox: Inbox,
  links: CardLinks,
  /** Returns the beginning of an output, which may have been built before. */
  beginning: (output: Output) => Beginning = buildHomeBeginning,
): HomeView {
  const { waiting, others, unchecked, lookedAt, decided } = inbox;
  const items: KnownBlock[][] = [];
  for (const { approval, output } of waiting) {
    const item = output && buildWaitingItem(approval, beginning(output), links);
    if (!item || items.length === INBOX_SHOWN || items.flat().length + item.length > MOST_BLOCKS) break;
    items.push(item);
  }
  const more = waiting.length - items.length;
  return {
    type: 'home',
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: writeTitle(inbox), emoji: false } },
      ...actions(inbox.starts ? [button(ACTIONS.startCrew, 'Start a crew', 'start')] : []),
      ...context(
        others > 0
          ? `${formatCount(others)} ${others === 1 ? 'approval is' : 'approvals are'} waiting for other people.`
          : undefined,
      ),
      ...context(
        unchecked > 0
          ? `I cannot check ${formatCount(unchecked)} more right now. You may be able to decide them.`
          : undefined,
      ),
      ...items.flat(),
      ...context(
        more > 0
          ? `${formatCount(more)} more ${more === 1 ? 'is' : 'are'} waiting for you. \`${links.command}\` lists them.`
          : undefined,
      ),
      ...context(
        lookedAt === undefined
          ? undefined
          : `I checked the oldest ${formatCount(lookedAt)} waiting approvals. \`${links.command} mine\` looks further.`,
      ),
      ...(decided.length > 0 ? buildDecidedList(decided, links) : []),
    ],
  };
}

function writeTitle({ waiting, unchecked, lookedAt }: Inbox): string {
  const number = waiting.length;
  if (number === 0)
    return unchecked > 0 || lookedAt !== undefined ? 'Your approvals' : 'Nothing is waiting for you';
  if (lookedAt !== undefined) return `At least ${formatCount(number)} approvals are waiting for you`;
  return number === 1
    ? 'One approval is waiting for you'
    : `${formatCount(number)} approvals are waiting for you`;
}

function buildWaitingItem(approval: Approval, { blocks, cut }: Beginning, links: CardLinks): KnownBlock[] {
  const round = currentRound(approval);
  const facts = buildCardFacts(approval, round);
  const name = `*${escapeLine(approval.task, 150)}*${formatLaterRound(round.number)}`;
  const finished = approval.titleOnly
    ? name
    : `${nameAgent(findAgent(approval, round)) ?? 'The crew'} finished ${name}`;
  const headline = round.review ? `The Flow asks: ${name}` : finished;
  const question = round.review && round.description && escapeText(round.description, LONGEST_QUESTION);
  const link = buildCardLink(approval, round, links);
  const small = `Crew ${escapeLine(approval.crew, 64)} · since ${formatDate(round.receivedAt)}`;
  return [
    { type: 'divider' },
    section([headline, question, ...describeOpenRound(facts)].filter(Boolean).join('\n')),
    ...blocks,
    ...buildRoundButtons(facts, cut),
    ...context(link ? `${small} · <${link}|Open the card>` : small),
  ];
}

function buildDecidedList(decided: Inbox['decided'], links: CardLinks): KnownBlock[] {
  const lines = decided.slice(0, DECIDED_SHOWN).map(({ approval, round }) => {
    const link = buildCardLink(approval, round, links);
    const name = escapeLine(approval.task, 60).replaceAll('|', '¦');
    const at = round.decision ? ` · ${nameDecider(round.decision)} ${formatDate(round.decision.at)}` : '';
    return `• ${link ? `<${link}|${name}>` : name}: ${summarizeState(approval, round)}${at}`;
  });
  return [{ type: 'divider' }, section('*Your recent decisions*'), ...lines.map(section)];
}
