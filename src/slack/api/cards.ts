import type { FilesUploadV2Arguments, WebClient } from '@slack/web-api';
import { type Approval, threadCard } from '../../approval/model/approval.ts';
import type { Note } from '../../approval/model/note.ts';
import type { Card } from '../../approval/model/round.ts';
import { type CardContent, CardError, type Cards, type NoteContent } from '../../approval/ports.ts';
import { summarizeError } from '../../lib/errors.ts';
import { buildCard } from '../views/card/card.ts';
import type { CardLinks, MessageView } from '../views/message-view.ts';
import { buildNote } from '../views/notes/note.ts';
import { CARD_FORMS } from '../views/output/output-blocks.ts';
import { buildChangesFile, buildOutputFile, type FileToPost } from '../views/output/output-files.ts';
import type { ClickedCards } from './clicked-cards.ts';
import { cardFailureOf, isNotInThread, isOdd, isTooMuch, slackErrorOf, TOKEN_REFUSED } from './client.ts';
import { replaceClicked } from './respond.ts';

// Nothing in a card may notify or unfold but what we meant to.
const QUIET = { parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false } as const;

/** Cards as Slack messages: a later round's card hangs in the thread of the first. */
export function createCards(client: WebClient, links: CardLinks, clicked?: ClickedCards): Cards {
  const inPlainerForms = createForms();

  async function postMessage(
    approval: Approval,
    view: MessageView,
    root: Card | undefined,
    broadcast = false,
  ) {
    const message = { ...view, ...QUIET, channel: root?.channel ?? approval.channel };
    const threaded = root && { ...message, thread_ts: root.ts };
    const answer = await client.chat.postMessage(
      threaded && broadcast ? { ...threaded, reply_broadcast: true } : (threaded ?? message),
    );
    return { channel: answer.channel ?? message.channel, ts: answer.ts };
  }

  /** By the click's own URL, outside the limit of chat.update. False: Slack refused it. */
  async function updateByClick(content: CardContent, card: Card): Promise<boolean> {
    const url = clicked?.take(card);
    if (url === undefined) return false;
    try {
      return await replaceClicked(url, buildCard(content, links, 'full'));
    } catch (error) {
      // It may still land, over what chat.update shows by then.
      clicked?.uncertain(content.approval.id, content.round.number, card);
      throw new CardError({ kind: 'try_again', reason: summarizeError(error) });
    }
  }

  /** In the thread; what is said elsewhere stands at that channel's root. */
  async function postNote(
    approval: Approval,
    view: MessageView,
    root: Card | undefined,
    { elsewhere, broadcast }: NoteContent,
  ) {
    if (elsewhere === undefined) return postMessage(approval, view, root, broadcast);
    return postMessage({ ...approval, channel: elsewhere }, view, undefined);
  }

  async function postFile(approval: Approval, file: FileToPost, of: 'output' | 'changes'): Promise<void> {
    const root = threadCard(approval);
    const place = root ? { channel_id: root.channel, thread_ts: root.ts } : {};
    try {
      await client.filesUploadV2({ ...file, ...place } as FilesUploadV2Arguments);
    } catch (error) {
      if (!isRefusedFile(error)) throw new CardError(cardFailureOf(error));
      await postInThread(approval, { kind: 'file_refused', of }, {});
    }
  }

  async function postInThread(approval: Approval, note: Note, said: NoteContent): Promise<void> {
    try {
      await inThread(approval, (root) =>
        inPlainerForms(approval, (form) =>
          postNote(approval, buildNote(approval, note, said, form, links), root, said),
        ),
      );
    } catch (error) {
      throw new CardError(cardFailureOf(error));
    }
  }

  return {
    async post(content, { broadcast } = { broadcast: false }) {
      const { approval } = content;
      try {
        const { channel, ts } = await inThread(approval, (root) =>
          inPlainerForms(approval, (form) =>
            postMessage(approval, buildCard(content, links, form), root, broadcast),
          ),
        );
        // No proxy's answer, nor half of one: it could never be updated.
        if (!ts) throw new Error('Slack did not say where the card is');
        return { channel, ts };
      } catch (error) {
        throw new CardError(cardFailureOf(error));
      }
    },

    async update(content, card: Card) {
      if (await updateByClick(content, card)) return;
      try {
        await inPlainerForms(content.approval, (form) =>
          client.chat.update({
            ...buildCard(content, links, form),
            parse: 'none',
            channel: card.channel,
            ts: card.ts,
          }),
        );
      } catch (error) {
        throw new CardError(cardFailureOf(error));
      }
    },

    note: postInThread,

    file({ approval, round, output }) {
      return postFile(approval, buildOutputFile(approval, round, output), 'output');
    },

    async changes({ approval, round, output }, before) {
      const changes = buildChangesFile(approval, round, { before, after: output });
      if (changes) await postFile(approval, changes, 'changes');
    },
  };
}

/** Slack takes files nowhere here, or none in this channel: what is in the modal has to do. */
function isRefusedFile(error: unknown): boolean {
  const reason = slackErrorOf(error);
  return reason !== undefined && !TOKEN_REFUSED.has(reason) && !isOdd(error) && reason !== 'ratelimited';
}

/** In the thread of the first card there; outside it when that was deleted: better a message outside it than none. */
async function inThread<T>(approval: Approval, post: (root: Card | undefined) => Promise<T>): Promise<T> {
  const root = threadCard(approval);
  try {
    return await post(root);
  } catch (error) {
    if (root && isNotInThread(error)) return post(undefined);
    throw error;
  }
}

/** When a refusal took so long, a further call would end after its lease, in milliseconds. */
const TIME_FOR_ANOTHER = 1_000;
const MOST_REMEMBERED = 1_000;

/** Tries plainer forms of a message until Slack takes one: a card that cannot be shown in full is still shown. */
function createForms() {
  /** By approval: with which form the next step goes on, after a Slack that took long to refuse the ones before. */
  const further = new Map<string, number>();

  return async function inPlainerForms<T>(
    { id }: Approval,
    send: (form: (typeof CARD_FORMS)[number]) => Promise<T>,
  ): Promise<T> {
    const began = performance.now();
    const first = further.get(id) ?? 0;
    let refused: unknown;
    for (const [index, form] of CARD_FORMS.entries()) {
      if (index < first) continue;
      if (refused !== undefined && performance.now() - began > TIME_FOR_ANOTHER) {
        if (further.size >= MOST_REMEMBERED) further.clear();
        further.set(id, index);
        break;
      }
      try {
        return await send(form).catch((error: unknown) => {
          if (isOdd(error) && performance.now() - began <= TIME_FOR_ANOTHER) return send(form);
          throw error;
        });
      } catch (error) {
        if (!isTooMuch(error) && !isOdd(error)) throw error;
        refused = error;
      }
    }
    throw refused;
  };
}
