import type { StartRefusal } from '../../../approval/kickoffs/can-start.ts';
import type { StartRequest } from '../../../approval/kickoffs/start-run.ts';
import type { Kickoff } from '../../../approval/model/run/kickoff.ts';
import { ANSWERED_WITHIN, withTimeout } from '../../../lib/deadline.ts';
import { DeadlineError, StoreError } from '../../../lib/errors.ts';
import { readDraft } from '../../app/button-values.ts';
import { CREW, INPUTS_JSON, inputBlock } from '../../app/ids.ts';
import { buildNotDoneModal } from '../../views/modals/decision-modals.ts';
import { buildLoadingForm } from '../../views/runs/start-form.ts';
import { describeStartRefusal, FORM_LOST, NOT_STARTED, PERHAPS_STARTED } from '../../views/text/sentences.ts';
import type { ListenerContext } from '../context.ts';
import type { SubmissionArgs } from '../modals/record-submission.ts';
import { fillForm } from './open-start-form.ts';
import { readInputs } from './read-inputs.ts';

/** A person chose the crew to start. */
export async function submitCrew(context: ListenerContext, args: SubmissionArgs): Promise<void> {
  const { ack, body, view, client } = args;
  const draft = readDraft(view.private_metadata);
  const name = view.state.values[CREW.block]?.[CREW.action]?.selected_option?.value ?? '';
  const chosen = await withTimeout(ANSWERED_WITHIN, () => context.starts.crew(body.user.id, name)).catch(
    (): { refusal: StartRefusal } => ({ refusal: { code: 'cannot_check' } }),
  );
  if (!draft || 'refusal' in chosen)
    return showSentence(args, 'refusal' in chosen ? describeStartRefusal(chosen.refusal) : FORM_LOST);
  const own = { ...draft, crew: chosen.crew.name };
  await ack({ response_action: 'update', view: buildLoadingForm(chosen.crew, own) });
  await fillForm(context, client, { view: view.id, crew: chosen.crew, draft: own });
}

/** A person submitted the inputs of a run: the form closes only when the start is on disk. */
export async function submitStart(context: ListenerContext, args: SubmissionArgs): Promise<void> {
  const { ack, body, view } = args;
  const draft = readDraft(view.private_metadata);
  if (!draft?.crew) return showSentence(args, FORM_LOST);
  const read = readInputs(view, context.starts.isFlow(draft.crew));
  if ('errors' in read) return ack({ response_action: 'errors', errors: read.errors });
  const { id, crew, channel } = draft;
  const started = await startInTime(context, { id, crew, by: body.user.id, channel, inputs: read.inputs });
  if (typeof started !== 'string') return ack();
  const [field] = Object.keys(view.state.values).filter(
    (block) => block === INPUTS_JSON.block || block.startsWith(inputBlock('')),
  );
  // The text stays in the form.
  if (field !== undefined) return ack({ response_action: 'errors', errors: { [field]: started } });
  await showSentence(args, started);
}

/** The run that was recorded, or a sentence for the person. */
async function startInTime(
  { starts, log }: ListenerContext,
  request: StartRequest,
): Promise<Kickoff | string> {
  try {
    const result = await withTimeout(ANSWERED_WITHIN, () => starts.start(request));
    return 'refusal' in result ? describeStartRefusal(result.refusal) : result.kickoff;
  } catch (error) {
    // The same form starts the same run, whatever was recorded of it.
    const unsure = error instanceof DeadlineError || (error instanceof StoreError && error.unsure);
    log.error({ crew: request.crew, person: request.by, error, unsure }, 'start of a run not recorded');
    return unsure ? PERHAPS_STARTED : NOT_STARTED;
  }
}

async function showSentence({ ack, view }: SubmissionArgs, sentence: string): Promise<void> {
  await ack({ response_action: 'update', view: buildNotDoneModal(view.title.text, sentence) });
}
