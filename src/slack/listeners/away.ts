import { claimNotice, endNotice, listHandedOver } from '../../approval/away.ts';
import type { Away, Notice } from '../../approval/model/away.ts';
import { isRejected, readCardFailure } from '../../approval/worker/slack-steps.ts';
import { repeat } from '../../lib/time.ts';
import { postMessage, withCardError } from '../api/client.ts';
import type { SlackApp } from '../slack-app.ts';
import { speak, texts } from '../texts/texts.ts';
import { buildAwayNotice } from '../views/lists/away.ts';
import { buildSentence } from '../views/message-view.ts';
import { mention } from '../views/text/names.ts';

/** What Slack did not take is tried again after this time, in milliseconds. */
const SENT_EVERY = 60_000;

/** Sends what another process, or this one before, did not get through. Returns what ends it, once what is under way is recorded. */
export function startSendingNotices(app: SlackApp): () => Promise<void> {
  const end = repeat(app.clock, SENT_EVERY, () => sendNotices(app));
  return () => {
    end();
    return app.serialize('notices', async () => {});
  };
}

/** Tells people that they stand in for somebody, or no longer. What is not sent stays to be sent. Never rejects. */
export function sendNotices(app: SlackApp): Promise<void> {
  return app.serialize('notices', async () => {
    try {
      for (;;) {
        const claimed = await claimNotice(app);
        if (!claimed) return;
        const isOver = await sendNotice(app, claimed);
        await endNotice(app, claimed.notice, isOver);
        if (!isOver) return;
      }
    } catch (error) {
      app.log.error({ error }, 'notices of absences not sent, retrying in a minute');
    }
  });
}

/** False: it has to be sent again. */
async function sendNotice(
  app: SlackApp,
  { notice, away }: { notice: Notice; away: ReadonlyMap<string, Away> },
): Promise<boolean> {
  const { languages, client, log, reply } = app;
  const { to, about, what, ends } = notice;
  const own = what === 'stands_in' && !ends && !notice.isChanged ? away.get(about) : undefined;
  const handedOver = own && (await listHandedOver(app, about, own));
  await languages.learn(to);
  try {
    const view = speak(languages.ofPerson(to), () =>
      handedOver
        ? buildAwayNotice(about, own as Away, handedOver, app.links)
        : buildSentence(writeNotice(notice)),
    );
    await withCardError(() => postMessage(client, view, { channel: to }));
    return true;
  } catch (error) {
    const failure = readCardFailure(error);
    log.error({ person: to, reason: failure.reason }, 'notice of an absence not sent');
    if (!isRejected(failure)) return false;
    if (what === 'substitute_away' || ends) return true;
    await languages.learn(about);
    const sentence = speak(languages.ofPerson(about), () => texts.away.notTold(mention(to)));
    await reply({ user: about }, sentence);
    return true;
  }
}

function writeNotice({ what, about, day, ends }: Notice): string {
  if (ends) return texts.away.released(mention(about));
  const [person, until] = [mention(about), texts.away.day(day)];
  return what === 'stands_in' ? texts.away.changed(person, until) : texts.away.substituteAway(person, until);
}
