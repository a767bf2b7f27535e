import { randomUUID } from 'node:crypto';
import type { View } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Crew } from '../../../approval/model/crew/crew.ts';
import type { Kickoff } from '../../../approval/model/run/kickoff.ts';
import type { ReplyPlace } from '../../api/reply.ts';
import type { StartDraft } from '../../app/button-values.ts';
import { buildNotDoneModal } from '../../views/modals/decision-modals.ts';
import { buildCrewChoice, buildLoadingForm, buildStartForm } from '../../views/runs/start-form.ts';
import { describeStartRefusal, NO_FORM, NOT_STARTED } from '../../views/text/sentences.ts';
import type { ListenerContext } from '../context.ts';

/** Where a person asked for the form, and what it begins with. */
interface FormRequest {
  client: WebClient;
  place: ReplyPlace;
  /** Undefined: the person chooses. */
  crew?: string | undefined;
  /** The run that is started again. */
  again?: Kickoff | undefined;
}

/** Opens the form that starts a run, at once; its fields follow when CrewAI has named the inputs. */
export async function openStartForm(context: ListenerContext, request: FormRequest): Promise<void> {
  const { starts, reply, log } = context;
  const { client, place, again } = request;
  try {
    const chosen = await starts.choose(place.user, again?.crew ?? request.crew);
    if ('refusal' in chosen) return await reply(place, describeStartRefusal(chosen.refusal));
    const draft: StartDraft = {
      id: randomUUID(),
      ...(place.channel === undefined ? {} : { channel: place.channel }),
      ...(again ? { again: again.id } : {}),
    };
    if ('crews' in chosen) {
      await openView(client, place, buildCrewChoice(chosen.crews, draft));
      return;
    }
    const own = { ...draft, crew: chosen.crew.name };
    const view = await openView(client, place, buildLoadingForm(chosen.crew, own));
    if (view) await fillForm(context, client, { view, crew: chosen.crew, draft: own, again });
  } catch (error) {
    log.error({ person: place.user, error }, 'form to start a run not opened');
    await reply({ ...place, triggerId: undefined }, slackRefused(error) ? NO_FORM : NOT_STARTED);
  }
}

function slackRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('slack_');
}

async function openView(client: WebClient, { triggerId = '' }: ReplyPlace, view: View) {
  const opened = await client.views.open({ trigger_id: triggerId, view });
  return opened.view?.id;
}

/** Shows the fields of a crew's inputs in a form that is open. */
export async function fillForm(
  { starts, log }: ListenerContext,
  client: WebClient,
  { view, crew, draft, again }: { view: string; crew: Crew; draft: StartDraft; again?: Kickoff | undefined },
): Promise<void> {
  const inputs = await starts.inputs(crew);
  const named =
    inputs === 'not_reached' ? { names: inputs } : { names: inputs?.names, required: inputs?.required };
  const known = { ...named, before: again?.inputs, missing: again?.missing };
  // Of very long inputs Slack takes the empty fields only.
  for (const form of [buildStartForm(crew, draft, known), buildStartForm(crew, draft, named)]) {
    try {
      await client.views.update({ view_id: view, view: form });
      return;
    } catch (error) {
      // The person may have closed it.
      log.warn({ crew: crew.name, error }, 'form to start a run not filled');
    }
  }
  const sentence = buildNotDoneModal('Start a crew', NO_FORM);
  await client.views.update({ view_id: view, view: sentence }).catch(() => {});
}
