import type { Button } from '@slack/types';
import { buildCardFacts } from '../../../approval/card-facts.ts';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Round } from '../../../approval/model/round.ts';
import type { Listing, ListQuery } from '../../../approval/queries/query-parts.ts';
import { type ListPage, targetOf, writeListPage, writeTarget } from '../../app/button-values.ts';
import { ACTIONS } from '../../app/ids.ts';
import { buildOptionElements, describeRound } from '../card/buttons.ts';
import { nameStateActor, summarizeState } from '../card/state.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { buildBeginning } from '../output/mrkdwn.ts';
import { actions, button, context, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { linkTask } from '../text/links.ts';
import { mention } from '../text/people.ts';
import { formatCount, formatDate, formatLaterRound } from '../text/text.ts';

/** Characters of an output in a row; ten rows have to fit into one message. */
const PREVIEW = { shown: 200, written: 500 };
/** Characters of a Flow's question in a row, and of all its options. */
const LONGEST_QUESTION = 100;
const LONGEST_OPTIONS = 100;

/** A page of a list, each row with its buttons. Pure. `now`: milliseconds since 1970. */
export function buildList(listing: Listing, page: ListPage, links: CardLinks, now: number): MessageView {
  const { approvals, stopped } = listing;
  const text = writeTitle(listing, page);
  const looked = stopped
    ? `I stopped looking after a while. ${page.query.kind === 'waiting' ? '*Newer*' : '*Older*'} looks further.`
    : undefined;
  return {
    text,
    blocks: [
      section(text),
      ...approvals.flatMap((approval) => buildRow(approval, listing, page, links, now)),
      ...context(looked),
      ...actions(buildPageButtons(listing, page)),
    ],
  };
}

function writeTitle({ approvals, total, next }: Listing, { query, before }: ListPage): string {
  const nothing = approvals.length === 0;
  switch (query.kind) {
    case 'waiting': {
      if (nothing && before.length > 0) return `Nothing more is waiting${describeCrew(query)}.`;
      if (nothing && next !== undefined) return `Nothing is waiting for you so far${describeCrew(query)}.`;
      if (nothing)
        return `Nothing is waiting for ${query.mine ? 'you' : 'a decision'}${describeCrew(query)}.`;
      if (!total) return `Waiting for you${describeCrew(query)}, oldest first:`;
      const all = `${total.more ? 'More than ' : ''}${formatCount(total.count)}`;
      return total.count === 1
        ? `One approval is waiting${describeCrew(query)}:`
        : `${all} approvals are waiting${describeCrew(query)}, oldest first:`;
    }
    case 'history': {
      const by = query.person ? ` by ${mention(query.person)}` : '';
      const since = query.since === undefined ? '' : ` since ${formatDate(query.since)}`;
      return nothing
        ? `Nothing ${before.length > 0 ? 'more ' : ''}was decided${by}${describeCrew(query)}${since}.`
        : `Decided${by}${describeCrew(query)}${since}, newest first:`;
    }
    case 'find': {
      const words = [
        query.words === '' ? undefined : `"${escapeLine(query.words, 200)}"`,
        query.person === undefined ? undefined : mention(query.person),
      ]
        .filter(Boolean)
        .join(' and ');
      if (nothing)
        return next === undefined
          ? `I found nothing ${before.length > 0 ? 'more ' : ''}with ${words}.`
          : `I found nothing with ${words} so far.`;
      return `Found with ${words}, waiting approvals first, then the newest:`;
    }
  }
}

function describeCrew(query: ListQuery): string {
  return 'crew' in query && query.crew ? ` in ${escapeLine(query.crew, 64)}` : '';
}

/** The round of a row: if a person is named, the round that this person decided. */
function findListedRound(approval: Approval, query: ListQuery): Round {
  const person = query.kind === 'waiting' ? undefined : query.person;
  const decided = approval.rounds.findLast(({ decision }) => decision && (!person || decision.by === person));
  return decided && (query.kind === 'history' || person) ? decided : currentRound(approval);
}

function describeRow(approval: Approval, round: Round, links: CardLinks, now: number): string {
  const { decision, status } = round;
  const isWaiting = status === 'waiting';
  const at = decision?.at ?? round.settledAt ?? round.receivedAt;
  const when = isWaiting ? `for ${formatAge(now - round.receivedAt)}` : formatDate(at);
  const state = isWaiting ? 'waiting' : summarizeState(approval, round);
  const by = nameStateActor(round);
  const who = by ? ` · ${by}` : '';
  const run = escapeLine(approval.executionId, 9);
  const small = `${escapeLine(approval.crew, 64)} · run ${run} · \`${formatTypedId(approval, round)}\`${round.card ? '' : ' · no card in Slack yet'}`;
  const { review, description } = round;
  const question = isWaiting && review && description ? `\n${escapeLine(description, LONGEST_QUESTION)}` : '';
  return `${linkTask(approval, links)}${formatLaterRound(round.number)} · ${state}${who} ${when}${question}\n${small}`;
}

/** The ID for `/approvals approve`, with the number of a later round. */
function formatTypedId(approval: Approval, { number }: Round): string {
  return number > 1 ? `${approval.id}.${number}` : approval.id;
}

/** Offers a decision only below the output of the round that it would decide. */
function buildRow(
  approval: Approval,
  { outputs }: Listing,
  { query }: ListPage,
  links: CardLinks,
  now: number,
): MessageView['blocks'] {
  const round = findListedRound(approval, query);
  const value = writeTarget(targetOf(approval, round.number));
  const described = section(describeRow(approval, round, links, now));
  const about = describeRound(buildCardFacts(approval, round));
  const open = button(ACTIONS.open, 'Open', value, { about });
  const output = round === currentRound(approval) ? outputs.get(approval.id) : undefined;
  if (!output) return [described, ...actions([open])];
  const { blocks, cut } = buildBeginning(output, PREVIEW);
  return [
    described,
    ...blocks,
    ...actions([
      ...buildDecidingButtons(approval, round),
      cut ? button(ACTIONS.readInFull, 'Read in full', value, { about }) : undefined,
      open,
    ]),
  ];
}

/** The options of a Flow only where a row has room for all of them: the card has the others. */
function buildDecidingButtons(approval: Approval, round: Round): Button[] {
  const value = writeTarget(targetOf(approval, round.number));
  const about = describeRound(buildCardFacts(approval, round));
  if (!round.review)
    return [
      button(ACTIONS.approve, 'Approve', value, { about }),
      button(ACTIONS.requestRevision, 'Request revision', value, { about }),
    ];
  const elements = buildOptionElements(buildCardFacts(approval, round));
  const buttons = elements.filter((element) => element.type === 'button');
  const labels = buttons.map(({ text }) => text.text).join('');
  return buttons.length === elements.length && labels.length <= LONGEST_OPTIONS ? buttons : [];
}

function buildPageButtons({ next }: Listing, { query, after, before }: ListPage): (Button | undefined)[] {
  const back = before.at(-1);
  const former =
    back === undefined
      ? undefined
      : writeListPage({ query, after: back ?? undefined, before: before.slice(0, -1) });
  const further =
    next === undefined
      ? undefined
      : writeListPage({ query, after: next, before: [...before, after ?? null] });
  // Waiting approvals begin with the oldest, all other lists with the newest.
  const [newer, older] = query.kind === 'waiting' ? [further, former] : [former, further];
  return [
    newer === undefined ? undefined : button(ACTIONS.pageNewer, 'Newer', newer),
    older === undefined ? undefined : button(ACTIONS.pageOlder, 'Older', older),
  ];
}

const MINUTE = 60000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in its largest unit. */
function formatAge(milliseconds: number): string {
  if (milliseconds < MINUTE) return 'less than a minute';
  const [number, unit] =
    milliseconds < HOUR
      ? [Math.floor(milliseconds / MINUTE), 'minute']
      : milliseconds < 2 * DAY
        ? [Math.floor(milliseconds / HOUR), 'hour']
        : [Math.floor(milliseconds / DAY), 'day'];
  return `${formatCount(number)} ${unit}${number === 1 ? '' : 's'}`;
}
