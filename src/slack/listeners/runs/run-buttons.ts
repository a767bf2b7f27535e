import type { Kickoff } from '../../../approval/model/run/kickoff.ts';
import { buildRunStatus } from '../../views/lists/run-status.ts';
import { describeLookUpRefusal, NOT_LOOKED_UP, RUN_LOST } from '../../views/text/sentences.ts';
import { type ButtonArgs, readClick } from '../buttons/read-click.ts';
import type { ListenerContext } from '../context.ts';
import { openStartForm } from './open-start-form.ts';

/** A person clicked *Start a crew* on the Home tab. */
export async function startFromHome(
  context: ListenerContext,
  { ack, body, client }: ButtonArgs,
): Promise<void> {
  await ack();
  await openStartForm(context, { client, place: readClick(body, undefined).place });
}

/** A person clicked *Run again*: the form begins with the same inputs. */
export async function runAgain(
  context: ListenerContext,
  { ack, body, action, client }: ButtonArgs,
): Promise<void> {
  await ack();
  const { place } = readClick(body, undefined);
  const again = await findKickoff(context, action.value);
  if (typeof again === 'string') return context.reply(place, again);
  await openStartForm(context, { client, place, again });
}

/** A person clicked *Status* on the message of a run. */
export async function showRunStatus(
  context: ListenerContext,
  { ack, body, action }: ButtonArgs,
): Promise<void> {
  const { lookUps, reply, links, log } = context;
  await ack();
  const { place } = readClick(body, undefined);
  const kickoff = await findKickoff(context, action.value);
  if (typeof kickoff === 'string') return reply(place, kickoff);
  const report = await lookUps.status(place.user, kickoff.executionId ?? '').catch((error: unknown) => {
    log.error({ request: kickoff.id, error }, 'lookup failed');
    return undefined;
  });
  if (!report) return reply(place, NOT_LOOKED_UP);
  await reply(place, 'code' in report ? describeLookUpRefusal(report) : buildRunStatus(report, links).text);
}

/** The start of a run, or a sentence why it is not known. */
async function findKickoff(
  { starts, log }: ListenerContext,
  id: string | undefined,
): Promise<Kickoff | string> {
  try {
    return (await starts.find(id ?? '')) ?? RUN_LOST;
  } catch (error) {
    log.error({ request: id, error }, 'start of a run not read');
    return NOT_LOOKED_UP;
  }
}
