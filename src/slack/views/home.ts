import type { HomeView, KnownBlock } from '@slack/types';
import { currentRound } from '../../approval/approval.ts';
import { type Output, outputText } from '../../approval/output.ts';
import type { Inbox } from '../../approval/service.ts';
import { buttons, type CardLinks } from './card.ts';
import { context, section } from './elements.ts';
import { mrkdwnPart } from './mrkdwn.ts';
import { blankWords } from './output.ts';
import { attentionLines, stateLine, stateWord } from './state.ts';
import { clean, count, escapedLine, preview as firstPart, slackDate } from './text.ts';
import { decider } from './words.ts';

/** How many of each are shown: a home tab takes 100 blocks. */
export const INBOX_SHOWN = 15;
const DECIDED_SHOWN = 10;
const PREVIEW = 300;

/** A person's inbox: what waits for them, oldest first, and what they decided lately. Pure. */
export function homeView({ waiting, others, decided }: Inbox, links: CardLinks): HomeView {
  const shown = waiting.slice(0, INBOX_SHOWN);
  const more = waiting.length - shown.length;
  return {
    type: 'home',
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title(waiting.length), emoji: false } },
      ...context(
        others > 0 ? `${count(others)} more ${others === 1 ? 'waits' : 'wait'} for other people.` : undefined,
      ),
      ...shown.flatMap((item) => waitingItem(item, links)),
      ...context(more > 0 ? `${count(more)} more wait for you: \`/approvals\` lists them.` : undefined),
      ...(decided.length > 0 ? decidedList(decided, links) : []),
    ],
  };
}

function title(number: number): string {
  if (number === 0) return 'Nothing waits for you';
  return number === 1 ? 'One approval waits for you' : `${count(number)} approvals wait for you`;
}

function waitingItem({ approval, output }: Inbox['waiting'][number], links: CardLinks): KnownBlock[] {
  const round = currentRound(approval);
  const who = round.agent ? `*${escapedLine(round.agent, 100)}*` : 'The crew';
  const state = stateLine(round, undefined);
  const link = round.card && links.message(round.card);
  const small = `Crew ${escapedLine(approval.crew, 64)} · since ${slackDate(round.receivedAt)}`;
  return [
    { type: 'divider' },
    section(
      `${who} finished *${escapedLine(approval.task, 150)}*${round.number > 1 ? ` (round ${round.number})` : ''}`,
    ),
    section(beginning(output)),
    ...(state === undefined ? [] : [section(state)]),
    ...attentionLines(approval, round).map(section),
    ...buttons(approval, round, true),
    ...context(link ? `${small} · <${link}|Open the card>` : small),
  ];
}

function beginning(output: Output): string {
  const blank = blankWords(output);
  if (blank) return blank;
  const { shown, missing } = firstPart(clean(outputText(output)), PREVIEW);
  return `${mrkdwnPart(shown, 2_000)}${missing > 0 ? ' …' : ''}`;
}

function decidedList(decided: Inbox['decided'], links: CardLinks): KnownBlock[] {
  const lines = decided.slice(0, DECIDED_SHOWN).map(({ approval, round }) => {
    const link = round.card && links.message(round.card);
    const name = escapedLine(approval.task, 100).replaceAll('|', '¦');
    const at = round.decision ? ` · ${decider(round.decision)} ${slackDate(round.decision.at)}` : '';
    return `• ${link ? `<${link}|${name}>` : name}: ${stateWord(approval, round)}${at}`;
  });
  return [{ type: 'divider' }, section('*Decided by you lately*'), section(lines.join('\n'))];
}
