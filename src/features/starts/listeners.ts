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
  buildKeepOpenResponse,
  rejectUnknownForm,
  type Submission,
} from '../../slack/listeners/submit-form.ts';
import type { SlackApp } from '../../slack/slack-app.ts';
import type { Sentence, Texts } from '../../slack/texts/texts.ts';
import { buildSentenceModal } from '../../slack/views/modals/decision-modals.ts';
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

/** Opens the form to start a run at once, and adds the fields when CrewAI has named the inputs. */
export async function openStartForm(app: SlackApp, request: FormRequest): Promise<void> {
  const { reply, log } = app;
  const { client, place, again } = request;
  const texts = await place.texts();
  try {
    const choice = await chooseCrewToStart(app, place.user, again?.crew ?? request.crew);
    if ('refusal' in choice) return await reply(place, () => describeStartRefusal(texts, choice.refusal));
    const draft: StartDraft = {
      id: randomUUID(),
      ...(place.channel === undefined ? {} : { channel: place.channel }),
      ...(again ? { again: again.id } : {}),
    };
    const open = async (view: View) =>
      (await client.views.open({ trigger_id: place.triggerId ?? '', view })).view?.id;
    if ('crews' in choice) {
      await open(buildCrewChoice(texts, choice.crews, draft));
      return;
    }
    const crewDraft = { ...draft, crew: choice.crew.name };
    const view = await open(buildLoadingForm(texts, choice.crew, crewDraft));
    if (view) await fillForm(app, texts, client, { view, crew: choice.crew, draft: crewDraft, again });
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
  const namedInputs = inputs === 'not_reached' ? { names: inputs } : { names: undefined, ...inputs };
  const knownInputs = { ...namedInputs, before: again?.inputs, missing: again?.missing };
  // Many long values can exceed the 250 kB of a view; JSON that is too long is left out:
  // https://docs.slack.dev/reference/methods/views.open
  for (const asJson of [false, true]) {
    const form = buildStartForm(texts, crew, draft, knownInputs, { asJson });
    try {
      await client.views.update({ view_id: view, view: form });
      return;
    } catch (error) {
      // The person may have closed the form.
      app.log.warn({ crew: crew.name, error }, 'form to start a run not filled');
    }
  }
  const sentence = buildSentenceModal(texts, startsTexts(texts).startTitle, startsTexts(texts).noForm);
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
  const repeatedStart = await findClickedStart(app, click);
  if (typeof repeatedStart === 'function') return app.reply(place, repeatedStart);
  await openStartForm(app, { client: click.client, place, again: repeatedStart });
}

/** Shows the form for the crew that a person chose. */
export async function submitCrew(app: SlackApp, submission: Submission): Promise<void> {
  const { ack, body, view, client } = submission;
  const draft = readDraft(view.private_metadata);
  const name = view.state.values[CREW.block]?.[CREW.action]?.selected_option?.value;
  if (name === undefined) return rejectUnknownForm(app, submission);
  const texts = await textsOf(submission)();
  const choice = await withTimeout(REPLY_TIMEOUT, () => findCrewToStart(app, body.user.id, name)).catch(
    (): { refusal: StartRefusal } => ({ refusal: { code: 'cannot_check' } }),
  );
  if (!draft || 'refusal' in choice) {
    const sentence =
      'refusal' in choice ? describeStartRefusal(texts, choice.refusal) : startsTexts(texts).formLost;
    const response = {
      response_action: 'update',
      view: buildSentenceModal(texts, view.title.text, sentence),
    } as const;
    return ackOrReply(app, submission, response, sentence);
  }
  const crewDraft = { ...draft, crew: choice.crew.name };
  await ack({ response_action: 'update', view: buildLoadingForm(texts, choice.crew, crewDraft) });
  await fillForm(app, texts, client, { view: view.id, crew: choice.crew, draft: crewDraft });
}

/** Starts a run with the submitted inputs. The form closes only when the start is on disk. */
export async function submitStart(app: SlackApp, submission: Submission): Promise<void> {
  const { ack, body, view } = submission;
  const draft = readDraft(view.private_metadata);
  const texts = await textsOf(submission)();
  const keepOpen = (sentence: Sentence) =>
    ackOrReply(app, submission, buildKeepOpenResponse(texts, view, sentence), sentence(texts));
  if (!draft?.crew) {
    app.log.warn({ person: body.user.id, form: view.callback_id }, 'form value not readable');
    return keepOpen(() => startsTexts(texts).formLost);
  }
  if (!hasKnownInputs(view)) return rejectUnknownForm(app, submission);
  const fields = await findInputFields(app, draft.crew);
  if (fields && !hasFieldsOf(view, fields)) return keepOpen(() => startsTexts(texts).otherInputs);
  const entered = fields
    ? readTypedInputs(texts, view, fields)
    : readInputs(texts, view, startsFlow(app, draft.crew));
  if ('errors' in entered) {
    const [sentence = ''] = Object.values(entered.errors);
    return ackOrReply(app, submission, { response_action: 'errors', errors: entered.errors }, sentence);
  }
  const { id, crew, channel } = draft;
  const result = await startInTime(app, { id, crew, by: body.user.id, channel, inputs: entered.inputs });
  if (typeof result !== 'function') return ack();
  await keepOpen(result);
}

/** Returns the fields that a program declared for its inputs; undefined: none declared, or they cannot be read now. */
async function findInputFields(app: SlackApp, name: string): Promise<readonly Field[] | undefined> {
  const crew = app.crews.get(name);
  const inputs = crew && crew.starts === 'program' ? await listAskedInputs(app, crew) : undefined;
  return typeof inputs === 'object' ? inputs.fields : undefined;
}

/** True if the form asks for these inputs; false: the program has declared other inputs since the form was opened. */
function hasFieldsOf({ state: { values } }: Submission['view'], fields: readonly Field[]): boolean {
  const shownBlocks = Object.keys(values);
  return (
    INPUTS_JSON.block in values ||
    (shownBlocks.length === fields.length &&
      fields.every(({ name }) => shownBlocks.includes(inputBlock(name))))
  );
}

function readTypedInputs(
  texts: Texts,
  { state }: Submission['view'],
  fields: readonly Field[],
): { inputs: FieldValues } | { errors: Record<string, string> } {
  if (!(INPUTS_JSON.block in state.values)) {
    const entered = readEnteredFields(state, fields, inputBlock);
    return 'faults' in entered
      ? { errors: describeValueFaults(texts, entered.faults) }
      : { inputs: entered.values };
  }
  const parsed = readInputs(texts, { state }, false);
  if ('errors' in parsed) return parsed;
  const checked = checkValues(fields, parsed.inputs as FieldValues);
  if ('values' in checked) return { inputs: Object.fromEntries(checked.values) };
  return { errors: { [INPUTS_JSON.block]: describeValueFault(texts, checked.fault, checked.name) } };
}

/** Records a start and returns it, or a sentence for the person. */
async function startInTime(app: SlackApp, request: StartRequest): Promise<Start | Sentence> {
  try {
    const result = await withTimeout(REPLY_TIMEOUT, () => recordStart(app, request));
    return 'refusal' in result ? (texts) => describeStartRefusal(texts, result.refusal) : result.start;
  } catch (error) {
    // If the first attempt was recorded, submitting the form again does not start a second run.
    const unsure = error instanceof DeadlineError || (error instanceof StoreError && error.unsure);
    app.log.error({ crew: request.crew, person: request.by, error, unsure }, 'start of a run not recorded');
    return (texts) => (unsure ? startsTexts(texts).perhapsStarted : startsTexts(texts).notStarted);
  }
}
