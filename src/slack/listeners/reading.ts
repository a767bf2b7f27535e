import type { AllMiddlewareArgs, MessageShortcut, SlackShortcutMiddlewareArgs } from '@slack/bolt';
import type { KnownBlock, ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { type Approval, findRound } from '../../approval/model/approval.ts';
import { type Output, readOutput } from '../../approval/model/output.ts';
import type { Round } from '../../approval/model/round.ts';
import { loadOutput } from '../../approval/notify/post-note.ts';
import { findNamedApprovals } from '../../approval/queries/find-runs.ts';
import { loadFlowState, readFlowState, readRound, type Target } from '../../approval/read-round.ts';
import { readSlackError } from '../api/client.ts';
import type { ReplyPlace } from '../api/reply.ts';
import { isOfLaterVersion, type PageTarget, readPage, readTarget } from '../app/button-values.ts';
import { textsOf } from '../app/languages.ts';
import { currentCardLink, type SlackApp } from '../slack-app.ts';
import type { Texts } from '../texts/texts.ts';
import { buildSentenceModal } from '../views/modals/decision-modals.ts';
import { buildDetailsModal } from '../views/modals/details.ts';
import {
  buildArgumentsModal,
  buildChangesModal,
  buildOptionPages,
  buildOptionsModal,
  buildOutputPage,
  buildReadingPage,
} from '../views/modals/reading-modals.ts';
import { buildPreformatted } from '../views/output/json.ts';
import { convertSection, escapeSection } from '../views/output/mrkdwn.ts';
import { describeEmptyOutput } from '../views/output/output-blocks.ts';
import { pickOutputPage } from '../views/output/sections.ts';
import { readSection, section } from '../views/text/elements.ts';
import { describeLookUpRefusal, describeNotFound, describeReadingRefusal } from '../views/text/sentences.ts';
import { type Click, placeOf, readClick, replyUnreadable } from './click.ts';
import { openModal } from './forms.ts';

/** A person clicked *Read in full*, *What changed* or *All answers*: opens the first page. */
export async function openOutput(
  app: SlackApp,
  click: Click,
  content: Exclude<PageTarget['content'], 'state'>,
): Promise<void> {
  await click.ack();
  const { target, by, place } = readClick(click, click.value);
  if (!target) return replyUnreadable(app, click, ({ refusals }) => refusals.read.unknown);
  await openModal(
    app,
    { client: click.client, target, by, place },
    {
      isReading: true,
      check: (clicked, person) => readRound(app, clicked, person),
      build: (texts, { approval }, openedTarget) =>
        buildPage(app, texts, approval, { target: openedTarget, content, page: 0 }),
    },
  );
}

/** A person turned a page in the modal of an output, or opened the state of a Flow from the details. */
export async function turnOutputPage(app: SlackApp, click: Click): Promise<void> {
  const { reply, log } = app;
  const { body, client } = click;
  await click.ack();
  const page = readPage(click.value);
  const modal = body.view;
  if (!page || !modal) {
    log.warn({ person: body.user.id }, 'page value not readable');
    const isLater = isOfLaterVersion(click.value);
    return reply(readClick(click, undefined).place, ({ refusals }) =>
      isLater ? refusals.laterVersion : refusals.notLookedUp,
    );
  }
  const texts = await click.texts();
  const nextPage = await readNextPage(app, texts, page, body.user.id).catch((error: unknown) => {
    log.error({ approval: page.target.approvalId, error }, 'page not turned');
    return texts.refusals.notLookedUp;
  });
  const view =
    typeof nextPage === 'string' ? buildSentenceModal(texts, modal.title.text, nextPage) : nextPage;
  await client.views.update({ view_id: modal.id, hash: modal.hash, view }).catch((error: unknown) => {
    // An earlier click has turned the page.
    if (readSlackError(error) === 'hash_conflict') return;
    log.warn({ error }, 'page not turned');
    return reply({ user: body.user.id, texts: click.texts }, ({ refusals }) => refusals.notLookedUp);
  });
}

/** Reads and builds a page; a text: why the person cannot see the page. Rejects if the page could not be read. */
async function readNextPage(
  app: SlackApp,
  texts: Texts,
  page: PageTarget,
  person: string,
): Promise<ModalView | string> {
  const answer = await (page.content === 'state' ? readFlowState : readRound)(app, page.target, person);
  if (answer.done) return buildPage(app, texts, answer.approval, page);
  const { refusal } = answer;
  app.log.info(
    { approval: page.target.approvalId, person, round: page.target.round, reason: refusal.code },
    'page not shown',
  );
  return page.content === 'state' && refusal.code === 'not_approver'
    ? texts.refusals.notYourState
    : describeReadingRefusal(texts, refusal, currentCardLink(answer, app.links));
}

/** Time to convert a page, in ms: a trigger expires 3 s after the click, and other people open modals at the same time. */
const CONVERSION_TIME = 600;

/**
 * Builds a page of a round's output or arguments, its changes, its options or the state of its Flow. The changes are an
 * approver's edits of a question's output, otherwise the differences from the previous round.
 */
async function buildPage(
  app: SlackApp,
  texts: Texts,
  approval: Approval,
  { target, content, page, opened }: PageTarget,
): Promise<ModalView> {
  const round = findRound(approval, target.round) as Round;
  const previousRound = content === 'changes' ? findRound(approval, round.number - 1) : undefined;
  const edited = content === 'changes' && round.question ? round.decision?.edited : undefined;
  if (edited !== undefined) {
    const outputs = { before: await loadOutput(app, approval, round), after: readOutput(edited) };
    return app.giveWay(() => buildChangesModal(texts, approval, target, outputs, page));
  }
  if (previousRound) {
    const previousEdit = previousRound.decision?.edited;
    const [previousOutput, currentOutput] = [
      previousEdit === undefined ? await loadOutput(app, approval, previousRound) : readOutput(previousEdit),
      await loadOutput(app, approval, round),
    ];
    return app.giveWay(() =>
      buildChangesModal(texts, approval, target, { before: previousOutput, after: currentOutput }, page),
    );
  }
  if (content === 'options') return buildOptionsModal(texts, approval, target, page);
  if (content === 'state')
    return convertPage(app, texts, await loadFlowState(app, approval, round), page, (position, blocks) =>
      buildReadingPage(texts, approval, target, { content, ...position }, blocks),
    );
  const output = await loadOutput(app, approval, round);
  return round.question?.tool && output.kind !== 'lost'
    ? buildArgumentsModal(texts, approval, target, output, { page, opened })
    : convertPage(
        app,
        texts,
        output,
        page,
        (position, blocks) =>
          buildOutputPage(texts, approval, target, output, { ...position, opened }, blocks),
        buildOptionPages(texts, approval, round),
      );
}

/** Converts a page of a text section by section; sections that would be late are shown unconverted. `further`: pages after it. */
async function convertPage(
  { giveWay, clock }: SlackApp,
  texts: Texts,
  output: Output,
  page: number,
  build: (position: { page: number; of: number }, blocks: readonly KnownBlock[]) => ModalView,
  further: readonly KnownBlock[][] = [],
): Promise<ModalView> {
  const blank = describeEmptyOutput(texts, output);
  const until = clock.now() + CONVERSION_TIME;
  const { shown = [], ...place } = blank
    ? { page: 0, of: 1 }
    : await giveWay(() => pickOutputPage(texts, output, page));
  const last = place.of + further.length - 1;
  const position = { page: page < place.of ? place.page : Math.min(page, last), of: last + 1 };
  const furtherPage = further[position.page - place.of];
  if (furtherPage) return build(position, furtherPage);
  if (blank) return build(position, [section(blank)]);
  const blocks: KnownBlock[] = [];
  for (const part of shown) {
    if (output.kind === 'json') blocks.push(buildPreformatted(part));
    // Escaping is fast, so do not use giveWay: if many people read, waiting for a turn would delay the modal.
    else if (clock.now() > until) blocks.push(...escapeSection(part).map(readSection));
    else blocks.push(...(await giveWay(() => convertSection(texts, part))).map(readSection));
  }
  return build(position, blocks);
}

/** A person clicked *Open* in a list, or chose *Details* in a card's menu. */
export async function openDetails(app: SlackApp, click: Click): Promise<void> {
  await click.ack();
  const { target, place } = readClick(click, click.value);
  await showDetails(app, click.client, target, place);
}

export type MessageShortcutArgs = SlackShortcutMiddlewareArgs<MessageShortcut> & AllMiddlewareArgs;

/** A person chose Approval details in the menu of a message. */
export async function openDetailsOfMessage(
  app: SlackApp,
  { ack, shortcut, client, context }: MessageShortcutArgs,
): Promise<void> {
  await ack();
  const place = placeOf(shortcut, textsOf({ context }));
  await showDetails(app, client, findTarget(shortcut.message.blocks), place);
}

/** Finds the round that a message's blocks name. All buttons and the last block of a card name the same round. */
function findTarget(value: unknown): Target | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const { value: buttonValue, block_id: block } = value as { value?: unknown; block_id?: unknown };
  for (const encodedTarget of [buttonValue, block]) {
    const target = typeof encodedTarget === 'string' ? readTarget(encodedTarget) : undefined;
    if (target) return target;
  }
  for (const member of Object.values(value)) {
    const memberTarget = findTarget(member);
    if (memberTarget) return memberTarget;
  }
  return undefined;
}

/** Opens a modal with the details of an approval. */
async function showDetails(
  app: SlackApp,
  client: WebClient,
  target: Target | undefined,
  place: ReplyPlace,
): Promise<void> {
  const { reply, links, log } = app;
  if (!target) return reply({ ...place, triggerId: undefined }, ({ refusals }) => refusals.notACard);
  const result = await findNamedApprovals(app, place.user, target.approvalId).catch((error: unknown) =>
    log.error({ approval: target.approvalId, error }, 'lookup failed'),
  );
  if (!result) return reply(place, ({ refusals }) => refusals.notLookedUp);
  if (!Array.isArray(result)) return reply(place, (texts) => describeLookUpRefusal(texts, result));
  const [approval] = result;
  if (!approval) return reply(place, (texts) => describeNotFound(texts, target.approvalId));
  await openModal(
    app,
    { client, target, by: place.user, place },
    {
      isReading: true,
      check: async () => ({ done: true, approval }),
      build: (texts, _, opened) => buildDetailsModal(texts, approval, links, opened),
    },
  );
}
