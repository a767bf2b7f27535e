import type { HomeView, KnownBlock } from '@slack/types';
import { buildCardFacts } from '../../../approval/card-facts.ts';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Output } from '../../../approval/model/output.ts';
import { isPause } from '../../../approval/model/round.ts';
import type { NamedDeciders } from '../../../approval/ports.ts';
import type { Inbox } from '../../../approval/queries/inbox.ts';
import type { Texts } from '../../texts/texts.ts';
import { buildEndPermissionButton, buildRoundButtons } from '../card/buttons.ts';
import { buildEntryHeader, describeTask, summarizeState } from '../card/state.ts';
import type { CardLinks } from '../message-view.ts';
import { buildArgumentsBeginning } from '../output/arguments.ts';
import {
  addHiddenMessage,
  type Beginning,
  buildBeginning,
  MESSAGES,
  PREVIEWS,
} from '../output/output-blocks.ts';
import { addCuts, layOut } from '../parts/lay-out.ts';
import { actions, context, formatDate, plain, section } from '../text/elements.ts';
import { escapeLine, escapeText } from '../text/escape.ts';
import { buildCardLink } from '../text/links.ts';
import { nameDecider, writeTask } from '../text/names.ts';
import { buildHomeParts, type HomeSection } from './home-part.ts';

const INBOX_SHOWN = 15;
/** Blocks of the items and the permissions. A home tab holds 100: https://docs.slack.dev/reference/block-kit */
const MAX_BLOCKS = 80;
const DECIDED_SHOWN = 10;
const PERMISSIONS_SHOWN = 5;

/** Builds the beginning of an output that Home shows. Pure. */
export function buildHomeBeginning(texts: Texts, approval: Approval, output: Output): Beginning {
  return currentRound(approval).question?.tool
    ? buildArgumentsBeginning(texts, output, PREVIEWS.home.shown)
    : buildBeginning(texts, output, PREVIEWS.home);
}

/** An inbox with converted outputs. `beginning`: undefined for an approval that is only counted. */
export type DrawnInbox = Omit<Inbox, 'waiting'> & {
  waiting: readonly {
    approval: Approval;
    beginning?: Beginning | undefined;
    deciders?: NamedDeciders | undefined;
  }[];
};

/** Builds a person's Home: the approvals that wait for the person, oldest first, and the person's recent decisions. Pure. */
export function buildHome(
  texts: Texts,
  inbox: DrawnInbox,
  links: CardLinks,
  features: readonly HomeSection[],
): HomeView {
  const { waiting, others, unchecked, checkedCount, decided } = inbox;
  const permissions = buildPermissions(texts, inbox.permissions, links);
  const parts = buildHomeParts(texts, features, inbox);
  const room = MAX_BLOCKS - permissions.length;
  const items: KnownBlock[][] = [];
  for (const { approval, beginning, deciders } of waiting) {
    const item = beginning && buildWaitingItem(texts, approval, { ...beginning, deciders }, links);
    if (!item || items.length === INBOX_SHOWN || items.flat().length + item.length > room) break;
    items.push(item);
  }
  const hiddenCount = waiting.length - items.length;
  return {
    type: 'home',
    blocks: [
      { type: 'header', text: plain(writeHomeTitle(texts, inbox)) },
      ...actions(parts.buttons),
      ...parts.blocks,
      ...context(others > 0 ? texts.lists.waitingForOthers(others) : undefined),
      ...context(unchecked > 0 ? texts.lists.unchecked(unchecked) : undefined),
      ...items.flat(),
      ...context(hiddenCount > 0 ? texts.lists.moreForYou(hiddenCount, `\`${links.command}\``) : undefined),
      ...context(
        checkedCount === undefined
          ? undefined
          : texts.lists.checkedOldest(checkedCount, `\`${links.command} mine\``),
      ),
      ...permissions,
      ...(decided.length > 0 ? buildDecidedList(texts, decided, links) : []),
    ],
  };
}

function writeHomeTitle(texts: Texts, { waiting: { length }, unchecked, checkedCount }: DrawnInbox): string {
  const isComplete = checkedCount === undefined;
  if (length === 0 && (unchecked > 0 || !isComplete)) return texts.lists.yourApprovals;
  return isComplete ? texts.lists.waitingForYou(length) : texts.lists.atLeastWaitingForYou(length);
}

function buildWaitingItem(
  texts: Texts,
  approval: Approval,
  { blocks, cut, deciders }: Beginning & { deciders: NamedDeciders | undefined },
  links: CardLinks,
): KnownBlock[] {
  const round = currentRound(approval);
  const facts = buildCardFacts(approval, round);
  const question = !isPause(round) && round.description && escapeText(round.description, MESSAGES.home);
  const link = buildCardLink(approval, round, links);
  const smallPrint = texts.lists.ofCrewSince(
    escapeLine(approval.crew, 64),
    formatDate(texts, round.receivedAt),
  );
  const { lines, decidersLine, cut: descriptionCut } = layOut(texts, { facts, deciders }, 'home');
  const itemCut = addCuts(addHiddenMessage(cut, facts.question?.text, MESSAGES.home), descriptionCut);
  return [
    buildEntryHeader(texts, facts),
    section([describeTask(texts, facts), question, ...lines].filter(Boolean).join('\n')),
    ...blocks,
    ...buildRoundButtons(texts, facts, itemCut, 'home'),
    ...context(link ? `${smallPrint} · <${link}|${texts.actions.openCard}>` : smallPrint, decidersLine),
  ];
}

function buildPermissions(texts: Texts, permissions: Inbox['permissions'], links: CardLinks): KnownBlock[] {
  if (permissions.length === 0) return [];
  const rows = permissions.slice(0, PERMISSIONS_SHOWN).map(
    ({ approval, round }): KnownBlock => ({
      type: 'section',
      text: { type: 'mrkdwn', text: writeDecided(texts, { approval, round }, links), verbatim: true },
      accessory: buildEndPermissionButton(texts, buildCardFacts(approval, round)),
    }),
  );
  const hiddenCount = permissions.length - rows.length;
  return [
    { type: 'divider' },
    section(`*${texts.lists.permissions}*`),
    ...rows,
    ...context(hiddenCount > 0 ? texts.lists.andMore(hiddenCount) : undefined),
  ];
}

function buildDecidedList(texts: Texts, decided: Inbox['decided'], links: CardLinks): KnownBlock[] {
  const lines = decided.slice(0, DECIDED_SHOWN).map((entry) => `• ${writeDecided(texts, entry, links)}`);
  return [{ type: 'divider' }, section(`*${texts.lists.recentDecisions}*`), ...lines.map(section)];
}

function writeDecided(texts: Texts, { approval, round }: Inbox['decided'][number], links: CardLinks): string {
  const link = buildCardLink(approval, round, links);
  const name = writeTask(texts, approval.task, 60).replaceAll('|', '¦');
  const decision = round.decision && {
    by: nameDecider(texts, round.decision),
    at: formatDate(texts, round.decision.at),
  };
  const state = summarizeState(texts, approval, round);
  return texts.lists.taskInState(link ? `<${link}|${name}>` : name, state, decision);
}
