import type { ResumeOutcome } from '../approval/lifecycle/events.ts';
import type { Dialect } from '../approval/model/crew/dialect.ts';
import type { Deployment, Endpoint, Endpoints } from '../approval/model/crew/endpoint.ts';
import { hideSecrets, listUrlSecrets } from '../approval/model/crew/hide-secrets.ts';
import type { AnswerFault } from '../approval/model/round.ts';
import type { Start } from '../approval/model/run/start.ts';
import { formatLastTicket } from '../approval/model/run/ticket.ts';
import type { Clock, CrewAI, CrewStarts, Meter } from '../approval/ports.ts';
import type { KickoffOutcome } from '../approval/starts/start-events.ts';
import type { HttpAnswer } from '../lib/call-http.ts';
import { callCrew, locateApi } from './api.ts';
import { isAllowedCallback } from './callback-hosts.ts';
import type { LearnedDialects } from './dialects/learn-dialects.ts';
import { answerReview } from './flow-callback.ts';
import { readCrewInputs, readKickoffAnswer, readNoKickoffAnswer } from './kickoff-answer.ts';
import { buildKickoffFields } from './kickoff-fields.ts';
import { parseObject, readNoResumeAnswer, readResumeAnswer } from './resume-answer.ts';
import { buildResumeBody, findRequestedDialect } from './resume-body.ts';
import { buildResumeContent, type ResumeContent } from './resume-request.ts';
import { readStatus } from './run-status.ts';

/** Longest wait for CrewAI's response, in milliseconds; shorter than a lease. */
const CREWAI_TIMEOUT = 8_000;
/** Shortest rest of the timeout for a second request, in milliseconds. With less, the next attempt uses the other dialect. */
const MIN_TIME_FOR_SECOND_REQUEST = 1_000;

/** Dependencies of the client. */
export interface CrewAISetup {
  endpoints: Endpoints;
  dialects: Pick<LearnedDialects, 'of' | 'learn' | 'askAgain'>;
  clock: Clock;
  /** In milliseconds. */
  timeout?: number;
  countCall?: Meter['crewAICalled'];
}

/** Calls the CrewAI API of all crews. */
export class CrewAIClient implements CrewAI, CrewStarts {
  private readonly setup: Required<CrewAISetup>;

  constructor(setup: CrewAISetup) {
    this.setup = { timeout: CREWAI_TIMEOUT, countCall: () => {}, ...setup };
  }

  mayCallBack(crew: string, url: string): boolean {
    return isAllowedCallback(url, this.setup.endpoints.get(crew)?.callbackHosts ?? []);
  }

  async resume({ approval, round, decision, run }: Parameters<CrewAI['resume']>[0]): Promise<ResumeOutcome> {
    const { endpoints, dialects, clock } = this.setup;
    const endpoint = endpoints.get(approval.crew);
    if (endpoint && round.review) return answerReview(round.review, decision, endpoint, this.setup);
    if (!endpoint?.deployment)
      return { kind: 'refused', failure: { kind: 'refused', detail: explainNoUrl(endpoint) } };
    const { crew, deployment } = endpoint;
    const ticket = formatLastTicket(approval.id, round.delivery?.tickets);
    const { answer, content } = await this.sendDecision(endpoint, deployment, (dialect) =>
      buildResumeContent(endpoint, run, round, decision, dialect, ticket),
    );
    if ('code' in answer) return readNoResumeAnswer(answer.code);
    const outcome = readResumeAnswer(answer, clock.now(), (text) =>
      hideSecrets(crew, text, listSentSecrets(content)),
    );
    if (outcome.kind === 'accepted' && outcome.dialect) await dialects.learn(crew.name, outcome.dialect);
    if (outcome.kind === 'refused' && MAY_BE_OTHER_DIALECT.has(answer.status))
      void dialects.askAgain(crew.name);
    return outcome;
  }

  /** Sends the decision. Repeats it in the dialect that a 422 asks for: CrewAI did not handle the first request. */
  private async sendDecision(
    { crew }: Endpoint,
    deployment: Deployment,
    buildContent: (dialect: Dialect) => ResumeContent,
  ): Promise<{ answer: HttpAnswer | { code: string }; content: ResumeContent }> {
    const { dialects, clock, timeout, countCall } = this.setup;
    const startedAt = clock.now();
    const api = { method: 'post', ...locateApi(deployment, '/resume') } as const;
    const dialect = dialects.of(crew.name);
    const content = buildContent(dialect);
    const firstCall = { ...api, data: buildResumeBody(content, dialect), timeout };
    const answer = await callCrew(crew.name, firstCall, countCall);
    if ('code' in answer || answer.status !== 422 || crew.resumeFormat !== 'auto') return { answer, content };
    const requested = findRequestedDialect(answer.status, parseObject(answer.body) ?? {});
    if (!requested || requested === dialect) return { answer, content };
    await dialects.learn(crew.name, requested);
    const remaining = timeout - (clock.now() - startedAt);
    // CrewAI handled nothing. This code counts as not delivered, so the next attempt can use the requested dialect.
    if (remaining < MIN_TIME_FOR_SECOND_REQUEST) return { answer: { code: 'ERR_INVALID_FORM' }, content };
    const secondContent = buildContent(requested);
    const data = buildResumeBody(secondContent, requested);
    return {
      answer: await callCrew(crew.name, { ...api, data, timeout: remaining }, countCall),
      content: secondContent,
    };
  }

  async status(crew: string, executionId: string): ReturnType<CrewAI['status']> {
    const { endpoints, timeout, countCall } = this.setup;
    const endpoint = endpoints.get(crew);
    if (!endpoint?.deployment) return { kind: 'no_answer', detail: explainNoUrl(endpoint) };
    const api = locateApi(endpoint.deployment, `/status/${encodeURIComponent(executionId.toWellFormed())}`);
    const answer = await callCrew(crew, { method: 'get', ...api, timeout }, countCall);
    if ('code' in answer) return { kind: 'no_answer', detail: answer.code };
    return readStatus(answer, (text) => hideSecrets(endpoint.crew, text));
  }

  async inputs(crew: string): ReturnType<CrewStarts['inputs']> {
    const { endpoints, timeout, countCall } = this.setup;
    const deployment = endpoints.get(crew)?.deployment;
    if (!deployment) return undefined;
    const api = { method: 'get', ...locateApi(deployment, '/inputs'), timeout } as const;
    const answer = await callCrew(crew, api, countCall);
    return 'code' in answer || NOT_REACHED.has(answer.status) ? 'not_reached' : readCrewInputs(answer);
  }

  /** Starts a run. With PUBLIC_URL and a webhook secret, it names the bot's webhook URLs: none has to be registered later. */
  async kickoff(
    { id, crew: name, by, channel, message, tickets }: Start,
    inputs: Readonly<Record<string, unknown>>,
  ): Promise<KickoffOutcome> {
    const { endpoints, dialects, clock, timeout, countCall } = this.setup;
    const endpoint = endpoints.get(name);
    if (!endpoint?.deployment) return { kind: 'refused', reason: { code: 'crew_gone' } };
    const data = {
      inputs,
      meta: { requested_by: by, channel, request_id: id, ...(message ? { thread: message.ts } : {}) },
      ...buildKickoffFields(endpoint, dialects.of(name), formatLastTicket(id, tickets)),
    };
    const api = locateApi(endpoint.deployment, '/kickoff');
    const answer = await callCrew(name, { method: 'post', ...api, data, timeout }, countCall);
    if ('code' in answer) return readNoKickoffAnswer(answer.code);
    return readKickoffAnswer(answer, clock.now(), (text) => hideSecrets(endpoint.crew, text));
  }
}

/** Statuses of a gateway that does not reach the crew. */
const NOT_REACHED: ReadonlySet<number> = new Set([502, 503, 504]);

/** Statuses of rejections that a request in the wrong dialect can cause. */
const MAY_BE_OTHER_DIALECT: ReadonlySet<number> = new Set([400, 404, 422]);

function explainNoUrl(endpoint: Endpoint | undefined): AnswerFault {
  return endpoint ? 'FLOW_REVIEWS_ONLY' : 'CREW_GONE';
}

/** Lists the secrets in the webhooks that a request contained, which CrewAI's error message may repeat. */
function listSentSecrets({ urls, humanInput }: Pick<ResumeContent, 'urls' | 'humanInput'>): string[] {
  const { url = '', authentication } = humanInput ?? {};
  const allUrls = [...Object.values(urls), url];
  return [
    ...allUrls.flatMap((webhookUrl = '') => listUrlSecrets(webhookUrl)),
    ...Object.values<string>(authentication ?? {}),
  ];
}
