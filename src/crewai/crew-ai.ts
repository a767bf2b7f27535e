import type { ResumeOutcome } from '../approval/lifecycle/events.ts';
import type { Crew } from '../approval/model/crew/crew.ts';
import type { Dialect } from '../approval/model/crew/dialect.ts';
import { maskUrl } from '../approval/model/crew/webhook-urls.ts';
import type { Clock, CrewAI } from '../approval/ports.ts';
import { callCrew, type Deployment } from './api.ts';
import type { LearnedDialects } from './dialects/learn-dialects.ts';
import { parseObject, type ResumeAnswer, readAnswer, readNoAnswer } from './resume-answer.ts';
import { buildResumeBody, findRequestedDialect } from './resume-body.ts';
import { buildResumeOrder, type ResumeOrder } from './resume-request.ts';
import { readStatus } from './run-status.ts';

/** Longest wait for CrewAI's answer, in milliseconds; shorter than a lease. */
const RESUME_TIMEOUT = 8_000;
/** With less time than this, in milliseconds, the other dialect is left to the next attempt. */
const MIN_TIME_FOR_SECOND = 1_000;

type KnownDialect = Exclude<Dialect, 'unknown'>;

export interface CrewAIParts {
  crews: ReadonlyMap<string, Crew>;
  deployments: ReadonlyMap<string, Deployment>;
  dialects: Pick<LearnedDialects, 'of' | 'learn' | 'doubt'>;
  clock: Clock;
  /** In milliseconds. */
  timeout?: number;
}

/** Creates the client of the CrewAI API of all crews. */
export function createCrewAI(parts: CrewAIParts): CrewAI {
  const underway = new Map<string, number>();
  return {
    underway: (crew) => (underway.get(crew) ?? 0) > 0,
    resume: (request) => resumeRun(parts, underway, request),
    status: (crew, executionId) => readRunStatus(parts, crew, executionId),
  };
}

/** `underway`: the number of decisions that are being sent, by crew. */
async function resumeRun(
  parts: CrewAIParts,
  underway: Map<string, number>,
  { approval, round, decision, execution }: Parameters<CrewAI['resume']>[0],
): Promise<ResumeOutcome> {
  const { crews, deployments, dialects, clock } = parts;
  const crew = crews.get(approval.crew);
  const deployment = deployments.get(approval.crew);
  if (!crew || !deployment) {
    return { kind: 'refused', failure: { kind: 'refused', detail: describeUnknownCrew(approval.crew) } };
  }
  addTo(underway, crew.name, 1);
  const { answer, order } = await sendDecision(parts, deployment, crew, (dialect) =>
    buildResumeOrder(crew, execution, round, decision, dialect),
  ).finally(() => addTo(underway, crew.name, -1));
  if ('code' in answer) return readNoAnswer(answer.code);
  const secrets = [deployment.bearerToken, ...listSecrets(order)];
  const outcome = readAnswer(answer, clock.now(), (text) => hideSecrets(text, secrets));
  if (outcome.kind === 'accepted' && outcome.dialect) await dialects.learn(crew.name, outcome.dialect);
  if (outcome.kind === 'refused' && MAY_BE_OTHER_DIALECT.has(answer.status)) void dialects.doubt(crew.name);
  return outcome;
}

/** Sends a decision; once more in the other dialect if the rejection proves that the first request was not handled. */
async function sendDecision(
  { dialects, clock, timeout = RESUME_TIMEOUT }: CrewAIParts,
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
  { deployments, timeout = RESUME_TIMEOUT }: CrewAIParts,
  crew: string,
  executionId: string,
): ReturnType<CrewAI['status']> {
  const deployment = deployments.get(crew);
  if (!deployment) return { kind: 'no_answer', detail: describeUnknownCrew(crew) };
  const path = `/status/${encodeURIComponent(executionId.toWellFormed())}`;
  const answer = await callCrew(deployment, { method: 'get', path, timeout });
  if ('code' in answer) return { kind: 'no_answer', detail: answer.code };
  return readStatus(answer, (text) => hideSecrets(text, [deployment.bearerToken]));
}

function addTo(counts: Map<string, number>, key: string, difference: number): void {
  counts.set(key, (counts.get(key) ?? 0) + difference);
}

/** Statuses with which an API rejects what it cannot read. */
const MAY_BE_OTHER_DIALECT: ReadonlySet<number> = new Set([400, 404, 422]);

function describeUnknownCrew(crew: string): string {
  return `there is no crew "${crew}" in the settings`;
}

/** Secrets of a request that an error message may repeat. */
function listSecrets({ humanInput }: Pick<ResumeOrder, 'humanInput'>): string[] {
  return Object.values(humanInput?.authentication ?? {}).filter((value) => value.length >= 8);
}

function hideSecrets(text: string, secrets: readonly string[]): string {
  const withoutUrls = text.replace(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, (url) => maskUrl(url));
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), withoutUrls);
}
