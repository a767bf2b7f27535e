import type { ViewSubmitAction } from '@slack/bolt';
import { claimNotice, comeBack, dropNotice, goAway, listHandedOver, readAway } from '../../approval/away.ts';
import type { Away, NamedDay, Notice } from '../../approval/model/away.ts';
import { isRejected, readCardFailure } from '../../approval/worker/slack-steps.ts';
import { StoreError } from '../../lib/errors.ts';
import { ANSWERED_WITHIN, repeat, withTimeout } from '../../lib/time.ts';
import { withCardError } from '../api/client.ts';
import { AWAY_DAY, SUBSTITUTE } from '../app/ids.ts';
import type { SlackApp } from '../slack-app.ts';
import { speak, texts } from '../texts/texts.ts';
import {
  buildAwayNotice,
  describeAwayRefusal,
  describeGone,
  describeWhereabouts,
} from '../views/lists/away.ts';
import { buildSentence, type MessageView } from '../views/message-view.ts';
import { buildAwayForm } from '../views/modals/away-form.ts';
import { buildNotDoneModal } from '../views/modals/decision-modals.ts';
import { mention } from '../views/text/names.ts';
import { type Click, readClick } from './click.ts';
import { ackOrReply, rejectUnknownForm, type Submission } from './forms.ts';

/** What a person asks for: to be away, to be back, or how it stands. */
export type AwayAsk = { day: NamedDay; substitute: string } | 'back' | 'state';

/** Records what a person asks for. Resolves to the answer, in sentences; never rejects. */
export async function answerAway(app: SlackApp, person: string, ask: AwayAsk): Promise<string> {
  const { answer } = await carryOutAway(app, person, ask);
  return answer;
}

/** `field`: what has to be entered otherwise, as the answer says. */
async function carryOutAway(
  app: SlackApp,
  person: string,
  ask: AwayAsk,
): Promise<{ answer: string; field?: typeof AWAY_DAY | typeof SUBSTITUTE | undefined }> {
  try {
    return await withTimeout(ANSWERED_WITHIN, async () => {
      if (ask === 'state') return { answer: describeWhereabouts(await readAway(app, person)) };
      if (ask === 'back')
        return { answer: (await comeBack(app, person)) ? texts.away.back : texts.away.notAway };
      const gone = await goAway(app, person, ask);
      if (!('code' in gone)) return { answer: describeGone(gone) };
      const field = gone.code === 'past_day' || gone.code === 'far_day' ? AWAY_DAY : SUBSTITUTE;
      return { answer: describeAwayRefusal(gone, mention(ask.substitute)), field };
    });
  } catch (error) {
    const isCertain = error instanceof StoreError && !error.unsure;
    app.log.error({ person, error }, 'absence not recorded');
    if (ask === 'state') return { answer: texts.refusals.notLookedUp };
    return { answer: isCertain ? texts.refusals.notRecorded : texts.away.perhapsSaved };
  } finally {
    // Reading what waits and a message may take longer than an answer may.
    void sendNotices(app);
  }
}

const SENT_EVERY = 10 * 60_000;
/** What Slack did not take is tried again after this time, in milliseconds. */
const SENT_AGAIN = 60_000;

/** Sends what another process, or this one before, did not get through. Returns what ends it. */
export function startSendingNotices(app: SlackApp): () => void {
  return repeat(app.clock, SENT_EVERY, () => sendNotices(app));
}

/** Tells people that they stand in for somebody, or no longer. What is not sent stays to be sent. Never rejects. */
async function sendNotices(app: SlackApp): Promise<void> {
  try {
    for (;;) {
      const claimed = await claimNotice(app);
      if (!claimed) return;
      if (await sendNotice(app, claimed)) await dropNotice(app, claimed.notice);
      else app.clock.after(SENT_AGAIN, () => void sendNotices(app));
    }
  } catch (error) {
    app.log.error({ error }, 'notices of absences not sent, retrying later');
  }
}

/** False: it has to be sent again. */
async function sendNotice(
  app: SlackApp,
  { notice, away }: { notice: Notice; away: ReadonlyMap<string, Away> },
): Promise<boolean> {
  const { languages, client, log, reply } = app;
  const { to, about } = notice;
  await languages.learn(to);
  const build = await prepareNotice(app, notice, away);
  if (!build) return true;
  try {
    const view = speak(languages.ofPerson(to), build);
    await withCardError(() => client.chat.postMessage({ channel: to, ...view }));
    return true;
  } catch (error) {
    const failure = readCardFailure(error);
    log.error({ person: to, reason: failure.reason }, 'notice of an absence not sent');
    if (!isRejected(failure)) return false;
    if (notice.what !== 'named') return true;
    await languages.learn(about);
    const sentence = speak(languages.ofPerson(about), () => texts.away.notTold(mention(to)));
    await reply({ user: about }, sentence);
    return true;
  }
}

/** What a notice says; undefined: it is out of date. */
async function prepareNotice(
  app: SlackApp,
  { to, about, what }: Notice,
  all: ReadonlyMap<string, Away>,
): Promise<(() => MessageView) | undefined> {
  const away = all.get(about);
  const standsIn = away?.substitute === to;
  const day = () => texts.away.day(away?.day ?? '');
  switch (what) {
    case 'named': {
      if (!standsIn) return undefined;
      const handedOver = await listHandedOver(app, about, away);
      return () => buildAwayNotice(about, away, handedOver, app.links);
    }
    case 'changed':
      return standsIn ? () => buildSentence(texts.away.changed(mention(about), day())) : undefined;
    case 'released':
      return standsIn ? undefined : () => buildSentence(texts.away.released(mention(about)));
    case 'substitute_away':
      return away && all.get(to)?.substitute === about
        ? () => buildSentence(texts.away.substituteAway(mention(about), day()))
        : undefined;
  }
}

/** A person clicked *I'll be away…* or *Change…* on the Home tab. */
export async function openAwayForm(app: SlackApp, click: Click): Promise<void> {
  await click.ack();
  const { place, by } = readClick(click, undefined);
  try {
    const { own } = await withTimeout(ANSWERED_WITHIN, () => readAway(app, by)).catch(() => ({
      own: undefined,
    }));
    await click.client.views.open({ trigger_id: place.triggerId ?? '', view: buildAwayForm(own) });
  } catch (error) {
    app.log.error({ person: place.user, error }, 'form to be away not opened');
    await app.reply({ ...place, triggerId: undefined }, texts.refusals.notOpened);
  }
}

function readAwayForm({ state: { values } }: ViewSubmitAction['view']) {
  const date = values[AWAY_DAY.block]?.[AWAY_DAY.action]?.selected_date;
  const substitute = values[SUBSTITUTE.block]?.[SUBSTITUTE.action]?.selected_user;
  return date && substitute ? { day: { date }, substitute } : undefined;
}

/** A person submitted it: the form says what became of it, a refusal at its field. */
export async function submitAway(app: SlackApp, submission: Submission): Promise<void> {
  const { body, view } = submission;
  const ask = readAwayForm(view);
  if (!ask) return rejectUnknownForm(app, submission);
  const person = body.user.id;
  const { answer, field } = await carryOutAway(app, person, ask);
  const shown = field
    ? // A field's error cannot mention anybody.
      ({
        response_action: 'errors',
        errors: { [field.block]: answer.replaceAll(mention(ask.substitute), texts.away.thisPerson) },
      } as const)
    : ({ response_action: 'update', view: buildNotDoneModal(view.title.text, answer) } as const);
  await ackOrReply(app, submission, shown, answer);
  if (!field) await app.home.open(person);
}

/** A person clicked *I'm back* on the Home tab. */
export async function comeBackFromHome(app: SlackApp, click: Click): Promise<void> {
  await click.ack();
  const { by, place } = readClick(click, undefined);
  const answer = await answerAway(app, by, 'back');
  // The tab shows that they are back.
  if (answer !== texts.away.back) await app.reply(place, answer);
  await app.home.open(by);
}
