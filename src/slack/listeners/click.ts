import type { BlockAction, BlockElementAction, MessageShortcut, ViewOutput } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { App } from '../../approval/app.ts';
import { buildCardFacts, findCardPlace, hashCardFacts } from '../../approval/card-facts.ts';
import { decide } from '../../approval/decide.ts';
import type { PersonRequest } from '../../approval/lifecycle/events.ts';
import { type Approval, currentRound, findRound } from '../../approval/model/approval.ts';
import { isOnCard, type RequestResult, type Target } from '../../approval/read-round.ts';
import { StoreError } from '../../lib/errors.ts';
import { REPLY_TIMEOUT, sleep, withTimeout } from '../../lib/time.ts';
import type { ReplyPlace } from '../api/reply.ts';
import { isOfLaterVersion, readLanguage, readModalTarget, readTarget } from '../app/button-values.ts';
import { ACTIONS } from '../app/ids.ts';
import { currentCardLink, type SlackApp } from '../slack-app.ts';
import type { LoadTexts, Sentence, Texts } from '../texts/texts.ts';
import { describeState, describeVotes } from '../views/card/state.ts';
import type { CardLinks } from '../views/message-view.ts';
import { linkTask } from '../views/text/links.ts';
import { describeRefusal } from '../views/text/sentences.ts';

/** A click on a button, or a choice in a menu or a list. */
export interface Click {
  ack: () => Promise<void>;
  client: WebClient;
  body: BlockAction<BlockElementAction>;
  /** The texts in the person's language. */
  texts: LoadTexts;
  /** Value of the button or of the chosen option. */
  value: string | undefined;
}

/** Reads the value of a button, or of the chosen entry of a menu or a list. */
export function readActionValue(action: BlockElementAction): string | undefined {
  if ('selected_option' in action) return action.selected_option?.value;
  return 'value' in action && typeof action.value === 'string' ? action.value : undefined;
}

/** The listener of a button or a menu entry. `decides`: clicks that are too old are refused. */
export interface ClickRow {
  onClick: (app: SlackApp, click: Click) => Promise<void>;
  decides?: true;
}

/** The rows of buttons by their action ids: tsc finds a button without a row. */
export function mapById<Name extends string>(
  ids: Readonly<Record<Name, string>>,
  rows: Readonly<Record<Name, ClickRow>>,
): Record<string, ClickRow> {
  return Object.fromEntries((Object.keys(ids) as Name[]).map((name) => [ids[name], rows[name]]));
}

/** The round that a click is about, who clicked, and where to reply. */
export interface ReadClick {
  target: Target | undefined;
  by: string;
  place: ReplyPlace;
}

/** `value`: of the button or menu option, as `writeTarget` wrote it. */
export function readClick(
  { body, texts }: Pick<Click, 'body' | 'texts'>,
  value: string | undefined,
): ReadClick {
  const { user, channel, message, view } = body;
  const target = readTarget(value);
  const modal = view?.type === 'modal' ? view : undefined;
  if (target && channel && message) {
    const postedBy = message.app_id ?? (message.bot_profile as { app_id?: unknown } | undefined)?.app_id;
    const isOurs = postedBy !== undefined && postedBy === body.api_app_id;
    target.card = { channel: channel.id, ts: message.ts, ...(isOurs ? { own: isOurs } : {}) };
    if (offersToRead(message.blocks)) target.isCut = true;
  }
  // An ephemeral message is not a card: a click on it does not prove access to a channel.
  const isEphemeral = channel !== undefined && (!message || body.container?.is_ephemeral === true);
  if (target && modal) Object.assign(target, { via: 'modal', ...readCardClick(modal) });
  else if (target)
    target.via = channel === undefined ? 'home' : isEphemeral ? (target.via ?? 'list') : 'card';
  return {
    target,
    by: user.id,
    place: {
      ...placeOf(body, texts),
      isEphemeral,
      ...(message?.subtype === 'thread_broadcast' ? { isBroadcast: true } : {}),
      ...(modal ? { modal: { id: modal.id, title: modal.title.text } } : {}),
    },
  };
}

/** Reads the click on a card that opened a modal. A menu's value has no room for it. */
function readCardClick({ private_metadata }: ViewOutput): Pick<Target, 'openedOn'> {
  const openedOn = readModalTarget(readLanguage(private_metadata).metadata)?.openedOn;
  return openedOn ? { openedOn } : {};
}

/** A card that is cut has the button to read all of it. */
function offersToRead(blocks: unknown): boolean {
  return JSON.stringify(blocks ?? []).includes(`"action_id":"${ACTIONS.readInFull}"`);
}

/** The place where a person clicked or used a shortcut. */
export function placeOf(body: BlockAction | MessageShortcut, texts: LoadTexts): ReplyPlace {
  const { user, channel, message, response_url: responseUrl, trigger_id: triggerId } = body;
  const thread: unknown = message?.thread_ts;
  // The first message of a thread names itself as its thread: it is no reply, and stands in the channel.
  const threadTs = typeof thread === 'string' && thread !== message?.ts ? thread : undefined;
  return { user: user.id, texts, channel: channel?.id, threadTs, responseUrl, triggerId };
}

/** Replies to a click on a button whose value is not ours, or of another version. `sentence`: unless a later version wrote it. */
export function replyUnreadable(
  app: SlackApp,
  { body, texts }: Pick<Click, 'body' | 'texts'>,
  sentence: Sentence,
): Promise<void> {
  const [action] = body.actions ?? [];
  app.log.warn({ person: body.user.id, action: action?.action_id }, 'button value not readable');
  const isLater = isOfLaterVersion(action && readActionValue(action));
  return app.reply(
    readClick({ body, texts }, undefined).place,
    isLater ? ({ refusals }) => refusals.laterVersion : sentence,
  );
}

/** Records what a click asks for, acks it, and replies if nothing was recorded or the card will not show it in time. */
export async function recordClick(
  app: SlackApp,
  { ack, body, texts }: Pick<Click, 'ack' | 'body' | 'texts'>,
  { target, by, place }: ReadClick,
  ask: PersonRequest,
): Promise<void> {
  if (!target) {
    await ack();
    return replyUnreadable(app, { body, texts }, ({ refusals }) => refusals.decide.unknown);
  }
  const result = await decideInTime(app, target, by, ask);
  await ack();
  if ('failed' in result) return app.reply(place, result.failed);
  const { answer } = result;
  if (!answer.done) {
    // `decide` has the card drawn again.
    if (answer.refusal.code === 'card_changed' && target.via === 'home') void app.home.open(by);
    return app.reply(place, (texts) =>
      describeRefusal(texts, answer.refusal, currentCardLink(answer, app.links)),
    );
  }
  const isElsewhere = target.via === 'card' && !isOnCard(app, answer.approval, target, by);
  if (place.modal)
    await app.reply({ ...place, isDone: true }, (texts) =>
      describeRecorded(texts, app.links, answer.approval, target.round),
    );
  else if (place.isEphemeral || isElsewhere) await app.reply(place, ({ actions }) => actions.recorded);
  else if (target.via === 'card') replyIfCardIsLate(app, place, answer.approval, target.round);
}

/** Says what was recorded, and how it stands, for a person who does not see the card. */
function describeRecorded(texts: Texts, links: CardLinks, approval: Approval, number: number): string {
  const facts = buildCardFacts(approval, findRound(approval, number) ?? currentRound(approval));
  const task = texts.card.inRound(linkTask(texts, approval, links), number);
  const votes = facts.waiting && describeVotes(texts, facts.waiting, facts.question);
  return [task, votes ?? describeState(texts, facts, undefined)].join('\n');
}

/** The answer, or a sentence for the person if the store failed or was late. */
export async function decideInTime(
  app: App,
  target: Target,
  by: string,
  ask: PersonRequest,
): Promise<{ answer: RequestResult } | { failed: Sentence }> {
  try {
    return { answer: await withTimeout(REPLY_TIMEOUT, () => decide(app, target, by, ask)) };
  } catch (error) {
    return { failed: explainStoreFailure(app, error) };
  }
}

/** Logs that a decision met a store that failed or was late; returns the sentence for the person. */
export function explainStoreFailure({ log }: Pick<App, 'log'>, error: unknown): Sentence {
  const unsure = error instanceof StoreError && error.unsure;
  log.error({ error, unsure }, 'decision not recorded');
  return ({ refusals }) => (unsure ? refusals.perhapsRecorded : refusals.notRecorded);
}

/** People click again if the card has not changed this long after a click, in milliseconds. */
const CARD_LATE_DELAY = 2_000;

/** Replies that a click was recorded if its card does not show that in time. Returns at once. */
export function replyIfCardIsLate(
  { clock, store, reply, log }: Pick<SlackApp, 'clock' | 'store' | 'reply' | 'log'>,
  place: ReplyPlace,
  { id, rounds }: Approval,
  number: number,
): void {
  const shownAtClick = rounds.find((round) => round.number === number)?.card?.shown;
  if (shownAtClick === undefined) return;
  const checkCard = async () => {
    const approval = (await store.approval(id))?.record;
    const round = approval && findRound(approval, number);
    if (!approval || !round?.card || round.card.shown === hashCardFacts(buildCardFacts(approval, round)))
      return;
    // The key of what is shown is empty during an update.
    if (round.card.shown === shownAtClick || round.card.shown === '')
      await reply(place, ({ actions }) => actions.cardFollows);
  };
  sleep(clock, CARD_LATE_DELAY)
    .then(checkCard)
    .catch((error: unknown) => log.error({ approval: id, error }, 'late card not checked'));
}

/** Finds the place beside the card, for the reply to a person who decided in a modal. */
export function findPlaceBesideCard(
  user: string,
  texts: LoadTexts,
  approval: Approval,
  round: number,
): ReplyPlace {
  const shownRound = findRound(approval, round);
  const place = shownRound && findCardPlace(approval, shownRound);
  return { user, texts, channel: place?.channel, threadTs: place?.threadTs };
}

/** Keeps the response_url of a click on a card, which can update that card. */
export function rememberClick(
  { clicked }: Pick<SlackApp, 'clicked'>,
  { response_url: url, channel, message, container }: BlockAction,
): void {
  if (!url || !channel || !message || container.is_ephemeral === true) return;
  clicked.remember({ channel: channel.id, ts: message.ts }, url);
}
