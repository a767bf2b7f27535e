import type { Notice } from '../../approval/model/away.ts';
import type { AbsenceNotices } from '../../approval/ports.ts';
import type { SlackApp } from '../slack-app.ts';
import type { Texts } from '../texts/texts.ts';
import { buildAwayNotice } from '../views/lists/away.ts';
import { buildSentence } from '../views/message-view.ts';
import { mention } from '../views/text/names.ts';
import { postMessage, withMessageError } from './client.ts';

/** Messages to one person about an absence. */
export function createAbsenceNotices({
  client,
  languages,
  links,
  reply,
}: Pick<SlackApp, 'client' | 'languages' | 'links' | 'reply'>): AbsenceNotices {
  return {
    async send(notice, waitingApprovals) {
      const { to, about } = notice;
      const texts = await languages.textsFor(to)();
      const view = waitingApprovals
        ? buildAwayNotice(texts, about, notice, waitingApprovals, links)
        : buildSentence(writeNotice(texts, notice));
      await withMessageError(() => postMessage(client, view, { channel: to }));
    },
    async reportUndelivered({ to, about }) {
      const place = { user: about, texts: languages.textsFor(about) };
      await reply(place, (texts) => texts.away.notTold(mention(to)));
    },
  };
}

function writeNotice(texts: Texts, { what, about, day, noLongerStandsIn }: Notice): string {
  if (noLongerStandsIn) return texts.away.released(mention(about));
  const [person, until] = [mention(about), texts.away.day(day)];
  return what === 'stands_in'
    ? texts.away.lastDayChanged(person, until)
    : texts.away.substituteAway(person, until);
}
