import type { FilesUploadV2Arguments, WebClient } from '@slack/web-api';
import { buildCardFacts } from '../../approval/card-facts.ts';
import { type Approval, findThreadRoot } from '../../approval/model/approval.ts';
import { NOTE_KINDS, type Note } from '../../approval/model/note.ts';
import type { Card } from '../../approval/model/round.ts';
import { type CardContent, CardError, type Cards, type NoteContent } from '../../approval/ports.ts';
import { summarizeError } from '../../lib/errors.ts';
import type { MessageLanguages } from '../app/languages.ts';
import { en, inLanguage, type Texts } from '../texts/texts.ts';
import { buildCard } from '../views/card/card.ts';
import type { CardLinks, MessageView } from '../views/message-view.ts';
import { buildNote } from '../views/notes/note.ts';
import type { CardForm } from '../views/output/output-blocks.ts';
import { buildOutputFile } from '../views/output/output-files.ts';
import type { ClickedCards } from './clicked-cards.ts';
import { isTransient, postMessage, readSlackError, TOKEN_REFUSED, withMessageError } from './client.ts';
import { PlainerForms } from './plainer-forms.ts';
import { replaceClicked } from './respond.ts';

interface CardSender {
  client: WebClient;
  links: CardLinks;
  clicked: ClickedCards | undefined;
  forms: PlainerForms;
}

/** Cards as Slack messages: the card of a later round is posted in the thread of the first. */
export function createCards(
  client: WebClient,
  links: CardLinks,
  { clicked, languages }: { clicked?: ClickedCards; languages?: MessageLanguages } = {},
): Cards {
  const sender: CardSender = { client, links, clicked, forms: new PlainerForms() };
  /** Returns the texts in the crew's language, or in the language of `to`, the only reader of the message. */
  const learnTexts = async ({ crew }: Approval, to?: string) => {
    if (!languages) return en;
    return to === undefined ? inLanguage(languages.ofCrew(crew)) : languages.textsFor(to, { crew })();
  };
  const send = <T>(approval: Approval, work: (texts: Texts) => Promise<T>, to?: string) =>
    withMessageError(async () => work(await learnTexts(approval, to)));
  return {
    post: (content, options) =>
      send(content.approval, (texts) =>
        sender.forms.send(
          content.approval.id,
          (form) => drawCard(texts, content, links, form),
          (view) => postInThread(client, content.approval, view, options?.broadcast),
        ),
      ),
    update: (content, card) => send(content.approval, (texts) => changeCard(texts, sender, content, card)),
    note: (approval, note, content) =>
      send(
        approval,
        (texts) => sendNote(texts, sender, approval, note, content),
        NOTE_KINDS[note.kind].to === 'person' ? content.elsewhere : undefined,
      ),
    file: (content) => send(content.approval, (texts) => postOutputFile(texts, sender, content)),
  };
}

async function changeCard(texts: Texts, sender: CardSender, content: CardContent, card: Card): Promise<void> {
  if (await updateByClick(texts, sender, content, card)) return;
  const { client, links, forms } = sender;
  await forms.send(
    content.approval.id,
    (form) => drawCard(texts, content, links, form),
    (view) => client.chat.update({ ...view, parse: 'none', channel: card.channel, ts: card.ts }),
  );
}

/** Builds the card of a round, for its post and for each update. */
export function drawCard(
  texts: Texts,
  { approval, round, ...shown }: CardContent,
  links: CardLinks,
  form: CardForm,
) {
  return buildCard(texts, { facts: buildCardFacts(approval, round), ...shown }, links, form);
}

/** Updates by the click's own URL, outside the limit of chat.update. False: there is no such URL, or Slack rejected it. */
async function updateByClick(
  texts: Texts,
  { clicked, links, forms }: CardSender,
  content: CardContent,
  card: Card,
): Promise<boolean> {
  const url = clicked?.take(card);
  if (url === undefined) return false;
  try {
    return await replaceClicked(
      url,
      drawCard(texts, content, links, forms.findFirstForm(content.approval.id)),
    );
  } catch (error) {
    // The update may still take effect, after chat.update has shown something newer.
    clicked?.updateAgainLater(content.approval.id, content.round.number, card);
    throw new CardError({ kind: 'try_again', reason: summarizeError(error) });
  }
}

/** Posts a note into the thread, or as a message to `elsewhere`: another channel or a person. */
async function sendNote(
  texts: Texts,
  { client, links, forms }: CardSender,
  approval: Approval,
  note: Note,
  content: NoteContent,
): Promise<void> {
  const { elsewhere, broadcast } = content;
  await forms.send(
    approval.id,
    (form) => buildNote(texts, approval, note, content, form, links),
    (view) =>
      elsewhere === undefined
        ? postInThread(client, approval, view, broadcast)
        : postMessage(client, view, { channel: elsewhere }),
  );
}

/** Posts in the thread of the approval; at the channel's root if there is no thread yet, it is gone, or it rejects replies. */
function postInThread(
  client: WebClient,
  approval: Approval,
  view: MessageView,
  broadcast = false,
): Promise<{ channel: string; ts: string }> {
  const { channel } = approval;
  const root = findThreadRoot(approval);
  if (!root) return postMessage(client, view, { channel });
  const thread = { channel: root.channel, thread_ts: root.ts };
  return postMessage(client, view, broadcast ? { ...thread, reply_broadcast: true } : thread, { channel });
}

async function postOutputFile(
  texts: Texts,
  sender: CardSender,
  { approval, round, output }: CardContent,
): Promise<void> {
  const root = findThreadRoot(approval);
  const thread = root ? { channel_id: root.channel, thread_ts: root.ts } : {};
  const file = buildOutputFile(texts, approval, round, output);
  try {
    await sender.client.filesUploadV2({ ...file, ...thread } as FilesUploadV2Arguments);
  } catch (error) {
    if (!isRejectedFile(error)) throw error;
    await sendNote(texts, sender, approval, { kind: 'file_refused' }, {});
  }
}

/** True if Slack accepts no files in this workspace or channel: people then read the output in the modal. */
function isRejectedFile(error: unknown): boolean {
  return !isTransient(error) && !TOKEN_REFUSED.has(readSlackError(error) ?? '');
}
