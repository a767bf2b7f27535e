import type { HomeView, KnownBlock } from '@slack/types';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Output } from '../../../approval/model/output.ts';
import type { Inbox } from '../../../approval/queries/inbox.ts';
import { buttons } from '../card/buttons.ts';
import { openLines } from '../card/card.ts';
import { stateWord } from '../card/state.ts';
import type { CardLinks } from '../message-view.ts';
import { type Beginning, outputBeginning } from '../output/mrkdwn.ts';
import { context, section } from '../text/elements.ts';
import { escapedLine } from '../text/escape.ts';
import { cardLink } from '../text/links.ts';
import { decider } from '../text/people.ts';
import { count, slackDate } from '../text/text.ts';

/** How many of each are shown. */
const INBOX_SHOWN = 15;
/** A home tab takes 100: https://docs.slack.dev/reference/block-kit */
const MOST_BLOCKS = 85;
const DECIDED_SHOWN = 10;
const PREVIEW = { shown: 300, written: 2_000 };

/** What the tab shows of an output. Pure. */
export function homeBeginning(output: Output): Beginning {
  return outputBeginning(output, PREVIEW);
}

/** A person's inbox: what waits for them, oldest first, and what they decided lately. Pure. */
export function homeView(
  inbox: Inbox,
  links: CardLinks,
  /** The beginning of an output, where that was worked out before. */
  beginning: (output: Output) => Beginning = homeBeginning,
): HomeView {
  const { waiting, others, unchecked, lookedAt, decided } = inbox;
  const items: KnownBlock[][] = [];
  for (const { approval, output } of waiting) {
    const item = output && waitingItem(approval, beginning(output), links);
    if (!item || items.length === INBOX_SHOWN || items.flat().length + item.length > MOST_BLOCKS) break;
    items.push(item);
  }
  const more = waiting.length - items.length;
  return {
    type: 'home',
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title(inbox), emoji: false } },
      ...context(
        others > 0
          ? `${count(others)} ${others === 1 ? 'approval is' : 'approvals are'} waiting for other people.`
          : undefined,
      ),
      ...context(
        unchecked > 0
          ? `${count(unchecked)} more cannot be checked right now: you may be able to decide them.`
          : undefined,
      ),
      ...items.flat(),
      ...context(more > 0 ? `${count(more)} more wait for you: \`${links.command}\` lists them.` : undefined),
      ...context(
        lookedAt === undefined
          ? undefined
          : `I looked at the oldest ${count(lookedAt)} that wait for anyone: \`${links.command} mine\` goes on.`,
      ),
      ...(decided.length > 0 ? decidedList(decided, links) : []),
    ],
  };
}

function title({ waiting, unchecked, lookedAt }: Inbox): string {
  const number = waiting.length;
  if (number === 0)
    return unchecked > 0 || lookedAt !== undefined ? 'Your approvals' : 'Nothing waits for you';
  if (lookedAt !== undefined) return `${count(number)} approvals and more wait for you`;
  return number === 1 ? 'One approval waits for you' : `${count(number)} approvals wait for you`;
}

function waitingItem(approval: Approval, { blocks, cut }: Beginning, links: CardLinks): KnownBlock[] {
  const round = currentRound(approval);
  const who = round.agent ? `*${escapedLine(round.agent, 100)}*` : 'The crew';
  const headline = `${who} finished *${escapedLine(approval.task, 150)}*${round.number > 1 ? ` (round ${round.number})` : ''}`;
  const link = cardLink(approval, round, links);
  const small = `Crew ${escapedLine(approval.crew, 64)} · since ${slackDate(round.receivedAt)}`;
  return [
    { type: 'divider' },
    section([headline, ...openLines(approval, round)].join('\n')),
    ...blocks,
    ...buttons(approval, round, cut),
    ...context(link ? `${small} · <${link}|Open the card>` : small),
  ];
}

function decidedList(decided: Inbox['decided'], links: CardLinks): KnownBlock[] {
  const lines = decided.slice(0, DECIDED_SHOWN).map(({ approval, round }) => {
    const link = cardLink(approval, round, links);
    const name = escapedLine(approval.task, 60).replaceAll('|', '¦');
    const at = round.decision ? ` · ${decider(round.decision)} ${slackDate(round.decision.at)}` : '';
    return `• ${link ? `<${link}|${name}>` : name}: ${stateWord(approval, round)}${at}`;
  });
  return [{ type: 'divider' }, section('*Your recent decisions*'), ...lines.map(section)];
}
