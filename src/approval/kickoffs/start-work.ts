import type { App } from '../app.ts';
import { backoff, resetLane } from '../lifecycle/lanes.ts';
import type { Kickoff } from '../model/run/kickoff.ts';
import { createTicketId } from '../model/run/ticket.ts';
import type { CardFailure } from '../ports.ts';
import { limitLane } from '../worker/clock-set-back.ts';
import { countUnknown, describeSlackFailure, readCardFailure } from '../worker/slack-steps.ts';
import type { StepOutcome, Work } from '../worker/work.ts';
import {
  applyKickoffEvent,
  buildKickoffKey,
  type KickoffEvent,
  type KickoffStep,
  nextKickoffStep,
} from './kickoff-events.ts';
import { collectInputs, recordStartedRun } from './start-run.ts';

/** What the worker does for runs that people start: their message and thread in Slack, the call of /kickoff. */
export function createStartWork(app: App): Work<Kickoff, KickoffStep> {
  return {
    list: 'dueKickoffs',
    idName: 'request',
    read: (id) => app.store.kickoff(id),
    save: (previous, next) => app.store.save({ kickoff: { previous, next } }),
    nextSteps(kickoff, now, soleWorker) {
      const step = nextKickoffStep(kickoff, now, soleWorker);
      return step ? [step] : [];
    },
    turnOf({ message, channel, by, direct }, step) {
      if (step.do === 'update' && message) return { do: 'update', card: message };
      if (step.do === 'note') return { do: 'post', channel: direct ? by : (message?.channel ?? by) };
      return step.do === 'post' ? { do: 'post', channel } : { do: 'crew' };
    },
    priorityOf: (step) => (step.do === 'update' ? 'tidy' : 'clicked'),
    prepare: () => async () => undefined,
    begin(claimed, step, at) {
      switch (step.do) {
        case 'call':
          return { record: applyKickoffEvent(claimed, { type: 'called', at, ticket: createTicketId() }) };
        case 'call_lost':
        case 'too_late':
          return { record: applyKickoffEvent(claimed, { type: step.do, at }), isDone: true };
        default:
          return { record: claimed };
      }
    },
    perform: (kickoff, step) => performStartStep(app, kickoff, step),
    takeBack(kickoff, step) {
      if (step.do !== 'call') return kickoff;
      const { calledAt: _, ...free } = kickoff;
      return free;
    },
    limitTimes(kickoff, now) {
      const { lanes, createdAt, checkAt } = kickoff;
      const silentAfter = app.crews.get(kickoff.crew)?.policy.silentAfter ?? 0;
      const start = limitLane(lanes.start, now);
      const isRight = start === lanes.start && createdAt <= now && (checkAt ?? 0) <= now + silentAfter;
      if (isRight) return kickoff;
      const check = checkAt === undefined ? {} : { checkAt: Math.min(checkAt, now + silentAfter) };
      return { ...kickoff, lanes: { start }, createdAt: Math.min(createdAt, now), ...check };
    },
  };
}

type Outcome = StepOutcome<Kickoff>;

async function performStartStep(app: App, kickoff: Kickoff, step: KickoffStep): Promise<Outcome> {
  switch (step.do) {
    case 'post':
      return callSlack(app, kickoff, step, async () => {
        const where = await app.runMessages.post(kickoff);
        const message = { ...where, shown: buildKickoffKey(kickoff) };
        return (current) => resetLane({ ...current, message: current.message ?? message }, 'start');
      });
    case 'update':
      return callSlack(app, kickoff, step, async () => {
        await app.runMessages.update(kickoff);
        return (current) => show(current, buildKickoffKey(kickoff));
      });
    case 'note':
      return callSlack(app, kickoff, step, async () => {
        await app.runMessages.note(kickoff, step.note, await loadResult(app, kickoff, step));
        return (current) => removeRunNote(current, step.note);
      });
    case 'check':
      return checkRun(app, kickoff);
    default:
      return callKickoff(app, kickoff);
  }
}

function describeDone(apply: Outcome['apply'], fact: string, about: object): Outcome {
  return { apply, failed: false, elsewhere: true, fact, about };
}

async function callKickoff(app: App, kickoff: Kickoff): Promise<Outcome> {
  const { crews, crewAI, clock, random } = app;
  const crew = crews.get(kickoff.crew);
  const outcome = crew
    ? await crewAI.kickoff(kickoff, collectInputs(crew, kickoff))
    : ({ kind: 'refused', reason: { code: 'crew_gone' } } as const);
  const backoffMs = backoff(kickoff.lanes.start.failures + 1, random);
  const event: KickoffEvent = { type: 'answered', at: clock.now(), outcome, backoffMs };
  const apply = (current: Kickoff) => applyKickoffEvent(current, event);
  const about = { outcome: outcome.kind };
  if (outcome.kind !== 'started' || !crew)
    return {
      ...describeDone(apply, 'run not started', {
        ...about,
        reason: 'reason' in outcome ? outcome.reason : undefined,
      }),
      failed: true,
    };
  const { executionId } = outcome;
  const before = async () => void (await recordStartedRun(app, crew, kickoff.id, executionId));
  return { ...describeDone(apply, 'run started', { ...about, execution: executionId }), before };
}

/** A run of which no webhook has come may have ended, or may wait for a person unseen. */
async function checkRun(
  { store, crewAI, clock }: App,
  { crew, executionId = '' }: Kickoff,
): Promise<Outcome> {
  const original = await store.originalId(crew, executionId);
  const run = (await store.execution(crew, original))?.record;
  const heard = run?.lastWebhookAt !== undefined;
  const said = heard ? undefined : await crewAI.status(crew, executionId);
  const events: KickoffEvent[] = [];
  if (said?.kind === 'failed') events.push({ type: 'run_failed', at: clock.now(), reason: said.error });
  if (said?.kind === 'completed') events.push({ type: 'run_finished', at: clock.now(), withResult: false });
  const apply = (current: Kickoff) =>
    [...events, { type: 'checked', heard } as const].reduce(applyKickoffEvent, current);
  const about = { execution: executionId, ...(said ? { status: said.kind } : {}) };
  return heard
    ? describeDone(apply, 'webhook received for a started run', about)
    : { ...describeDone(apply, 'no webhook received for a started run', about), failed: true };
}

/** What comes of a call that Slack may refuse. */
async function callSlack(
  app: App,
  kickoff: Kickoff,
  step: KickoffStep,
  call: () => Promise<Outcome['apply']>,
): Promise<Outcome> {
  const about = { step: step.do };
  // Direct messages say nothing of the channel.
  const elsewhere =
    step.do === 'note' && (kickoff.direct || !kickoff.message) ? { elsewhere: true as const } : {};
  try {
    return { apply: await call(), failed: false, fact: 'message of a run sent', about, ...elsewhere };
  } catch (error) {
    const failure = countUnknown(readCardFailure(error), kickoff.lanes.start.failures + 1);
    const instead =
      failure.kind === 'try_again' ? undefined : replaceRefused(kickoff, step, failure, app.clock.now());
    const { blocked, alarm, ...failed } = describeSlackFailure(app, kickoff, 'start', failure);
    const told = { ...failed, ...(alarm ? { alarm } : {}), ...elsewhere };
    if (!instead) return { ...told, ...(blocked === undefined ? {} : { blocked }) };
    return {
      ...told,
      apply: instead,
      fact: 'Slack call failed',
      about: { ...about, reason: failure.reason },
    };
  }
}

/** What is recorded instead of a call that Slack will not take; undefined: it is tried again when a person has helped. */
function replaceRefused(
  kickoff: Kickoff,
  step: KickoffStep,
  failure: CardFailure,
  at: number,
): Outcome['apply'] | undefined {
  const { kind, reason } = failure;
  // A rejected token says nothing of this message.
  if (kind === 'blocked' && failure.of === 'token') return undefined;
  switch (step.do) {
    case 'post':
      return (current) => applyKickoffEvent(current, { type: 'not_posted', at, reason });
    case 'note':
      return (current) =>
        kickoff.direct || !kickoff.message
          ? removeRunNote(current, step.note)
          : resetLane({ ...current, direct: true }, 'start');
    default:
      // A message that is gone or frozen cannot show anything more.
      return kind === 'blocked' ? undefined : (current) => show(current, buildKickoffKey(kickoff));
  }
}

async function loadResult({ store }: App, { crew, executionId }: Kickoff, step: KickoffStep) {
  const isResult = step.do === 'note' && step.note === 'result' && executionId !== undefined;
  return isResult ? store.result(crew, await store.originalId(crew, executionId)) : undefined;
}

function show(kickoff: Kickoff, shown: string): Kickoff {
  const shows = kickoff.message ? { ...kickoff, message: { ...kickoff.message, shown } } : kickoff;
  return resetLane(shows, 'start');
}

function removeRunNote(kickoff: Kickoff, posted: Kickoff['notes'][number]): Kickoff {
  const at = kickoff.notes.indexOf(posted);
  return resetLane({ ...kickoff, notes: kickoff.notes.filter((_, index) => index !== at) }, 'start');
}
