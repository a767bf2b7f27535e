import type { ViewSubmitAction } from '@slack/bolt';
import { comeBack, goAway, readAway } from '../../approval/away.ts';
import { sendNotices } from '../../approval/worker/absence-notices.ts';
import { StoreError } from '../../lib/errors.ts';
import { REPLY_TIMEOUT, withTimeout } from '../../lib/time.ts';
import { textsOf } from '../../slack/app/languages.ts';
import { type Click, readClick } from '../../slack/listeners/click.ts';
import { ackOrReply, rejectUnknownForm, type Submission } from '../../slack/listeners/submit-form.ts';
import type { SlackApp } from '../../slack/slack-app.ts';
import type { Sentence } from '../../slack/texts/texts.ts';
import { buildSentenceModal } from '../../slack/views/modals/decision-modals.ts';
import { mention } from '../../slack/views/text/names.ts';
import { AWAY_DAY, SUBSTITUTE } from './ids.ts';
import type { AbsenceRequest } from './read-away.ts';
import { absencesTexts } from './texts.ts';
import { buildAwayForm } from './views/away-form.ts';
import { describeAwayRefusal, describeGone, describeWhereabouts } from './views/whereabouts.ts';

/** Carries out a person's request and returns the answer, in sentences. Never rejects. */
export async function answerAway(app: SlackApp, person: string, ask: AbsenceRequest): Promise<Sentence> {
  const { answer } = await carryOutAway(app, person, ask);
  return answer;
}

/** Like `answerAway`. `field`: the field of the form that the person has to correct. */
async function carryOutAway(
  app: SlackApp,
  person: string,
  ask: AbsenceRequest,
): Promise<{ answer: Sentence; field?: typeof AWAY_DAY | typeof SUBSTITUTE | undefined }> {
  try {
    return await withTimeout(REPLY_TIMEOUT, () => recordAbsence(app, person, ask));
  } catch (error) {
    const isCertain = error instanceof StoreError && !error.unsure;
    app.log.error({ person, error }, 'absence not recorded');
    if (ask === 'state') return { answer: ({ refusals }) => refusals.notLookedUp };
    return {
      answer: (texts) => (isCertain ? texts.refusals.notRecorded : absencesTexts(texts).perhapsSaved),
      field: AWAY_DAY,
    };
  }
}

async function recordAbsence(
  app: SlackApp,
  person: string,
  ask: AbsenceRequest,
): ReturnType<typeof carryOutAway> {
  if (ask === 'state') {
    const away = await readAway(app, person);
    return { answer: (texts) => describeWhereabouts(texts, away) };
  }
  try {
    if (ask === 'back') return { answer: (await comeBack(app, person)) ? sayBack : sayNotAway };
    const outcome = await goAway(app, person, ask);
    if (!('code' in outcome)) return { answer: (texts) => describeGone(texts, outcome) };
    const field = outcome.code === 'past_day' || outcome.code === 'far_day' ? AWAY_DAY : SUBSTITUTE;
    return { answer: (texts) => describeAwayRefusal(texts, outcome, mention(ask.substitute)), field };
  } finally {
    // Finding the waiting approvals and sending messages may take longer than the time for an answer.
    void sendNotices(app);
  }
}

const sayBack: Sentence = (texts) => absencesTexts(texts).back;
const sayNotAway: Sentence = (texts) => absencesTexts(texts).notAway;

/** Opens the form after a click on *I'll be away…* or *Change…* on the Home tab. */
export async function openAwayForm(app: SlackApp, click: Click): Promise<void> {
  await click.ack();
  const { place, by } = readClick(click, undefined);
  try {
    const { ownAbsence: absence } = await withTimeout(REPLY_TIMEOUT, () => readAway(app, by)).catch(() => ({
      ownAbsence: undefined,
    }));
    await click.client.views.open({
      trigger_id: place.triggerId ?? '',
      view: buildAwayForm(await click.texts(), absence),
    });
  } catch (error) {
    app.log.error({ person: place.user, error }, 'form to be away not opened');
    await app.reply({ ...place, triggerId: undefined }, ({ refusals }) => refusals.formNotOpened);
  }
}

function readAwayForm({ state: { values } }: ViewSubmitAction['view']) {
  const date = values[AWAY_DAY.block]?.[AWAY_DAY.action]?.selected_date;
  const substitute = values[SUBSTITUTE.block]?.[SUBSTITUTE.action]?.selected_user;
  return date && substitute ? { day: { date }, substitute } : undefined;
}

/** Handles the submitted form: shows the result in the form, and a refusal at its field. */
export async function submitAway(app: SlackApp, submission: Submission): Promise<void> {
  const { body, view } = submission;
  const ask = readAwayForm(view);
  if (!ask) return rejectUnknownForm(app, submission);
  const person = body.user.id;
  const outcome = await carryOutAway(app, person, ask);
  const texts = await textsOf(submission)();
  const { field } = outcome;
  const answer = outcome.answer(texts);
  const response = field
    ? // A field's error cannot mention anybody.
      ({
        response_action: 'errors',
        errors: {
          [field.block]: answer.replaceAll(mention(ask.substitute), absencesTexts(texts).thisPerson),
        },
      } as const)
    : ({ response_action: 'update', view: buildSentenceModal(texts, view.title.text, answer) } as const);
  await ackOrReply(app, submission, response, answer);
  if (!field) await app.home.open(person);
}

/** Ends an absence after a click on *I'm back* on the Home tab. */
export async function comeBackFromHome(app: SlackApp, click: Click): Promise<void> {
  await click.ack();
  const { by, place } = readClick(click, undefined);
  const answer = await answerAway(app, by, 'back');
  // The tab shows that the person is back.
  if (answer !== sayBack) await app.reply(place, answer);
  await app.home.open(by);
}
