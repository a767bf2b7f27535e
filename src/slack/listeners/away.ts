import { comeBack, goAway, listHandedOver, listUntold, readAway, recordTold } from '../../approval/away.ts';
import type { Away, NamedDay } from '../../approval/model/away.ts';
import { StoreError } from '../../lib/errors.ts';
import { ANSWERED_WITHIN, withTimeout } from '../../lib/time.ts';
import { AWAY_DAY, SUBSTITUTE } from '../app/ids.ts';
import type { SlackApp } from '../slack-app.ts';
import { speak, texts } from '../texts/texts.ts';
import {
  buildAwayNotice,
  describeAwayRefusal,
  describeGone,
  describeWhereabouts,
} from '../views/lists/away.ts';
import { buildAwayForm } from '../views/modals/away-form.ts';
import { buildNotDoneModal } from '../views/modals/decision-modals.ts';
import { mention } from '../views/text/names.ts';
import { type Click, readClick } from './click.ts';
import { ackOrReply, rejectUnknownForm, type Submission } from './forms.ts';

/** What a person asks for: to be away, to be back, or how it stands. */
export type AwayAsk = { day: NamedDay; substitute: string } | 'back' | 'state';

/** Records what a person asks for. Resolves to the answer, in sentences; never rejects. */
export async function answerAway(app: SlackApp, person: string, ask: AwayAsk): Promise<string> {
  try {
    return await withTimeout(ANSWERED_WITHIN, () => recordAway(app, person, ask));
  } catch (error) {
    const isCertain = error instanceof StoreError && !error.unsure;
    app.log.error({ person, error }, 'absence not recorded');
    return isCertain ? texts.refusals.notRecorded : texts.away.perhapsSaved;
  }
}

async function recordAway(app: SlackApp, person: string, ask: AwayAsk): Promise<string> {
  if (ask === 'state')
    return describeWhereabouts(await readAway(app, person)).join(' ') || texts.away.notAway;
  if (ask === 'back') return (await comeBack(app, person)) ? texts.away.back : texts.away.notAway;
  const gone = await goAway(app, person, ask);
  if ('code' in gone) return describeAwayRefusal(gone, ask.substitute);
  // Reading what waits and a message may take longer than an answer may.
  void tellSubstitute(app, person, gone.away);
  return describeGone(gone);
}

/** Substitutes whom the bot did not tell before it stopped. Never rejects. */
export async function tellSubstitutes(app: SlackApp): Promise<void> {
  const untold = await listUntold(app).catch((error: unknown) => {
    app.log.error({ error }, 'absences not read');
    return [];
  });
  for (const [person, away] of untold) await tellSubstitute(app, person, away);
}

async function tellSubstitute(app: SlackApp, person: string, away: Away): Promise<void> {
  const { languages, client, links, log, reply } = app;
  const { substitute } = away;
  try {
    const handedOver = await listHandedOver(app, person, away);
    await languages.learn(substitute);
    const notice = speak(languages.ofPerson(substitute), () =>
      buildAwayNotice(person, away, handedOver, links),
    );
    await client.chat.postMessage({ channel: substitute, ...notice });
  } catch (error) {
    log.error({ person: substitute, error }, 'substitute not told');
    await reply({ user: person }, texts.away.notTold(mention(substitute)));
  }
  await recordTold(app, person, away).catch((error: unknown) =>
    log.error({ person, error }, 'absence not read'),
  );
}

/** A person clicked *Away…* on the Home tab. */
export async function openAwayForm(app: SlackApp, click: Click): Promise<void> {
  await click.ack();
  const { place } = readClick(click, undefined);
  try {
    await click.client.views.open({ trigger_id: place.triggerId ?? '', view: buildAwayForm() });
  } catch (error) {
    app.log.error({ person: place.user, error }, 'form to be away not opened');
    await app.reply({ ...place, triggerId: undefined }, texts.refusals.notOpened);
  }
}

/** A person submitted it: the form shows what became of it. */
export async function submitAway(app: SlackApp, submission: Submission): Promise<void> {
  const { body, view } = submission;
  const { values } = view.state;
  const [date, substitute] = [
    values[AWAY_DAY.block]?.[AWAY_DAY.action]?.selected_date,
    values[SUBSTITUTE.block]?.[SUBSTITUTE.action]?.selected_user,
  ];
  if (!date || !substitute) return rejectUnknownForm(app, submission);
  const person = body.user.id;
  const ask = { day: { date }, substitute };
  const sentence = await answerAway(app, person, ask);
  const shown = buildNotDoneModal(view.title.text, sentence);
  await ackOrReply(app, submission, { response_action: 'update', view: shown }, sentence);
  await app.home.open(person);
}

/** A person clicked *I'm back* on the Home tab. */
export async function comeBackFromHome(app: SlackApp, click: Click): Promise<void> {
  await click.ack();
  const { by, place } = readClick(click, undefined);
  const sentence = await answerAway(app, by, 'back');
  // The tab shows that they are back.
  if (sentence !== texts.away.back) await app.reply(place, sentence);
  await app.home.open(by);
}
