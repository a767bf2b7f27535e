import type { ResumeOutcome } from '../approval/lifecycle/events.ts';
import type { Crew } from '../approval/model/crew/crew.ts';
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
/** A request in the other form that has less time than this is left to the next attempt, in milliseconds. */
const TIME_FOR_ANOTHER = 1_000;

/** CrewAI's API of each crew, as the domain asks for it. */
export function createCrewAI({
  crews,
  deployments,
  dialects,
  clock,
  timeout = RESUME_TIMEOUT,
}: {
  crews: ReadonlyMap<string, Crew>;
  deployments: ReadonlyMap<string, Deployment>;
  dialects: Pick<LearnedDialects, 'of' | 'learn' | 'doubt'>;
  clock: Clock;
  /** In milliseconds. */
  timeout?: number;
}): CrewAI {
  /** Sends a decision; once more in the other form where the refusal proves that the first was never handled. */
  async function send(
    deployment: Deployment,
    crew: Crew,
    order: (dialect: 'documented' | 'live' | 'unknown') => ResumeOrder,
  ): Promise<{ answer: ResumeAnswer | { code: string }; order: ResumeOrder }> {
    const began = clock.now();
    const dialect = dialects.of(crew.name);
    const first = order(dialect);
    const data = buildResumeBody(first, dialect);
    const answer = await callCrew(deployment, { method: 'post', path: '/resume', data, timeout });
    const asked =
      'code' in answer || crew.resumeFormat !== 'auto'
        ? undefined
        : findRequestedDialect(answer.status, parseObject(answer.body) ?? {});
    if (!asked || asked === dialect) return { answer, order: first };
    await dialects.learn(crew.name, asked);
    const left = timeout - (clock.now() - began);
    // Nothing was handled: the next attempt is written in the form that was asked for.
    if (left < TIME_FOR_ANOTHER) return { answer: { code: 'ERR_INVALID_FORM' }, order: first };
    const second = order(asked);
    const again = buildResumeBody(second, asked);
    return {
      answer: await callCrew(deployment, { method: 'post', path: '/resume', data: again, timeout: left }),
      order: second,
    };
  }

  const underway = new Map<string, number>();
  const count = (crew: string, more: number) => underway.set(crew, (underway.get(crew) ?? 0) + more);

  return {
    underway: (crew) => (underway.get(crew) ?? 0) > 0,

    async resume({ approval, round, decision, execution }): Promise<ResumeOutcome> {
      const crew = crews.get(approval.crew);
      const deployment = deployments.get(approval.crew);
      if (!crew || !deployment) {
        return { kind: 'refused', failure: { kind: 'refused', detail: describeUnknownCrew(approval.crew) } };
      }
      count(crew.name, 1);
      const { answer, order } = await send(deployment, crew, (dialect) =>
        buildResumeOrder(crew, execution, round, decision, dialect),
      ).finally(() => count(crew.name, -1));
      if ('code' in answer) return readNoAnswer(answer.code);
      const secrets = [deployment.bearerToken, ...listSecrets(order)];
      const outcome = readAnswer(answer, clock.now(), (said) => hideSecrets(said, secrets));
      if (outcome.kind === 'accepted' && outcome.dialect) await dialects.learn(crew.name, outcome.dialect);
      if (outcome.kind === 'refused' && OF_ANOTHER_FORM.has(answer.status)) void dialects.doubt(crew.name);
      return outcome;
    },

    async status(crew, executionId) {
      const deployment = deployments.get(crew);
      if (!deployment) return { kind: 'no_answer', detail: describeUnknownCrew(crew) };
      const path = `/status/${encodeURIComponent(executionId.toWellFormed())}`;
      const answer = await callCrew(deployment, { method: 'get', path, timeout });
      if ('code' in answer) return { kind: 'no_answer', detail: answer.code };
      return readStatus(answer, (said) => hideSecrets(said, [deployment.bearerToken]));
    },
  };
}

/** So an API refuses what it cannot read. */
const OF_ANOTHER_FORM: ReadonlySet<number> = new Set([400, 404, 422]);

function describeUnknownCrew(crew: string): string {
  return `there is no crew "${crew}" in the settings`;
}

/** What an error message may repeat of our request. */
function listSecrets({ humanInput }: Pick<ResumeOrder, 'humanInput'>): string[] {
  return Object.values(humanInput?.authentication ?? {}).filter((value) => value.length >= 8);
}

function hideSecrets(said: string, secrets: readonly string[]): string {
  const withoutUrls = said.replace(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, (url) => maskUrl(url));
  return secrets.reduce((text, secret) => text.replaceAll(secret, '…'), withoutUrls);
}
