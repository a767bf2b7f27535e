import type { HandedOverApprovals } from '../../../approval/away.ts';
import type { Approval } from '../../../approval/model/approval.ts';
import type { Away } from '../../../approval/model/away.ts';
import { isUserId } from '../../../approval/model/crew/slack-ids.ts';
import type { Texts } from '../../texts/texts.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { context, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { linkTask } from '../text/links.ts';
import { mention, writeTask } from '../text/names.ts';

/** Slack's limit for a section is 3,000 characters: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const ROWS_PER_SECTION = 5;

/** Builds the message to a substitute: who is away, and which approvals already wait for that person. Pure. */
export function buildAwayNotice(
  texts: Texts,
  person: string,
  { day }: Pick<Away, 'day'>,
  { waiting, more }: HandedOverApprovals,
  links: CardLinks,
): MessageView {
  const text = texts.away.notice(mention(person), texts.away.day(day));
  const rows = waiting.map((approval) => describeWaiting(texts, approval, links));
  const parts = Array.from({ length: Math.ceil(rows.length / ROWS_PER_SECTION) }, (_, index) =>
    rows.slice(index * ROWS_PER_SECTION, (index + 1) * ROWS_PER_SECTION).join('\n'),
  );
  const heading = more ? texts.away.notAllSeen : texts.away.nothingWaiting;
  const moreHint =
    rows.length > 0 && more ? texts.lists.notAllListed(`\`${links.command} mine\``) : undefined;
  return {
    text,
    blocks: [
      section(text),
      section(rows.length > 0 ? texts.away.waiting : heading),
      ...parts.map(section),
      ...context(moreHint),
    ],
  };
}

/** Describes a waiting approval. Links its card unless the card is in a direct message, which other people cannot open. */
function describeWaiting(texts: Texts, approval: Approval, links: CardLinks): string {
  const task = isUserId(approval.channel)
    ? `*${writeTask(texts, approval.task, 120)}*`
    : linkTask(texts, approval, links);
  return `• ${texts.card.name(task, escapeLine(approval.crew, 64))} (\`${approval.id}\`)`;
}
