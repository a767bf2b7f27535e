import { getOwn } from '../../lib/own-member.ts';
import type { App } from '../app.ts';
import { changeRun } from '../intake/change-run.ts';
import { applyRunEnd, applyToStart, type Run } from '../intake/run.ts';
import { RECORD_VERSION } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import { buildRunThread, type Start } from '../model/run/start.ts';
import type { CrewStarts } from '../ports.ts';
import { findStartRefusal, listStartable, type StartRefusal } from './can-start.ts';

/** A person's request to start a run. `id`: id of the form, so that a form that is submitted twice starts one run. */
export type StartRequest = Pick<Start, 'id' | 'crew' | 'by' | 'inputs'> & {
  /** Channel in which the person asked. */
  channel?: string | undefined;
};

/** Finds the crew of that name, or the crews to choose from; otherwise the reason why there is none. */
export async function chooseCrewToStart(
  app: App,
  person: string,
  name: string | undefined,
): Promise<{ crew: Crew } | { crews: Crew[] } | { refusal: StartRefusal }> {
  const startable = listStartable(app.crews);
  if (startable.length === 0) return { refusal: { code: 'nothing_to_start' } };
  if (name !== undefined) return findCrewToStart(app, person, name);
  const refusals = await Promise.all(startable.map((crew) => findStartRefusal(app.people, crew, person)));
  const allowedCrews = startable.filter((_, index) => refusals[index] === undefined);
  const [onlyCrew] = allowedCrews;
  if (onlyCrew && allowedCrews.length === 1) return { crew: onlyCrew };
  if (allowedCrews.length > 1) return { crews: allowedCrews };
  return {
    refusal: refusals.find((refusal) => refusal?.code === 'cannot_check') ?? (refusals[0] as StartRefusal),
  };
}

/** Finds a crew by its name, ignoring case, whose runs this person may start. */
export async function findCrewToStart(
  { crews, people }: App,
  person: string,
  name: string,
): Promise<{ crew: Crew } | { refusal: StartRefusal }> {
  const startable = listStartable(crews);
  const namedCrew =
    startable.find((crew) => crew.name === name) ??
    startable.find((crew) => crew.name.toLowerCase() === name.toLowerCase());
  if (!namedCrew) return { refusal: { code: 'unknown_crew', crew: name } };
  const refusal = await findStartRefusal(people, namedCrew, person);
  return refusal ? { refusal } : { crew: namedCrew };
}

/** Lists the inputs to ask for, without hidden ones; undefined: CrewAI or the program did not name any. Never rejects. */
export async function listAskedInputs(
  { crewAI, store }: App,
  { name, starts, inputs: settings = {} }: Crew,
): ReturnType<CrewStarts['inputs']> {
  const inputs =
    starts === 'program'
      ? await store.declaredInputs(name).catch(() => 'not_reached' as const)
      : await crewAI.inputs(name);
  if (inputs === undefined || inputs === 'not_reached') return inputs;
  const isAsked = (input: string) => getOwn(settings, input)?.hidden === undefined;
  const fields = inputs.fields?.filter((field) => isAsked(field.name));
  return { ...inputs, names: inputs.names.filter(isAsked), ...(fields ? { fields } : {}) };
}

/** True if this crew's runs are runs of a Flow. */
export function startsFlow({ crews }: App, name: string): boolean {
  return crews.get(name)?.starts === 'flow';
}

/**
 * Records a start, which the worker then carries out. Rejects with a StoreError: nothing was recorded, unless the error is
 * unsure.
 */
export async function recordStart(
  app: App,
  request: StartRequest,
): Promise<{ start: Start } | { refusal: StartRefusal }> {
  const { store, clock, log, wakeStart } = app;
  const choice = await findCrewToStart(app, request.by, request.crew);
  if ('refusal' in choice) return choice;
  const start = buildStart(choice.crew, request, clock.now());
  if (!(await store.save({ start: { previous: undefined, next: start } }))) {
    // The form was submitted twice.
    const storedStart = await store.start(start.id);
    return { start: storedStart?.record ?? start };
  }
  log.info({ crew: start.crew, person: start.by, request: start.id }, 'run requested');
  wakeStart(start);
  return { start };
}

function buildStart(crew: Crew, { id, by, inputs, channel }: StartRequest, at: number): Start {
  const settings = Object.entries(crew.inputs ?? {});
  const hiddenNames = settings.filter(([, { hidden: value }]) => value !== undefined).map(([name]) => name);
  return {
    v: RECORD_VERSION,
    id,
    crew: crew.name,
    by,
    channel: channel !== undefined && crew.channels.includes(channel) ? channel : crew.channel,
    // Values typed for hidden inputs are not sent, so they are not shown, either.
    inputs: Object.fromEntries(Object.entries(inputs).filter(([name]) => !hiddenNames.includes(name))),
    hidden: hiddenNames,
    ...(crew.starts === 'program' ? { program: true as const } : {}),
    createdAt: at,
    changedAt: at,
    status: 'starting',
    notes: [],
    lanes: { start: { failures: 0 } },
  };
}

/** Finds a start by the id of its form. Rejects with a StoreError. */
export async function findStart({ store }: App, id: string): Promise<Start | undefined> {
  return (await store.start(id))?.record;
}

/** Collects all inputs of a run: those that were given, and the hidden ones of the settings. Pure. */
export function collectInputs(
  { inputs: settings = {} }: Crew,
  { inputs: enteredInputs }: Start,
): Record<string, unknown> {
  const hiddenInputs = Object.entries(settings).filter(([, { hidden: value }]) => value !== undefined);
  return {
    ...enteredInputs,
    ...Object.fromEntries(hiddenInputs.map(([name, { hidden: value }]) => [name, value])),
  };
}

/**
 * Ties a run to its start from Slack, the first time that a webhook or an answer names the start. Only the bot, CrewAI and the
 * program know the start's id. `checkAt`: when the bot checks if a webhook has arrived. Pure.
 */
export function tieToStart(run: Run, executionId: string, at: number, checkAt?: number): Run {
  if (!run.start || run.record.thread) return run;
  const startedRun = applyToStart(run, { type: 'seen', at, executionId, checkAt });
  // The run may have ended before its start was known.
  return applyRunEnd({ ...startedRun, record: addStartFacts(run.record, run.start, at) }, at);
}

/** Adds the start's facts to its run. The person was checked at the start, so these facts override `meta`. */
function addStartFacts(run: RunRecord, start: Start, at: number): RunRecord {
  const thread = buildRunThread(start);
  const { by: requestedBy, channel } = start;
  return { registeredAt: at, ...run, requestedBy, channel, ...(thread ? { thread } : {}) };
}

/**
 * Records that CrewAI or a program started the run that a person requested in Slack: changes the run and the start in one commit.
 * Returns the run's start, which may have another id than `requestId`. Rejects with a StoreError.
 */
export async function recordStartedRun(
  app: App,
  crew: Crew,
  requestId: string,
  executionId: string,
): Promise<Start | undefined> {
  const at = app.clock.now();
  // A program reports the state of its run by itself.
  const checkAt = crew.starts === 'program' ? undefined : at + crew.policy.silentAfter;
  const query = { requestId, isAnswered: true };
  const { run } = await changeRun(app, crew, executionId, query, (loadedRun, id) => ({
    run: tieToStart(loadedRun, id, at, checkAt),
  }));
  return run.start;
}
