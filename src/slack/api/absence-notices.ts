import type { Notice } from '../../approval/model/away.ts';
import type { AbsenceNotices } from '../../approval/ports.ts';
import type { SlackApp } from '../slack-app.ts';
import type { Texts } from '../texts/texts.ts';
import { buildAwayNotice } from '../views/lists/away.ts';
import { buildSentence } from '../views/message-view.ts';
import { mention } from '../views/text/names.ts';
import { postMessage, withCardError } from './client.ts';

/** Messages to one person about an absence. */
export function createAbsenceNotices({
  client,
  languages,
  links,
  reply,
}: Pick<SlackApp, 'client' | 'languages' | 'links' | 'reply'>): AbsenceNotices {
  return {
    async send(notice, handedOver) {
      const { to, about } = notice;
      const texts = await languages.textsFor(to)();
      const view = handedOver
        ? buildAwayNotice(texts, about, notice, handedOver, links)
        : buildSentence(writeNotice(texts, notice));
      await withCardError(() => postMessage(client, view, { channel: to }));
    },
    async reportUndelivered({ to, about }) {
      const place = { user: about, texts: languages.textsFor(about) };
      await reply(place, (texts) => texts.away.notTold(mention(to)));
    },
  };
}

function writeNotice(texts: Texts, { what, about, day, ends }: Notice): string {
  if (ends) return texts.away.released(mention(about));
  const [person, until] = [mention(about), texts.away.day(day)];
  return what === 'stands_in' ? texts.away.changed(person, until) : texts.away.substituteAway(person, until);
}
