import type { Button } from '@slack/types';
import { buildCardFacts, type CardFacts } from '../../../approval/card-facts.ts';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Output } from '../../../approval/model/output.ts';
import type { Round } from '../../../approval/model/round.ts';
import { isPause } from '../../../approval/model/round.ts';
import type { Listing, ListQuery } from '../../../approval/queries/look-up.ts';
import { type ListPage, writeListPage, writeTarget } from '../../app/button-values.ts';
import { ACTIONS } from '../../app/ids.ts';
import type { Texts } from '../../texts/texts.ts';
import { buildDecidingElements } from '../card/buttons.ts';
import { askForEntered } from '../card/entered.ts';
import { areOptionsCut } from '../card/options.ts';
import { buildEntryHeader, nameStateActor, summarizeState } from '../card/state.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { buildArgumentsBeginning } from '../output/arguments.ts';
import {
  addHiddenMessage,
  type Beginning,
  buildBeginning,
  type Cut,
  MESSAGES,
  PREVIEWS,
} from '../output/output-blocks.ts';
import { addCuts, layOut } from '../parts/lay-out.ts';
import { describeDrawn } from '../parts/shown.ts';
import {
  actions,
  button,
  context,
  countBlockCharacters,
  formatDate,
  section,
  sectionAbove,
} from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { linkTask } from '../text/links.ts';
import { humanizeName, mention, writeRunId } from '../text/names.ts';
import { buildHomeParts, type HomeSection } from './home-part.ts';

/** Characters of the labels of all buttons that decide in a row. */
const LONGEST_OPTIONS = 100;
/** Characters of all rows, without the title and the buttons below. Ten rows with only *Open* fit. */
const ROWS_MAX = 10_800;

/** Builds the beginning of an output that a row shows. Pure. */
export function buildListBeginning(texts: Texts, approval: Approval, output: Output): Beginning {
  return currentRound(approval).question?.tool
    ? buildArgumentsBeginning(texts, output, PREVIEWS.list.shown)
    : buildBeginning(texts, output, PREVIEWS.list);
}

/** A page of a list with converted outputs, by approval id. */
export type DrawnListing = Omit<Listing, 'outputs'> & { beginnings: ReadonlyMap<string, Beginning> };

/** Builds a page of a list, each row with its buttons. Pure. `now`: milliseconds since 1970. */
export function buildList(
  texts: Texts,
  listing: DrawnListing,
  page: ListPage,
  { links, now, features }: { links: CardLinks; now: number; features: readonly HomeSection[] },
): MessageView {
  const text = writeListTitle(texts, listing, page);
  const { lists } = texts;
  // Only approvals with an output can be decided here. People must open the others first.
  const waiting = listing.approvals.flatMap((approval) =>
    listing.beginnings.has(approval.id) ? [{ approval }] : [],
  );
  const nextLabel = page.query.kind === 'waiting' ? lists.newer : lists.older;
  return {
    text,
    blocks: [
      section(text),
      ...buildRows(texts, listing, page, links, now),
      ...context(listing.stopped ? lists.stopped(nextLabel) : undefined),
      ...actions([
        ...buildPageButtons(texts, listing, page),
        ...buildHomeParts(texts, features, { waiting }).buttons,
      ]),
    ],
  };
}

function writeListTitle(
  texts: Texts,
  { approvals, total, next }: DrawnListing,
  { query, before }: ListPage,
): string {
  const { lists } = texts;
  const isEmpty = approvals.length === 0;
  const hasOtherPages = before.length > 0;
  const crew = 'crew' in query && query.crew ? escapeLine(query.crew, 64) : undefined;
  switch (query.kind) {
    case 'waiting':
      if (isEmpty)
        return lists.nothingWaiting({
          crew,
          mine: query.mine === true,
          more: hasOtherPages,
          stopped: next !== undefined,
        });
      return total ? lists.waiting(total.count, total.more, crew) : lists.waitingForYouIn(crew);
    case 'history': {
      const filter = {
        crew,
        by: query.person === undefined ? undefined : mention(query.person),
        since: query.since === undefined ? undefined : formatDate(texts, query.since),
      };
      return isEmpty ? lists.noDecisions(filter, hasOtherPages) : lists.decisions(filter);
    }
    case 'find': {
      const words = query.words === '' ? undefined : escapeLine(query.words, 200);
      const searchText = lists.searched(
        words,
        query.person === undefined ? undefined : mention(query.person),
      );
      if (!isEmpty) return lists.found(searchText);
      return next === undefined
        ? lists.nothingFound(searchText, hasOtherPages)
        : lists.nothingFoundYet(searchText);
    }
  }
}

/** Finds the round of a row: the last one that the query's person decided (in the history, anyone), else the newest. */
function findListedRound(approval: Approval, query: ListQuery): Round {
  const person = query.kind === 'waiting' ? undefined : query.person;
  const decidedRound = approval.rounds.findLast(
    ({ decision }) => decision && (!person || decision.by === person),
  );
  return decidedRound && (query.kind === 'history' || person) ? decidedRound : currentRound(approval);
}

function describeRow(texts: Texts, approval: Approval, round: Round, links: CardLinks, now: number): string {
  const { decision, status, description } = round;
  const { lists } = texts;
  const task = texts.card.inRound(linkTask(texts, approval, links), round.number);
  const ids = lists.rowIds({
    crew: escapeLine(approval.crew, 64),
    run: writeRunId(approval.executionId, 9),
    approval: `\`${formatTypedId(approval, round)}\``,
    hasCard: round.card !== undefined,
  });
  if (status !== 'waiting') {
    const at = formatDate(texts, decision?.at ?? round.settledAt ?? round.receivedAt);
    const state = summarizeState(texts, approval, round);
    return `${lists.rowInState({ task, state, by: nameStateActor(texts, round), at })}\n${ids}`;
  }
  const question = !isPause(round) && description ? `\n${escapeLine(description, MESSAGES.list)}` : '';
  return `${lists.rowWaiting(task, now - round.receivedAt)}${question}\n${ids}`;
}

/** Writes the id for `/approvals approve`, with the round's number if it is not 1. */
function formatTypedId(approval: Approval, { number }: Round): string {
  return number > 1 ? `${approval.id}.${number}` : approval.id;
}

/** Builds the rows. The last ones get only *Open* if outputs and confirmation dialogs would make the message too long. */
function buildRows(
  texts: Texts,
  listing: DrawnListing,
  page: ListPage,
  links: CardLinks,
  now: number,
): MessageView['blocks'] {
  const build = (approval: Approval, decides: boolean) =>
    buildRow(texts, approval, { listing, decides }, page, links, now);
  const rows = listing.approvals.map((approval) => build(approval, true));
  for (const [at, approval] of [...listing.approvals.entries()].reverse()) {
    if (countBlockCharacters(rows) <= ROWS_MAX) break;
    rows[at] = build(approval, false);
  }
  return rows.flat();
}

/** Builds a row. Offers a decision only below the output of the round that people would decide. */
function buildRow(
  texts: Texts,
  approval: Approval,
  { listing: { beginnings, deciders }, decides }: { listing: DrawnListing; decides: boolean },
  { query }: ListPage,
  links: CardLinks,
  now: number,
): MessageView['blocks'] {
  const round = findListedRound(approval, query);
  const facts = buildCardFacts(approval, round);
  const value = writeTarget(facts);
  const about = texts.actions.about({ ...facts, task: humanizeName(facts.task) });
  // A row without an output needs a header, too: another row's output could look like it.
  const header = beginnings.size > 0 ? [buildEntryHeader(texts, facts)] : [];
  const row = describeRow(texts, approval, round, links, now);
  const open = button(ACTIONS.open, texts.lists.open, value, { about });
  const beginning = decides && round === currentRound(approval) ? beginnings.get(approval.id) : undefined;
  if (!beginning) return [...header, section(row), ...actions([open])];
  const { blocks, cut: outputCut } = beginning;
  const {
    lines,
    decidersLine,
    cut: descriptionCut,
  } = layOut(texts, { facts, deciders: deciders?.get(approval.id) }, 'list');
  const cut = addCuts(addHiddenMessage(outputCut, facts.question?.text, MESSAGES.list), descriptionCut);
  return [
    ...header,
    sectionAbove([row, ...lines].join('\n'), decidersLine),
    ...blocks,
    ...actions([
      ...buildDecidingButtons(texts, facts, cut),
      cut ? button(ACTIONS.readInFull, texts.actions.readInFull, value, { about }) : undefined,
      open,
    ]),
  ];
}

/** Builds the buttons to decide. No options unless a row has room for all of them, whole: people then decide on the card. */
function buildDecidingButtons(texts: Texts, facts: CardFacts, cut: Cut | undefined): Button[] {
  if (!facts.question?.tool && areOptionsCut(texts, facts.question?.options ?? [])) return [];
  const drawn = describeDrawn(texts, facts, 'list', cut);
  const elements = buildDecidingElements(texts, { ...askForEntered(facts), drawn }, cut);
  const buttons = elements.filter((element) => element.type === 'button');
  const labels = buttons.map(({ text }) => text.text).join('');
  return buttons.length === elements.length && labels.length <= LONGEST_OPTIONS ? buttons : [];
}

function buildPageButtons(
  texts: Texts,
  { next }: DrawnListing,
  { query, after, before }: ListPage,
): (Button | undefined)[] {
  const previousStart = before.at(-1);
  const previousPage =
    previousStart === undefined
      ? undefined
      : writeListPage({ query, after: previousStart ?? undefined, before: before.slice(0, -1) });
  const nextPage =
    next === undefined
      ? undefined
      : writeListPage({ query, after: next, before: [...before, after ?? null] });
  // Waiting approvals begin with the oldest, all other lists with the newest.
  const [newer, older] = query.kind === 'waiting' ? [nextPage, previousPage] : [previousPage, nextPage];
  return [
    newer === undefined ? undefined : button(ACTIONS.pageNewer, texts.lists.newer, newer),
    older === undefined ? undefined : button(ACTIONS.pageOlder, texts.lists.older, older),
  ];
}
