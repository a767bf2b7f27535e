import type { View } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { sleep } from '../../lib/time.ts';
import type { LoadTexts, Sentence, Texts } from '../texts/texts.ts';
import { buildSentence } from '../views/message-view.ts';
import { buildSentenceModal } from '../views/modals/decision-modals.ts';
import type { SlackBase } from './client.ts';
import { respond } from './respond.ts';

/** The place of a reply to a person: the channel of the clicked message, and its thread if the message is in one. */
export interface ReplyPlace {
  user: string;
  /** The texts in the person's language. */
  texts: LoadTexts;
  channel?: string | undefined;
  threadTs?: string | undefined;
  responseUrl?: string | undefined;
  /** The click's trigger: a click in the Home tab is answered in a modal. */
  triggerId?: string | undefined;
  /** The message is a reply in a thread that is also shown in the channel. Slack does not report where the person clicked. */
  isBroadcast?: boolean;
  /** The clicked message is ephemeral: it is no card that shows the outcome, so people get a reply. */
  isEphemeral?: boolean;
  /** The modal of a clicked button. A reply appears on top of it, so that people can go on there. */
  modal?: { id: string; title: string };
  /** What the person did in the modal is done: the reply replaces the modal. */
  isDone?: boolean;
}

/** Sends one person one sentence. Never rejects. */
export type Reply = (place: ReplyPlace, sentence: Sentence) => Promise<void>;

/** Pauses before all routes are tried again, in milliseconds. A response_url accepts five responses. */
const RETRY_PAUSES = [1_000, 2_000, 4_000];

/**
 * Sends one person one sentence, beside the card that they clicked: nobody else sees it. In a thread chat.postEphemeral
 * is tried first, since a response_url posts to the channel's root; elsewhere the response_url is tried first. A direct
 * message follows where both fail.
 */
export function createReply({ client, clock, log }: SlackBase): Reply {
  return async (place, sentence) => {
    const texts = await place.texts();
    const text = sentence(texts);
    for (const pause of [...RETRY_PAUSES, undefined]) {
      for (const route of listRoutes(place)) {
        try {
          await route(client, place, text, texts);
          // An ephemeral message in a thread is not seen in the channel.
          if (place.isBroadcast && place.responseUrl && route === postEphemeral)
            await respondByUrl(client, place, text);
          return;
        } catch (error) {
          log.warn({ person: place.user, error }, 'reply failed, trying next route');
        }
      }
      if (pause !== undefined) await sleep(clock, pause);
    }
    log.error({ person: place.user }, 'reply to user failed');
  };
}

type Route = (client: WebClient, place: ReplyPlace, text: string, texts: Texts) => Promise<void>;

function listRoutes({ channel, responseUrl, threadTs, triggerId, modal, isDone }: ReplyPlace): Route[] {
  if (modal && isDone) return [replaceModal, postDirectMessage];
  if (!channel) return triggerId ? [openReplyModal, postDirectMessage] : [postDirectMessage];
  // A modal's submission has no response_url.
  if (!responseUrl) return [postEphemeral, postDirectMessage];
  const besideCard = threadTs ? [postEphemeral, respondByUrl] : [respondByUrl, postEphemeral];
  return [...besideCard, postDirectMessage];
}

async function respondByUrl(_: WebClient, { responseUrl = '' }: ReplyPlace, text: string): Promise<void> {
  await respond(responseUrl, buildSentence(text));
}

async function postEphemeral(
  client: WebClient,
  { channel = '', user, threadTs }: ReplyPlace,
  text: string,
): Promise<void> {
  const message = { channel, user, ...buildSentence(text) };
  await client.chat.postEphemeral(threadTs ? { ...message, thread_ts: threadTs } : message);
}

async function openReplyModal(
  client: WebClient,
  place: ReplyPlace,
  text: string,
  texts: Texts,
): Promise<void> {
  await openView(client, place, buildSentenceModal(texts, texts.forms.answerTitle, text));
}

/** Opens a modal after a click, on top of the modal of the click if there is one: closing it shows that one again. */
export async function openView(
  client: WebClient,
  { triggerId = '', modal }: ReplyPlace,
  view: View,
): Promise<void> {
  const request = { trigger_id: triggerId, view };
  await (modal ? client.views.push(request) : client.views.open(request));
}

async function replaceModal(
  client: WebClient,
  { modal: { id, title } = { id: '', title: '' } }: ReplyPlace,
  text: string,
  texts: Texts,
): Promise<void> {
  await client.views.update({ view_id: id, view: buildSentenceModal(texts, title, text) });
}

async function postDirectMessage(client: WebClient, { user }: ReplyPlace, text: string): Promise<void> {
  await client.chat.postMessage({ channel: user, ...buildSentence(text) });
}
