import type { App } from '../app.ts';
import type { Kickoff } from '../model/run/kickoff.ts';
import { CardError, type SlackCall } from '../ports.ts';
import { backoff } from '../worker/backoff.ts';
import { BLOCKED_FOR, countUnknown } from '../worker/slack-failure.ts';
import { applyKickoffEvent, buildKickoffKey, type KickoffEvent, type KickoffStep } from './kickoff-events.ts';
import { collectInputs } from './start-run.ts';
import { recordStartedRun } from './started-run.ts';

/** What a step came to, to be recorded. */
export type KickoffChange = (kickoff: Kickoff) => Kickoff;

/** Makes the call of a step, and gives what is to be recorded of it. */
export async function performKickoffStep(
  app: App,
  kickoff: Kickoff,
  step: KickoffStep,
): Promise<KickoffChange> {
  switch (step.do) {
    case 'post':
      return callSlack(app, kickoff, step, async () => {
        const where = await app.runMessages.post(kickoff);
        const message = { ...where, shown: buildKickoffKey(kickoff) };
        return (current) => ({ ...current, message: current.message ?? message, lane: { failures: 0 } });
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
    case 'tie': {
      const crew = app.crews.get(kickoff.crew);
      const { executionId } = kickoff;
      if (crew && executionId !== undefined) await recordStartedRun(app, crew, { ...kickoff, executionId });
      return (current) => ({ ...current, tied: true });
    }
    case 'call':
      return callKickoff(app, kickoff);
    case 'check':
      return checkRun(app, kickoff);
  }
}

async function callKickoff(app: App, kickoff: Kickoff): Promise<KickoffChange> {
  const { crews, crewAI, clock, random, log } = app;
  const crew = crews.get(kickoff.crew);
  const outcome = crew
    ? await crewAI.kickoff(kickoff, collectInputs(crew, kickoff))
    : ({ kind: 'refused', reason: { code: 'crew_gone' } } as const);
  const about = { crew: kickoff.crew, request: kickoff.id, outcome: outcome.kind };
  if (outcome.kind === 'started') log.info({ ...about, execution: outcome.executionId }, 'run started');
  else log.warn({ ...about, reason: outcome.reason }, 'run not started');
  const backoffMs = backoff(kickoff.lane.failures + 1, random);
  const silentAfterMs = crew?.policy.silentAfter ?? 0;
  const event: KickoffEvent = { type: 'answered', at: clock.now(), outcome, backoffMs, silentAfterMs };
  return (current) => applyKickoffEvent(current, event);
}

/** A run of which no webhook has come may have ended, or may wait for a person unseen. */
async function checkRun(
  { store, crewAI, clock, log }: App,
  { crew, executionId = '', id }: Kickoff,
): Promise<KickoffChange> {
  const original = await store.originalId(crew, executionId);
  const run = (await store.execution(crew, original))?.record;
  const heard = run?.lastWebhookAt !== undefined;
  const said = heard ? undefined : await crewAI.status(crew, executionId);
  if (!heard)
    log.warn(
      { crew, request: id, execution: executionId, status: said?.kind },
      'no webhook received for a started run',
    );
  const events: KickoffEvent[] = [];
  if (said?.kind === 'failed') events.push({ type: 'run_failed', at: clock.now(), reason: said.error });
  if (said?.kind === 'completed') events.push({ type: 'run_finished', at: clock.now(), withResult: false });
  return (current) => [...events, { type: 'checked', heard } as const].reduce(applyKickoffEvent, current);
}

/** What comes of a call that Slack may refuse. */
async function callSlack(
  app: App,
  kickoff: Kickoff,
  step: KickoffStep,
  call: () => Promise<KickoffChange>,
): Promise<KickoffChange> {
  const { clock, log, random, slackTurns } = app;
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof CardError)) throw error;
    const tries = kickoff.lane.failures + 1;
    const failure = countUnknown(error.failure, tries);
    log.warn(
      { crew: kickoff.crew, request: kickoff.id, step: step.do, reason: failure.reason },
      'Slack call failed',
    );
    const isFinal = failure.kind !== 'try_again';
    if (isFinal && step.do === 'post')
      return (current) =>
        applyKickoffEvent(current, { type: 'not_posted', at: clock.now(), reason: failure.reason });
    // A message that is gone or frozen cannot show anything more.
    if (isFinal && step.do === 'update' && failure.kind !== 'blocked')
      return (current) => show(current, buildKickoffKey(kickoff));
    if (isFinal && step.do === 'note')
      return (current) =>
        kickoff.direct || !kickoff.message
          ? removeRunNote(current, step.note)
          : { ...current, direct: true, lane: { failures: 0 } };
    const retryAfter = failure.kind === 'try_again' ? (failure.retryAfterMs ?? 0) : BLOCKED_FOR;
    if (retryAfter > 0 && failure.kind === 'try_again') slackTurns.limited(callOf(kickoff, step), retryAfter);
    const wait = Math.max(retryAfter, backoff(tries, random));
    return (current) => (wait > 0 ? postpone(current, clock.now() + wait) : current);
  }
}

async function loadResult({ store }: App, { crew, executionId }: Kickoff, step: KickoffStep) {
  const isResult = step.do === 'note' && step.note === 'result' && executionId !== undefined;
  return isResult ? store.result(crew, executionId) : undefined;
}

/** The call to Slack that a step makes. */
export function callOf({ message, channel, by, direct }: Kickoff, step: KickoffStep): SlackCall {
  if (step.do === 'update' && message) return { do: 'update', card: message };
  if (step.do === 'note' && (direct || !message)) return { do: 'post', channel: by };
  return { do: 'post', channel: message?.channel ?? channel };
}

function show(kickoff: Kickoff, shown: string): Kickoff {
  return {
    ...kickoff,
    ...(kickoff.message ? { message: { ...kickoff.message, shown } } : {}),
    lane: { failures: 0 },
  };
}

function removeRunNote(kickoff: Kickoff, posted: Kickoff['notes'][number]): Kickoff {
  const at = kickoff.notes.indexOf(posted);
  return { ...kickoff, notes: kickoff.notes.filter((_, index) => index !== at), lane: { failures: 0 } };
}

function postpone(kickoff: Kickoff, notBefore: number): Kickoff {
  return { ...kickoff, lane: { ...kickoff.lane, failures: kickoff.lane.failures + 1, notBefore } };
}
