import type { KickoffOutcome } from '../approval/kickoffs/kickoff-events.ts';
import type { ResumeOutcome } from '../approval/lifecycle/events.ts';
import type { Crew } from '../approval/model/crew/crew.ts';
import type { Dialect } from '../approval/model/crew/dialect.ts';
import { hideSecrets, listUrlSecrets } from '../approval/model/crew/hide-secrets.ts';
import type { Kickoff } from '../approval/model/run/kickoff.ts';
import { FLOW_REVIEWS_ONLY } from '../approval/model/run/run-status.ts';
import { type Ticket, writeTicket } from '../approval/model/run/ticket.ts';
import type { Clock, CrewAI, CrewStarts } from '../approval/ports.ts';
import { callCrew, type Deployment } from './api.ts';
import { isAllowedCallback } from './callback-hosts.ts';
import type { LearnedDialects } from './dialects/learn-dialects.ts';
import { answerReview } from './flow-callback.ts';
import { readCrewInputs, readKickoffAnswer, readNoKickoffAnswer } from './kickoff-answer.ts';
import { buildKickoffFields } from './kickoff-fields.ts';
import { parseObject, type ResumeAnswer, readAnswer, readNoAnswer } from './resume-answer.ts';
import { buildResumeBody, findRequestedDialect } from './resume-body.ts';
import { buildResumeOrder, type ResumeOrder } from './resume-request.ts';
import { readStatus } from './run-status.ts';

/** Longest wait for CrewAI's answer, in milliseconds; shorter than a lease. */
const RESUME_TIMEOUT = 8_000;
/** With less time than this, in milliseconds, the other dialect is left to the next attempt. */
const MIN_TIME_FOR_SECOND = 1_000;

type KnownDialect = Exclude<Dialect, 'unknown'>;

/** What the client needs. */
export interface CrewAISettings {
  crews: ReadonlyMap<string, Crew>;
  deployments: ReadonlyMap<string, Deployment>;
  /** The secrets of the bot's own webhook endpoints, by crew: CrewAI sends events with them. */
  webhookSecrets?: ReadonlyMap<string, string>;
  /** Hosts that the answers of a crew's Flow reviews may be sent to. */
  callbackHosts?: ReadonlyMap<string, readonly string[]>;
  dialects: Pick<LearnedDialects, 'of' | 'learn' | 'doubt'>;
  clock: Clock;
  /** In milliseconds. */
  timeout?: number;
}

/** Creates the client of the CrewAI API of all crews. */
export function createCrewAI(settings: CrewAISettings): CrewAI & CrewStarts {
  const underway = new Map<string, number>();
  return {
    underway: (crew) => (underway.get(crew) ?? 0) > 0,
    mayCallBack: (crew, url) => isAllowedCallback(url, settings.callbackHosts?.get(crew) ?? []),
    resume: (request) => resumeRun(settings, underway, request),
    status: (crew, executionId) => readRunStatus(settings, crew, executionId),
    inputs: (crew) => askInputs(settings, crew),
    kickoff: (kickoff, inputs) => startRun(settings, kickoff, inputs),
  };
}

/** `underway`: the number of decisions that are being sent, by crew. */
async function resumeRun(
  settings: CrewAISettings,
  underway: Map<string, number>,
  { approval, round, decision, execution }: Parameters<CrewAI['resume']>[0],
): Promise<ResumeOutcome> {
  const { crews, deployments, dialects, clock, timeout = RESUME_TIMEOUT } = settings;
  const crew = crews.get(approval.crew);
  if (crew && round.review) {
    const hosts = settings.callbackHosts?.get(crew.name) ?? [];
    return answerReview(round.review, decision, { crew, hosts, timeout, now: () => clock.now() });
  }
  const deployment = deployments.get(approval.crew);
  if (!crew || !deployment) {
    return { kind: 'refused', failure: { kind: 'refused', detail: describeUnknownCrew(approval.crew) } };
  }
  const secret = settings.webhookSecrets?.get(crew.name);
  const ticket = writeLastTicket(approval.id, round.delivery?.tickets);
  addTo(underway, crew.name, 1);
  const { answer, order } = await sendDecision(settings, deployment, crew, (dialect) =>
    buildResumeOrder(crew, execution, round, decision, dialect, { secret, ticket }),
  ).finally(() => addTo(underway, crew.name, -1));
  if ('code' in answer) return readNoAnswer(answer.code);
  const outcome = readAnswer(answer, clock.now(), (text) => hideSecrets(crew, text, listOrderSecrets(order)));
  if (outcome.kind === 'accepted' && outcome.dialect) await dialects.learn(crew.name, outcome.dialect);
  if (outcome.kind === 'refused' && MAY_BE_OTHER_DIALECT.has(answer.status)) void dialects.doubt(crew.name);
  return outcome;
}

/** Sends a decision; once more in the other dialect if the rejection proves that the first request was not handled. */
async function sendDecision(
  { dialects, clock, timeout = RESUME_TIMEOUT }: CrewAISettings,
  deployment: Deployment,
  crew: Crew,
  buildOrder: (dialect: Dialect) => ResumeOrder,
): Promise<{ answer: ResumeAnswer | { code: string }; order: ResumeOrder }> {
  const began = clock.now();
  const dialect = dialects.of(crew.name);
  const order = buildOrder(dialect);
  const answer = await postResume(deployment, buildResumeBody(order, dialect), timeout);
  const requested = readRequestedDialect(crew, answer);
  if (!requested || requested === dialect) return { answer, order };
  await dialects.learn(crew.name, requested);
  const left = timeout - (clock.now() - began);
  // Nothing was handled, so the next attempt can use the requested dialect.
  if (left < MIN_TIME_FOR_SECOND) return { answer: { code: 'ERR_INVALID_FORM' }, order };
  const second = buildOrder(requested);
  return { answer: await postResume(deployment, buildResumeBody(second, requested), left), order: second };
}

function postResume(deployment: Deployment, data: object, timeout: number) {
  return callCrew(deployment, { method: 'post', path: '/resume', data, timeout });
}

function readRequestedDialect(crew: Crew, answer: ResumeAnswer | { code: string }): KnownDialect | undefined {
  if ('code' in answer || crew.resumeFormat !== 'auto') return undefined;
  return findRequestedDialect(answer.status, parseObject(answer.body) ?? {});
}

async function readRunStatus(
  { crews, deployments, timeout = RESUME_TIMEOUT }: CrewAISettings,
  crew: string,
  executionId: string,
): ReturnType<CrewAI['status']> {
  const deployment = deployments.get(crew);
  if (!deployment && crews.has(crew)) return { kind: 'no_answer', detail: FLOW_REVIEWS_ONLY };
  if (!deployment) return { kind: 'no_answer', detail: describeUnknownCrew(crew) };
  const path = `/status/${encodeURIComponent(executionId.toWellFormed())}`;
  const answer = await callCrew(deployment, { method: 'get', path, timeout });
  if ('code' in answer) return { kind: 'no_answer', detail: answer.code };
  return readStatus(answer, (text) => hideSecrets(crews.get(crew) ?? {}, text));
}

async function askInputs(
  { deployments, timeout = RESUME_TIMEOUT }: CrewAISettings,
  crew: string,
): ReturnType<CrewStarts['inputs']> {
  const deployment = deployments.get(crew);
  if (!deployment) return undefined;
  const answer = await callCrew(deployment, { method: 'get', path: '/inputs', timeout });
  return 'code' in answer || NOT_REACHED.has(answer.status) ? 'not_reached' : readCrewInputs(answer);
}

/** Statuses of a gateway that does not reach the crew. */
const NOT_REACHED: ReadonlySet<number> = new Set([502, 503, 504]);

/** Starts a run, with every webhook URL of the bot, so that nothing has to be registered afterwards. */
async function startRun(
  { crews, deployments, webhookSecrets, dialects, clock, timeout = RESUME_TIMEOUT }: CrewAISettings,
  { id, crew: name, by, channel, message, tickets }: Kickoff,
  inputs: Readonly<Record<string, unknown>>,
): Promise<KickoffOutcome> {
  const crew = crews.get(name);
  const deployment = deployments.get(name);
  if (!crew || !deployment) return { kind: 'refused', reason: describeUnknownCrew(name) };
  const secret = webhookSecrets?.get(name) ?? '';
  const data = {
    inputs,
    meta: { requested_by: by, channel, request_id: id, ...(message ? { thread: message.ts } : {}) },
    ...buildKickoffFields(crew, dialects.of(name), secret, writeLastTicket(id, tickets)),
  };
  const answer = await callCrew(deployment, { method: 'post', path: '/kickoff', data, timeout });
  if ('code' in answer) return readNoKickoffAnswer(answer.code);
  return readKickoffAnswer(answer, clock.now(), (text) => hideSecrets(crew, text));
}

function writeLastTicket(owner: string, tickets: readonly Ticket[] = []): string | undefined {
  const last = tickets.at(-1);
  return last && writeTicket(owner, last.id);
}

function addTo(counts: Map<string, number>, key: string, difference: number): void {
  counts.set(key, (counts.get(key) ?? 0) + difference);
}

/** Statuses with which an API rejects what it cannot read. */
const MAY_BE_OTHER_DIALECT: ReadonlySet<number> = new Set([400, 404, 422]);

function describeUnknownCrew(crew: string): string {
  return `there is no crew "${crew}" in the settings`;
}

/** Secrets of a run's own webhooks, which an error message may repeat. */
function listOrderSecrets({ urls, humanInput }: Pick<ResumeOrder, 'urls' | 'humanInput'>): string[] {
  const { url = '', authentication } = humanInput ?? {};
  const all = [urls.task, urls.step, urls.crew, url].filter((one) => one !== undefined);
  return [...all.flatMap((one) => listUrlSecrets(one)), ...Object.values<string>(authentication ?? {})];
}
