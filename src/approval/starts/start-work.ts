import type { App } from '../app.ts';
import { computeBackoff, resetLane } from '../lifecycle/lanes.ts';
import type { Start } from '../model/run/start.ts';
import { createTicketId } from '../model/run/ticket.ts';
import type { CardFailure } from '../ports.ts';
import { describeSlackFailure, readCardFailure, treatUnknownAsBlocked } from '../worker/slack-steps.ts';
import type { StepOutcome, Work } from '../worker/work.ts';
import {
  applyStartEvent,
  buildStartKey,
  findNextStartStep,
  type StartEvent,
  type StartStep,
} from './start-events.ts';
import { collectInputs, recordStartedRun } from './start-run.ts';

/** Creates the worker's functions for runs that people start: their message and thread in Slack, the call of /kickoff. */
export function createStartWork(app: App): Work<Start, StartStep> {
  return {
    list: 'dueStarts',
    idName: 'request',
    read: (id) => app.store.start(id),
    save: (previous, next) => app.store.save({ start: { previous, next } }),
    nextSteps(start, now, soleWorkerId) {
      const step = findNextStartStep(start, now, soleWorkerId);
      return step ? [step] : [];
    },
    findCallTarget({ message, channel, by, direct }, step) {
      if (step.do === 'update' && message) return { do: 'update', card: message };
      if (step.do === 'note') return { do: 'post', channel: direct ? by : (message?.channel ?? by) };
      return step.do === 'post' ? { do: 'post', channel } : { do: 'crew' };
    },
    priorityOf: (step) => (step.do === 'update' ? 'background' : 'clicked'),
    prepare: () => async () => undefined,
    begin(claimed, step, at) {
      switch (step.do) {
        case 'call':
          return { record: applyStartEvent(claimed, { type: 'called', at, ticket: createTicketId() }) };
        case 'call_lost':
        case 'too_late':
          return { record: applyStartEvent(claimed, { type: step.do, at }), isDone: true };
        default:
          return { record: claimed };
      }
    },
    perform: (start, step) => performStartStep(app, start, step),
    takeBack(start, step) {
      if (step.do !== 'call') return start;
      const { calledAt: _, ...withoutCall } = start;
      return withoutCall;
    },
  };
}

type Outcome = StepOutcome<Start>;

async function performStartStep(app: App, start: Start, step: StartStep): Promise<Outcome> {
  switch (step.do) {
    case 'post':
      return callSlack(app, start, step, async () => {
        const place = await app.runMessages.post(start);
        const message = { ...place, shown: buildStartKey(start) };
        return (current) => resetLane({ ...current, message: current.message ?? message }, 'start');
      });
    case 'update':
      return callSlack(app, start, step, async () => {
        await app.runMessages.update(start);
        return (current) => recordShown(current, buildStartKey(start));
      });
    case 'note':
      return callSlack(app, start, step, async () => {
        await app.runMessages.note(start, step.note, await loadResult(app, start, step));
        return (current) => removeRunNote(current, step.note);
      });
    case 'check':
      return checkRun(app, start);
    default:
      return callKickoff(app, start);
  }
}

function describeDone(apply: Outcome['apply'], logMessage: string, logFields: object): Outcome {
  return { apply, failed: false, isOffChannel: true, logMessage, logFields };
}

async function callKickoff(app: App, start: Start): Promise<Outcome> {
  const { crews, crewAI, clock, random } = app;
  const crew = crews.get(start.crew);
  const outcome = crew
    ? await crewAI.kickoff(start, collectInputs(crew, start))
    : ({ kind: 'refused', reason: { code: 'crew_gone' } } as const);
  const backoffMs = computeBackoff(start.lanes.start.failures + 1, random);
  const event: StartEvent = { type: 'answered', at: clock.now(), outcome, backoffMs };
  const apply = (current: Start) => applyStartEvent(current, event);
  const logFields = { outcome: outcome.kind };
  if (outcome.kind !== 'started' || !crew)
    return {
      ...describeDone(apply, 'run not started', {
        ...logFields,
        reason: 'reason' in outcome ? outcome.reason : undefined,
      }),
      failed: true,
    };
  const { executionId } = outcome;
  const recordRun = async () => void (await recordStartedRun(app, crew, start.id, executionId));
  return {
    ...describeDone(apply, 'run started', { ...logFields, execution: executionId }),
    storeFirst: recordRun,
  };
}

/** Checks a run of which no webhook may have come: it may have ended, or may wait for a person unseen. */
async function checkRun({ store, crewAI, clock }: App, { crew, executionId = '' }: Start): Promise<Outcome> {
  const originalId = await store.originalId(crew, executionId);
  const run = (await store.run(crew, originalId))?.record;
  const hasWebhook = run?.lastWebhookAt !== undefined;
  const status = hasWebhook ? undefined : await crewAI.status(crew, executionId);
  const events: StartEvent[] = [];
  if (status?.kind === 'failed') events.push({ type: 'run_failed', at: clock.now(), reason: status.error });
  if (status?.kind === 'completed') events.push({ type: 'run_finished', at: clock.now(), withResult: false });
  const apply = (current: Start) =>
    [...events, { type: 'checked', heard: hasWebhook } as const].reduce(applyStartEvent, current);
  const logFields = { execution: executionId, ...(status ? { status: status.kind } : {}) };
  return hasWebhook
    ? describeDone(apply, 'webhook received for a started run', logFields)
    : { ...describeDone(apply, 'no webhook received for a started run', logFields), failed: true };
}

/** Makes a call that Slack may refuse, and builds its outcome. */
async function callSlack(
  app: App,
  start: Start,
  step: StartStep,
  call: () => Promise<Outcome['apply']>,
): Promise<Outcome> {
  const logFields = { step: step.do };
  // Direct messages say nothing about the channel.
  const offChannel =
    step.do === 'note' && (start.direct || !start.message) ? { isOffChannel: true as const } : {};
  try {
    return {
      apply: await call(),
      failed: false,
      logMessage: 'message of a run sent',
      logFields,
      ...offChannel,
    };
  } catch (error) {
    const failure = treatUnknownAsBlocked(readCardFailure(error), start.lanes.start.failures + 1);
    const replacement =
      failure.kind === 'try_again' ? undefined : replaceRefused(start, step, failure, app.clock.now());
    const { blocked, alert, ...slackOutcome } = describeSlackFailure(app, start, 'start', failure);
    const outcome = { ...slackOutcome, ...(alert ? { alert } : {}), ...offChannel };
    if (!replacement) return { ...outcome, ...(blocked === undefined ? {} : { blocked }) };
    return {
      ...outcome,
      apply: replacement,
      logMessage: 'Slack call failed',
      logFields: { ...logFields, reason: failure.reason },
    };
  }
}

/** Returns what to record instead of a call that Slack rejects; undefined: the call is tried again once a person has helped. */
function replaceRefused(
  start: Start,
  step: StartStep,
  failure: CardFailure,
  at: number,
): Outcome['apply'] | undefined {
  const { kind, reason } = failure;
  // A rejected token says nothing about this message.
  if (kind === 'blocked' && failure.of === 'token') return undefined;
  switch (step.do) {
    case 'post':
      return (current) => applyStartEvent(current, { type: 'not_posted', at, reason });
    case 'note':
      return (current) =>
        start.direct || !start.message
          ? removeRunNote(current, step.note)
          : resetLane({ ...current, direct: true }, 'start');
    default:
      // A message that is deleted or frozen cannot be updated.
      return kind === 'blocked' ? undefined : (current) => recordShown(current, buildStartKey(start));
  }
}

async function loadResult({ store }: App, { crew, executionId }: Start, step: StartStep) {
  const isResult = step.do === 'note' && step.note === 'result' && executionId !== undefined;
  return isResult ? store.result(crew, await store.originalId(crew, executionId)) : undefined;
}

function recordShown(start: Start, shown: string): Start {
  const withShown = start.message ? { ...start, message: { ...start.message, shown } } : start;
  return resetLane(withShown, 'start');
}

function removeRunNote(start: Start, posted: Start['notes'][number]): Start {
  const at = start.notes.indexOf(posted);
  return resetLane({ ...start, notes: start.notes.filter((_, index) => index !== at) }, 'start');
}
