import { randomUUID } from 'node:crypto';
import type { View } from '@slack/types';
import { SlackError, type WebClient } from '@slack/web-api';
import type { Crew } from '../../approval/model/crew/crew.ts';
import { checkValues, type Field, type FieldValues } from '../../approval/model/fields.ts';
import type { Start } from '../../approval/model/run/start.ts';
import type { StartRefusal } from '../../approval/starts/can-start.ts';
import {
  chooseCrewToStart,
  findCrewToStart,
  listAskedInputs,
  recordStart,
  type StartRequest,
  startsFlow,
} from '../../approval/starts/start-run.ts';
import { DeadlineError, StoreError } from '../../lib/errors.ts';
import { REPLY_TIMEOUT, withTimeout } from '../../lib/time.ts';
import type { ReplyPlace } from '../../slack/api/reply.ts';
import { textsOf } from '../../slack/app/languages.ts';
import { type Click, readClick } from '../../slack/listeners/click.ts';
import {
  describeValueFault,
  describeValueFaults,
  readEnteredFields,
} from '../../slack/listeners/read-fields.ts';
import { findClickedStart } from '../../slack/listeners/run-status.ts';
import {
  ackOrReply,
  keepFormOpen,
  rejectUnknownForm,
  type Submission,
} from '../../slack/listeners/submit-form.ts';
import type { SlackApp } from '../../slack/slack-app.ts';
import type { Sentence, Texts } from '../../slack/texts/texts.ts';
import { buildNotDoneModal } from '../../slack/views/modals/decision-modals.ts';
import { readDraft, type StartDraft } from './draft.ts';
import { CREW, INPUTS_JSON, inputBlock } from './ids.ts';
import { hasKnownInputs, readInputs } from './read-inputs.ts';
import { startsTexts } from './texts.ts';
import {
  buildCrewChoice,
  buildLoadingForm,
  buildStartForm,
  describeStartRefusal,
} from './views/start-form.ts';

/** A person's request for the form. */
interface FormRequest {
  client: WebClient;
  place: ReplyPlace;
  /** Name of the crew; undefined: the person chooses. */
  crew?: string | undefined;
  /** The start to repeat. */
  again?: Start | undefined;
}

/** Opens the form that starts a run at once. Its fields follow when CrewAI has named the inputs. */
export async function openStartForm(app: SlackApp, request: FormRequest): Promise<void> {
  const { reply, log } = app;
  const { client, place, again } = request;
  const texts = await place.texts();
  try {
    const chosen = await chooseCrewToStart(app, place.user, again?.crew ?? request.crew);
    if ('refusal' in chosen) return await reply(place, () => describeStartRefusal(texts, chosen.refusal));
    const draft: StartDraft = {
      id: randomUUID(),
      ...(place.channel === undefined ? {} : { channel: place.channel }),
      ...(again ? { again: again.id } : {}),
    };
    const open = async (view: View) =>
      (await client.views.open({ trigger_id: place.triggerId ?? '', view })).view?.id;
    if ('crews' in chosen) {
      await open(buildCrewChoice(texts, chosen.crews, draft));
      return;
    }
    const own = { ...draft, crew: chosen.crew.name };
    const view = await open(buildLoadingForm(texts, chosen.crew, own));
    if (view) await fillForm(app, texts, client, { view, crew: chosen.crew, draft: own, again });
  } catch (error) {
    log.error({ person: place.user, error }, 'form to start a run not opened');
    const { noForm, notStarted } = startsTexts(texts);
    await reply({ ...place, triggerId: undefined }, () =>
      error instanceof SlackError ? noForm : notStarted,
    );
  }
}

/** Shows the fields for a crew's inputs in an open form. */
async function fillForm(
  app: SlackApp,
  texts: Texts,
  client: WebClient,
  { view, crew, draft, again }: { view: string; crew: Crew; draft: StartDraft; again?: Start | undefined },
): Promise<void> {
  const inputs = await listAskedInputs(app, crew);
  const named = inputs === 'not_reached' ? { names: inputs } : { names: undefined, ...inputs };
  const known = { ...named, before: again?.inputs, missing: again?.missing };
  // Many long values can exceed the 250 kB of a view; JSON that is too long is left out:
  // https://docs.slack.dev/reference/methods/views.open
  for (const asJson of [false, true]) {
    const form = buildStartForm(texts, crew, draft, known, { asJson });
    try {
      await client.views.update({ view_id: view, view: form });
      return;
    } catch (error) {
      // The person may have closed the form.
      app.log.warn({ crew: crew.name, error }, 'form to start a run not filled');
    }
  }
  const sentence = buildNotDoneModal(texts, startsTexts(texts).startTitle, startsTexts(texts).noForm);
  await client.views.update({ view_id: view, view: sentence }).catch(() => {});
}

/** Opens the form after a click on *Start a crew* on the Home tab. */
export async function startFromHome(app: SlackApp, click: Click): Promise<void> {
  await click.ack();
  await openStartForm(app, { client: click.client, place: readClick(click, undefined).place });
}

/** Opens the form after a click on *Run again*, with the inputs of that run. */
export async function runAgain(app: SlackApp, click: Click): Promise<void> {
  await click.ack();
  const { place } = readClick(click, undefined);
  const again = await findClickedStart(app, click);
  if (typeof again === 'function') return app.reply(place, again);
  await openStartForm(app, { client: click.client, place, again });
}

/** Shows the form for the crew that a person chose. */
export async function submitCrew(app: SlackApp, submission: Submission): Promise<void> {
  const { ack, body, view, client } = submission;
  const draft = readDraft(view.private_metadata);
  const name = view.state.values[CREW.block]?.[CREW.action]?.selected_option?.value;
  if (name === undefined) return rejectUnknownForm(app, submission);
  const texts = await textsOf(submission)();
  const chosen = await withTimeout(REPLY_TIMEOUT, () => findCrewToStart(app, body.user.id, name)).catch(
    (): { refusal: StartRefusal } => ({ refusal: { code: 'cannot_check' } }),
  );
  if (!draft || 'refusal' in chosen) {
    const why =
      'refusal' in chosen ? describeStartRefusal(texts, chosen.refusal) : startsTexts(texts).formLost;
    const shown = {
      response_action: 'update',
      view: buildNotDoneModal(texts, view.title.text, why),
    } as const;
    return ackOrReply(app, submission, shown, why);
  }
  const own = { ...draft, crew: chosen.crew.name };
  await ack({ response_action: 'update', view: buildLoadingForm(texts, chosen.crew, own) });
  await fillForm(app, texts, client, { view: view.id, crew: chosen.crew, draft: own });
}

/** Starts a run with the submitted inputs. The form closes only when the start is on disk. */
export async function submitStart(app: SlackApp, submission: Submission): Promise<void> {
  const { ack, body, view } = submission;
  const draft = readDraft(view.private_metadata);
  const texts = await textsOf(submission)();
  const keepOpen = (sentence: Sentence) =>
    ackOrReply(app, submission, keepFormOpen(texts, view, sentence), sentence(texts));
  if (!draft?.crew) {
    app.log.warn({ person: body.user.id, form: view.callback_id }, 'form value not readable');
    return keepOpen(() => startsTexts(texts).formLost);
  }
  if (!hasKnownInputs(view)) return rejectUnknownForm(app, submission);
  const fields = await findInputFields(app, draft.crew);
  if (fields && !hasFieldsOf(view, fields)) return keepOpen(() => startsTexts(texts).otherInputs);
  const read = fields
    ? readTypedInputs(texts, view, fields)
    : readInputs(texts, view, startsFlow(app, draft.crew));
  if ('errors' in read) {
    const [sentence = ''] = Object.values(read.errors);
    return ackOrReply(app, submission, { response_action: 'errors', errors: read.errors }, sentence);
  }
  const { id, crew, channel } = draft;
  const started = await startInTime(app, { id, crew, by: body.user.id, channel, inputs: read.inputs });
  if (typeof started !== 'function') return ack();
  await keepOpen(started);
}

/** Returns the fields that a program declared for its inputs; undefined: none declared, or they cannot be read now. */
async function findInputFields(app: SlackApp, name: string): Promise<readonly Field[] | undefined> {
  const crew = app.crews.get(name);
  const inputs = crew && crew.starts === 'program' ? await listAskedInputs(app, crew) : undefined;
  return typeof inputs === 'object' ? inputs.fields : undefined;
}

/** True if the form asks for these inputs; false: the program has declared other inputs since the form was opened. */
function hasFieldsOf({ state: { values } }: Submission['view'], fields: readonly Field[]): boolean {
  const drawn = Object.keys(values);
  return (
    INPUTS_JSON.block in values ||
    (drawn.length === fields.length && fields.every(({ name }) => drawn.includes(inputBlock(name))))
  );
}

function readTypedInputs(
  texts: Texts,
  { state }: Submission['view'],
  fields: readonly Field[],
): { inputs: FieldValues } | { errors: Record<string, string> } {
  if (!(INPUTS_JSON.block in state.values)) {
    const read = readEnteredFields(state, fields, inputBlock);
    return 'faults' in read ? { errors: describeValueFaults(texts, read.faults) } : { inputs: read.values };
  }
  const read = readInputs(texts, { state }, false);
  if ('errors' in read) return read;
  const checked = checkValues(fields, read.inputs as FieldValues);
  if ('values' in checked) return { inputs: Object.fromEntries(checked.values) };
  return { errors: { [INPUTS_JSON.block]: describeValueFault(texts, checked.fault, checked.name) } };
}

/** Records a start and returns it, or a sentence for the person. */
async function startInTime(app: SlackApp, request: StartRequest): Promise<Start | Sentence> {
  try {
    const result = await withTimeout(REPLY_TIMEOUT, () => recordStart(app, request));
    return 'refusal' in result ? (texts) => describeStartRefusal(texts, result.refusal) : result.start;
  } catch (error) {
    // If the first try was recorded, submitting the form again starts no second run.
    const unsure = error instanceof DeadlineError || (error instanceof StoreError && error.unsure);
    app.log.error({ crew: request.crew, person: request.by, error, unsure }, 'start of a run not recorded');
    return (texts) => (unsure ? startsTexts(texts).perhapsStarted : startsTexts(texts).notStarted);
  }
}
